"""Names for faces from their action units: scores, what spoke for them, one name a frame.

All of it is inference from movements. A score says how much a frame's units are those of a prototype; it is
no probability, and no statement about what the person feels.

Arrays of `activity` have a column a unit and say how much each acts: 0 not at all, 1 in full; NaN where that
is not known. Probabilities are such numbers as they are; `intensity_activity` makes them of intensities.
"""

from collections.abc import Sequence

import numpy as np

INVALID, NEUTRAL, MIXED, UNNAMED = -1, -2, -3, -4
STATES = {INVALID: "", NEUTRAL: "neutral", MIXED: "mixed", UNNAMED: "unnamed"}
"""Answers of `name_frames` that are no expression."""

_ROUNDING = 1e-9
_BLOCK = 4096  # rows


def intensity_activity(intensity: np.ndarray, full: float = 3.0) -> np.ndarray:
    """Turn intensities into activity.

    Args:
        intensity: Shape (..., A), 0 to 5; NaN = missing.
        full: From this intensity on a unit counts in full. FACS calls 3 (C) pronounced; 4 and 5 are rare.

    Returns:
        Shape (..., A), in [0, 1] or NaN.

    Raises:
        ValueError: If `full` is not above 0.
    """
    if not full > 0:
        raise ValueError(f"the full intensity is {full}; wanted more than 0, at most 5")
    return np.clip(np.asarray(intensity, np.float64) / full, 0.0, 1.0)


def expression_scores(
    activity: np.ndarray,
    weights: np.ndarray,
    costs: np.ndarray,
    members: np.ndarray,
    one_sided: np.ndarray,
    least_known: float = 0.45,
) -> tuple[np.ndarray, np.ndarray]:
    """Score frames for expressions.

    The score is the weighted mean of the expression's cues minus what other units take away: 1 where all of
    it is shown in full and nothing else, 0 for a face at rest. `explain` shares it out to the units.
    Units that are not known leave the mean, and take nothing away.

    Args:
        activity: Shape (N, A), 0 to 1; NaN where a unit is not known in a frame.
        weights: Shape (E, C), at least 0: what a cue counts.
        costs: Shape (E, A), at least 0: what a unit takes away.
        members: Shape (C, A), bool: the units of a cue, of which the strongest counts.
        one_sided: Shape (C,), bool: the strongest minus the weakest counts.
        least_known: Share of an expression's weight that must be known for a score.

    Returns:
        Scores, shape (N, E), at most 1, NaN where too little is known; and the share that is known, shape
        (N, E), in [0, 1].

    Raises:
        ValueError: If shapes do not fit, activity lies outside [0, 1], or an expression has no weight.
    """
    activity = _checked(activity, weights, costs, members, one_sided)
    cues, _ = _cue_values(activity, members, one_sided)
    there = np.isfinite(cues)
    weight_there = there @ weights.T
    known = weight_there / weights.sum(1)
    enough = (known >= least_known - _ROUNDING) & (weight_there > 0)
    support = np.where(there, cues, 0.0) @ weights.T
    scores = np.divide(support, weight_there, out=np.full_like(support, np.nan), where=enough)
    return scores - np.nan_to_num(activity) @ costs.T, known


def explain(
    activity: np.ndarray,
    chosen: np.ndarray,
    weights: np.ndarray,
    costs: np.ndarray,
    members: np.ndarray,
    one_sided: np.ndarray,
    least_known: float = 0.45,
) -> np.ndarray:
    """Share a score out to the units that made it.

    Of units that count as one, the strongest gets the contribution.

    Args:
        activity: Shape (N, A), as in `expression_scores`, like all that is not named here.
        chosen: Shape (N,), int: which expression's score; below 0 for none.

    Returns:
        Shape (N, A): above 0 what spoke for it, below 0 what spoke against it. A row sums to the score; it is
        NaN where there is none.

    Raises:
        ValueError: As `expression_scores`, or if `chosen` does not fit.
    """
    scores, _ = expression_scores(activity, weights, costs, members, one_sided, least_known)
    chosen = np.asarray(chosen)
    if chosen.shape != (len(scores),) or (len(chosen) and chosen.max() >= len(weights)):
        raise ValueError(
            f"chosen has shape {chosen.shape}; wanted {len(scores)} numbers below {len(weights)}, one a frame"
        )
    activity = np.asarray(activity, np.float64)
    cues, strongest = _cue_values(activity, members, one_sided)
    row_weights = weights[np.maximum(chosen, 0)] * np.isfinite(cues)
    total = row_weights.sum(1, keepdims=True)
    shares = np.divide(row_weights * np.nan_to_num(cues), total, out=np.zeros_like(cues), where=total > 0)
    parts = -np.nan_to_num(activity) * costs[np.maximum(chosen, 0)]
    frames = np.arange(len(parts))
    for cue in range(len(members)):
        parts[frames, strongest[:, cue]] += shares[:, cue]
    no_score = (chosen < 0) | np.isnan(scores[frames, np.maximum(chosen, 0)])
    parts[no_score] = np.nan
    return parts


