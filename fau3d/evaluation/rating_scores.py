"""How near predicted ratings come to people's, by window and by segment, in all and in each group."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fau3d.functional.agreement import icc_consistency, mean_absolute_error, pearson
from fau3d.functional.regression import mean_squared_error, r_squared

FIGURES = ("mse", "rmse", "mae", "r2", "icc", "pcc")
LEVELS = ("window", "segment")
EVERYONE = "all"


@dataclass(frozen=True)
class RatedWindow:
    """What the model and the raters say of one window.

    Attributes:
        frame_dir: Name of the segment.
        start: First frame of the window in it.
        subject: Who is seen.
        group: Of the subject.
        predicted: By the model.
        rating: Mean of the raters over the window's frames.
        segment_rating: Mean of the raters over the segment's frames.
    """

    frame_dir: str
    start: int
    subject: str
    group: str
    predicted: float
    rating: float
    segment_rating: float


@dataclass(frozen=True)
class RatingScores:
    """Figures of one evaluation.

    Attributes:
        rows: One dict a level and group: `level`, `group`, `count`, `subjects` and `FIGURES`.
    """

    rows: list[dict]

    def value(self, figure: str, level: str = "segment", group: str = EVERYONE) -> float:
        """Give one figure; NaN where it is undefined."""
        return next(row[figure] for row in self.rows if (row["level"], row["group"]) == (level, group))

    def table(self) -> pd.DataFrame:
        """One row a level and group."""
        return pd.DataFrame(self.rows)


@dataclass(frozen=True)
class FoldedScores:
    """Figures of several folds.

    Attributes:
        by_file: Of each fold, by the name of its file.
        pooled: Of all segments of all folds: every child is tested once.
    """

    by_file: dict[str, RatingScores]
    pooled: RatingScores

    def spread(self) -> str:
        """Give mean and standard deviation over folds, segments of all children, as one line."""
        parts = []
        for figure in FIGURES:
            values = np.array([scores.value(figure) for scores in self.by_file.values()])
            spread = values.std(ddof=1) if len(values) > 1 else float("nan")
            parts.append(f"{figure} {values.mean():.3f} ± {spread:.3f}")
        return f"mean and spread over {len(self.by_file)} folds, segments: {', '.join(parts)}"


def merge_segments(windows: Sequence[RatedWindow]) -> list[dict]:
    """Average the windows of each segment.

    Args:
        windows: In any order; of windows with one segment and start the first counts.

    Returns:
        One dict a segment, by name: `frame_dir`, `subject`, `group`, `predicted`, `rating`, and `starts`,
        `window_predicted`, `window_rating`, shape (W,).

    Raises:
        ValueError: If a prediction is not finite.
    """
    segments: dict[str, dict[int, RatedWindow]] = defaultdict(dict)
    for window in windows:
        if not np.isfinite(window.predicted):
            raise ValueError(
                f"{window.frame_dir}, frame {window.start}: the prediction is {window.predicted}; the "
                "weights or the inputs are damaged"
            )
        segments[window.frame_dir].setdefault(window.start, window)
    merged = []
    for name, unique in sorted(segments.items()):
        ordered = [unique[start] for start in sorted(unique)]
        predicted = np.array([window.predicted for window in ordered])
        merged.append(
            {
                "frame_dir": name,
                "subject": ordered[0].subject,
                "group": ordered[0].group,
                "predicted": float(predicted.mean()),
                "rating": ordered[0].segment_rating,
                "starts": np.array(sorted(unique), np.int64),
                "window_predicted": predicted,
                "window_rating": np.array([window.rating for window in ordered]),
            }
        )
    return merged


def score_ratings(segments: Sequence[dict]) -> RatingScores:
    """Score merged predictions.

    Args:
        segments: As `merge_segments` gives them.

    Returns:
        Figures of windows and of segments, over all and over each group where there are several.
    """
    groups = sorted({segment["group"] for segment in segments})
    chosen = {EVERYONE: list(segments)}
    if len(groups) > 1:
        chosen |= {group: [s for s in segments if s["group"] == group] for group in groups}
    rows = []
    for level in LEVELS:
        for group, members in chosen.items():
            if level == "window":
                predicted = np.concatenate([s["window_predicted"] for s in members] or [np.zeros(0)])
                rating = np.concatenate([s["window_rating"] for s in members] or [np.zeros(0)])
            else:
                predicted = np.array([s["predicted"] for s in members], np.float64)
                rating = np.array([s["rating"] for s in members], np.float64)
            people = len({s["subject"] for s in members})
            row = {"level": level, "group": group, "count": len(rating), "subjects": people}
            rows.append(row | rating_figures(rating, predicted))
    return RatingScores(rows)


def score_folds(files: Mapping[str, Sequence[dict]]) -> FoldedScores:
    """Score the merged predictions of several folds.

    Args:
        files: What `merge_segments` gave for each fold, by the name of its file.

    Raises:
        ValueError: If somebody is in two of them.
    """
    seen: dict[str, str] = {}
    for name, segments in files.items():
        for subject in {segment["subject"] for segment in segments}:
            if seen.setdefault(subject, name) != name:
                raise ValueError(
                    f"{name}: {subject} is in {seen[subject]}, too; wanted the test folds of one division"
                )
    pooled = score_ratings([segment for segments in files.values() for segment in segments])
    return FoldedScores({name: score_ratings(segments) for name, segments in files.items()}, pooled)


def rating_figures(rating: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """Compute `FIGURES` of shape (N,) ratings and predictions.

    Returns:
        Errors in the rating's unit (`mse` in its square), R2, ICC(3,1) of the raters' mean and the model, and
        Pearson's correlation; NaN where undefined.
    """
    mse = mean_squared_error(rating, predicted)
    pairs = np.stack([rating, predicted], axis=1)
    return {
        "mse": mse,
        "rmse": float(np.sqrt(mse)),
        "mae": mean_absolute_error(rating, predicted),
        "r2": r_squared(rating, predicted),
        "icc": icc_consistency(pairs) if len(rating) > 1 else float("nan"),
        "pcc": pearson(rating, predicted),
    }


def rating_report(scores: RatingScores) -> str:
    """Give the figures as a Markdown table; undefined is a dash, and a line below says why."""
    head = ["level", "group", "count", "subjects", *FIGURES]
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    undefined = False
    for row in scores.rows:
        cells = ["–" if np.isnan(row[figure]) else f"{row[figure]:.3f}" for figure in FIGURES]
        undefined = undefined or "–" in cells
        lines.append(f"| {' | '.join([*(str(row[name]) for name in head[:4]), *cells])} |")
    if undefined:
        lines += ["", "– is undefined: fewer than two values, or all ratings or all predictions are equal."]
    return "\n".join(lines)
