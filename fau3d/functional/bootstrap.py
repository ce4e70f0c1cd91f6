"""How far figures move when other people had been filmed: resampling of groups of frames.

Frames of one person say much the same, so whole people (or videos) are drawn, never frames. Counts are summed
for each group once; a resample is then a matrix product of draws with counts.
"""

import numpy as np

from fau3d.functional.detection import DetectionCounts, annotated_frames, detection_counts

# Scores are sorted into at most this many bins of about equally many frames; those of one bin count as equal.
# That changes an area under the ROC curve by less than 0.0005.
_BINS = 1024


def draw_groups(groups: int, samples: int, seed: int = 0) -> np.ndarray:
    """Draw groups with replacement, as many as there are.

    Args:
        groups: G, at least 1.
        samples: B resamples.
        seed: Of the draw.

    Returns:
        Shape (B, G), int64: how often each group is in each resample; rows sum to G.

    Raises:
        ValueError: If there is nothing to draw.
    """
    if groups < 1 or samples < 1:
        raise ValueError(f"{groups} groups and {samples} resamples; wanted at least 1 of each")
    return np.random.default_rng(seed).multinomial(groups, np.full(groups, 1 / groups), size=samples)


def counts_by_group(target: np.ndarray, predicted: np.ndarray, group: np.ndarray) -> DetectionCounts:
    """Count right and wrong decisions for each group of frames and each unit.

    Args:
        target: Shape (N, A): 1, 0, -1 = not annotated.
        predicted: Shape (N, A), boolean.
        group: Shape (N,): number of each frame's group, 0 to G - 1, in any order.

    Returns:
        Counts of shape (G, A).
    """
    detection_counts(target, predicted)  # for its checks
    size = int(group.max()) + 1 if len(group) else 0
    present, absent, detected = target == 1, target == 0, np.asarray(predicted, bool)
    return DetectionCounts(
        true_positive=_sum_by_group(present & detected, group, size),
        false_positive=_sum_by_group(absent & detected, group, size),
        false_negative=_sum_by_group(present & ~detected, group, size),
        true_negative=_sum_by_group(absent & ~detected, group, size),
    )


def resample_counts(counts: DetectionCounts, draws: np.ndarray) -> DetectionCounts:
    """Sum counts over the groups of each resample.

    Args:
        counts: Of shape (G, A).
        draws: Shape (B, G), as `draw_groups` gives them.

    Returns:
        Counts of shape (B, A), which the figures of `detection` take as they take those of one sample.
    """
    return DetectionCounts(**{name: draws @ values for name, values in vars(counts).items()})


def resample_auc(target: np.ndarray, score: np.ndarray, group: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Compute the area under the ROC curve of one unit in each resample.

    Args:
        target: Shape (N,): 1, 0, -1 = not annotated.
        score: Shape (N,), any monotone confidence.
        group: Shape (N,): number of each frame's group.
        draws: Shape (B, G).

    Returns:
        Shape (B,), in [0, 1], within 0.0005 of the exact figures; NaN where a resample lacks a class.

    Raises:
        ValueError: If the shapes differ or a score is not finite.
    """
    known_target, known_score = annotated_frames(target, score)
    if not len(known_target):
        return np.full(len(draws), np.nan)
    levels = np.unique(known_score)
    if len(levels) > _BINS:
        levels = np.unique(np.quantile(known_score, np.linspace(0, 1, _BINS), method="nearest"))
    places = np.searchsorted(levels, known_score)
    cell = np.asarray(group)[np.asarray(target) >= 0] * len(levels) + places
    shape, weights = (draws.shape[1], len(levels)), draws.astype(np.float32)
    present = known_target == 1
    positive = weights @ np.bincount(cell[present], minlength=shape[0] * shape[1]).reshape(shape).astype("f4")
    negative = weights @ np.bincount(cell[~present], minlength=shape[0] * shape[1]).reshape(shape).astype(
        "f4"
    )
    below = np.cumsum(negative, axis=1, dtype=np.float64) - negative / 2
    wins = np.einsum("bk,bk->b", positive, below)
    pairs = positive.sum(1, dtype=np.float64) * negative.sum(1, dtype=np.float64)
    return np.divide(wins, pairs, out=np.full(len(draws), np.nan), where=pairs > 0)


def percentile_interval(values: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Give the interval that holds the middle of resampled figures.

    Args:
        values: Shape (B, …); NaN = undefined in that resample, which is then left out.
        level: Share of the resamples inside, in (0, 1).

    Returns:
        Lower and upper end, shape (…); NaN where the figure is defined in no resample.
    """
    tail = (1 - level) / 2
    ends = np.full((2, *values.shape[1:]), np.nan)
    defined = np.isfinite(values).any(0)
    if defined.any():
        ends[:, defined] = np.nanquantile(values[:, defined], (tail, 1 - tail), axis=0)
    return ends[0], ends[1]


def two_sided_p(differences: np.ndarray) -> np.ndarray:
    """Give how likely a difference as far from 0 is to come from the choice of groups.

    Args:
        differences: Shape (B, …): resampled differences; NaN = undefined.

    Returns:
        Shape (…), in (0, 1]: twice the smaller share of resamples at or beyond 0, one resample added to both
        so that it is never 0; NaN where nothing is defined.

    Source:
        Davison and Hinkley, Bootstrap Methods and their Application, 1997, chapter 4 (the added resample).
    """
    defined = np.isfinite(differences)
    total = defined.sum(0)
    below = (np.where(defined, differences, 1) <= 0).sum(0)
    above = (np.where(defined, differences, -1) >= 0).sum(0)
    p = np.minimum(1, 2 * (np.minimum(below, above) + 1) / (total + 1))
    return np.where(total > 0, p, np.nan)


def _sum_by_group(values: np.ndarray, group: np.ndarray, size: int) -> np.ndarray:
    columns = [np.bincount(group, weights=column, minlength=size) for column in values.T]
    return np.stack(columns, 1).astype(np.int64) if columns else np.zeros((size, 0), np.int64)
