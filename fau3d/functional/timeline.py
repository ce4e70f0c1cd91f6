"""A time axis of frames: its step, the seconds of each frame, its unbroken stretches, runs of a condition."""

import numpy as np

_UNEVEN = 0.25  # of a step: more than the rounding of time stamps to milliseconds at 60 frames per second
_JUMP = 1.5  # steps from one frame to the next: more, and a frame is missing


def check_times(times: np.ndarray, frames: int) -> np.ndarray:
    """Check time stamps.

    Args:
        times: Shape (T,), seconds.
        frames: Rows T of the curves that they belong to.

    Returns:
        The time stamps as float64.

    Raises:
        ValueError: If their number differs from that of the frames, or if they are not finite and rising.
    """
    times = np.asarray(times, dtype=np.float64)
    if times.shape != (frames,):
        raise ValueError(f"time stamps of shape {times.shape} for {frames} frames; wanted one a frame")
    if not np.isfinite(times).all():
        bad = int(np.flatnonzero(~np.isfinite(times))[0])
        raise ValueError(f"the time stamp of frame {bad} is {times[bad]}; wanted seconds for every frame")
    wrong = np.flatnonzero(np.diff(times) <= 0)
    if len(wrong):
        i = int(wrong[0])
        raise ValueError(
            f"time stamps must rise; frame {i} is at {times[i]:g} s and frame {i + 1} at {times[i + 1]:g} s: "
            "sort the frames, and leave out doubles"
        )
    return times


def median_step(times: np.ndarray) -> float:
    """Give the usual number of seconds from one frame to the next; 0 where there are fewer than two."""
    return float(np.median(np.diff(times))) if len(times) > 1 else 0.0


def frame_seconds(times: np.ndarray) -> np.ndarray:
    """Give the seconds that each frame stands for: until the next one, or a usual step before a jump.

    Args:
        times: Shape (T,), seconds, rising.

    Returns:
        Shape (T,). Time in which frames are missing belongs to no frame.
    """
    if len(times) < 2:
        return np.zeros(len(times))
    step = median_step(times)
    forward = np.diff(times, append=times[-1] + step)
    return np.where(forward > _JUMP * step, step, forward)


def stretch_bounds(times: np.ndarray) -> np.ndarray:
    """Give where the time axis is unbroken.

    Args:
        times: Shape (T,), seconds, rising.

    Returns:
        Shape (S + 1,), int64: stretch s has the frames from `bounds[s]` up to, without, `bounds[s + 1]`. A
        new one begins after each jump of more than one and a half usual steps.
    """
    jumps = np.flatnonzero(np.diff(times) > _JUMP * median_step(times)) + 1
    return np.unique(np.concatenate([[0], jumps, [len(times)]])).astype(np.int64)


def regular_step(times: np.ndarray, purpose: str, jumps: bool = True) -> float:
    """Give the step of a regular time axis.

    Args:
        times: Shape (T,), seconds, rising.
        purpose: What needs it, for the error.
        jumps: Whether single jumps, at which frames are missing, are allowed.

    Returns:
        Seconds; 0 where there are fewer than two frames.

    Raises:
        ValueError: If a step differs from the usual one by more than a fourth.
    """
    step, steps = median_step(times), np.diff(times)
    uneven = np.abs(steps - step) > _UNEVEN * step
    if jumps:
        uneven &= steps <= _JUMP * step
    if uneven.any():
        i = int(np.argmax(uneven))
        raise ValueError(
            f"{purpose} needs evenly spaced frames; most are {step:.4g} s apart, but frames {i} and {i + 1} "
            f"are {steps[i]:.4g} s apart: resample the curve first, or use what takes uneven time stamps"
        )
    return step


def true_runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the runs of a condition.

    Args:
        mask: Shape (T,), boolean.

    Returns:
        First frame of each run and the one after its last, both int64.
    """
    edges = np.diff(np.concatenate([[False], np.asarray(mask, bool), [False]]).astype(np.int8))
    return np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)


def unbroken_runs(there: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the runs of valid frames, ended by missing ones and by jumps of the time stamps.

    Args:
        there: Shape (T,), boolean.
        times: Shape (T,), seconds, rising.

    Returns:
        First frame of each run and the one after its last, both int64.
    """
    opens = np.zeros(len(there) + 1, bool)
    opens[stretch_bounds(times)] = True
    before, after = np.concatenate([[False], there[:-1]]), np.concatenate([there[1:], [False]])
    return np.flatnonzero(there & (opens[:-1] | ~before)), np.flatnonzero(there & (opens[1:] | ~after)) + 1
