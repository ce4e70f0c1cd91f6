"""How much each of several forecasters is to be believed."""

import numpy as np

_LEAST = 1e-6  # no forecaster is taken to be surer than this
_STEPS = 500


def mixture_weights(probabilities: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Find the shares with which an average of forecasts makes the labels most likely.

    Args:
        probabilities: Shape (K, N), in [0, 1]: what each of K forecasters said of N cases.
        labels: Shape (N,): 1, 0, -1 = not annotated, which is left out.

    Returns:
        Shape (K,), at least 0, sum 1; equal shares where nothing is annotated.

    Raises:
        ValueError: If the shapes do not fit, or a probability is out of range.

    Source:
        Expectation-maximisation of a mixture's shares (Dempster, Laird and Rubin, JRSS B 39(1), 1977); the
        likelihood has one maximum.
    """
    probabilities, labels = np.asarray(probabilities, np.float64), np.asarray(labels)
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[1:]:
        raise ValueError(f"found shapes {probabilities.shape} and {labels.shape}; wanted (K, N) and (N,)")
    known = labels >= 0
    said = probabilities[:, known]
    if not ((said >= 0) & (said <= 1)).all():
        raise ValueError("a probability is outside of [0, 1], or missing; leave such cases out")
    weights = np.full(len(said), 1 / len(said))
    if not known.any():
        return weights
    likelihood = np.clip(np.where(labels[known] == 1, said, 1 - said), _LEAST, 1)
    for _ in range(_STEPS):
        joint = weights[:, None] * likelihood
        updated = (joint / joint.sum(0)).mean(1)
        done = np.abs(updated - weights).max() < 1e-6
        weights = updated
        if done:
            break
    return weights / weights.sum()
