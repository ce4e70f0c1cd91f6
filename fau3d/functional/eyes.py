"""How far eyes are open, from the points of the lids: openness, closures, blinks, PERCLOS.

AU43 and AU45 mean closed eyes. `openness` is 1 for open eyes and 0 for closed ones; closure is 1 - openness.
"""

from dataclasses import dataclass

import numpy as np

from fau3d.functional.events import EventRules, Events, event_presence, find_events, join_events
from fau3d.functional.smoothing import median_smooth
from fau3d.functional.timeline import check_times, frame_seconds, median_step

_NEVER_OPEN = 0.15  # more than nineteen of twenty rendered people's open eyes are above
_USUAL_OPEN = 0.28  # the median of rendered people
_CLOSED_SHARE = 0.2  # of the open level, where a person is never seen to close the eyes
_SURELY_CLOSED = 0.4  # of the open level: below this the lids meet or nearly do
_CLOSED_FRAMES = 3  # seen that low before the closed level is measured rather than assumed


@dataclass(frozen=True)
class EyeLevels:
    """A person's own eye aspect ratios.

    Attributes:
        opened: Shape (2,): left and right eye open; NaN for an eye never seen.
        closed: Shape (2,): closed, below `opened`.
        open_seen: Shape (2,), boolean: whether the open level was measured, or assumed to be 0.28 of people
            who seem never to open the eyes.
        closed_seen: Shape (2,), boolean: whether the closed level was measured, or assumed to be a fifth of
            the open one.
    """

    opened: np.ndarray
    closed: np.ndarray
    open_seen: np.ndarray
    closed_seen: np.ndarray


