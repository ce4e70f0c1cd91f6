"""Figures per action unit of frame-level predictions, their means over the defined ones, and tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd

from fau3d.functional import agreement, calibration, detection

OCCURRENCE_FIGURES: dict[str, str] = {
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
    "accuracy": "Accuracy",
    "class_accuracy": "Class accuracy",
    "ap": "AP",
    "auc": "ROC AUC",
    "base_rate": "Base rate",
    "ece": "ECE",
}
INTENSITY_FIGURES: dict[str, str] = {"pcc": "PCC", "icc": "ICC(3,1)", "mae": "MAE"}
FIGURES = {**OCCURRENCE_FIGURES, **INTENSITY_FIGURES}

_REASONS = {
    "f1": "no annotated frame shows it",
    "recall": "no annotated frame shows it",
    "ap": "no annotated frame shows it",
    "precision": "never detected",
    "accuracy": "not annotated",
    "base_rate": "not annotated",
    "ece": "not annotated",
    "auc": "its annotated frames are all of one class",
    "class_accuracy": "its annotated frames are all of one class",
    "pcc": "fewer than two graded frames, or constant intensity",
    "icc": "fewer than two graded frames, or constant intensity",
    "mae": "no frame is graded",
}


@dataclass
class AUScores:
    """Figures for each action unit.

    Attributes:
        au_names: A units, in column order.
        values: Figure (keys of `FIGURES`) to shape (A,) array; NaN = undefined.
        top_k: k to top-k accuracy in [0, 1].
        thresholds: Shape (A,): present means probability >= threshold.
        frames: Annotated frames of at least one unit.
    """

    au_names: tuple[str, ...]
    values: dict[str, np.ndarray]
    top_k: dict[int, float]
    thresholds: np.ndarray
    frames: int
    undefined: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, values in self.values.items():
            for au in np.flatnonzero(np.isnan(values)):
                self.undefined.setdefault(f"{name}: {_REASONS[name]}", []).append(self.au_names[au])

    def mean(self, figure: str) -> float:
        """Average one figure over the units for which it is defined; NaN where it is for none."""
        values = self.values[figure]
        return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")

    def table(self) -> pd.DataFrame:
        """One row a unit and a last row `mean`; one column a figure, and the threshold."""
        rows = {figure: [*values, self.mean(figure)] for figure, values in self.values.items()}
        table = pd.DataFrame({"au": [*self.au_names, "mean"], **rows})
        table["threshold"] = [*self.thresholds, np.nan]
        return table


def score_frames(
    results: Sequence[dict],
    au_names: Sequence[str],
    thresholds: np.ndarray | float = 0.5,
    top_k: Sequence[int] = (1, 5),
) -> AUScores:
    """Score merged predictions frame by frame, over all videos together.

    Args:
        results: As `merge_windows` gives them.
        au_names: Names of the A columns.
        thresholds: One for all units or shape (A,); present means probability >= threshold.
        top_k: For which k the top-k accuracy is computed.

    Returns:
        The figures; those of intensity only where predictions and labels have it.

    Raises:
        ValueError: If there are no results or the columns are not those of `au_names`.
    """
    if not results:
        raise ValueError("there are no predictions to score: the split is empty")
    score = np.concatenate([result["pred_occurrence"] for result in results]).astype(np.float64)
    target = np.concatenate([result["gt_occurrence"] for result in results])
    if score.shape != target.shape or score.shape[1] != len(au_names):
        raise ValueError(
            f"predictions have shape {score.shape} and labels {target.shape}, but the data set has "
            f"{len(au_names)} action units: {', '.join(au_names)}"
        )
    levels = np.broadcast_to(np.asarray(thresholds, np.float64), (len(au_names),)).copy()
    counts = detection.detection_counts(target, score >= levels)
    values = {
        "f1": detection.f1_score(counts),
        "precision": detection.precision(counts),
        "recall": detection.recall(counts),
        "accuracy": detection.accuracy(counts),
        "class_accuracy": detection.class_accuracy(counts),
        "ap": _per_unit(detection.average_precision, target, score),
        "auc": _per_unit(detection.roc_auc, target, score),
        "base_rate": detection.base_rate(counts),
        "ece": _per_unit(calibration.expected_calibration_error, target, score),
    }
    if all("pred_intensity" in result and "gt_intensity" in result for result in results):
        values.update(_intensity_values(results))
    return AUScores(
        au_names=tuple(au_names),
        values=values,
        top_k={k: detection.top_k_accuracy(target, score, k) for k in top_k if k <= len(au_names)},
        thresholds=levels,
        frames=int((target != detection.UNANNOTATED).any(1).sum()),
    )


def tune_thresholds(results: Sequence[dict], beta: float = 1.0, least: float = 0.0) -> np.ndarray:
    """Find for each unit the threshold of the highest F-beta (`best_threshold`).

    Args:
        results: As `merge_windows` gives them.
        beta: How many times as much recall counts as precision.
        least: The lowest threshold that is considered.

    Returns:
        Shape (A,); 0.5 where no frame shows the unit.
    """
    score = np.concatenate([result["pred_occurrence"] for result in results]).astype(np.float64)
    target = np.concatenate([result["gt_occurrence"] for result in results])
    return _per_unit(partial(detection.best_threshold, beta=beta, least=least), target, score)


def fit_calibration(results: Sequence[dict]) -> tuple[np.ndarray, np.ndarray]:
    """Fit for each unit what brings its probabilities nearest to its labels (`platt_scaling`).

    Args:
        results: As `merge_windows` gives them.

    Returns:
        Scale and shift of logits, both of shape (A,).
    """
    score = np.concatenate([result["pred_occurrence"] for result in results])
    target = np.concatenate([result["gt_occurrence"] for result in results])
    fits = [
        calibration.platt_scaling(target[:, au], logit)
        for au, logit in enumerate(calibration.logits(score).T)
    ]
    scale, shift = np.array(fits).reshape(-1, 2).T
    return scale, shift


def calibrate(results: Sequence[dict], scale: np.ndarray, shift: np.ndarray) -> list[dict]:
    """Give merged predictions with calibrated probabilities.

    Args:
        results: As `merge_windows` gives them.
        scale: Shape (A,), of logits.
        shift: Shape (A,).
    """
    return [
        {
            **result,
            "pred_occurrence": (
                1 / (1 + np.exp(-(calibration.logits(result["pred_occurrence"]) * scale + shift)))
            ).astype(np.float32),
        }
        for result in results
    ]


def paper_name(au_name: str) -> str:
    """Give a unit's name as the papers head their columns: `1` for `AU01`."""
    return au_name.removeprefix("AU").lstrip("0") or "0"


