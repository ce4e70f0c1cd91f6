"""How well scores detect action units: F1, precision, recall, accuracy, average precision, ROC AUC.

Every function masks what is not annotated and gives NaN where a figure is undefined; none gives a plausible
number instead.
"""

from dataclasses import dataclass

import numpy as np

UNANNOTATED = -1


@dataclass(frozen=True)
class DetectionCounts:
    """Frames by truth and decision, for each of A action units; unannotated frames are in none of them.

    Attributes:
        true_positive, false_positive, false_negative, true_negative: Shape (A,), int64.
    """

    true_positive: np.ndarray
    false_positive: np.ndarray
    false_negative: np.ndarray
    true_negative: np.ndarray

    @property
    def positive(self) -> np.ndarray:
        """Frames in which the unit is there. Shape (A,)."""
        return self.true_positive + self.false_negative

    @property
    def negative(self) -> np.ndarray:
        """Frames in which the unit is not there. Shape (A,)."""
        return self.true_negative + self.false_positive


def detection_counts(target: np.ndarray, predicted: np.ndarray) -> DetectionCounts:
    """Count right and wrong decisions for each action unit.

    Args:
        target: Shape (N, A): 1, 0, -1 = not annotated.
        predicted: Shape (N, A), boolean or 0 and 1.

    Returns:
        The counts over the annotated frames.

    Raises:
        ValueError: If the shapes differ, or the target holds anything but -1, 0 and 1.
    """
    target, predicted = np.asarray(target), np.asarray(predicted).astype(bool)
    if target.shape != predicted.shape or target.ndim != 2:
        raise ValueError(
            f"target has shape {target.shape}, predicted {predicted.shape}; wanted the same (frames, units)"
        )
    if not np.isin(target, (UNANNOTATED, 0, 1)).all():
        raise ValueError(f"target holds {np.unique(target)[:8]}; wanted 1, 0 and -1 (not annotated)")
    present, absent = target == 1, target == 0
    return DetectionCounts(
        true_positive=(present & predicted).sum(0),
        false_positive=(absent & predicted).sum(0),
        false_negative=(present & ~predicted).sum(0),
        true_negative=(absent & ~predicted).sum(0),
    )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)


def f1_score(counts: DetectionCounts) -> np.ndarray:
    """Give F1 in [0, 1] for each unit; NaN where no frame shows the unit. Shape (A,)."""
    score = _ratio(
        2 * counts.true_positive,
        2 * counts.true_positive + counts.false_positive + counts.false_negative,
    )
    return np.where(counts.positive > 0, score, np.nan)


def precision(counts: DetectionCounts) -> np.ndarray:
    """Give the share of detections that are right; NaN where nothing was detected. Shape (A,)."""
    return _ratio(counts.true_positive, counts.true_positive + counts.false_positive)


def recall(counts: DetectionCounts) -> np.ndarray:
    """Give the share of shown units that were detected; NaN where no frame shows the unit. Shape (A,)."""
    return _ratio(counts.true_positive, counts.positive)


def accuracy(counts: DetectionCounts) -> np.ndarray:
    """Give the share of right decisions; NaN where no frame is annotated. Shape (A,)."""
    return _ratio(counts.true_positive + counts.true_negative, counts.positive + counts.negative)


def class_accuracy(counts: DetectionCounts) -> np.ndarray:
    """Give the mean of the two classes' recalls; NaN unless both classes are there. Shape (A,)."""
    return (_ratio(counts.true_positive, counts.positive) + _ratio(counts.true_negative, counts.negative)) / 2


def base_rate(counts: DetectionCounts) -> np.ndarray:
    """Give the share of annotated frames that show the unit; NaN where none is annotated. Shape (A,)."""
    return _ratio(counts.positive, counts.positive + counts.negative)


