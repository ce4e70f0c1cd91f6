"""Readings as files: events.csv, expressions.csv, summary.json."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fau3d.apis.outputs import OutputFolder
from fau3d.apis.reading.curves import INVALID_REASONS
from fau3d.apis.reading.face import FaceReading, contributions, expression_runs
from fau3d.apis.reading.parts import asymmetries
from fau3d.facs import EXPRESSIONS as FACS_EXPRESSIONS
from fau3d.functional.baseline import neutral_baseline
from fau3d.functional.timeline import frame_seconds
from fau3d.io.atomic import atomic_path

EVENTS, EXPRESSIONS, SUMMARY = "events.csv", "expressions.csv", "summary.json"
_SPOKE = 3  # units named as those that spoke for an expression
_HEAD = (
    "frame", "face_id", "timestamp", "invalid", "expression", "spoke_for_it", "valence", "arousal",
    "eyes_open",
)  # fmt: skip
EVENT_COLUMNS = (
    "face_id", "kind", "name", "onset", "apex", "offset", "duration", "onset_frame", "apex_frame",
    "offset_frame", "peak", "peak_intensity", "cut", "longest_gap",
)  # fmt: skip


def event_rows(reading: FaceReading) -> list[dict[str, Any]]:
    """Give the events of a face in order of time: of units, expressions and eyes.

    Columns: `face_id`, `kind` (`unit`, `expression`, `blink`, `closure`), `name`, `onset`, `apex`, `offset`,
    `duration` (seconds), `onset_frame`, `apex_frame`, `offset_frame` (positions in the source), `peak`
    (probability, score, or closure), `peak_intensity` (0 to 5, of units), `cut` (whether begin or end was not
    seen), `longest_gap` (seconds of missing frames within).
    """
    curves, rows = reading.curves, []
    kinds = [("unit", reading.au_names, reading.events, np.ones(len(reading.events), bool))]
    if reading.eyes is not None:
        closures = reading.eyes.closures
        kinds += [("blink", ("eyes",), closures.events, closures.blink)]
        kinds += [("closure", ("eyes",), closures.events, closures.long)]
    for kind, names, events, chosen in kinds:
        for n in np.flatnonzero(chosen):
            first, apex, last = (
                int(getattr(events, f"{part}_frame")[n]) for part in ("onset", "apex", "offset")
            )
            row = _row(reading, kind, names[int(events.curve[n])], first, apex, last, float(events.peak[n]))
            row["duration"] = float(events.duration[n])
            row["cut"] = int(events.onset_cut[n] or events.offset_cut[n])
            row["longest_gap"] = float(events.longest_gap[n])
            if kind == "unit" and curves.intensity is not None:
                strength = curves.intensity[first : last + 1, int(events.curve[n])]
                row["peak_intensity"] = float(np.fmax.reduce(strength))  # NaN of a unit without intensities
            rows.append(row)
    steps = frame_seconds(curves.time)
    for name, first, last in expression_runs(reading.expressions, curves.time):
        scores = reading.expressions.scores[first : last + 1, reading.expressions.names.index(name)]
        apex = first + int(np.nanargmax(scores))
        row = _row(reading, "expression", name, first, apex, last, float(np.nanmax(scores)))
        rows.append({**row, "duration": float(curves.time[last] + steps[last] - curves.time[first])})
    return sorted(rows, key=lambda row: (row["onset"], row["kind"], row["name"]))


def _row(
    reading: FaceReading, kind: str, name: str, first: int, apex: int, last: int, peak: float
) -> dict[str, Any]:
    time, frame = reading.curves.time, reading.curves.frame
    return {
        "face_id": reading.curves.face_id,
        "kind": kind,
        "name": name,
        "onset": float(time[first]),
        "apex": float(time[apex]),
        "offset": float(time[last]),
        "duration": np.nan,
        "onset_frame": int(frame[first]),
        "apex_frame": int(frame[apex]),
        "offset_frame": int(frame[last]),
        "peak": peak,
        "peak_intensity": np.nan,
        "cut": 0,
        "longest_gap": 0.0,
    }


def expression_tables(reading: FaceReading) -> Iterator[pd.DataFrame]:
    """Yield rows, one a frame: the named expression, what spoke for it, valence, arousal, and all scores."""
    curves, expressions = reading.curves, reading.expressions
    labels = expressions.labels()
    for rows, units, parts in contributions(reading):
        top = np.argsort(-np.abs(np.nan_to_num(parts)), axis=1)[:, :_SPOKE]
        spoke = [
            " ".join(
                f"{units[unit]} {part[unit]:+.2f}" for unit in row if abs(np.nan_to_num(part[unit])) >= 0.01
            )
            for row, part in zip(top, parts)
        ]
        head = {
            "frame": curves.frame[rows],
            "face_id": curves.face_id,
            "timestamp": np.round(curves.time[rows], 4),
            "invalid": np.array(["", *INVALID_REASONS])[curves.invalid[rows]],
            "expression": labels[rows],
            "spoke_for_it": spoke,
            "valence": np.round(expressions.valence[rows], 3),
            "arousal": np.round(expressions.arousal[rows], 3),
            "eyes_open": np.nan if reading.eyes is None else np.round(reading.eyes.openness[rows], 3),
        }
        names = [f"{name}_score" for name in expressions.names]
        scores = pd.DataFrame(np.round(expressions.scores[rows], 3), columns=names)
        yield pd.concat([pd.DataFrame(head), scores], axis=1)


def summary(reading: FaceReading) -> dict[str, Any]:
    """Give the figures of a face as plain values; what is undefined is None."""
    curves, figures = reading.curves, reading.figures
    seconds = frame_seconds(curves.time)
    labels = reading.expressions.labels()
    valid = curves.invalid == 0
    shares = {
        str(name): float(seconds[labels == name].sum() / seconds[valid].sum())
        for name in np.unique(labels[valid])
        if name
    }
    values = curves.probability if curves.intensity is None else curves.intensity
    neutral, sides = neutral_baseline(values).level, asymmetries(reading)
    units = {
        name: {
            "time_share": _plain(figures.time_share[0, a]),
            "events_per_minute": _plain(figures.events_per_minute[0, a]),
            "mean_duration": _plain(figures.mean_duration[0, a]),
            "mean_shown": _plain(figures.shown_intensity[0, a]),
            "mean_peak": _plain(figures.mean_peak[0, a]),
            "neutral_level": _plain(neutral[a]),
            "asymmetry": _plain(sides[0, a]),
        }
        for a, name in enumerate(reading.au_names)
    }
    return {
        "face_id": curves.face_id,
        "frames": len(curves.frame),
        "seconds": float(seconds.sum()),
        "valid_share": float(seconds[valid].sum() / seconds.sum()),
        "invalid_frames": {why: int((curves.invalid == n).sum()) for n, why in enumerate(INVALID_REASONS, 1)},
        "units": units,
        "expressions": {
            "time_share": dict(sorted(shares.items(), key=lambda item: -item[1])),
            "mean_valence": _plain(_mean(reading.expressions.valence)),
            "mean_arousal": _plain(_mean(reading.expressions.arousal)),
            "note": "named from action units: inference from movements, no statement about feelings",
        },
        "eyes": _eye_summary(reading),
        "segments": {kind: np.round(spans, 3).tolist() for kind, spans in reading.segments.items()},
    }


def _eye_summary(reading: FaceReading) -> dict[str, Any] | None:
    if reading.eyes is None:
        return None
    closures = reading.eyes.closures
    return {
        "blinks": int(closures.blink.sum()),
        "blinks_per_minute": _plain(closures.blinks_per_minute),
        "longer_closures": int(closures.long.sum()),
        "perclos": _plain(reading.eyes.perclos),
    }


def write_readings(
    readings: Sequence[FaceReading], folder: Path | OutputFolder, facts: Mapping[str, Any]
) -> list[Path]:
    """Write the readings of all faces of a recording.

    Args:
        readings: One a face.
        folder: Where the files go.
        facts: What the summary says of the recording as a whole: source, model and the like.

    Returns:
        The files.
    """
    events = [row for reading in readings for row in event_rows(reading)]
    _write_csv([pd.DataFrame(events, columns=list(EVENT_COLUMNS)).round(4)], folder / EVENTS)
    heading = pd.DataFrame(columns=[*_HEAD, *(f"{name}_score" for name in FACS_EXPRESSIONS)])
    tables = chain.from_iterable(map(expression_tables, readings))
    _write_csv(chain([heading], tables), folder / EXPRESSIONS)
    content = {**facts, "faces": [summary(reading) for reading in readings]}
    with atomic_path(folder / SUMMARY) as temporary:
        temporary.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return [folder / name for name in (EVENTS, EXPRESSIONS, SUMMARY)]


def _write_csv(tables: Iterable[pd.DataFrame], path: Path) -> None:
    """Write tables below each other; the first gives the heading."""
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        for n, table in enumerate(tables):
            table.to_csv(stream, index=False, header=n == 0)


def _mean(values: np.ndarray) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _plain(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
