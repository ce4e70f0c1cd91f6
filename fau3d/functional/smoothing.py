"""Smoothing of values over time that leaves what is missing missing."""

from collections.abc import Callable

import numpy as np

_KERNELS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "box": lambda x: np.ones_like(x),
    "triangle": lambda x: 1.0 - np.abs(x),
    "gaussian": lambda x: np.exp(-2.0 * x**2),
}


def kernel_weights(radius: int, kernel: str = "triangle") -> np.ndarray:
    """Give the weights of a symmetric smoothing kernel.

    Args:
        radius: Frames on each side; 0 leaves values as they are.
        kernel: `box`, `triangle` or `gaussian` (two standard deviations inside the radius).

    Returns:
        Shape (2 * radius + 1,), float64, positive, sum 1.

    Raises:
        ValueError: If the radius is negative or the kernel is unknown.
    """
    if radius < 0:
        raise ValueError(f"the smoothing radius is {radius}; wanted 0 or more frames")
    if kernel not in _KERNELS:
        raise ValueError(f"unknown smoothing kernel {kernel!r}; known: {sorted(_KERNELS)}")
    weights = _KERNELS[kernel](np.arange(-radius, radius + 1, dtype=np.float64) / (radius + 1))
    return weights / weights.sum()


def smooth(values: np.ndarray, radius: int, kernel: str = "triangle") -> np.ndarray:
    """Take a running weighted mean over time.

    At the ends, and next to missing values, the mean runs over what is there; a missing value stays
    missing. Published gains for action units are at 3 to 5 frames at video rate; 15 and more do harm.

    Args:
        values: Shape (T, ...): one row a frame; NaN = missing.
        radius: Frames on each side.
        kernel: As in `kernel_weights`.

    Returns:
        Shape (T, ...), float64, inside the range of the values it was made from.

    Raises:
        ValueError: If the radius is negative or the kernel is unknown.
    """
    weights = kernel_weights(radius, kernel)
    values = np.asarray(values, dtype=np.float64)
    there = np.isfinite(values)
    filled = np.where(there, values, 0.0)
    total, share = np.zeros_like(filled), np.zeros_like(filled)
    frames = len(values)
    for offset, weight in zip(range(-radius, radius + 1), weights):
        inside = slice(max(0, -offset), max(0, min(frames, frames - offset)))
        shifted = slice(max(0, offset), max(0, min(frames, frames + offset)))
        total[inside] += weight * filled[shifted]
        share[inside] += weight * there[shifted]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(there, total / share, np.nan)


def median_smooth(values: np.ndarray, radius: int) -> np.ndarray:
    """Take a running median over time: removes single wrong frames and keeps edges.

    Args:
        values: Shape (T, ...): one row a frame; NaN = missing, and stays missing.
        radius: Frames on each side; shorter at the ends.

    Returns:
        Shape (T, ...), float64.

    Raises:
        ValueError: If the radius is negative.
    """
    if radius < 0:
        raise ValueError(f"the smoothing radius is {radius}; wanted 0 or more frames")
    values = np.asarray(values, dtype=np.float64)
    if not len(values):
        return values.copy()
    padding = [(radius, radius)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, padding, constant_values=np.nan)
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * radius + 1, axis=0)
    there = np.isfinite(values)
    # A fully missing window would make nanmedian warn; its centre is missing and is masked out again.
    views = np.where(there[..., None], views, 0.0)
    return np.where(there, np.nanmedian(views, axis=-1), np.nan)
