"""Valence and arousal from action units: how pleasant and how stirred a face looks.

Both are inference from movements. They say nothing certain about what the person feels.
"""

import numpy as np

_ROUNDING = 1e-9


def valence(activity: np.ndarray, weights: np.ndarray, least_known: float = 0.5) -> np.ndarray:
    """Estimate how pleasant a face looks: what speaks for it minus what speaks against it.

    Each side is a weighted sum, held at 1 where more comes together.

    Args:
        activity: Shape (N, A), 0 to 1 or NaN.
        weights: Shape (A,): above 0 pleasant, below 0 unpleasant.
        least_known: Share of either side's weight that must be known.

    Returns:
        Shape (N,), in [-1, 1]; NaN where one side is not known well enough.

    Raises:
        ValueError: If shapes do not fit, or one side has no weight.
    """
    activity, weights = np.asarray(activity, np.float64), np.asarray(weights, np.float64)
    if activity.ndim != 2 or weights.shape != activity.shape[1:]:
        raise ValueError(f"activity has shape {activity.shape}, weights {weights.shape}; wanted (N, A), (A,)")
    sides = []
    for side in (np.maximum(weights, 0.0), np.maximum(-weights, 0.0)):
        if not side.any():
            raise ValueError("all weights have one sign; valence needs what is pleasant and what is not")
        known = np.isfinite(activity) @ side / side.sum()
        held = np.minimum(np.nan_to_num(activity) @ side, 1.0)
        sides.append(np.where((known > 0) & (known >= least_known - _ROUNDING), held, np.nan))
    return sides[0] - sides[1]


def arousal(activity: np.ndarray, strongest: int = 5) -> np.ndarray:
    """Estimate how stirred a face looks: the mean activity of its strongest units.

    Args:
        activity: Shape (N, A), 0 to 1 or NaN: units that count as movement, without closed eyes.
        strongest: How many units the mean is over.

    Returns:
        Shape (N,), in [0, 1]; NaN where fewer units are known.

    Raises:
        ValueError: If `strongest` is below 1.

    Source:
        The idea is FaceReader's (Noldus, methodology note). It agreed with reports of pleasantness more than
        with reports of arousal: Höfling et al., Frontiers in Psychology 11, 2020.
    """
    if strongest < 1:
        raise ValueError(f"the mean is over {strongest} units; wanted 1 or more")
    activity = np.asarray(activity, np.float64)
    if activity.shape[1] < strongest:
        return np.full(len(activity), np.nan)
    ordered = np.sort(np.where(np.isnan(activity), -np.inf, activity), axis=1)[:, -strongest:]
    return np.where(np.isinf(ordered[:, 0]), np.nan, np.where(np.isinf(ordered), 0.0, ordered).mean(1))
