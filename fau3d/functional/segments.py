"""Figures of parts of a recording, and parts that stand out: long, mixed and rapidly changing ones."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fau3d.functional.events import Events
from fau3d.functional.timeline import check_times, frame_seconds, median_step, unbroken_runs


@dataclass(frozen=True)
class SegmentFigures:
    """Figures of S segments and A units; arrays of shape (S, A) unless stated.

    Attributes:
        seconds: Shape (S,): length of each segment, from its first frame to the end of its last.
        valid_seconds: In which the unit is valid.
        events_per_minute: Events with their apex in the segment, per minute of valid time; NaN without any.
        time_share: Share of the valid time that the unit is shown; NaN without valid time.
        mean_intensity: Over the valid time, shown or not; NaN without valid time.
        shown_intensity: Over the time in which the unit is shown; NaN where it is not.
        mean_duration: Seconds, of these events, whole even where they reach beyond the segment; NaN if none.
        mean_peak: Of these events; NaN if none.
    """

    seconds: np.ndarray
    valid_seconds: np.ndarray
    events_per_minute: np.ndarray
    time_share: np.ndarray
    mean_intensity: np.ndarray
    shown_intensity: np.ndarray
    mean_duration: np.ndarray
    mean_peak: np.ndarray


def segment_figures(
    values: np.ndarray,
    present: np.ndarray,
    times: np.ndarray,
    events: Events,
    segments: np.ndarray | None = None,
) -> SegmentFigures:
    """Compute the figures of segments.

    Args:
        values: Shape (T, A), intensities or probabilities; NaN = invalid.
        present: Shape (T, A), boolean: frames that show the unit, such as `event_presence` gives.
        times: Shape (T,), seconds.
        events: Of these curves.
        segments: Shape (S, 2): begin and end in seconds; a frame belongs to a segment if begin <= time < end.
            Segments may overlap. The whole recording by default.

    Returns:
        The figures.

    Raises:
        ValueError: If shapes do not fit, or a segment ends before it begins.
    """
    values, present = np.asarray(values), np.asarray(present)
    times = check_times(times, len(values))
    if values.ndim != 2 or present.shape != values.shape:
        raise ValueError(f"presence of shape {present.shape} for curves of shape {values.shape}")
    seconds = frame_seconds(times)
    start, stop = _frames(times, segments)
    sums = np.empty((4, len(start), values.shape[1]))
    # Unit after unit: of hours of video all of them would fill the memory.
    for column in range(values.shape[1]):
        curve = values[:, column].astype(np.float64)
        valid = np.isfinite(curve) * seconds
        shown = np.where(present[:, column], valid, 0.0)
        filled = np.where(np.isfinite(curve), curve, 0.0)
        for part, weighted in enumerate((valid, shown, filled * valid, filled * shown)):
            sums[part, :, column] = _between(weighted, start, stop)
    valid_seconds, shown_seconds, area, shown_area = sums
    count, duration, peak = _event_sums(events, start, stop, values.shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        return SegmentFigures(
            seconds=_between(seconds[:, None], start, stop)[:, 0],
            valid_seconds=valid_seconds,
            events_per_minute=np.where(valid_seconds > 0, 60.0 * count / valid_seconds, np.nan),
            time_share=shown_seconds / valid_seconds,
            mean_intensity=area / valid_seconds,
            shown_intensity=shown_area / shown_seconds,
            mean_duration=duration / count,
            mean_peak=peak / count,
        )


def sided_columns(names: Sequence[str]) -> list[tuple[str, int, int]]:
    """Find the units that have a curve for each side.

    Args:
        names: Of the curves, such as `AU12_L`.

    Returns:
        Name without the side, column of the left curve, column of the right one.
    """
    place = {name: i for i, name in enumerate(names)}
    return [
        (name[:-2], i, place[name[:-2] + "_R"])
        for name, i in place.items()
        if name.endswith("_L") and name[:-2] + "_R" in place
    ]


def asymmetry(
    left: np.ndarray, right: np.ndarray, times: np.ndarray, segments: np.ndarray | None = None
) -> np.ndarray:
    """Compute how one-sided a unit is: (left - right) / (left + right) of the areas under both curves.

    Args:
        left: Shape (T,) or (T, P), intensities or probabilities from 0, of the subject's left side; NaN =
            invalid: such frames are left out for both sides.
        right: The same of the right side.
        times: Shape (T,), seconds.
        segments: As in `segment_figures`.

    Returns:
        Shape (S,) or (S, P) in [-1, 1]: 1 = left only, -1 = right only, 0 = even; NaN where neither moves.

    Raises:
        ValueError: If the shapes differ or a value is negative.
    """
    left, right = np.asarray(left, np.float64), np.asarray(right, np.float64)
    if left.shape != right.shape or (left < 0).any() or (right < 0).any():
        raise ValueError(
            f"left of shape {left.shape}, right of shape {right.shape}; wanted the same shape and no values "
            "below 0"
        )
    times = check_times(times, len(left))
    weight = frame_seconds(times).reshape(-1, *[1] * (left.ndim - 1))
    both = np.isfinite(left) & np.isfinite(right)
    bounds = _frames(times, segments)
    first = _between(np.where(both, left, 0.0) * weight, *bounds)
    second = _between(np.where(both, right, 0.0) * weight, *bounds)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (first - second) / (first + second)


@dataclass(frozen=True)
class SegmentRules:
    """What makes a stretch stand out. The state of a frame is the set of units that it shows.

    Attributes:
        long_seconds: A state with at least one unit that lasts so long without a change is long.
        mixed_units: So many units at once are mixed.
        mixed_seconds: For so long at least.
        rapid_changes: So many changes of the state ...
        rapid_window: ... within so many seconds are rapid; the segment reaches from the first of these
            changes to the last.
    """

    long_seconds: float = 2.0
    mixed_units: int = 2
    mixed_seconds: float = 0.5
    rapid_changes: int = 4
    rapid_window: float = 2.0


def find_segments(
    present: np.ndarray, times: np.ndarray, rules: SegmentRules | None = None
) -> dict[str, np.ndarray]:
    """Find long, mixed and rapidly changing segments.

    Segments of different kinds may overlap. A frame without any valid unit, and a jump of the time stamps,
    ends all of them. States should come from events: raw thresholds flicker, and flicker is change.

    Args:
        present: Shape (T, A): 1 or True = shown, 0 = not, -1 = invalid, which counts as not shown where other
            units are valid.
        times: Shape (T,), seconds.
        rules: Of what counts.

    Returns:
        For `long`, `mixed` and `rapid` an array of shape (S, 2): begin and end in seconds, as
        `segment_figures` takes them.

    Raises:
        ValueError: If the shapes do not fit, or a rule is not positive.
    """
    rules = rules or SegmentRules()
    if min(vars(rules).values()) <= 0:
        raise ValueError(f"{rules}: every value must be above 0")
    present = np.asarray(present)
    if present.ndim != 2:
        raise ValueError(f"presence of shape {present.shape}; wanted (T, A)")
    times = check_times(times, len(present))
    shown = present == 1
    there = np.ones(len(shown), bool) if present.dtype == bool else (present != -1).any(1)
    ends = times + frame_seconds(times)
    units = shown.sum(1)
    fresh = np.zeros(len(shown), bool)
    fresh[1:] = (shown[1:] != shown[:-1]).any(1)
    starts, stops = unbroken_runs(there, times)
    fresh[starts] = True
    # Runs of one state begin where it is new, and end with the next one or with the unbroken stretch.
    begin = np.flatnonzero(fresh & there)
    end = np.array([*begin[1:], len(shown)], np.int64)[: len(begin)]
    end = np.minimum(end, stops[np.searchsorted(stops, begin, side="right")]) if len(begin) else end
    lasting = (units[begin] > 0) & (ends[end - 1] - times[begin] >= rules.long_seconds - 1e-9)
    first, last = unbroken_runs(there & (units >= rules.mixed_units), times)
    enough = ends[last - 1] - times[first] >= rules.mixed_seconds - 1e-9
    changes = np.setdiff1d(np.flatnonzero(fresh & there), starts)
    return {
        "long": np.stack([times[begin[lasting]], ends[end[lasting] - 1]], 1),
        "mixed": np.stack([times[first[enough]], ends[last[enough] - 1]], 1),
        "rapid": _rapid(changes, np.searchsorted(starts, changes, side="right"), times, ends, rules),
    }


def _rapid(
    changes: np.ndarray, stretch: np.ndarray, times: np.ndarray, ends: np.ndarray, rules: SegmentRules
) -> np.ndarray:
    """Join all groups of enough changes within the window that overlap."""
    more = rules.rapid_changes - 1
    if len(changes) <= more:
        return np.zeros((0, 2))
    begin, end = changes[: len(changes) - more], changes[more:]
    dense = times[end] - times[begin] <= rules.rapid_window + 1e-9
    dense &= stretch[: len(begin)] == stretch[more:]
    begin, end = begin[dense], end[dense]
    apart = np.ones(len(begin) + 1, bool)
    apart[1:-1] = begin[1:] > end[:-1]
    return np.stack([times[begin[apart[:-1]]], ends[end[apart[1:]]]], 1)


def _frames(times: np.ndarray, segments: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Give first frame and the one after the last of each segment."""
    if segments is None:
        return np.zeros(1, np.int64), np.full(1, len(times))
    segments = np.asarray(segments, np.float64)
    if segments.ndim != 2 or segments.shape[1] != 2 or (segments[:, 1] < segments[:, 0]).any():
        raise ValueError(
            f"segments of shape {segments.shape}; wanted (S, 2), begin and end in seconds, in this order"
        )
    slack = 1e-6 * (median_step(times) or 1.0)  # so that rounding moves no frame across an edge
    return np.searchsorted(times, segments[:, 0] - slack), np.searchsorted(times, segments[:, 1] - slack)


def _between(values: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    total = np.concatenate([np.zeros_like(values[:1]), np.cumsum(values, axis=0)])
    return total[stop] - total[start]


def _event_sums(
    events: Events, start: np.ndarray, stop: np.ndarray, curves: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count the events with their apex in each segment, and sum their durations and peaks."""
    # One sorted key for curve and apex: the events of a curve in a segment are then one run.
    frames = 1 + int(max(stop.max(initial=0), events.apex_frame.max(initial=0)))
    key = events.curve * frames + events.apex_frame
    order = np.argsort(key, kind="stable")
    column = np.arange(curves) * frames
    first = np.searchsorted(key[order], start[:, None] + column)
    last = np.searchsorted(key[order], stop[:, None] + column)
    duration, peak = (
        np.concatenate([[0.0], np.cumsum(part[order])]) for part in (events.duration, events.peak)
    )
    return last - first, duration[last] - duration[first], peak[last] - peak[first]
