"""How far answers lie from measured values: mean squared error, and the share of variance explained."""

import numpy as np


def mean_squared_error(truth: np.ndarray, answer: np.ndarray) -> float:
    """Compute the mean squared difference, in the unit's square; NaN where there is nothing.

    Args:
        truth: Shape (N,), finite.
        answer: Shape (N,), finite.

    Raises:
        ValueError: If the shapes differ.
    """
    truth, answer = _pair(truth, answer)
    return float(np.mean((truth - answer) ** 2)) if len(truth) else float("nan")


def r_squared(truth: np.ndarray, answer: np.ndarray) -> float:
    """Compute the share of the variance that the answers explain.

    Args:
        truth: Shape (N,), finite.
        answer: Shape (N,), finite.

    Returns:
        At most 1; 0 for the mean of the truth, negative for worse; NaN where there are fewer than two values
        or all are equal.

    Raises:
        ValueError: If the shapes differ.
    """
    truth, answer = _pair(truth, answer)
    if len(truth) < 2 or np.ptp(truth) == 0:
        return float("nan")
    return float(1 - np.sum((truth - answer) ** 2) / np.sum((truth - truth.mean()) ** 2))


def _pair(truth: np.ndarray, answer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    truth, answer = np.asarray(truth, np.float64), np.asarray(answer, np.float64)
    if truth.shape != answer.shape or truth.ndim != 1:
        raise ValueError(f"the series have shapes {truth.shape} and {answer.shape}; wanted one shape (N,)")
    return truth, answer
