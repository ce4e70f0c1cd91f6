"""Times on an axis: which to name, and how."""

import numpy as np

_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
CLOCK_FROM = 120.0
"""Seconds from which on an axis counts in minutes."""


def tick_step(duration: float, most: int) -> float:
    """Give the smallest round step that needs no more than `most` steps for a duration, in seconds.

    Raises:
        ValueError: If `most` is below 1.
    """
    if most < 1:
        raise ValueError(f"an axis of {most} steps; wanted 1 or more")
    return next((step for step in _STEPS if duration / step <= most), _STEPS[-1] * -(-duration // _STEPS[-1]))


def tick_times(start: float, end: float, step: float) -> np.ndarray:
    """Give the multiples of a step from `start` to `end`, both included, in seconds: shape (N,)."""
    # Adding 0 makes of -0 a 0.
    return np.arange(np.ceil(start / step - 1e-9), np.floor(end / step + 1e-9) + 1) * step + 0.0


def clock(seconds: float, clocked: bool = True, step: float = 1.0) -> str:
    """Write a time: `1:05`, from an hour on `1:00:05`; or as seconds, `65` or `65.2`.

    Args:
        seconds: From 0.
        clocked: Write minutes.
        step: Of the axis, in seconds: says how many places are needed.
    """
    places = 0 if step >= 1 else 1
    if not clocked:
        return f"{seconds:.{places}f}"
    whole = round(seconds, places)
    hours, minutes = int(whole // 3600), int(whole // 60) % 60
    rest = f"{whole % 60:0{2 if places == 0 else 4}.{places}f}"
    return f"{hours}:{minutes:02d}:{rest}" if hours else f"{minutes}:{rest}"