def eye_aspect_ratio(points: np.ndarray, lids: np.ndarray) -> np.ndarray:
    """Compute the eye aspect ratio: mean distance of the lids over the distance of the corners.

    A face turned away or seen from above changes it: a person's levels hold for similar poses. With depth
    (C = 3, in pixels as x and y are), turning matters a little less.

    Args:
        points: Shape (..., V, C), C = 2 or 3, in units that are the same along all axes; NaN = not seen.
        lids: Shape (2, 6): the points as `fau3d.topology.eyelid_points` gives them.

    Returns:
        Shape (..., 2), float64: left and right eye, about 0.3 open and below 0.1 closed; NaN where a point is
        missing or the corners fall together.

    Raises:
        ValueError: If the shapes do not fit.

    Source:
        Soukupová and Čech, Real-Time Eye Blink Detection using Facial Landmarks, CVWW 2016.
    """
    points, lids = np.asarray(points), np.asarray(lids)
    if points.ndim < 2 or points.shape[-1] not in (2, 3) or lids.shape != (2, 6):
        raise ValueError(
            f"points of shape {points.shape} with lids of shape {lids.shape}; wanted (..., V, 2 or 3) "
            "and (2, 6)"
        )
    eye = points[..., lids, :].astype(np.float64)
    outer, upper_outer, upper_inner, inner, lower_inner, lower_outer = np.moveaxis(eye, -2, 0)
    height = np.linalg.norm(upper_outer - lower_outer, axis=-1)
    height += np.linalg.norm(upper_inner - lower_inner, axis=-1)
    width = np.linalg.norm(outer - inner, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(width > 0, height / (2.0 * width), np.nan)


def calibrate_eyes(ratio: np.ndarray, open_quantile: float = 0.75) -> EyeLevels:
    """Learn a person's levels from all frames that show them.

    The open level is a high quantile: half-closed and closed frames may be up to that share of all, and eyes
    wide open do not stretch it. A level below 0.15 is taken for that of somebody who kept the eyes closed,
    and 0.28 is assumed: wrong for the few whose open eyes are so narrow. The closed level is the lower
    quartile of the frames below two fifths of the open one, if there are three or more; otherwise a fifth of
    the open level.

    Args:
        ratio: Shape (T, 2), eye aspect ratios of one person; NaN = missing.
        open_quantile: In (0, 1). At the default, eyes must be open in about half of the frames or more; raise
            it to 0.9 for people who sleep.

    Returns:
        The levels.

    Raises:
        ValueError: If the shape is not (T, 2) or the quantile is out of range.
    """
    ratio = _two_eyes(ratio)
    if not 0 < open_quantile < 1:
        raise ValueError(f"the quantile of open eyes is {open_quantile}; wanted between 0 and 1")
    opened, closed = np.full(2, np.nan), np.full(2, np.nan)
    open_seen, closed_seen = np.zeros(2, bool), np.zeros(2, bool)
    for side in range(2):
        known = ratio[np.isfinite(ratio[:, side]), side]
        if not len(known):
            continue
        level = np.quantile(known, open_quantile)
        open_seen[side] = level >= _NEVER_OPEN
        opened[side] = level if open_seen[side] else _USUAL_OPEN
        low = known[known < _SURELY_CLOSED * opened[side]]
        closed_seen[side] = len(low) >= _CLOSED_FRAMES
        closed[side] = np.quantile(low, 0.25) if closed_seen[side] else _CLOSED_SHARE * opened[side]
    return EyeLevels(opened, closed, open_seen, closed_seen)


def eye_openness(ratio: np.ndarray, levels: EyeLevels, clip: bool = True) -> np.ndarray:
    """Say how far eyes are open against the person's own levels.

    Args:
        ratio: Shape (T, 2), eye aspect ratios.
        levels: Of the same person.
        clip: Whether eyes wider than usual are 1 and ones shut harder are 0; otherwise values go beyond.

    Returns:
        Shape (T, 2), in [0, 1] if clipped; NaN where the ratio is missing.
    """
    ratio = _two_eyes(ratio)
    with np.errstate(invalid="ignore", divide="ignore"):
        openness = (ratio - levels.closed) / (levels.opened - levels.closed)
    return np.clip(openness, 0.0, 1.0) if clip else openness


def join_eyes(openness: np.ndarray) -> np.ndarray:
    """Take the mean of both eyes, or the one that is seen.

    Args:
        openness: Shape (T, 2).

    Returns:
        Shape (T,); NaN where neither eye is seen.
    """
    known = np.isfinite(openness)
    with np.errstate(invalid="ignore"):
        return np.where(known, openness, 0.0).sum(1) / np.where(known.any(1), known.sum(1), np.nan)


def join_closure(openness: np.ndarray, *units: np.ndarray, share: float = 0.5) -> np.ndarray:
    """Join what the lids show with a model's AU43 and AU45, both of which mean closed.

    The model's closure is the highest of the units given (a blink and a closure look the same in one frame);
    the answer is the mean of it and of 1 - openness, weighted by `share`. Where one of the two is missing, it
    is the other.

    Args:
        openness: Shape (T,), 1 = open.
        units: Each of shape (T,): probabilities in [0, 1] that the eyes are closed; divide intensities by 5.
        share: Of the model, in [0, 1].

    Returns:
        Closure of shape (T,) in [0, 1]; NaN where both are missing.

    Raises:
        ValueError: If the shapes differ, a value is outside [0, 1], or the share is.
    """
    openness = np.asarray(openness, np.float64)
    lids = 1.0 - openness
    if not units:
        return lids
    stacked = np.stack([np.asarray(unit, np.float64) for unit in units])
    if stacked.shape[1:] != openness.shape:
        raise ValueError(f"units of shape {stacked.shape[1:]} with openness of shape {openness.shape}")
    if not 0 <= share <= 1 or (stacked < 0).any() or (stacked > 1).any():
        raise ValueError(
            f"units from {np.nanmin(stacked):g} to {np.nanmax(stacked):g} and a share of {share}; wanted "
            "both in [0, 1]: divide intensities by 5"
        )
    model = np.fmax.reduce(stacked)
    joined = (1.0 - share) * lids + share * model
    return np.where(np.isnan(model), lids, np.where(np.isnan(lids), model, joined))


@dataclass(frozen=True)
class Closures:
    """Closures of the eyes.

    Attributes:
        events: Of closure, N, by time. Peaks of incomplete blinks are falls, not closures.
        blink: Shape (N,), boolean: shorter than the limit, seen from begin to end.
        incomplete: Shape (N,), boolean: a blink in which no frame shows closed eyes.
        long: Shape (N,), boolean: as long as the limit or longer, even if begin or end was not seen. An event
            that is neither blink nor long is short and cut off: nobody knows which it was.
        closed: Shape (T,), int8: 1 closed, 0 open, -1 not seen; incomplete blinks are open.
        blinks_per_minute: Of the time in which eyes are seen; NaN where they never are.
    """

    events: Events
    blink: np.ndarray
    incomplete: np.ndarray
    long: np.ndarray
    closed: np.ndarray
    blinks_per_minute: float


def find_closures(
    closure: np.ndarray, times: np.ndarray, limit: float = 0.5, fall: float | None = 0.35, span: float = 2.0
) -> Closures:
    """Find blinks and longer closures.

    Eyes are closed where closure reaches 0.6, for as long as it stays at or above 0.5, breaks of up to 0.1 s
    included; a gap of more than 0.1 s ends that. At video rate many blinks are never caught shut: a short
    fall of the openness by `fall` of its running median is a blink as well, an incomplete one, where that
    median shows open eyes (0.5 or more).

    Args:
        closure: Shape (T,), 0 = open, 1 = closed; NaN = missing. Below 0 for eyes wider than usual, if the
            openness was not clipped: falls are then seen better.
        times: Shape (T,), seconds.
        limit: Seconds; shorter closures are blinks.
        fall: Share of the running median of the openness; None finds complete blinks only.
        span: Seconds of the running median, four times the limit or more.

    Returns:
        The closures.

    Raises:
        ValueError: If the time stamps do not fit.
    """
    closure = np.asarray(closure, np.float64)
    times = check_times(times, len(closure))
    shut = find_events(closure, times, EventRules(0.6, 0.5, 0.5, merge_within=0.1, max_gap=0.1))
    known = np.isfinite(closure)
    closed = np.where(known, event_presence(shut, len(closure), 1)[:, 0], -1).astype(np.int8)
    events = shut
    if fall is not None:
        events = join_events(shut, _falls(closure, times, fall, span, limit, closed))
    whole = ~(events.onset_cut | events.offset_cut)
    short = events.duration < limit - 1e-9
    incomplete = ~np.isin(events.onset_frame, shut.onset_frame)
    minutes = frame_seconds(times)[known].sum() / 60.0
    rate = float((short & whole).sum() / minutes) if minutes > 0 else float("nan")
    return Closures(events, short & whole, incomplete, ~short, closed, rate)


def _falls(
    closure: np.ndarray, times: np.ndarray, fall: float, span: float, limit: float, closed: np.ndarray
) -> Events:
    """Find short falls of the openness that were not found as closures."""
    openness, step = 1.0 - closure, median_step(times)
    usual = median_smooth(openness, round(span / step / 2) if step else 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        lost = np.where(usual >= 0.5, np.clip(1.0 - openness / usual, 0.0, 1.0), 0.0)
    lost[~np.isfinite(closure)] = np.nan
    dips = find_events(lost, times, EventRules(fall, 0.7 * fall, 0.7 * fall, max_gap=0.1))
    before = np.concatenate([[0], np.cumsum(closed == 1)])
    alone = before[dips.offset_frame + 1] == before[dips.onset_frame]
    whole = ~(dips.onset_cut | dips.offset_cut)
    return dips.select(alone & whole & (dips.duration < limit - 1e-9))


def perclos(
    closure: np.ndarray, times: np.ndarray, window: float | None = None, level: float = 0.8
) -> np.ndarray | float:
    """Compute PERCLOS: the share of time in which eyes are at least 80 % closed.

    Args:
        closure: Shape (T,), 0 = open, 1 = closed; NaN = missing, and left out.
        times: Shape (T,), seconds.
        window: Seconds up to and with each frame; the whole recording by default.
        level: Closure from which time counts.

    Returns:
        A share, or with a window one for each frame, shape (T,). NaN where no eye is seen; with a window also
        before the first one is full, and where eyes are seen in less than half of it.

    Raises:
        ValueError: If the time stamps do not fit or the window is not positive.

    Source:
        Wierwille et al., Research on Vehicle-Based Driver Status/Performance Monitoring, 1994 (the measure
        P80).
    """
    closure = np.asarray(closure, np.float64)
    times = check_times(times, len(closure))
    seconds = frame_seconds(times)
    known = np.where(np.isfinite(closure), seconds, 0.0)
    shut = np.where(closure >= level - 1e-9, known, 0.0)
    if window is None:
        return float(shut.sum() / known.sum()) if known.sum() > 0 else float("nan")
    if not window > 0:
        raise ValueError(f"the window is {window} s; wanted more than 0")
    ends = times + seconds
    start = np.searchsorted(times, ends - window - 1e-6)
    seen, total = (np.concatenate([[0.0], np.cumsum(part)]) for part in (known, shut))
    row = np.arange(len(times)) + 1
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (total[row] - total[start]) / (seen[row] - seen[start])
    full = (ends - times[:1] >= window - 1e-6) & (seen[row] - seen[start] >= window / 2)
    return np.where(full, share, np.nan)


def _two_eyes(ratio: np.ndarray) -> np.ndarray:
    ratio = np.asarray(ratio, np.float64)
    if ratio.ndim != 2 or ratio.shape[1] != 2:
        raise ValueError(f"eye aspect ratios of shape {ratio.shape}; wanted (T, 2), left and right")
    return ratio
