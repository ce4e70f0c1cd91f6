"""How far two raters of intensity agree: Pearson correlation, ICC(3,1), mean absolute error."""

import numpy as np


def icc_consistency(ratings: np.ndarray) -> float:
    """Compute ICC(3,1): two-way mixed, single rater, consistency.

    Args:
        ratings: Shape (N, K): N targets scored by K raters on one scale; no NaN.

    Returns:
        A value in [-1 / (K - 1), 1], or NaN when no rater tells any two targets apart.

    Raises:
        ValueError: If there are fewer than two targets or two raters, or a rating is not finite.

    Source:
        Shrout and Fleiss, Psychological Bulletin 86(2), 1979; their worked example (0.71) is the test.
    """
    ratings = np.asarray(ratings, dtype=np.float64)
    if ratings.ndim != 2 or min(ratings.shape) < 2:
        raise ValueError(f"ratings have shape {ratings.shape}; wanted at least two targets by two raters")
    if not np.isfinite(ratings).all():
        raise ValueError("ratings hold NaN or infinity; leave out the targets that a rater did not score")
    targets, raters = ratings.shape
    if (ratings == ratings[0]).all():
        return float("nan")
    centred = ratings - ratings.mean()
    by_target = raters * np.sum(centred.mean(1) ** 2)
    by_rater = targets * np.sum(centred.mean(0) ** 2)
    between = by_target / (targets - 1)
    error = max(float(np.sum(centred**2) - by_target - by_rater), 0.0) / ((targets - 1) * (raters - 1))
    return float((between - error) / (between + (raters - 1) * error))


def pearson(first: np.ndarray, second: np.ndarray) -> float:
    """Compute Pearson's correlation of two series.

    Args:
        first: Shape (N,), finite.
        second: Shape (N,), finite.

    Returns:
        A value in [-1, 1], or NaN where there are fewer than two pairs or a series is constant.

    Raises:
        ValueError: If the shapes differ.
    """
    first, second = _pair(first, second)
    if len(first) < 2 or np.ptp(first) == 0 or np.ptp(second) == 0:
        return float("nan")
    # Scaled before squaring: deviations near the smallest float would vanish.
    x, y = (series - series.mean() for series in (first, second))
    x, y = x / np.abs(x).max(), y / np.abs(y).max()
    return float(np.clip(np.sum(x * y) / np.sqrt(np.sum(x**2) * np.sum(y**2)), -1.0, 1.0))


def mean_absolute_error(first: np.ndarray, second: np.ndarray) -> float:
    """Compute the mean absolute difference of two series, in their unit; NaN where they are empty.

    Args:
        first: Shape (N,), finite.
        second: Shape (N,), finite.

    Raises:
        ValueError: If the shapes differ.
    """
    first, second = _pair(first, second)
    return float(np.mean(np.abs(first - second))) if len(first) else float("nan")


def _pair(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"the series have shapes {first.shape} and {second.shape}; wanted one shape (N,)")
    return first, second