def why_unscored(
    there: np.ndarray,
    names: Sequence[str],
    units: Sequence[str],
    weights: np.ndarray,
    members: np.ndarray,
    one_sided: np.ndarray,
    least_known: float = 0.45,
) -> dict[str, str]:
    """Say which expressions cannot be scored from a set of units, and why.

    Args:
        there: Shape (A,), bool: which units are there.
        names: E names of expressions.
        units: A names of units.

    Returns:
        A sentence by name of expression; those that can be scored are not in it.
    """
    activity = np.where(there, 0.0, np.nan)[None]
    costs = np.zeros((len(weights), len(units)))
    _, known = expression_scores(activity, weights, costs, members, one_sided, least_known)
    reasons = {}
    for row, name in enumerate(names):
        if known[0, row] < least_known - _ROUNDING:
            wanted = members[weights[row] > 0].any(0) & ~np.asarray(there, bool)
            missing = ", ".join(unit for unit, is_missing in zip(units, wanted) if is_missing)
            reasons[name] = (
                f"{name}: {known[0, row]:.0%} of its weight is on units that are there; wanted "
                f"{least_known:.0%}; missing: {missing}"
            )
    return reasons


def total_activity(activity: np.ndarray) -> np.ndarray:
    """Sum the activity of all units that the data has: shape (N,), in units at full strength.

    Where a frame misses some of them, the mean of the others stands for them; NaN where it has none.
    """
    return mean_activity(activity) * np.isfinite(activity).any(0).sum()


def mean_activity(activity: np.ndarray) -> np.ndarray:
    """Give the mean activity of the units that a frame has: shape (N,); NaN where it has none."""
    activity = np.asarray(activity, np.float64)
    count = np.isfinite(activity).sum(1)
    return np.divide(np.nan_to_num(activity).sum(1), count, out=np.full(len(count), np.nan), where=count > 0)


