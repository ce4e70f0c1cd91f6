"""How far probabilities are from frequencies, and what brings them nearer: ECE and Platt scaling."""

import numpy as np

from fau3d.functional.detection import annotated_frames

_STEPS = 50
# Beyond these a fit follows a handful of frames, and a slope of 0 or less would turn answers round.
_LEAST_SCALE, _MOST_SCALE = 0.05, 20.0


def expected_calibration_error(target: np.ndarray, probability: np.ndarray, bins: int = 15) -> float:
    """Compute the expected calibration error of one unit over bins of equally many frames.

    Frames of one probability lie in one bin, so the figure does not depend on their order.

    Args:
        target: Shape (N,): 1, 0, -1 = not annotated.
        probability: Shape (N,), in [0, 1].
        bins: How many bins the annotated frames are put into, from the lowest probability to the highest.

    Returns:
        The mean over frames of |share that shows the unit - mean probability| of their bin, in [0, 1]; NaN
        where no frame is annotated.

    Raises:
        ValueError: If the shapes differ, a probability is not in [0, 1], or there is no bin.

    Source:
        Equal-mass bins: Nixon et al., Measuring Calibration in Deep Learning, CVPR Workshops 2019.
    """
    target, probability = annotated_frames(target, probability)
    if bins < 1:
        raise ValueError(f"bins is {bins}; wanted at least 1")
    if len(probability) and (probability.min() < 0 or probability.max() > 1):
        raise ValueError(
            f"probabilities lie in {probability.min():.3g} to {probability.max():.3g}; wanted 0 to 1, not "
            "logits"
        )
    if not len(target):
        return float("nan")
    rank = np.searchsorted(np.sort(probability), probability)
    place = rank * bins // len(rank)
    gap = np.bincount(place, weights=(target == 1) - probability, minlength=bins)
    return float(np.abs(gap).sum() / len(rank))


def logits(probability: np.ndarray, least: float = 1e-6) -> np.ndarray:
    """Give log-odds; probabilities are held `least` away from 0 and 1, which have none."""
    held = np.clip(np.asarray(probability, np.float64), least, 1 - least)
    return np.log(held) - np.log1p(-held)


def platt_scaling(target: np.ndarray, logit: np.ndarray) -> tuple[float, float]:
    """Fit one unit's probabilities as sigmoid(scale * logit + shift), by maximum likelihood.

    Targets are drawn towards the middle by one frame of each class, as Platt does, so that the fit exists
    where the logits tell all frames apart.

    Args:
        target: Shape (N,): 1, 0, -1 = not annotated.
        logit: Shape (N,).

    Returns:
        Scale, in [0.05, 20], and shift; (1, 0) unless some frames show the unit and some do not.

    Raises:
        ValueError: If the shapes differ or a logit is not finite.

    Source:
        Platt, Probabilistic outputs for support vector machines, 1999; Newton's method with halved steps as
        in Lin, Lin and Weng, A note on Platt's probabilistic outputs, Machine Learning 68, 2007.
    """
    target, logit = annotated_frames(target, logit)
    positives = int((target == 1).sum())
    negatives = len(target) - positives
    if positives == 0 or negatives == 0:
        return 1.0, 0.0
    wanted = np.where(target == 1, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    design = np.stack([logit, np.ones_like(logit)], 1)
    fitted = _newton(design, wanted, np.array([1.0, 0.0]))
    scale = float(np.clip(fitted[0], _LEAST_SCALE, _MOST_SCALE))
    if scale != fitted[0]:  # the best shift for the scale that is allowed
        fitted[1:] = _newton(design[:, 1:], wanted, fitted[1:], scale * logit)
    return scale, float(fitted[-1])


def _newton(
    design: np.ndarray, wanted: np.ndarray, start: np.ndarray, offset: np.ndarray | float = 0.0
) -> np.ndarray:
    """Minimise the mean cross-entropy of sigmoid(design @ parameters + offset) with `wanted`."""

    def loss(parameters: np.ndarray) -> float:
        answer = design @ parameters + offset
        return float(np.mean(np.logaddexp(0, answer) - wanted * answer))

    parameters, current = start.astype(np.float64), loss(start)
    for _ in range(_STEPS):
        share = 1 / (1 + np.exp(-np.clip(design @ parameters + offset, -500, 500)))
        gradient = design.T @ (share - wanted) / len(wanted)
        curvature = (design * (share * (1 - share))[:, None]).T @ design / len(wanted)
        step = np.linalg.solve(curvature + 1e-12 * np.eye(len(curvature)), gradient)
        size = 1.0
        while size > 1e-10 and loss(parameters - size * step) > current:
            size /= 2
        following = loss(parameters - size * step)
        if following >= current - 1e-14:
            break
        parameters, current = parameters - size * step, following
    return parameters
