"""Made-up children in HRM's form, whose ratings follow a formula: what a regression can learn is known."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fau3d.facs import get_au_set

UNITS = get_au_set("hrm")
RATERS = ("Abnormal-j", "Abnormal-jie", "Abnormal-y", "Abnormal-z", "Abnormal-w")
FPS = 25.0
_RATER_BIAS = np.array([-0.3, -0.1, 0.0, 0.1, 0.3])
_RATER_NOISE = 0.3


def formula_rating(units: np.ndarray, names: Sequence[str] = UNITS) -> float:
    """Rate a run by what its units do together and how they move, not by how often one is there.

    A brow that is lowered in a smile and a brow that flickers are atypical.

    Args:
        units: Shape (T, A), 0 or 1.
        names: The A units; AU01, AU04 and AU12 among them.

    Returns:
        0 to 4.
    """
    place = {name: column for column, name in enumerate(names)}
    together = np.mean(units[:, place["AU04"]] * units[:, place["AU12"]])
    onsets = np.sum(np.diff(units[:, place["AU01"]].astype(int)) > 0) * FPS / max(len(units) - 1, 1)
    return float(np.clip(0.3 + 4.0 * together + 0.8 * onsets, 0, 4))


def write_rated_tree(
    root: Path, children: int = 12, runs: int = 8, frames: tuple[int, int] = (40, 120), seed: int = 0
) -> int:
    """Write a tree of CSV files in HRM's form: `AU-ab-5-level-end/{ASD,TD}/S1.csv`, ….

    Args:
        root: The folder; made if it is not there.
        children: Of each group.
        runs: Of each child.
        frames: Fewest and most frames of a run.
        seed: Of everything random.

    Returns:
        Frames written.
    """
    total = 0
    header = ["frame", *(_spelling(unit) for unit in UNITS), "ASD", *RATERS, "Abnormal-avg"]
    for number, group in enumerate(("ASD", "TD")):
        folder = root / "AU-ab-5-level-end" / group
        folder.mkdir(parents=True, exist_ok=True)
        for child in range(1, children + 1):
            rng = np.random.default_rng([seed, number, child])
            rows = _child(rng, group == "ASD", runs, frames)
            lines = [",".join(header), *(",".join(row) for row in rows)]
            (folder / f"S{child}.csv").write_text("\n".join(lines) + "\n")
            total += len(rows)
    return total


def _spelling(unit: str) -> str:
    return unit[:2] + (unit[2:].lstrip("0") or "0")


def _child(rng: np.random.Generator, asd: bool, runs: int, frames: tuple[int, int]) -> list[list[str]]:
    """Give the lines of one child; between two runs lie frames that nobody coded."""
    rows = []
    first = int(rng.integers(0, 200))
    for _ in range(runs):
        length = int(rng.integers(frames[0], frames[1] + 1))
        units = _run(rng, length, asd)
        judged = formula_rating(units) + _RATER_BIAS + rng.normal(0, _RATER_NOISE, len(RATERS))
        raters = np.clip(np.round(judged), 0, 4).astype(int)
        tail = [str(int(asd)), *map(str, raters), f"{raters.mean():g}"]
        rows += [[str(first + at), *map(str, frame), *tail] for at, frame in enumerate(units)]
        first += length + int(rng.integers(20, 200))
    return rows


def _run(rng: np.random.Generator, length: int, asd: bool) -> np.ndarray:
    """Let every unit switch on and off at a rate of its own: shape (length, 36), 0 or 1."""
    # How long a unit stays, in frames, and how much of the time it is there.
    stay = rng.uniform(4, 25, len(UNITS))
    share = rng.beta(1.2, 1.8 if asd else 2.4, len(UNITS))
    state = rng.random(len(UNITS)) < share
    frames = np.empty((length, len(UNITS)), np.int64)
    for frame in range(length):
        leave = rng.random(len(UNITS)) < 1 / stay
        state = np.where(leave, rng.random(len(UNITS)) < share, state)
        frames[frame] = state
    return frames