def neutral_threshold(total: np.ndarray, share: float = 0.25, least_range: float = 1.0) -> float:
    """Find below which total activity a face is called neutral, from the data's own distribution.

    The 5th percentile stands for the face at rest, the 95th for the strongest expression; neutral is what
    lies in the lowest `share` of the way between them. So what is in every frame (a person's resting face,
    probabilities that are never 0) does not matter, nor do single wrong frames.

    Args:
        total: Shape (N,), as `total_activity`; NaN does not count.
        share: In [0, 1].
        least_range: With less than this between the two percentiles, in units at full strength, the data does
            not tell a rest from an expression that is held: there is no threshold.

    Returns:
        The threshold, or NaN where there is none.

    Raises:
        ValueError: If the share is outside [0, 1].
    """
    if not 0 <= share <= 1:
        raise ValueError(f"the share is {share}; wanted 0 to 1")
    known = np.asarray(total, np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return float("nan")
    rest, strong = np.quantile(known, [0.05, 0.95])
    return float(rest + share * (strong - rest)) if strong - rest >= least_range else float("nan")


def name_frames(
    scores: np.ndarray,
    total: np.ndarray | None = None,
    neutral_below: float = float("nan"),
    clear_score: float = 0.5,
    least_score: float = 0.4,
    margin: float = 0.05,
    hold: float = 0.0,
) -> np.ndarray:
    """Choose the expression of each frame.

    Args:
        scores: Shape (N, E), in time order; NaN where an expression has no score.
        total: Shape (N,), as `total_activity`; without it no frame is neutral.
        neutral_below: A frame with less is neutral; NaN: none is.
        clear_score: A frame whose best score is this high is not neutral: a smile moves few units.
        least_score: A frame whose best score is lower is `UNNAMED`: it moves, but like no expression.
        margin: A frame whose best two scores are no farther apart is `MIXED`.
        hold: Hysteresis: the expression of the frame before stays until another leads it by more than this,
            or until its score falls below `least_score - hold`. 0: each frame stands for itself.

    Returns:
        Shape (N,), int64: the column of the expression, or a key of `STATES`; `INVALID` where no expression
        has a score.

    Raises:
        ValueError: If shapes do not fit, or `margin` or `hold` is negative.
    """
    scores = np.asarray(scores, np.float64)
    if scores.ndim != 2 or scores.shape[1] == 0 or min(margin, hold) < 0:
        raise ValueError(
            f"scores have shape {scores.shape}, margin is {margin}, hold is {hold}; wanted (N, E) with an "
            "expression or more, and nothing negative"
        )
    if total is not None and np.shape(total) != (len(scores),):
        raise ValueError(f"total has shape {np.shape(total)}; wanted ({len(scores)},), as the scores")
    best, top, runner_up = _best_two(scores)
    chosen = np.where(top > runner_up + margin + _ROUNDING, best, MIXED)
    chosen[top < least_score] = UNNAMED
    if total is not None:
        chosen[(np.asarray(total) < neutral_below) & (top < clear_score)] = NEUTRAL
    chosen[np.isinf(top)] = INVALID
    return _held(chosen.astype(np.int64), scores, top, least_score, hold) if hold else chosen.astype(np.int64)


def _best_two(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give the column of each row's best score, that score and the next; -inf where there is none."""
    best = np.zeros(len(scores), np.int64)
    top, runner_up = np.full(len(scores), -np.inf), np.full(len(scores), -np.inf)
    # Some thousand rows at a time: sorted copies of hours of video would fill the memory.
    for begin in range(0, len(scores), _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        filled = np.where(np.isnan(scores[rows]), -np.inf, scores[rows])
        best[rows] = filled.argmax(1)
        ordered = np.sort(filled, axis=1)
        top[rows] = ordered[:, -1]
        if scores.shape[1] > 1:
            runner_up[rows] = ordered[:, -2]
    return best, top, runner_up


def _checked(
    activity: np.ndarray,
    weights: np.ndarray,
    costs: np.ndarray,
    members: np.ndarray,
    one_sided: np.ndarray,
) -> np.ndarray:
    activity = np.asarray(activity, np.float64)
    expressions, cues = weights.shape
    units = members.shape[1]
    shapes = (activity.shape[1:], costs.shape, members.shape, one_sided.shape)
    if activity.ndim != 2 or shapes != ((units,), (expressions, units), (cues, units), (cues,)):
        raise ValueError(
            f"activity {activity.shape}, weights {weights.shape}, costs {costs.shape}, members "
            f"{members.shape}, one_sided {one_sided.shape}; wanted (N, A), (E, C), (E, A), (C, A), (C,)"
        )
    known = activity[np.isfinite(activity)]
    if len(known) and (known.min() < 0 or known.max() > 1):
        raise ValueError(
            f"activity lies in {known.min():.3g} to {known.max():.3g}; wanted 0 to 1; of intensities, "
            "intensity_activity makes it"
        )
    if not (weights.sum(1) > 0).all():
        raise ValueError("an expression has no cue with a weight above 0; wanted one or more")
    return activity


def _cue_values(
    activity: np.ndarray, members: np.ndarray, one_sided: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give each cue's value, shape (N, C), NaN where not known, and the column of its strongest unit."""
    values = np.full((len(activity), len(members)), np.nan)
    strongest = np.zeros(values.shape, np.int64)
    for cue, units in enumerate(members):
        columns = np.flatnonzero(units)
        of_cue = activity[:, columns]
        there = np.isfinite(of_cue)
        low = np.where(there, of_cue, -np.inf)
        strongest[:, cue] = columns[low.argmax(1)]
        if one_sided[cue]:
            values[:, cue] = np.where(there.all(1), of_cue.max(1) - of_cue.min(1), np.nan)
        else:
            values[:, cue] = np.where(there.any(1), low.max(1), np.nan)
    return values, strongest


def _held(
    chosen: np.ndarray, scores: np.ndarray, top: np.ndarray, least_score: float, hold: float
) -> np.ndarray:
    """Keep the expression of the frame before where nothing leads it clearly."""
    held = chosen.copy()
    for t in range(1, len(held)):
        before = held[t - 1]
        if before < 0 or held[t] in (INVALID, NEUTRAL):
            continue
        own = scores[t, before]
        if own >= top[t] - hold and own >= least_score - hold:
            held[t] = before
    return held
