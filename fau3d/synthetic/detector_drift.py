"""Fits what a landmark extractor gets wrong from frame to frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.residuals import FitOptions, PersonErrors, Steady, centred, moving

_LAGS = 5


def leading_modes(covariance: np.ndarray, count: int) -> np.ndarray:
    """Give the largest modes (at most `count`, D) of a covariance (D, D), each times its standard deviation;
    directions without variance (an unbiased estimate has negative ones) are left out.
    """
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    best = [k for k in np.argsort(values)[::-1][:count] if values[k] > 1e-12]
    modes = (vectors[:, best] * np.sqrt(values[best])).T
    # A mode's sign is the linear algebra library's whim; fixed, seeds mean the same everywhere.
    signs = np.sign(modes[np.arange(len(modes)), np.abs(modes).argmax(1)])
    return (modes * signs[:, None]).astype(np.float32)


@dataclass(frozen=True)
class Drift:
    """What changes from frame to frame; see `MeasuredDetector`."""

    modes: np.ndarray
    rest: np.ndarray
    persisting: float
    memory: float
    by_size: np.ndarray
    unsteadiness: float

    def left_in_mean(self, frames: int, seconds: float) -> float:
        """Give the share of the variance that a mean over so many frames, so far apart, still has."""
        rho = float(np.exp(-seconds / self.memory))
        return self.persisting * _mean_share(rho, frames) + (1 - self.persisting) / frames


def fit_drift(people: Sequence[PersonErrors], steady: Steady, options: FitOptions) -> Drift:
    """Fit the errors that change within sequences and that nothing explains."""
    points = steady.slopes.shape[1]
    whole, size, inverse, seconds, frames = np.zeros((3 * points,) * 2), [], [], [], []
    products = np.zeros((2, _LAGS))
    for scene in moving(people, options):
        rest = centred(scene.errors[scene.kept] - steady.explain(scene)).reshape(scene.kept.sum(), -1)
        whole += rest.T @ rest / (len(rest) - 1)
        size.append(float((np.diff(rest, axis=0) ** 2).mean()))
        inverse.append(scene.scale**-2)
        seconds.append(scene.seconds)
        frames.append(len(rest))
        for lag in range(min(_LAGS, len(rest))):
            products[:, lag] += (rest[lag:] * rest[: len(rest) - lag]).mean(1).sum(), len(rest) - lag
    persisting, rho = persistence(products[0] / products[1], round(np.mean(frames)))
    # A mean that is taken out takes a part of the courses' variance along.
    length = round(np.mean(frames))
    taken = persisting * _mean_share(rho, length) + (1 - persisting) / length
    whole *= (length - 1) / length / (1 - taken) / len(size)
    modes = leading_modes(whole, options.modes[3])
    rest = np.sqrt(np.clip(np.diag(whole) - (modes**2).sum(0), 0, None)).astype(np.float32)
    by_size, unsteadiness = _by_size(np.array(size), np.array(inverse))
    memory = -float(np.mean(seconds)) / np.log(np.clip(rho, 1e-3, 0.999))
    return Drift(
        modes.reshape(-1, points, 3), rest.reshape(points, 3), persisting, memory, by_size, unsteadiness
    )


def persistence(covariances: np.ndarray, frames: int) -> tuple[float, float]:
    """Split autocovariances (L,) of courses of `frames` frames, their means removed, into a first-order
    autoregressive and a white part.

    Returns:
        The share of the variance that persists, and its correlation from frame to frame.
    """
    lags = np.arange(len(covariances))
    best = (np.inf, 0.0, 0.0, 1.0)
    for rho in np.linspace(0.02, 0.98, 97):
        # Unknown are the persisting and the white variance; removing the mean lowers every lag.
        slow = rho**lags - _mean_share(rho, frames)
        white = (lags == 0) - 1 / frames
        parts, *_ = np.linalg.lstsq(np.stack([slow, white], 1), covariances, rcond=None)
        away = float(((slow * parts[0] + white * parts[1] - covariances) ** 2).sum())
        if away < best[0]:
            best = (away, float(rho), max(float(parts[0]), 0.0), max(float(parts[1]), 0.0))
    _, rho, slow_part, white_part = best
    return slow_part / max(slow_part + white_part, 1e-12), rho


def _mean_share(rho: float, frames: int) -> float:
    """Give the variance of the mean of an autoregressive course of unit variance."""
    apart = np.abs(np.subtract.outer(np.arange(frames), np.arange(frames)))
    return float((rho**apart).mean())


def _by_size(variance: np.ndarray, inverse: np.ndarray) -> tuple[np.ndarray, float]:
    """Fit variance = a + b * inverse, relative to its mean, and the logarithmic spread about it."""
    variance = np.maximum(variance / variance.mean(), 1e-9)
    terms = np.stack([np.ones_like(inverse), inverse], 1)
    law = np.array((1.0, 0.0))
    for _ in range(3):
        expected = np.maximum(terms @ law, 1e-2)
        law, *_ = np.linalg.lstsq(terms / expected[:, None], variance / expected, rcond=None)
        law = np.maximum(law, 0)
    spread = 0.5 * np.log(variance / np.maximum(terms @ law, 1e-2))
    return law, float(spread.std())
