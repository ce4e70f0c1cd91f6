"""Stretches of time: rows of start and end in seconds, the end not included."""

import numpy as np


def join_intervals(intervals: np.ndarray, within: float = 0.0) -> np.ndarray:
    """Sort intervals and make one of those that overlap or touch.

    Args:
        intervals: Shape (N, 2): start and end, in any order.
        within: Intervals so far apart at most touch.

    Returns:
        Shape (M, 2), in order, apart.

    Raises:
        ValueError: If one ends before it starts, or is not finite.
    """
    intervals = np.asarray(intervals, np.float64).reshape(-1, 2)
    bad = ~(intervals[:, 0] <= intervals[:, 1]) | ~np.isfinite(intervals).all(1)
    if bad.any():
        first = intervals[bad][0]
        raise ValueError(
            f"an interval reaches from {first[0]} to {first[1]}; wanted start <= end, both finite"
        )
    intervals = intervals[np.lexsort((intervals[:, 1], intervals[:, 0]))]
    if not len(intervals):
        return intervals
    reached = np.maximum.accumulate(intervals[:, 1])
    fresh = np.concatenate([[True], intervals[1:, 0] > reached[:-1] + within])
    return np.stack([intervals[fresh, 0], reached[np.concatenate([fresh[1:], [True]])]], axis=1)


def sampling_instants(start: float, end: float, rate: float) -> np.ndarray:
    """Give the middles of frames from start to end.

    Args:
        start: Seconds.
        end: Seconds; a last frame of which less than half lies before it is left out.
        rate: Frames per second.

    Returns:
        Shape (T,), seconds.

    Raises:
        ValueError: If the rate is not above 0.
    """
    if not 0 < rate < np.inf:
        raise ValueError(f"the rate is {rate} frames per second; wanted a number above 0")
    return start + (np.arange(max(round((end - start) * rate), 0)) + 0.5) / rate


def inside(intervals: np.ndarray, instants: np.ndarray) -> np.ndarray:
    """Tell which instants lie in intervals.

    Args:
        intervals: Shape (N, 2), in order, apart: from the start on, before the end.
        instants: Shape (T,), seconds.

    Returns:
        Shape (T,), boolean.
    """
    if not len(intervals):
        return np.zeros(np.shape(instants), bool)
    place = np.searchsorted(intervals[:, 0], instants, side="right") - 1
    return (place >= 0) & (instants < intervals[np.maximum(place, 0), 1])


def gaps_between(intervals: np.ndarray, start: float, end: float) -> np.ndarray:
    """Give what intervals leave free from start to end.

    Args:
        intervals: Shape (N, 2), in order, apart; they may reach beyond.
        start: Seconds.
        end: Seconds.

    Returns:
        Shape (M, 2), in order.
    """
    edges = np.concatenate([[start], intervals.ravel(), [end]])
    return clip_intervals(edges.reshape(-1, 2), start, end)


def clip_intervals(intervals: np.ndarray, start: float, end: float) -> np.ndarray:
    """Cut intervals (N, 2) at both ends; those of which nothing is left go."""
    clipped = np.clip(intervals, start, end)
    return clipped[clipped[:, 1] > clipped[:, 0]]
