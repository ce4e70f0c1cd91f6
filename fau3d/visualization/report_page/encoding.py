"""A report's values as text that a page can hold: numbers as small integers in base64.

A number x is stored as round((x - low) / step); the page knows `low` and `step` and says so. The highest code
means missing.
"""

import base64
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from fau3d.facs import describe_au
from fau3d.visualization.expression_colours import expression_colours
from fau3d.visualization.palette import Colour, region_colour
from fau3d.visualization.report_page.data import CoOccurrenceTable, FaceReport, ReportData
from fau3d.visualization.shown_units import shown_units

STEP = 1e-4
"""Resolution of probability, intensity, scores, valence, arousal and openness."""


def hex_colour(colour: Colour) -> str:
    """Give a colour as CSS writes it."""
    return "#" + "".join(f"{value:02x}" for value in colour)


def pack(
    values: np.ndarray, low: float, step: float = STEP, valid: np.ndarray | None = None
) -> dict[str, Any]:
    """Store numbers as 16-bit codes.

    Args:
        values: Shape (T,) or (T, C); NaN or infinite = missing. Values beyond the range are held at its ends.
        low: The number of code 0.
        step: Between two codes.
        valid: Shape (T,), bool: what is not valid is missing; all are by default.

    Returns:
        `data` (base64 of little-endian uint16, column after column), `bits`, `low`, `step`.
    """

    def coded(column: np.ndarray) -> np.ndarray:
        known = np.isfinite(column)
        codes = np.clip(np.rint((np.where(known, column, low) - low) / step), 0, 65534)
        return np.where(known, codes, 65535)

    return {"data": _packed(values, valid, coded, "<u2"), "bits": 16, "low": low, "step": step}


def pack_flags(values: np.ndarray, valid: np.ndarray | None = None) -> dict[str, Any]:
    """Store 1, 0 and missing (-1 or NaN, or not valid), shape (T,) or (T, C), as codes 1, 0 and 255."""

    def coded(column: np.ndarray) -> np.ndarray:
        return np.where(column == 1, 1, np.where(column == 0, 0, 255))

    return {"data": _packed(values, valid, coded, "u1"), "bits": 8, "low": 0, "step": 1}


def _packed(
    values: np.ndarray, valid: np.ndarray | None, coded: Callable[[np.ndarray], np.ndarray], kind: str
) -> str:
    """Give codes as text, column after column: of hours of video all as float64 would fill the memory."""
    values = np.asarray(values)
    columns = values.reshape(len(values), -1).T
    codes = np.empty(columns.shape, kind)
    for row, column in zip(codes, columns):
        known = column.astype(np.float64)
        if valid is not None:
            # What is not valid never reaches the page, so that no mistake there can draw it.
            known[~valid] = np.nan
        row[:] = coded(known)
    return _base64(codes)


def pack_labels(labels: Sequence[str]) -> dict[str, Any]:
    """Store words as places in a list of those that are there; an empty one is missing."""
    words = sorted({str(label) for label in labels} - {""})
    place = {word: i for i, word in enumerate(words)} | {"": 65535}
    codes = np.array([place[str(label)] for label in labels])
    return {"data": _base64(codes.astype("<u2")), "bits": 16, "low": 0, "step": 1, "words": words}


def encode_report(data: ReportData) -> dict[str, Any]:
    """Give a report as a value that JSON can hold, but for curves: these are functions that give such values.

    Of hours of video the text of one curve at a time is enough for the memory.
    """
    names = [str(name) for face in data.faces for name in (*face.expression_names, *(face.winning or ()))]
    return {
        "source": data.source,
        "video": data.video,
        "fps": float(data.fps),
        "shape": [int(size) for size in data.img_shape],
        "model": data.model,
        "notes": list(data.notes),
        "step": STEP,
        "colours": {name: hex_colour(colour) for name, colour in expression_colours(names).items()},
        "faces": [_encode_face(face, max(data.img_shape)) for face in data.faces],
    }


def _encode_face(face: FaceReport, edge: int) -> dict[str, Any]:
    valid = np.asarray(face.valid, bool)
    time = np.asarray(face.time, "<f8")

    curves = {"probability": face.probability, "intensity": face.intensity, "scores": face.expression_scores}
    curves |= {"valence": face.valence, "arousal": face.arousal, "openness": face.openness}
    lows = {"scores": -3.0, "valence": -1.0}
    flags = {"occurrence": face.occurrence, "closed": face.closed}
    shown = set(shown_units(list(face.units)))
    encoded: dict[str, Any] = {
        "id": int(face.face_id),
        "frames": len(time),
        "time": _base64(time),
        "valid": pack_flags(valid),
        "units": [_describe(str(name), name in shown) for name in face.units],
        "expressions": [str(name) for name in face.expression_names],
        "events": [
            [event.kind, event.name, *map(_number, (event.onset, event.apex, event.offset, event.peak))]
            for event in sorted(face.events, key=lambda event: (event.onset, event.name))
        ],
        "statistics": [[line.label, line.value, line.explanation] for line in face.statistics],
        "together": _encode_pairs(face.co_occurrence),
    }
    for name, values in curves.items():
        encoded[name] = None if values is None else partial(pack, values, lows.get(name, 0.0), valid=valid)
    for name, values in flags.items():
        encoded[name] = None if values is None else partial(pack_flags, values, valid)
    # A box may reach out of the image by as much as half its longer edge.
    box = partial(pack, face.box, -0.5 * edge, 2 * edge / 65534, valid) if face.box is not None else None
    encoded["box"] = box
    labels = face.winning
    encoded["winning"] = None
    if labels is not None:
        encoded["winning"] = pack_labels([label if seen else "" for label, seen in zip(labels, valid)])
    return encoded


def _describe(name: str, shown: bool) -> dict[str, Any]:
    unit = describe_au(name)
    side = {"_L": ", left", "_R": ", right"}.get(name[-2:], "")
    return {
        "name": name,
        "title": unit.facs_name + side,
        "region": unit.region,
        "muscles": ", ".join(unit.muscles),
        "colour": hex_colour(region_colour(unit.region)),
        "main": shown,
    }


def _encode_pairs(table: CoOccurrenceTable | None) -> dict[str, Any] | None:
    if table is None:
        return None
    rows = [[_number(value) for value in row] for row in np.asarray(table.values, np.float64)]
    return {"names": [str(name) for name in table.names], "values": rows, "measure": table.measure}


def _number(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None


def _base64(codes: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(codes).tobytes()).decode("ascii")
