"""From how often each unit is shown to what a loss makes of it: class weights, positive weights, priors."""

import numpy as np

CLASS_WEIGHTS = ("none", "inverse_rate", "effective_number")
POSITIVE_WEIGHTS = ("none", "balanced", "sqrt")

# A unit that nobody shows, or that everybody shows, would have a prior without a logit.
_LEAST_COUNT = 1.0


def class_weights(
    kind: str, positives: np.ndarray, annotated: np.ndarray, beta: float, max_weight: float
) -> np.ndarray:
    """Give one weight for each action unit, with a mean of 1 over the units seen.

    A unit without a positive is taken as having one: rare, not infinitely so. One that nobody annotated is
    masked everywhere; its weight, 1, only must not disturb the mean.

    Args:
        kind: One of `CLASS_WEIGHTS`.
        positives: Shape (A,), frames where the unit is present.
        annotated: Shape (A,), frames where the unit is annotated.
        beta: Of `effective_number`.
        max_weight: Largest weight; what is above is cut after the mean was made 1.

    Returns:
        Shape (A,), above 0.

    Source:
        inverse_rate: Shao et al., ECCV 2018. effective_number, 1 / E with E = (1 - beta^n) / (1 - beta) for n
        positives: Cui et al., Class-Balanced Loss Based on Effective Number of Samples, CVPR 2019,
        equation 2 and section 4.
    """
    known = annotated > 0
    weights = np.ones(len(annotated))
    if kind == "none" or not known.any():
        return weights
    shown = np.maximum(positives[known], _LEAST_COUNT)
    if kind == "inverse_rate":
        rarity = annotated[known] / shown
    else:
        # expm1 and log1p: beta^n itself loses its digits where beta is near 1.
        rarity = (1 - beta) / -np.expm1(shown * np.log1p(beta - 1)) if beta > 0 else np.ones_like(shown)
    weights[known] = np.minimum(rarity / rarity.mean(), max_weight)
    return weights


def positive_weights(
    kind: str, positives: np.ndarray, annotated: np.ndarray, max_weight: float
) -> np.ndarray:
    """Give how much more a positive counts than a negative, for each action unit.

    Args:
        kind: One of `POSITIVE_WEIGHTS`.
        positives: Shape (A,), frames where the unit is present.
        annotated: Shape (A,), frames where the unit is annotated.
        max_weight: Largest weight; the smallest is its inverse.

    Returns:
        Shape (A,): negatives over positives, their square root, or 1; 1 where nobody annotated the unit.
    """
    if kind == "none":
        return np.ones(len(annotated))
    ratio = (annotated - positives) / np.maximum(positives, _LEAST_COUNT)
    ratio = np.sqrt(ratio) if kind == "sqrt" else ratio
    return np.where(annotated > 0, np.clip(ratio, 1.0 / max_weight, max_weight), 1.0)


def prior_logits(positives: np.ndarray, annotated: np.ndarray) -> np.ndarray:
    """Give log(prior / (1 - prior)) for each action unit.

    Args:
        positives: Shape (A,), frames where the unit is present.
        annotated: Shape (A,), frames where the unit is annotated.

    Returns:
        Shape (A,), finite: at least one positive and one negative are taken as there. 0 where nobody
        annotated the unit.
    """
    shown = np.maximum(positives, _LEAST_COUNT)
    absent = np.maximum(annotated - positives, _LEAST_COUNT)
    return np.where(annotated > 0, np.log(shown) - np.log(absent), 0.0)
