"""The mmengine metric of ratings: windows, and the segments that they are of."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from fau3d.evaluation.gathering import evaluate_gathered
from fau3d.evaluation.rating_scores import (
    FIGURES,
    LEVELS,
    RatedWindow,
    RatingScores,
    merge_segments,
    rating_report,
    score_ratings,
)
from fau3d.io.atomic import atomic_path
from fau3d.registry import METRICS


@METRICS.register_module()
class RatingMetric(BaseMetric):
    """MSE, RMSE, MAE, R2, ICC(3,1) and Pearson's correlation of predicted ratings with the raters' mean.

    A segment's prediction is the mean of its windows'; its rating is that of all its frames. Keys of the
    result: `rating/segment_mse`, `rating/window_r2`, …; the table tells the groups apart, too.

    Args:
        figures: Those to log, of `FIGURES`; None = all. The table has all.
        out_file: Where to write the merged predictions, a pickle; None = nowhere.
        collect_device: For mmengine; results travel as Python objects.
        prefix: Before each key.

    Raises:
        ValueError: If a figure is unknown.
    """

    default_prefix = "rating"

    def __init__(
        self,
        figures: Sequence[str] | None = None,
        out_file: str | None = None,
        collect_device: str = "cpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        unknown = sorted(set(figures or ()) - set(FIGURES))
        if unknown:
            raise ValueError(f"unknown metrics {unknown}; known: {', '.join(FIGURES)}")
        self.figures = FIGURES if figures is None else tuple(figures)
        self.out_file = out_file
        self.scores: RatingScores | None = None

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep what one batch says, one window a sample."""
        for sample in data_samples:
            self.results.append(
                RatedWindow(
                    frame_dir=str(sample["frame_dir"]),
                    start=int(sample["start"]),
                    subject=str(sample["subject"]),
                    group=str(sample["group"]),
                    predicted=float(sample["pred_rating"]),
                    rating=float(sample["gt_rating"]),
                    segment_rating=float(sample["segment_rating"]),
                )
            )

    def evaluate(self, size: int) -> dict:
        """Bring the windows of all processes together and score them in the first; `size` is not needed."""
        return evaluate_gathered(self)

    def compute_metrics(self, results: list[RatedWindow]) -> dict[str, float]:
        """Merge the windows, score them, print the table.

        Args:
            results: The windows of the whole split, in any order, duplicates allowed.

        Returns:
            Figure to value; NaN = undefined.
        """
        segments = merge_segments(results)
        self.scores = score_ratings(segments)
        if self.out_file is not None:
            with atomic_path(Path(self.out_file)) as temporary, temporary.open("wb") as stream:
                pickle.dump({"results": segments}, stream, protocol=4)
        print_log(self.report(), logger="current")
        return {
            f"{level}_{name}": self.scores.value(name, level) for level in LEVELS for name in self.figures
        }

    def report(self) -> str:
        """Give the scores of the last evaluation in Markdown."""
        return "" if self.scores is None else rating_report(self.scores)
