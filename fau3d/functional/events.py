"""When a facial action begins, is at its height, and ends: events in curves over time."""

from dataclasses import dataclass, fields

import numpy as np

from fau3d.functional.timeline import check_times, frame_seconds, median_step


@dataclass(frozen=True)
class EventRules:
    """What counts as an event. The defaults are for probabilities; `for_intensity` gives those for 0 to 5.

    Levels are one number, or an array of shape (A,) with one for each curve.

    Attributes:
        on: An event must reach this.
        off: It lasts while the curve is at or above this, at most `on`.
        rest: Onset and offset are where the curve leaves and reaches this again, at most `off`: the baseline
            and what noise adds to it.
        min_duration: Seconds from onset to offset; shorter events are dropped.
        merge_within: Two events become one where the curve is below `off` for at most so many seconds.
        max_gap: Missing frames end an event, unless the valid ones on both sides are at most so many seconds
            apart; the event then states it.
    """

    on: float | np.ndarray = 0.5
    off: float | np.ndarray = 0.4
    rest: float | np.ndarray = 0.2
    min_duration: float = 0.0
    merge_within: float = 0.0
    max_gap: float = 0.2

    @classmethod
    def for_intensity(cls, min_duration: float = 0.0, merge_within: float = 0.0) -> "EventRules":
        """Give levels for intensities from 0 to 5: level A (1) is needed, 0.7 keeps, 0.4 is rest."""
        return cls(on=1.0, off=0.7, rest=0.4, min_duration=min_duration, merge_within=merge_within)

    def levels(self, curves: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Give `on`, `off` and `rest` for each of A curves.

        Raises:
            ValueError: If they are not in order, or a duration is negative.
        """
        on, off, rest = (np.broadcast_to(level, (curves,)) for level in (self.on, self.off, self.rest))
        if not ((rest <= off) & (off <= on)).all():
            raise ValueError(
                f"the levels are rest {self.rest}, off {self.off}, on {self.on}; wanted rest <= off <= on"
            )
        if min(self.min_duration, self.merge_within, self.max_gap) < 0:
            raise ValueError(f"{self}: a duration is negative; wanted 0 or more seconds")
        return on, off, rest


@dataclass(frozen=True)
class Events:
    """Events of A curves, one row each, ordered by curve and time. All arrays have shape (N,).

    Attributes:
        curve: Column of the curve, int64.
        onset_frame: First frame off the baseline, int64.
        apex_frame: First frame of the highest value, int64.
        offset_frame: Last frame off the baseline, int64.
        onset: Seconds, as `apex` and `offset`: the time stamps of these frames.
        apex: Seconds.
        offset: Seconds.
        duration: Seconds from the onset to the end of the offset frame.
        peak: Highest value.
        mean: Over time, of the valid frames.
        area: Value times seconds, of the valid frames, above 0: take the baseline away first.
        rise_speed: Values per second from the last frame at rest to the apex; NaN where it cannot be seen.
        fall_speed: Values per second from the apex to the first frame at rest, as a positive number.
        invalid_share: Share of missing frames among those from onset to offset.
        longest_gap: Seconds between the two valid frames around the longest bridged gap; 0 where none was.
        onset_cut: Whether the curve begins, or comes back from a gap, already off the baseline.
        offset_cut: Whether the curve ends, or breaks off, before it is back.
    """

    curve: np.ndarray
    onset_frame: np.ndarray
    apex_frame: np.ndarray
    offset_frame: np.ndarray
    onset: np.ndarray
    apex: np.ndarray
    offset: np.ndarray
    duration: np.ndarray
    peak: np.ndarray
    mean: np.ndarray
    area: np.ndarray
    rise_speed: np.ndarray
    fall_speed: np.ndarray
    invalid_share: np.ndarray
    longest_gap: np.ndarray
    onset_cut: np.ndarray
    offset_cut: np.ndarray

    def __len__(self) -> int:
        return len(self.curve)

    def select(self, chosen: np.ndarray) -> "Events":
        """Give some events, by a mask or by rows."""
        return Events(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


def join_events(*parts: Events) -> Events:
    """Give the events of several searches of the same curves in one, ordered by curve and time."""
    joined = Events(
        **{f.name: np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Events)}
    )
    return joined.select(np.lexsort((joined.onset, joined.curve)))


def find_events(values: np.ndarray, times: np.ndarray, rules: EventRules | None = None) -> Events:
    """Find the events of curves.

    A stretch at or above `off` that reaches `on` is an event; near ones are merged; then its ends move out to
    the last and first frames above `rest`. Where two events meet before the curve is at rest, they part at
    the lowest frame between them, which belongs to the later one. Nothing is interpolated.

    Args:
        values: Shape (T,) or (T, A), intensities or probabilities; NaN = missing.
        times: Shape (T,), seconds, rising; they need not be even. Frames further apart than one and a half
            usual steps have missing ones between them.
        rules: Of what counts; those for probabilities by default.

    Returns:
        The events of all curves.

    Raises:
        ValueError: If the time stamps do not fit, or the levels are not in order.
    """
    rules = rules or EventRules()
    values = np.asarray(values, dtype=np.float64)
    values = values[:, None] if values.ndim == 1 else values
    times = check_times(times, len(values))
    on, off, rest = rules.levels(values.shape[1])
    # Only valid frames from here on, curve after curve: a gap is a step in time between two neighbours.
    curve, frame = np.nonzero(np.isfinite(values).T)
    value, time = values[frame, curve], times[frame]
    limit = max(rules.max_gap, 1.5 * median_step(times)) * (1 + 1e-9)
    broken = np.ones(len(value) + 1, bool)
    broken[1:-1] = (np.diff(curve) != 0) | (np.diff(time) > limit)
    first, last = _merged(
        *_reaching(value, broken, off[curve], on[curve]), time, broken, rules.merge_within, times
    )
    first, last = _moved_out(value, broken, rest[curve], first, last)
    seconds = frame_seconds(times)
    long_enough = time[last] - time[first] + seconds[frame[last]] >= rules.min_duration * (1 - 1e-9)
    places = first[long_enough], last[long_enough]
    return _measured(value, time, curve, frame, seconds[frame], broken, *places)


def event_presence(events: Events, frames: int, curves: int) -> np.ndarray:
    """Give the frames that events cover.

    Args:
        events: Of `curves` curves over `frames` frames.
        frames: T.
        curves: A.

    Returns:
        Shape (T, A), boolean: from onset to offset, bridged gaps included.
    """
    present = np.zeros((frames, curves), bool)
    for curve, first, last in zip(events.curve, events.onset_frame, events.offset_frame):
        present[first : last + 1, curve] = True
    return present


Pair = tuple[np.ndarray, np.ndarray]


def _reaching(value: np.ndarray, broken: np.ndarray, off: np.ndarray, on: np.ndarray) -> Pair:
    """Give first and last places of the unbroken runs at or above `off` that reach `on`."""
    above = value >= off
    before, after = np.concatenate([[False], above[:-1]]), np.concatenate([above[1:], [False]])
    first = np.flatnonzero(above & (broken[:-1] | ~before))
    last = np.flatnonzero(above & (broken[1:] | ~after))
    reached = np.concatenate([[0], np.cumsum(value >= on)])
    strong = reached[last + 1] > reached[first]
    return first[strong], last[strong]


def _merged(
    first: np.ndarray,
    last: np.ndarray,
    time: np.ndarray,
    broken: np.ndarray,
    within: float,
    times: np.ndarray,
) -> Pair:
    """Join runs of one unbroken stretch with at most `within` seconds below the level between them."""
    if within == 0 or len(first) < 2:
        return first, last
    stretch = np.cumsum(broken[:-1])
    below = time[first[1:]] - time[last[:-1]] - median_step(times)
    joined = (stretch[first[1:]] == stretch[last[:-1]]) & (below <= within + 1e-9)
    return first[np.concatenate([[True], ~joined])], last[np.concatenate([~joined, [True]])]


def _moved_out(
    value: np.ndarray, broken: np.ndarray, rest: np.ndarray, first: np.ndarray, last: np.ndarray
) -> Pair:
    """Move the ends of runs to where the curve leaves its rest; neighbours that meet part at the lowest."""
    place, at_rest = np.arange(len(value)), value <= rest
    opening = np.maximum.accumulate(np.maximum(np.where(at_rest, place + 1, 0), place * broken[:-1]))
    closing = np.minimum(np.where(at_rest, place - 1, len(value)), np.where(broken[1:], place, len(value)))
    closing = np.minimum.accumulate(closing[::-1])[::-1]
    # A run may itself touch its rest where both levels are one: its own frames always belong to it.
    onset, offset = np.minimum(opening[first], first), np.maximum(closing[last], last)
    for k in np.flatnonzero(onset[1:] <= offset[:-1]):
        low = last[k] + 1 + int(np.argmin(value[last[k] + 1 : first[k + 1]]))
        offset[k], onset[k + 1] = low - 1, low
    return onset, offset


def _measured(
    value: np.ndarray,
    time: np.ndarray,
    curve: np.ndarray,
    frame: np.ndarray,
    seconds: np.ndarray,
    broken: np.ndarray,
    first: np.ndarray,
    last: np.ndarray,
) -> Events:
    """Measure events from `first` to `last` of the valid frames."""
    count = last - first + 1
    inside = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
    starts = np.cumsum(count) - count
    if not len(first):
        inside = starts = np.zeros(0, np.int64)
    peak = _by_event(np.maximum, value[inside], starts)
    is_peak = value[inside] == np.repeat(peak, count)
    apex = _by_event(np.minimum, np.where(is_peak, inside, len(value)), starts)
    area = _by_event(np.add, value[inside] * seconds[inside], starts)
    valid_time = _by_event(np.add, seconds[inside], starts)
    step = np.diff(time, prepend=time[:1])
    bridged = np.where(step > 1.5 * seconds[np.maximum(np.arange(len(time)) - 1, 0)], step, 0.0)
    bridged[:1] = 0.0
    gap = np.where(inside == np.repeat(first, count), 0.0, bridged[inside])
    foot, end = np.where(broken[first], first, first - 1), np.where(broken[last + 1], last, last + 1)
    frames = frame[last] - frame[first] + 1
    with np.errstate(invalid="ignore", divide="ignore"):
        return Events(
            curve=curve[first],
            onset_frame=frame[first],
            apex_frame=frame[apex],
            offset_frame=frame[last],
            onset=time[first],
            apex=time[apex],
            offset=time[last],
            duration=time[last] - time[first] + seconds[last],
            peak=peak,
            mean=np.where(valid_time > 0, area / valid_time, peak),
            area=area,
            rise_speed=(peak - value[foot]) / (time[apex] - time[foot]),
            fall_speed=(peak - value[end]) / (time[end] - time[apex]),
            invalid_share=1.0 - count / frames,
            longest_gap=_by_event(np.maximum, gap, starts),
            onset_cut=broken[first],
            offset_cut=broken[last + 1],
        )


def _by_event(function: np.ufunc, values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    return function.reduceat(values, starts) if len(starts) else values[:0]
