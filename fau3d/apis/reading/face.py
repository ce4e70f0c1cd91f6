"""What the curves of one face say: events, eyes, expressions, figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fau3d.apis.reading.curves import FaceCurves
from fau3d.facs import au_columns
from fau3d.facs.expressions import AROUSAL, EXPRESSIONS, VALENCE, expression_rules
from fau3d.functional.affect import arousal, valence
from fau3d.functional.cooccurrence import CoOccurrence, co_occurrence
from fau3d.functional.events import EventRules, Events, event_presence, find_events, join_events
from fau3d.functional.expressions import (
    STATES,
    explain,
    expression_scores,
    intensity_activity,
    mean_activity,
    name_frames,
    neutral_threshold,
)
from fau3d.functional.eyes import (
    Closures,
    calibrate_eyes,
    eye_openness,
    find_closures,
    join_closure,
    join_eyes,
    perclos,
)
from fau3d.functional.segments import SegmentFigures, find_segments, segment_figures

_BLOCK = 4096  # frames
_HOLD = 0.05  # of an expression's name: scores that cross by less do not change it
_LEAST_EVENT = 0.1  # seconds
_LEAST_PEAK = 0.25  # probability: thresholds of units that are hard to tell can lie far below
_LEAST_EXPRESSION = 0.3  # seconds


@dataclass(frozen=True)
class ExpressionReading:
    """Expressions named from action units: inference from movements, no statement about feelings.

    Attributes:
        names: E expressions.
        scores: Shape (T, E); NaN where too few units are known.
        named: Shape (T,), int64: column, or a key of `STATES`.
        valence: Shape (T,), in [-1, 1].
        arousal: Shape (T,), in [0, 1].
    """

    names: tuple[str, ...]
    scores: np.ndarray
    named: np.ndarray
    valence: np.ndarray
    arousal: np.ndarray

    def labels(self) -> np.ndarray:
        """Give the name of each frame, shape (T,), str: an expression, neutral, mixed, unnamed, or empty."""
        words = np.array([*self.names, *(STATES[key] for key in sorted(STATES))])
        return words[np.where(self.named >= 0, self.named, len(self.names) + self.named + len(STATES))]


@dataclass(frozen=True)
class EyeReading:
    """Eyes.

    Attributes:
        openness: Shape (T,), in [0, 1]; NaN where no eye is seen.
        closures: Blinks and longer closures.
        perclos: Share of the time in which eyes are at least 80 % closed.
    """

    openness: np.ndarray
    closures: Closures
    perclos: float


@dataclass(frozen=True)
class FaceReading:
    """What the curves of one face say.

    Attributes:
        curves: The face.
        au_names: Its A units.
        events: Of the units' probabilities, at the model's own thresholds.
        expressions: Named from them.
        eyes: None where no eye was seen.
        figures: Of the whole recording, shape (1, A) each.
        together: Which units are shown together.
        segments: `long`, `mixed` and `rapid` stretches: (S, 2) seconds.
    """

    curves: FaceCurves
    au_names: tuple[str, ...]
    events: Events
    expressions: ExpressionReading
    eyes: EyeReading | None
    figures: SegmentFigures
    together: CoOccurrence
    segments: dict[str, np.ndarray]


def read_face(curves: FaceCurves, au_names: Sequence[str], thresholds: np.ndarray) -> FaceReading:
    """Read one face.

    Args:
        curves: The face over all frames.
        au_names: A units.
        thresholds: Shape (A,): a unit is present from this probability on; events must reach it, and 0.25 at
            least, last while it is at 0.8 of that level, and begin and end at half of it.

    Returns:
        Events, expressions, eyes and figures. Invalid frames are never filled in.
    """
    levels = np.maximum(np.asarray(thresholds, np.float64), _LEAST_PEAK)
    events = _events(curves, levels)
    shown = event_presence(events, len(curves.time), len(au_names)) == 1
    present = shown.astype(np.int8)
    present[curves.occurrence < 0] = -1
    whole = [column for column, name in enumerate(au_names) if not name.endswith(("_L", "_R"))]
    return FaceReading(
        curves=curves,
        au_names=tuple(au_names),
        events=events,
        expressions=_expressions(curves, au_names),
        eyes=_eyes(curves, au_names),
        figures=unit_figures(curves, shown, events),
        together=co_occurrence(present),
        segments=find_segments(present[:, whole], curves.time),
    )


def _events(curves: FaceCurves, levels: np.ndarray) -> Events:
    """Find the events of each unit, one after the other: of hours of video all would fill the memory."""
    found = []
    for column, level in enumerate(levels):
        rules = EventRules(level, 0.8 * level, 0.5 * level, min_duration=_LEAST_EVENT)
        events = find_events(curves.probability[:, column], curves.time, rules)
        found.append(replace(events, curve=np.full(len(events), column)))
    return join_events(*found)


def unit_figures(
    curves: FaceCurves, shown: np.ndarray, events: Events, spans: np.ndarray | None = None
) -> SegmentFigures:
    """Compute the figures of a face, of the whole recording or of parts; see `segment_figures`.

    Strengths are intensities, or probabilities where the model has no intensities. A unit that alone has none
    has no strength, and all other figures.
    """
    figures = segment_figures(curves.probability, shown, curves.time, events, spans)
    if curves.intensity is None:
        return figures
    strong = segment_figures(curves.intensity, shown, curves.time, events, spans)
    return replace(figures, mean_intensity=strong.mean_intensity, shown_intensity=strong.shown_intensity)


def _activity(
    curves: FaceCurves, au_names: Sequence[str], wanted: Sequence[str], rows: slice, strong: np.ndarray | None
) -> np.ndarray:
    """Give how much of units is there in some frames, (N, U), in [0, 1]: by intensity where there is one.

    Args:
        curves: All frames.
        au_names: A units of the curves.
        wanted: U units; NaN of those that the curves do not have.
        rows: The frames.
        strong: Shape (A,), boolean: units that have intensities, see `_strong`.
    """
    columns = au_columns(list(au_names), list(wanted))
    seen = curves.probability[rows]
    if curves.intensity is not None and strong is not None:
        seen = np.where(strong, intensity_activity(curves.intensity[rows]), seen)
    picked = seen[:, np.maximum(columns, 0)].astype(np.float64)
    picked[:, columns < 0] = np.nan
    return picked


def _strong(curves: FaceCurves) -> np.ndarray | None:
    """Tell which units have an intensity in any frame, (A,); None where the model has none."""
    return None if curves.intensity is None else np.isfinite(curves.intensity).any(0)


def blocks(frames: int) -> Iterator[slice]:
    """Yield some thousand frames at a time: what is worked out of hours at once would fill the memory."""
    for begin in range(0, frames, _BLOCK):
        yield slice(begin, min(begin + _BLOCK, frames))


def _expressions(curves: FaceCurves, au_names: Sequence[str]) -> ExpressionReading:
    units, rules = expression_rules()
    strong, frames = _strong(curves), len(curves.time)
    scores, known = np.empty((frames, len(EXPRESSIONS))), np.zeros(len(units), bool)
    total, pleasant, stirred = np.empty(frames), np.empty(frames), np.empty(frames)
    for rows in blocks(frames):
        activity = _activity(curves, au_names, units, rows, strong)
        scores[rows], _ = expression_scores(activity, *rules)
        total[rows], known = mean_activity(activity), known | np.isfinite(activity).any(0)
        of_valence = _activity(curves, au_names, list(VALENCE), rows, strong)
        pleasant[rows] = valence(of_valence, np.array(list(VALENCE.values())))
        stirred[rows] = arousal(_activity(curves, au_names, AROUSAL, rows, strong))
    total *= known.sum()
    named = name_frames(scores, total, neutral_threshold(total), hold=_HOLD)
    return ExpressionReading(tuple(EXPRESSIONS), scores, named, pleasant, stirred)


def contributions(reading: FaceReading) -> Iterator[tuple[slice, tuple[str, ...], np.ndarray]]:
    """Yield what units contributed to the score of each frame's named expression, some frames at a time.

    Yields:
        The frames; U units; shape (N, U), NaN where no expression is named.
    """
    units, rules = expression_rules()
    strong = _strong(reading.curves)
    for rows in blocks(len(reading.curves.time)):
        activity = _activity(reading.curves, reading.au_names, units, rows, strong)
        yield rows, units, explain(activity, reading.expressions.named[rows], *rules)


def _eyes(curves: FaceCurves, au_names: Sequence[str]) -> EyeReading | None:
    if not np.isfinite(curves.eye_ratio).any():
        return None
    levels = calibrate_eyes(curves.eye_ratio)
    openness = join_eyes(eye_openness(curves.eye_ratio, levels))
    names = list(au_names)
    models = [curves.probability[:, names.index(unit)] for unit in ("AU43", "AU45") if unit in names]
    closure = join_closure(openness, *models)
    closures = find_closures(closure, curves.time)
    return EyeReading(1.0 - closure, closures, float(perclos(closure, curves.time)))


def expression_runs(reading: ExpressionReading, time: np.ndarray) -> list[tuple[str, int, int]]:
    """Give the runs of one named expression: name, first frame, last frame; those of 0.3 s and more."""
    named = reading.named
    starts = np.flatnonzero(np.r_[True, np.diff(named) != 0])
    stops = np.r_[starts[1:], len(named)] - 1
    return [
        (reading.names[named[a]], int(a), int(b))
        for a, b in zip(starts, stops)
        if named[a] >= 0 and time[b] - time[a] >= _LEAST_EXPRESSION
    ]
