"""Scores of a cross-validation: fold by fold, all folds' frames together, and how far they would move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fau3d.evaluation.au_scores import score_frames, tune_thresholds
from fau3d.functional import bootstrap, detection


@dataclass(frozen=True)
class FoldPredictions:
    """What one fold's model says.

    Attributes:
        name: `fold1`, or the corpus tested.
        test: Predictions of the tested people, as `merge_windows` gives them.
        validation: The same of the people who validated, or None = nobody did.
    """

    name: str
    test: Sequence[dict]
    validation: Sequence[dict] | None = None


@dataclass
class DecisionScores:
    """Scores at one choice of thresholds. Columns are the A units, and last their mean.

    Attributes:
        thresholds: Shape (K, A), of each fold.
        f1: Shape (K, A + 1), of each fold; NaN = undefined.
        pooled_f1: Shape (A + 1,), over the frames of all folds together.
        low, high: Shape (A + 1,): 95% interval of the pooled F1, people resampled.
    """

    thresholds: np.ndarray
    f1: np.ndarray
    pooled_f1: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass
class CrossValidationScores:
    """Scores of all finished folds.

    Attributes:
        au_names: A units.
        folds: Names of the K finished folds.
        decisions: `0.5`, and `tuned` where every fold validated, to scores.
        auc: Shape (K, A + 1): ROC AUC of each fold. Scores of different models are never ranked together.
        base_rate: Shape (A + 1,), over all folds' frames.
        frames, videos, people: Counts of what was tested.
        samples: Resamples of the intervals.
    """

    au_names: tuple[str, ...]
    folds: tuple[str, ...]
    decisions: dict[str, DecisionScores]
    auc: np.ndarray
    base_rate: np.ndarray
    frames: int
    videos: int
    people: int
    samples: int

    @property
    def always_f1(self) -> np.ndarray:
        """Give the F1 of who says yes on every frame, shape (A + 1,): what a score has to be above."""
        rates = self.base_rate[:-1]
        return with_mean(np.where(rates > 0, 2 * rates / (1 + rates), np.nan))


def with_mean(values: np.ndarray) -> np.ndarray:
    """Append to figures of units, shape (…, A), their mean over the units for which they are defined."""
    defined = np.isfinite(values)
    total = np.where(defined, values, 0).sum(-1, keepdims=True)
    count = defined.sum(-1, keepdims=True)
    mean = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return np.concatenate([values, mean], -1)


def mean_and_spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give mean and sample standard deviation over folds, shape (K, …) to (…), of the defined figures.

    The deviation is NaN where fewer than two folds define the figure.
    """
    defined = np.isfinite(values)
    count = defined.sum(0)
    nan = np.full(values.shape[1:], np.nan)
    mean = np.divide(np.where(defined, values, 0).sum(0), count, out=nan.copy(), where=count > 0)
    squares = np.where(defined, values - mean, 0) ** 2
    return mean, np.sqrt(np.divide(squares.sum(0), count - 1, out=nan.copy(), where=count > 1))


def score_folds(
    folds: Sequence[FoldPredictions],
    au_names: Sequence[str],
    subjects: Mapping[str, str],
    samples: int = 1000,
    seed: int = 0,
) -> CrossValidationScores:
    """Score the folds of a cross-validation at threshold 0.5 and at thresholds tuned on their validation.

    Args:
        folds: The finished ones.
        au_names: Names of the A columns.
        subjects: Video to subject, of all tested videos; one that is not there counts as its own.
        samples: Resamples for the intervals.
        seed: Of the resampling.

    Returns:
        The scores; `tuned` only where every fold has validation predictions.

    Raises:
        ValueError: If there are no folds, or a fold's columns are not those of `au_names`.
    """
    if not folds:
        raise ValueError("no fold is finished; there is nothing to score")
    names = tuple(au_names)
    single = [score_frames(fold.test, names, 0.5, ()) for fold in folds]
    chosen = {"0.5": np.full((len(folds), len(names)), 0.5)}
    if all(fold.validation for fold in folds):
        chosen["tuned"] = np.stack([tune_thresholds(fold.validation or ()) for fold in folds])
    people, group = _people(folds, subjects)
    draws = bootstrap.draw_groups(people, samples, seed)
    counts = detection.detection_counts(*_frames(folds, chosen["0.5"]))
    return CrossValidationScores(
        au_names=names,
        folds=tuple(fold.name for fold in folds),
        decisions={kind: _decide(folds, levels, group, draws) for kind, levels in chosen.items()},
        auc=with_mean(np.stack([scores.values["auc"] for scores in single])),
        base_rate=with_mean(detection.base_rate(counts)),
        frames=sum(scores.frames for scores in single),
        videos=len({(fold.name, face["frame_dir"]) for fold in folds for face in fold.test}),
        people=people,
        samples=samples,
    )


def _people(folds: Sequence[FoldPredictions], subjects: Mapping[str, str]) -> tuple[int, np.ndarray]:
    """Give the number of tested people, and for each frame, shape (N,), which of them it shows."""
    numbers: dict[tuple[str, str], int] = {}
    rows = []
    for fold in folds:
        for face in fold.test:
            person = (fold.name, subjects.get(face["frame_dir"]) or face["frame_dir"])
            rows.append(np.full(len(face["gt_occurrence"]), numbers.setdefault(person, len(numbers))))
    return len(numbers), np.concatenate(rows)


def _frames(folds: Sequence[FoldPredictions], thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give truth and decision of all folds' frames, both (N, A)."""
    pairs = [
        (face["gt_occurrence"], face["pred_occurrence"] >= levels)
        for fold, levels in zip(folds, thresholds)
        for face in fold.test
    ]
    return np.concatenate([truth for truth, _ in pairs]), np.concatenate([said for _, said in pairs])


def _decide(
    folds: Sequence[FoldPredictions], thresholds: np.ndarray, group: np.ndarray, draws: np.ndarray
) -> DecisionScores:
    single = [
        detection.f1_score(detection.detection_counts(*_frames([fold], levels[None])))
        for fold, levels in zip(folds, thresholds)
    ]
    counts = bootstrap.counts_by_group(*_frames(folds, thresholds), group)
    everybody = bootstrap.resample_counts(counts, np.ones((1, draws.shape[1]), np.int64))
    low, high = bootstrap.percentile_interval(
        with_mean(detection.f1_score(bootstrap.resample_counts(counts, draws)))
    )
    return DecisionScores(
        thresholds=thresholds,
        f1=with_mean(np.stack(single)),
        pooled_f1=with_mean(detection.f1_score(everybody)[0]),
        low=low,
        high=high,
    )
