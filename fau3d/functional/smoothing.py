"""Smoothing of values over time that leaves what is missing missing."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from fau3d.functional.causal_smoothing import exponential_smooth, one_euro_smooth
from fau3d.functional.timeline import check_times, median_step, regular_step, stretch_bounds, unbroken_runs

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
    import pandas

    values = np.asarray(values, dtype=np.float64)
    if not values.size:
        return values.copy()
    there = np.isfinite(values)
    columns = pandas.DataFrame(np.where(there, values, np.nan).reshape(len(values), -1))
    running = columns.rolling(2 * radius + 1, center=True, min_periods=1).median().to_numpy()
    return np.where(there, running.reshape(values.shape), np.nan)


def savitzky_golay_smooth(values: np.ndarray, times: np.ndarray, window: float, order: int = 2) -> np.ndarray:
    """Fit a polynomial around each frame, within each unbroken stretch: peaks keep their height.

    A stretch shorter than the window is fitted with the longest odd window that it holds, and stays as it is
    where that is not longer than the order.

    Args:
        values: Shape (T, ...); NaN = missing: it ends a stretch, as a jump of the time stamps does.
        times: Shape (T,), seconds, evenly spaced within a stretch.
        window: Seconds, rounded to an odd number of frames.
        order: Of the polynomial.

    Returns:
        Shape (T, ...), float64. A fit can leave the range of the values.

    Raises:
        ValueError: If the time stamps are uneven, or the window does not hold more frames than the order.

    Source:
        Savitzky and Golay, Analytical Chemistry 36(8), 1964; computed by `scipy.signal.savgol_filter`.
    """
    from scipy.signal import savgol_filter

    values = np.array(values, dtype=np.float64)
    times = check_times(times, len(values))
    step = regular_step(times, "Savitzky-Golay smoothing")
    length = 2 * _radius(window, step) + 1
    if length <= order and len(values) > 1:
        raise ValueError(
            f"a window of {window:g} s is {length} frames at {step:.4g} s each; a polynomial of order "
            f"{order} needs at least {order + 1 + order % 2}: widen the window or lower the order"
        )
    if not values.size:
        return values
    columns = values.reshape(len(values), -1)
    # Most often all curves lack the same frames, those without a face: they are fitted together.
    there, alike = np.isfinite(columns), dict[bytes, list[int]]()
    for column, pattern in enumerate(there.T):
        alike.setdefault(pattern.tobytes(), []).append(column)
    for chosen in alike.values():
        pattern = there[:, chosen[0]]
        for start, stop in zip(*unbroken_runs(pattern, times)):
            fitted = min(length, (stop - start) - 1 + (stop - start) % 2)
            if fitted > order:
                part = columns[start:stop, chosen]
                columns[start:stop, chosen] = savgol_filter(part, fitted, order, axis=0)
    return columns.reshape(values.shape)


@dataclass(frozen=True)
class SmoothingLag:
    """How late a smoothed curve is.

    Attributes:
        seconds: By which the smoothed curve trails a slowly moving one.
        look_ahead: Seconds of the future that must be there before a frame can be smoothed: a live display is
            late by this.
    """

    seconds: float
    look_ahead: float


SMOOTHING_METHODS: dict[str, dict[str, float]] = {
    "mean": {"window": 0.2},
    "median": {"window": 0.2},
    "savitzky_golay": {"window": 0.3, "order": 2},
    "exponential": {"time_constant": 0.1},
    "one_euro": {"min_cutoff": 1.0, "beta": 0.5, "derivative_cutoff": 1.0},
}
"""Every method of `smooth_over_time` with its options and their defaults, in seconds and Hz."""


def smooth_over_time(values: np.ndarray, times: np.ndarray, method: str, **options: float) -> np.ndarray:
    """Smooth curves by any method, with options in seconds.

    `mean` (triangular) and `median` take what is there on both sides, across missing frames but not across
    jumps of the time stamps; `savitzky_golay` ends at both. These three want evenly spaced frames;
    `exponential` and `one_euro` take any.

    Args:
        values: Shape (T, ...); NaN = missing, and stays missing.
        times: Shape (T,), seconds, rising.
        method: A key of `SMOOTHING_METHODS`.
        options: As listed there.

    Returns:
        Shape (T, ...), float64.

    Raises:
        ValueError: If the method or an option is unknown or out of range, or if the time stamps do not fit.
    """
    options = _options(method, options)
    values = np.asarray(values, dtype=np.float64)
    times = check_times(times, len(values))
    if method == "exponential":
        return exponential_smooth(values, times, **options)
    if method == "one_euro":
        return one_euro_smooth(values, times, **options)
    if method == "savitzky_golay":
        return savitzky_golay_smooth(values, times, options["window"], int(options["order"]))
    radius = _radius(options["window"], regular_step(times, f"the running {method}"))
    running = smooth if method == "mean" else median_smooth
    bounds = stretch_bounds(times)
    parts = [running(values[start:stop], radius) for start, stop in pairwise(bounds)]
    return np.concatenate(parts) if parts else values.copy()


def smoothing_lag(times: np.ndarray, method: str, speed: float = 0.0, **options: float) -> SmoothingLag:
    """State how late a method makes curves.

    Args:
        times: Shape (T,), seconds: the usual step is taken from them.
        method: As in `smooth_over_time`.
        speed: Of the curve in values per second; the lag of `one_euro` falls with it, the others ignore it.
        options: As in `smooth_over_time`.

    Returns:
        The lag for a curve that moves slowly against the smoothing: the group delay at frequency 0.

    Raises:
        ValueError: If the method or an option is unknown.
    """
    options, step = _options(method, options), median_step(np.asarray(times, np.float64))
    if method == "exponential":
        return SmoothingLag(step / np.expm1(step / options["time_constant"]) if step else 0.0, 0.0)
    if method == "one_euro":
        cutoff = options["min_cutoff"] + options["beta"] * abs(speed)
        return SmoothingLag(1.0 / (2.0 * np.pi * cutoff), 0.0)
    return SmoothingLag(0.0, _radius(options["window"], step) * step)


def _options(method: str, given: dict[str, float]) -> dict[str, float]:
    if method not in SMOOTHING_METHODS:
        raise ValueError(f"unknown smoothing {method!r}; known: {', '.join(SMOOTHING_METHODS)}")
    known = SMOOTHING_METHODS[method]
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"smoothing {method!r} has no option {unknown[0]!r}; it has: {', '.join(known)}")
    return {**known, **given}


def _radius(window: float, step: float) -> int:
    """Give the frames on each side of a window in seconds."""
    if window < 0:
        raise ValueError(f"the smoothing window is {window} s; wanted 0 or more")
    return int(np.floor(window / step / 2 + 0.5)) if step else 0
