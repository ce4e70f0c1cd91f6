"""What a person's face shows when it does nothing: the neutral level of each curve."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class NeutralBaseline:
    """A person's neutral level.

    Attributes:
        level: Shape (A,), in the unit of the curves; NaN for a curve that no quiet frame shows.
        frames: Shape (T,), boolean: the quiet frames that it was read from.
    """

    level: np.ndarray
    frames: np.ndarray


def neutral_baseline(values: np.ndarray, share: float = 0.2) -> NeutralBaseline:
    """Read a person's neutral level from the least active frames.

    The activity of a frame is the mean over the curves of how far each is above its own lower tenth, in
    units of the range of its middle 80 %; curves that do not vary do not count. The level is the median over
    the quietest frames, so single bad frames do not move it. Of a person who is never neutral it is the level
    of the least active frames.

    Args:
        values: Shape (T, A), one person; NaN = missing.
        share: Of the frames with any valid value, in (0, 1]; at least one frame is used.

    Returns:
        The level and its frames; all NaN where no frame is valid.

    Raises:
        ValueError: If the shape is not (T, A) or the share is out of range.
    """
    values = np.asarray(values)
    if values.ndim != 2:
        raise ValueError(f"curves of shape {values.shape}; wanted (T, A)")
    if not 0 < share <= 1:
        raise ValueError(f"a share of {share} quiet frames; wanted above 0, at most 1")
    there = np.isfinite(values)
    usable, used = there.any(1), there.any(0)
    level, quiet = np.full(values.shape[1], np.nan), np.zeros(len(values), bool)
    if not usable.any():
        return NeutralBaseline(level, quiet)
    low, high = np.array(
        [np.quantile(_known(values[:, column]), (0.1, 0.9)) for column in np.flatnonzero(used)]
    ).T
    varies = high > low
    moving = np.flatnonzero(used)[varies]
    activity, counted = _activity(values, moving, low[varies], high[varies])
    # A frame in which no varying curve is valid says nothing about activity, unless no curve varies at all.
    usable = usable & (counted > 0) if varies.any() else usable
    rows = np.flatnonzero(usable)
    count = max(1, round(share * len(rows)))
    quiet[rows[np.argsort(activity[rows], kind="stable")[:count]]] = True
    for column in np.flatnonzero(there[quiet].any(0)):
        level[column] = np.median(_known(values[quiet, column]))
    return NeutralBaseline(level, quiet)


def _known(curve: np.ndarray) -> np.ndarray:
    """Give the valid values of one curve as float64."""
    return curve[np.isfinite(curve)].astype(np.float64)


def _activity(
    values: np.ndarray, columns: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give each frame's mean height of curves above `low`, in ranges, and of how many; (T,) each."""
    total, counted = np.zeros(len(values)), np.zeros(len(values), np.int64)
    # Curve after curve: of hours of video all of them as float64 would fill the memory.
    for column, lowest, highest in zip(columns, low, high):
        curve = values[:, column].astype(np.float64)
        there = np.isfinite(curve)
        above = np.clip((curve - lowest) / (highest - lowest), 0.0, None)
        total += np.where(there, above, 0.0)
        counted += there
    return total / np.maximum(counted, 1), counted


def subtract_baseline(
    values: np.ndarray, baseline: NeutralBaseline, lowest: float | None = 0.0
) -> np.ndarray:
    """Take a neutral level away from curves.

    Args:
        values: Shape (T, A).
        baseline: Of the same A curves; a curve without a level stays as it is.
        lowest: Values below are raised to this; None leaves them.

    Returns:
        Shape (T, A), float64.

    Raises:
        ValueError: If the numbers of curves differ.
    """
    values = np.asarray(values, dtype=np.float64)
    if values.shape[-1] != len(baseline.level):
        raise ValueError(f"{values.shape[-1]} curves with a baseline of {len(baseline.level)}")
    moved = values - np.nan_to_num(baseline.level)
    return moved if lowest is None else np.maximum(moved, lowest)
