"""Which units are shown together."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_BLOCK = 4096  # rows


@dataclass(frozen=True)
class CoOccurrence:
    """How often units are shown together. All arrays have shape (A, A).

    Attributes:
        frames: Frames in which both units are valid, int64.
        together: Frames that show both, int64.
        phi: Phi coefficient in [-1, 1], the Pearson correlation of two binary variables; NaN where one of the
            units is always or never shown.
        jaccard: Frames that show both over frames that show either, in [0, 1]; NaN where none shows either.
        given: `given[i, j]` is the share of the frames with unit i that also show unit j; NaN where none
            shows unit i.
    """

    frames: np.ndarray
    together: np.ndarray
    phi: np.ndarray
    jaccard: np.ndarray
    given: np.ndarray


def co_occurrence(present: np.ndarray) -> CoOccurrence:
    """Count which units are shown together, frame by frame.

    For each pair the frames in which either unit is invalid are left out.

    Args:
        present: Shape (T, A): 1 shown, 0 not, -1 or NaN invalid; booleans are all valid.

    Returns:
        The counts and measures.

    Raises:
        ValueError: If the shape or a value is another.
    """
    present = np.asarray(present)
    if present.ndim != 2 or not all(_is_presence(rows) for rows in _blocks(present)):
        raise ValueError(
            f"presence of shape {present.shape}; wanted (T, A) of 1, 0, and -1 or NaN for invalid: apply "
            "thresholds to probabilities or intensities first"
        )
    size = present.shape[1]
    both, frames, first = np.zeros((size, size)), np.zeros((size, size)), np.zeros((size, size))
    for rows in _blocks(present):
        shown = (rows == 1).astype(np.float64)
        valid = shown + (rows == 0)
        both += shown.T @ shown
        frames += valid.T @ valid
        first += shown.T @ valid  # [i, j]: frames with unit i among those in which both are valid
    second = first.T
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(first * (frames - first) * second * (frames - second))
        phi = np.where(spread > 0, (frames * both - first * second) / spread, np.nan)
        jaccard = both / (first + second - both)
        given = both / first
    return CoOccurrence(frames.astype(np.int64), both.astype(np.int64), phi, jaccard, given)


def _blocks(present: np.ndarray) -> Iterator[np.ndarray]:
    """Yield some thousand rows at a time: of hours of video all of them as float64 would fill the memory."""
    for begin in range(0, len(present), _BLOCK):
        yield present[begin : begin + _BLOCK]


def _is_presence(rows: np.ndarray) -> bool:
    missing = (rows == -1) | np.isnan(rows.astype(np.float64))
    return bool((missing | (rows == 0) | (rows == 1)).all())
