"""Soft voting: several classifiers' probabilities become one distribution a row."""

from collections.abc import Sequence

import numpy as np

SUM_TOLERANCE = 0.02
"""How far the sum of a row of rounded probabilities may be from 1."""


def soft_vote(probabilities: Sequence[np.ndarray], weights: Sequence[float] | None = None) -> np.ndarray:
    """Average classifiers' probabilities, row by row, over those that answer.

    A classifier whose row holds a NaN does not vote in that row; the weights of the others are then shared
    anew.

    Args:
        probabilities: K arrays of one shape (N, C): a row sums to 1, within 0.02; or holds NaN.
        weights: K, at least 0, not all 0; equal by default.

    Returns:
        Shape (N, C), float64; rows sum to 1. NaN where no classifier with a weight above 0 answers.

    Raises:
        ValueError: If shapes differ, a row is no distribution, or the weights do not fit.
    """
    if not probabilities:
        raise ValueError("no classifiers to vote; wanted at least one")
    stack = [np.asarray(values, np.float64) for values in probabilities]
    shapes = {values.shape for values in stack}
    if len(shapes) > 1 or stack[0].ndim != 2:
        found = ", ".join(str(values.shape) for values in stack)
        raise ValueError(f"the classifiers' answers have shapes {found}; wanted one shape (N, C)")
    shares = _shares(weights, len(stack))
    votes = np.stack(stack)
    answers = ~np.isnan(votes).any(2)
    _check_rows(votes, answers)
    counted = shares[:, None] * answers
    total = counted.sum(0)
    summed = np.einsum("kn,knc->nc", counted, np.where(answers[..., None], votes, 0.0))
    voted = np.divide(summed, total[:, None], out=np.full_like(summed, np.nan), where=total[:, None] > 0)
    return voted / voted.sum(1, keepdims=True)


def elect(voted: np.ndarray, tolerance: float = 1e-9) -> np.ndarray:
    """Choose the class of the highest probability.

    Args:
        voted: Shape (N, C); a row may be NaN.
        tolerance: Probabilities that lie no farther apart are equal: of these the first class wins, whatever
            rounding did to them.

    Returns:
        Shape (N,), int64; -1 where a row is NaN.

    Raises:
        ValueError: If there is no class.
    """
    voted = np.asarray(voted, np.float64)
    if voted.ndim != 2 or voted.shape[1] == 0:
        raise ValueError(f"the votes have shape {voted.shape}; wanted (N, C) with a class or more")
    known = ~np.isnan(voted).any(1)
    filled = np.where(known[:, None], voted, 0.0)
    first = np.argmax(filled >= filled.max(1, keepdims=True) - tolerance, axis=1)
    return np.where(known, first, -1).astype(np.int64)


def tied(voted: np.ndarray, tolerance: float = 1e-9) -> np.ndarray:
    """Tell in which rows two classes or more share the highest probability: shape (N,), bool."""
    voted = np.asarray(voted, np.float64)
    return np.sum(voted >= voted.max(1, keepdims=True) - tolerance, axis=1) > 1


def _shares(weights: Sequence[float] | None, count: int) -> np.ndarray:
    shares = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    if shares.shape != (count,):
        raise ValueError(f"found {shares.size} weights for {count} classifiers; wanted one for each")
    if not np.isfinite(shares).all() or (shares < 0).any() or not shares.any():
        raise ValueError(f"weights are {shares.tolist()}; wanted numbers of at least 0, not all 0")
    return shares


def _check_rows(votes: np.ndarray, answers: np.ndarray) -> None:
    low = np.where(answers[..., None], votes, 0.0).min(2) < 0
    off = answers & (np.abs(votes.sum(2) - 1) > SUM_TOLERANCE)
    wrong = np.argwhere(low | off)
    if len(wrong):
        classifier, row = wrong[0]
        raise ValueError(
            f"classifier {classifier + 1}, row {row + 1}: {np.round(votes[classifier, row], 3).tolist()} is "
            "no distribution; wanted probabilities that sum to 1, or NaN where there is no answer"
        )
