"""Compares corpora by how their points lie and move, without training anything."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.actions import action_map
from fau3d.synthetic.labels import LABELLED_AUS
from fau3d.synthetic.rendered import SeenPerson
from fau3d.synthetic.rendered_corpus import Annotator, RestingShift
from fau3d.synthetic.rig import load_rig

# Outer corners of the right and the left eye.
_EYES = (33, 263)
_NASION = 168
# How many of a unit's most moved points tell how far it moves.
_MOST_MOVED = 10
_UNITS = tuple(name for name in LABELLED_AUS if "_" not in name)


@dataclass(frozen=True)
class Figures:
    """Figures of one corpus of mediapipe478, in shares of the distance of the eyes' outer corners.

    Attributes:
        mean: Shape (V, 2): mean resting face, eye corners aligned.
        resting: Shape (V,): standard deviation between the resting faces of people.
        units: Shape (U, V, 2): displacement of each unit at full intensity.
        shaking: Median over sequences of the root mean square difference between one seen frame and the next
            (every second one of the corpus), over points, while nothing labelled moves.
        lost: Share of frames without a face.
    """

    mean: np.ndarray
    resting: np.ndarray
    units: np.ndarray
    shaking: float
    lost: float


def aligned(points: np.ndarray) -> np.ndarray:
    """Move, turn and scale faces (T, V, >=2) so that the outer eye corners lie at (-0.5, 0) and (0.5, 0)."""
    plane = points[..., 0].astype(np.float64) + 1j * points[..., 1]
    right, left = plane[:, _EYES[0], None], plane[:, _EYES[1], None]
    moved = (plane - (right + left) / 2) / (left - right)
    return np.stack([moved.real, moved.imag], -1)


def compare(annotations: Sequence[Mapping]) -> Figures:
    """Take the figures of a corpus.

    Args:
        annotations: Of mediapipe478; at most four people in a hundred may be without a quiet frame.

    Returns:
        The figures.
    """
    columns = [LABELLED_AUS.index(name) for name in _UNITS]
    faces: dict[str, list[np.ndarray]] = {}
    inputs: np.ndarray | float = 0.0
    outputs: np.ndarray | float = 0.0
    shaking, lost = [], []
    for annotation in annotations:
        points = aligned(annotation["keypoint"][0][::2])
        strength = np.nan_to_num(annotation["au_intensity"][::2][:, columns]) / 5
        seen = np.isfinite(points).all((1, 2))
        lost.append(1 - seen.mean())
        quiet = seen & (strength.max(1) < 0.02)
        if quiet.sum() < 3:
            continue
        rest = points[quiet].mean(0)
        faces.setdefault(annotation["subject"], []).append(rest)
        both = quiet[1:] & quiet[:-1]
        if both.any():
            shaking.append(np.sqrt((np.diff(points, axis=0)[both] ** 2).mean()))
        # Between the eyes no muscle moves much: where that point goes, the head has turned.
        cause = np.hstack([strength, points[:, _NASION] - rest[_NASION]])[seen]
        inputs = inputs + cause.T @ cause
        outputs = outputs + cause.T @ (points[seen] - rest).reshape(len(cause), -1)
    people = np.stack([np.mean(found, 0) for found in faces.values()])
    units = np.linalg.solve(inputs + np.diag([1.0] * len(columns) + [1e-4] * 2), outputs)[: len(columns)]
    return Figures(
        people.mean(0),
        np.sqrt(people.var(0).sum(-1)),
        units.reshape(len(columns), -1, 2),
        float(np.median(shaking)),
        float(np.mean(lost)),
    )


def rendered_annotations(people: Iterable[tuple[int, SeenPerson]]) -> tuple[list[dict], int]:
    """Annotate rendered people as they were seen, resting faces not moved.

    Args:
        people: Their numbers, and they.

    Returns:
        The annotations, and the frames of the longest.
    """
    annotator = Annotator(
        action_map(load_rig("ibug68")), "mediapipe478", np.zeros((478, 3)), RestingShift(share=0.0)
    )
    found = [part for number, person in people for part in annotator.annotations(person, number)]
    return found, max(part["total_frames"] for part in found)


def comparison_table(figures: Mapping[str, Figures]) -> str:
    """Write figures as a table, the first corpus being what the others are measured by."""
    reference = next(iter(figures.values()))

    def row(name: str, values: Iterable[str]) -> str:
        return f"| {name} | " + " | ".join(values) + " |"

    def percent(value: float) -> str:
        return f"{100 * value:.2f}"

    lines = [row("% of the eye distance", figures), row("---", ["---"] * len(figures))]
    lines.append(
        row("resting faces: sd, mean over points", (percent(f.resting.mean()) for f in figures.values()))
    )
    away = [np.linalg.norm(f.mean - reference.mean, axis=-1).mean() for f in figures.values()]
    lines.append(row("mean face: distance", map(percent, away)))
    same = [np.corrcoef(f.resting, reference.resting)[0, 1] for f in figures.values()]
    lines.append(row("resting sd over points: correlation", (f"{value:.2f}" for value in same)))
    lines.append(row("frame to frame at rest", (percent(f.shaking) for f in figures.values())))
    lines.append(row("frames without a face, %", (percent(f.lost) for f in figures.values())))
    for k, unit in enumerate(_UNITS):
        most = np.argsort(np.linalg.norm(reference.units[k], axis=-1))[-_MOST_MOVED:]
        cells = []
        for corpus in figures.values():
            own, other = corpus.units[k, most], reference.units[k, most]
            cosine = (own * other).sum() / max(np.linalg.norm(own) * np.linalg.norm(other), 1e-12)
            cells.append(f"{percent(np.linalg.norm(own, axis=-1).mean())} ({cosine:.2f})")
        lines.append(row(unit, cells))
    return "\n".join(lines)
