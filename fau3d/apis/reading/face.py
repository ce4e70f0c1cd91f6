"""What the curves of one face say: events, eyes, expressions, figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fau3d.apis.reading.curves import FaceCurves
from fau3d.facs import au_columns
from fau3d.facs.expressions import AROUSAL, EXPRESSIONS, VALENCE, expression_rules
from fau3d.functional.affect import arousal, valence
from fau3d.functional.cooccurrence import CoOccurrence, co_occurrence
from fau3d.functional.events import EventRules, Events, event_presence, find_events
from fau3d.functional.expressions import (
    STATES,
    explain,
    expression_scores,
    intensity_activity,
    name_frames,
    neutral_threshold,
    total_activity,
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
        contributions: Shape (T, U): what each unit contributed to the named expression's score.
        units: The U units.
        valence: Shape (T,), in [-1, 1].
        arousal: Shape (T,), in [0, 1].
    """

    names: tuple[str, ...]
    scores: np.ndarray
    named: np.ndarray
    contributions: np.ndarray
    units: tuple[str, ...]
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
    rules = EventRules(levels, 0.8 * levels, 0.5 * levels, min_duration=_LEAST_EVENT)
    events = find_events(curves.probability, curves.time, rules)
    shown = event_presence(events, len(curves.time), len(au_names)) == 1
    present = np.where(curves.occurrence < 0, -1, shown).astype(np.int8)
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


def _activity(curves: FaceCurves) -> np.ndarray:
    """Give how much of each unit is there, (T, A), in [0, 1]: by intensity where there is one."""
    if curves.intensity is None:
        return curves.probability
    known = np.isfinite(curves.intensity).any(0)
    return np.where(known, intensity_activity(curves.intensity), curves.probability)


def _expressions(curves: FaceCurves, au_names: Sequence[str]) -> ExpressionReading:
    seen = _activity(curves)
    units, rules = expression_rules()

    def of(wanted: Sequence[str]) -> np.ndarray:
        columns = au_columns(list(au_names), list(wanted))
        picked = seen[:, np.maximum(columns, 0)].astype(np.float64)
        picked[:, columns < 0] = np.nan
        return picked

    activity = of(units)
    scores, _ = expression_scores(activity, *rules)
    total = total_activity(activity)
    named = name_frames(scores, total, neutral_threshold(total), hold=_HOLD)
    return ExpressionReading(
        names=tuple(EXPRESSIONS),
        scores=scores,
        named=named,
        contributions=explain(activity, named, *rules),
        units=units,
        valence=valence(of(list(VALENCE)), np.array(list(VALENCE.values()))),
        arousal=arousal(of(AROUSAL)),
    )


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