def paper_row(scores: AUScores, figure: str = "f1") -> str:
    """Give one figure in percent as the papers print it: in Markdown, one column a unit, then the mean."""
    names = [paper_name(name) for name in scores.au_names]
    cells = [*scores.values[figure], scores.mean(figure)]
    return "\n".join(
        [
            f"| {FIGURES[figure]} (%) | " + " | ".join([*names, "Avg"]) + " |",
            "|---" * (len(cells) + 1) + "|",
            "| | " + " | ".join("–" if np.isnan(cell) else f"{100 * cell:.1f}" for cell in cells) + " |",
        ]
    )


def markdown_report(scores: AUScores, figures: Sequence[str] | None = None) -> str:
    """Give the full table in Markdown: one row a unit, then the mean, then why a figure is undefined."""
    wanted = [name for name in scores.values if figures is None or name in figures]
    lines = [
        "| AU | " + " | ".join(FIGURES[name] for name in wanted) + " | Threshold |",
        "|---" * (len(wanted) + 2) + "|",
    ]
    for row in scores.table().to_dict("records"):
        cells = [row[name] for name in [*wanted, "threshold"]]
        lines.append(
            f"| {row['au']} | " + " | ".join("–" if np.isnan(c) else f"{c:.3f}" for c in cells) + " |"
        )
    for k, value in scores.top_k.items():
        lines.append(f"\ntop-{k} accuracy: {value:.3f}")
    for reason, names in scores.undefined.items():
        if reason.split(":")[0] in wanted:
            lines.append(f"\nundefined {reason} ({', '.join(names)})")
    return "\n".join(lines)


def _per_unit(
    figure: Callable[[np.ndarray, np.ndarray], float], target: np.ndarray, score: np.ndarray
) -> np.ndarray:
    return np.array([figure(target[:, au], score[:, au]) for au in range(target.shape[1])])


def _intensity_values(results: Sequence[dict]) -> dict[str, np.ndarray]:
    predicted = np.concatenate([result["pred_intensity"] for result in results]).astype(np.float64)
    truth = np.concatenate([result["gt_intensity"] for result in results]).astype(np.float64)
    if np.isnan(truth).all():
        return {}
    values: dict[str, list[float]] = {"pcc": [], "icc": [], "mae": []}
    for au in range(truth.shape[1]):
        graded = ~np.isnan(truth[:, au])
        pair = np.stack([truth[graded, au], predicted[graded, au]], 1)
        values["pcc"].append(agreement.pearson(pair[:, 0], pair[:, 1]))
        # A rater who never varies cannot agree on anything: undefined, as for the correlation.
        defined = len(pair) > 1 and np.ptp(pair[:, 0]) > 0
        values["icc"].append(agreement.icc_consistency(pair) if defined else float("nan"))
        values["mae"].append(agreement.mean_absolute_error(pair[:, 0], pair[:, 1]))
    return {name: np.array(column) for name, column in values.items()}
