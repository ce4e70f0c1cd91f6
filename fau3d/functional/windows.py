"""Windows over a time axis: where they start, and how their answers become one answer a frame."""

import numpy as np


def window_starts(total: int, length: int, stride: int | None = None) -> np.ndarray:
    """Give the starts of windows that together cover every frame.

    The last window is shifted back so that it ends with the last frame; a time axis shorter than a window
    gets one window at 0, which the reader pads.

    Args:
        total: Frames of the time axis.
        length: Frames of a window.
        stride: Frames from one start to the next, at most `length`; half a window by default.

    Returns:
        Shape (N,), int64, rising; empty where `total` is 0.

    Raises:
        ValueError: If the length is not positive, or the stride is not in [1, length].
    """
    if length < 1:
        raise ValueError(f"a window has {length} frames; wanted at least 1")
    if stride is None:
        stride = max(1, length // 2)
    if not 1 <= stride <= length:
        raise ValueError(f"a stride of {stride} leaves gaps or stands still; wanted 1 to {length} frames")
    if total <= 0:
        return np.zeros(0, np.int64)
    last = max(0, total - length)
    starts = np.arange(0, last + 1, stride, dtype=np.int64)
    return starts if starts[-1] == last else np.append(starts, last)


def window_weights(length: int) -> np.ndarray:
    """Say how much each place in a window counts: most in the middle, least where the network sees one side.

    Args:
        length: Frames of a window.

    Returns:
        Shape (length,), float64 in (0, 1], a symmetric triangle; windows half a window apart sum to a
        constant.
    """
    place = (np.arange(length) + 0.5) / length
    return 1.0 - np.abs(2.0 * place - 1.0)


def average_frames(
    values: np.ndarray, frame_inds: np.ndarray, total: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """Average all values that were given for each frame.

    Args:
        values: Shape (K, A): one row an answer; NaN entries do not count.
        frame_inds: Shape (K,): the frame that each row speaks of; rows with a negative one (padding) are left
            out.
        total: Frames of the time axis.
        weights: Shape (K,), positive; equal by default.

    Returns:
        Shape (total, A), float64; NaN where no answer was given.

    Raises:
        ValueError: If a frame lies beyond the time axis, or the lengths differ.
    """
    values = np.asarray(values, np.float64)
    frame_inds = np.asarray(frame_inds)
    if frame_inds.shape != values.shape[:1]:
        raise ValueError(f"{len(values)} values come with frame numbers of shape {frame_inds.shape}")
    keep = frame_inds >= 0
    if keep.any() and frame_inds.max() >= total:
        raise ValueError(f"frame {frame_inds.max()} lies beyond the time axis of {total} frames")
    values, inds = values[keep], frame_inds[keep]
    known = ~np.isnan(values)
    weight = known if weights is None else known * np.asarray(weights, np.float64)[keep, None]
    summed = np.zeros((total, values.shape[1]))
    weighed = np.zeros_like(summed)
    np.add.at(summed, inds, np.where(known, values, 0.0) * weight)
    np.add.at(weighed, inds, weight)
    return np.divide(summed, weighed, out=np.full_like(summed, np.nan), where=weighed > 0)


def average_windows(
    values: np.ndarray, starts: np.ndarray, total: int, weights: np.ndarray | None = None
) -> np.ndarray:
    """Average overlapping windows into one answer a frame.

    Args:
        values: Shape (N, T, A): the answers of N windows; NaN entries do not count.
        starts: Shape (N,): first frame of each window.
        total: Frames of the time axis; what a window says beyond it (padding) is left out.
        weights: Shape (T,), positive: how much each place in a window counts; equal by default.

    Returns:
        Shape (total, A), float64; NaN where no window has an answer.

    Raises:
        ValueError: If there is not one start for each window.
    """
    values = np.asarray(values)
    starts = np.asarray(starts)
    if starts.shape != values.shape[:1]:
        raise ValueError(f"{len(values)} windows come with starts of shape {starts.shape}")
    windows, length, columns = values.shape
    inds = starts[:, None] + np.arange(length)
    inds = np.where(inds < total, inds, -1).ravel()
    row_weights = None if weights is None else np.tile(np.asarray(weights, np.float64), windows)
    return average_frames(values.reshape(windows * length, columns), inds, total, row_weights)