def _curve(target: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give true and false positives at each distinct score, from the highest down, and these scores."""
    order = np.argsort(-score, kind="stable")
    ordered, present = score[order], target[order] == 1
    ends = np.append(np.flatnonzero(np.diff(ordered)), len(ordered) - 1)
    true_positive = np.cumsum(present)[ends]
    return true_positive, ends + 1 - true_positive, ordered[ends]


def annotated_frames(target: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give one unit's target and score, float64, in the frames where it is annotated.

    Args:
        target: Shape (N,): 1, 0, -1 = not annotated.
        score: Shape (N,).

    Raises:
        ValueError: If the shapes differ or a score is not finite.
    """
    target, score = np.asarray(target), np.asarray(score)
    if target.shape != score.shape or target.ndim != 1:
        raise ValueError(
            f"target has shape {target.shape} and score {score.shape}; wanted one unit's frames, shape (N,)"
        )
    known = target != UNANNOTATED
    if not np.isfinite(score[known]).all():
        raise ValueError("score holds NaN or infinity on annotated frames; every frame needs a finite score")
    return target[known], score[known].astype(np.float64)


def average_precision(target: np.ndarray, score: np.ndarray) -> float:
    """Compute the area under the precision-recall curve of one unit, by steps, equal scores as one.

    Args:
        target: Shape (N,): 1, 0, -1 = not annotated.
        score: Shape (N,), any monotone confidence.

    Returns:
        A value in (0, 1], or NaN where no frame shows the unit.

    Raises:
        ValueError: If the shapes differ or a score is not finite.
    """
    target, score = annotated_frames(target, score)
    positives = int((target == 1).sum())
    if positives == 0:
        return float("nan")
    true_positive, false_positive, _ = _curve(target, score)
    gain = np.diff(true_positive, prepend=0) / positives
    return float(np.sum(gain * true_positive / (true_positive + false_positive)))


def roc_auc(target: np.ndarray, score: np.ndarray) -> float:
    """Compute the area under the ROC curve of one unit, equal scores counting half.

    Args:
        target: Shape (N,): 1, 0, -1 = not annotated.
        score: Shape (N,), any monotone confidence.

    Returns:
        A value in [0, 1], or NaN unless some frames show the unit and some do not.

    Raises:
        ValueError: If the shapes differ or a score is not finite.
    """
    target, score = annotated_frames(target, score)
    positives = int((target == 1).sum())
    negatives = len(target) - positives
    if positives == 0 or negatives == 0:
        return float("nan")
    true_positive, false_positive, _ = _curve(target, score)
    width = np.diff(false_positive, prepend=0)
    height = true_positive - np.diff(true_positive, prepend=0) / 2
    return float(np.sum(width * height) / (positives * negatives))


def top_k_accuracy(target: np.ndarray, score: np.ndarray, k: int) -> float:
    """Compute the share of frames in which a shown unit is among the k highest-scored annotated units.

    Args:
        target: Shape (N, A): 1, 0, -1 = not annotated.
        score: Shape (N, A).
        k: At least 1.

    Returns:
        A value in [0, 1] over the frames that show a unit, or NaN where none does.

    Raises:
        ValueError: If k is below 1.
    """
    if k < 1:
        raise ValueError(f"k is {k}; wanted at least 1")
    target = np.asarray(target)
    shown = (target == 1).any(1)
    if not shown.any():
        return float("nan")
    masked = np.where(target[shown] == UNANNOTATED, -np.inf, np.asarray(score)[shown])
    leaders = np.argsort(-masked, axis=1, kind="stable")[:, :k]
    return float((np.take_along_axis(target[shown], leaders, 1) == 1).any(1).mean())


def best_threshold(
    target: np.ndarray, score: np.ndarray, beta: float = 1.0, default: float = 0.5, least: float = 0.0
) -> float:
    """Find the threshold at which one unit's F-beta is highest: present means score >= threshold.

    Args:
        target: Shape (N,): 1, 0, -1 = not annotated.
        score: Shape (N,).
        beta: How many times as much recall counts as precision; 1 gives F1, 0.5 believes detections more.
        default: Given where no frame shows the unit.
        least: The lowest threshold that is considered: with calibrated scores, a unit that is never told well
            would else be called present where it is nearly always absent.

    Returns:
        `least`, or a value halfway between two scores, so that rounding moves no frame across it.
    """
    target, score = annotated_frames(target, score)
    positives = int((target == 1).sum())
    if positives == 0:
        return default
    true_positive, false_positive, levels = _curve(target, score)
    detected = true_positive + false_positive
    best = int(np.argmax(np.where(levels >= least, true_positive / (detected + beta**2 * positives), -1.0)))
    if best + 1 == len(levels):
        return max(float(levels[best]), least)
    return max(float((levels[best] + levels[best + 1]) / 2), least)
