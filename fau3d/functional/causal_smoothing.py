"""Smoothing as the frames come in: filters that know the past only, for any time stamps."""

import numpy as np

from fau3d.functional.timeline import check_times


def exponential_smooth(values: np.ndarray, times: np.ndarray, time_constant: float) -> np.ndarray:
    """Take an exponential running mean: each frame forgets what was `time_constant` seconds ago to 1/e.

    Causal, for any time stamps. After missing frames it goes on with what it has not yet forgotten.

    Args:
        values: Shape (T, ...); NaN = missing, and stays missing.
        times: Shape (T,), seconds.
        time_constant: Seconds, above 0.

    Returns:
        Shape (T, ...), float64.

    Raises:
        ValueError: If the time constant is not positive, or the time stamps do not rise.
    """
    _above_zero("time constant", time_constant)
    values, there, elapsed = _elapsed(values, times)
    keep = np.where(there, np.exp(-elapsed / time_constant), 1.0)
    return np.where(there, _recurrence(keep, (1.0 - keep) * np.where(there, values, 0.0)), np.nan)


def one_euro_smooth(
    values: np.ndarray,
    times: np.ndarray,
    min_cutoff: float = 1.0,
    beta: float = 0.5,
    derivative_cutoff: float = 1.0,
) -> np.ndarray:
    """Smooth much where a curve rests and little where it moves: the One-Euro filter.

    Causal, for any time stamps. The speed is that of the values as they come in, as in the authors' first
    programs; later ones measure it from the last smoothed value.

    Args:
        values: Shape (T, ...); NaN = missing, and stays missing.
        times: Shape (T,), seconds.
        min_cutoff: Hz: lower is steadier at rest and later.
        beta: Hz by which the cutoff rises for each unit of speed (values per second).
        derivative_cutoff: Hz, of the smoothing of the speed itself.

    Returns:
        Shape (T, ...), float64.

    Raises:
        ValueError: If a cutoff is not positive, beta is negative, or the time stamps do not rise.

    Source:
        Casiez, Roussel and Vogel, 1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
        Interactive Systems, CHI 2012.
    """
    _above_zero("lowest cutoff", min_cutoff)
    _above_zero("cutoff of the derivative", derivative_cutoff)
    if beta < 0:
        raise ValueError(f"beta is {beta}; wanted 0 or more")
    values, there, elapsed = _elapsed(values, times)
    first = np.isinf(elapsed)
    filled = np.where(there, values, 0.0)
    with np.errstate(invalid="ignore"):
        speed = np.where(there & ~first, (filled - _previous(filled, there)) / elapsed, 0.0)

    def low_pass(cutoff: np.ndarray | float, signal: np.ndarray) -> np.ndarray:
        keep = 1.0 / (1.0 + 2.0 * np.pi * cutoff * elapsed)  # 0 at the first frame: nothing came before
        keep = np.where(there, keep, 1.0)
        return _recurrence(keep, (1.0 - keep) * signal)

    cutoff = min_cutoff + beta * np.abs(low_pass(derivative_cutoff, speed))
    return np.where(there, low_pass(cutoff, filled), np.nan)


def _above_zero(name: str, value: float) -> None:
    if not value > 0:
        raise ValueError(f"the {name} is {value}; wanted more than 0")


def _elapsed(values: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give values, where they are, and the seconds since the last valid one (infinite at the first)."""
    values = np.asarray(values, dtype=np.float64)
    times = check_times(times, len(values)).reshape(-1, *[1] * (values.ndim - 1))
    there = np.isfinite(values)
    last = np.maximum.accumulate(np.where(there, times, -np.inf), axis=0)
    before = np.concatenate([np.full_like(last[:1], -np.inf), last[:-1]])
    return values, there, times - before


def _previous(filled: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Give the last valid value before each frame; where there is none, any value."""
    place = np.arange(len(filled)).reshape(-1, *[1] * (filled.ndim - 1))
    last = np.maximum.accumulate(np.where(there, place, 0), axis=0)
    before = np.concatenate([np.zeros_like(last[:1]), last[:-1]])
    return np.take_along_axis(filled, before, axis=0)


def _recurrence(keep: np.ndarray, drive: np.ndarray) -> np.ndarray:
    """Compute y[t] = keep[t] * y[t - 1] + drive[t] from rest, without a step in Python for each frame.

    The time axis is cut into about sqrt(T) blocks: all blocks run at once from rest, then what each block was
    given by the one before it is added.
    """
    frames, rest = len(keep), keep.shape[1:]
    size = max(1, int(np.ceil(np.sqrt(frames))))
    blocks = -(-frames // size)
    padding = [(0, blocks * size - frames)] + [(0, 0)] * len(rest)
    decay = np.pad(keep, padding).reshape(blocks, size, *rest)
    result = np.pad(drive, padding).reshape(blocks, size, *rest)
    for i in range(1, size):
        result[:, i] += decay[:, i] * result[:, i - 1]
        decay[:, i] *= decay[:, i - 1]
    for b in range(1, blocks):
        result[b] += decay[b] * result[b - 1, -1]
    return result.reshape(blocks * size, *rest)[:frames]
