"""The mmengine metric of fau3d: action units, frame by frame over whole videos."""

import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log

from fau3d.evaluation.au_scores import (
    FIGURES,
    AUScores,
    calibrate,
    fit_calibration,
    markdown_report,
    paper_row,
    score_frames,
    tune_thresholds,
)
from fau3d.evaluation.corpus_scores import score_corpora
from fau3d.evaluation.gathering import evaluate_gathered
from fau3d.evaluation.video_predictions import WindowPrediction, merge_windows, videos_digest
from fau3d.registry import METRICS

# Names that users of other tools give to these figures.
METRIC_ALIASES = {
    "f1_score": "f1",
    "mean_average_precision": "ap",
    "average_precision": "ap",
    "roc_auc": "auc",
    "mean_class_accuracy": "class_accuracy",
    "top_k_accuracy": "top_k",
    "pearson": "pcc",
    "mean_absolute_error": "mae",
    "expected_calibration_error": "ece",
}


def resolve_metric_names(names: Sequence[str]) -> tuple[str, ...]:
    """Give the figures that names ask for, such as 'f1_score' or 'f1'.

    Raises:
        ValueError: If a name is unknown.
    """
    known = {**METRIC_ALIASES, **{name: name for name in (*FIGURES, "top_k")}}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"unknown metrics {unknown}; known: {', '.join(sorted(known))}")
    return tuple(dict.fromkeys(known[name] for name in names))


@METRICS.register_module()
class AUMetric(BaseMetric):
    """F1, precision, recall, accuracy, AP, ROC AUC, base rate, ECE, PCC, ICC(3,1), MAE per action unit.

    Overlapping windows are averaged per face first; then every frame of every video counts once. Keys of the
    result: `au/mean_f1`, …, `au/AU01_f1`, …, `au/top1_accuracy`. Where samples name their corpus, each is
    also scored by itself, on the units that it annotates: `au/BP4D/mean_f1`, ….

    Args:
        figures: Those to report, by name (`f1_score`, `mean_average_precision`, …); None = all. The mean F1
            is always there, since the best checkpoint is chosen by it.
        thresholds: `checkpoint` = those stored with the weights (0.5 where none were tuned); or one number;
            or one a unit.
        tune: Also find the thresholds of the highest F-beta on this split (`tuned`); the report keeps 0.5.
        beta: How many times as much recall counts as precision in it; 1 gives F1.
        least: The lowest threshold that tuning considers.
        calibrate: Also fit what calibrates the probabilities of this split (see `tuned`), and tune thresholds
            on the calibrated ones; the report is of those that came.
        top_k: For which k the top-k accuracy is computed.
        out_file: Where to write the merged predictions, a pickle; None = nowhere.
        collect_device: For mmengine; results travel as Python objects.
        prefix: Before each key.
    """

    default_prefix = "au"

    def __init__(
        self,
        figures: Sequence[str] | None = None,
        thresholds: str | float | Sequence[float] = "checkpoint",
        tune: bool = False,
        beta: float = 1.0,
        least: float = 0.0,
        calibrate: bool = False,
        top_k: Sequence[int] = (1, 5),
        out_file: str | None = None,
        collect_device: str = "cpu",
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        if isinstance(thresholds, str) and thresholds != "checkpoint":
            raise ValueError(f"thresholds is {thresholds!r}; wanted 'checkpoint', a number, or one a unit")
        # Not called `metrics`: mmengine takes a config with that key for one of an evaluator.
        self.figures = None if figures is None else resolve_metric_names(figures)
        self.thresholds = thresholds
        self.tune, self.beta, self.least = tune, beta, least
        self.calibrate = calibrate
        self.top_k = tuple(top_k)
        self.out_file = out_file
        self.tuned: dict | None = None
        self.scores: AUScores | None = None
        self.corpus_scores: dict[str, AUScores] = {}
        self._videos = 0
        self._stored: np.ndarray | None = None
        self._stored_split: str | None = None

    def set_stored_thresholds(self, thresholds: np.ndarray | None, split: str | None) -> None:
        """Take the thresholds that came with the weights.

        Args:
            thresholds: Shape (A,), or None = 0.5.
            split: The split they were tuned on (`tuned["split"]` of that run), or None = they were not.
        """
        self._stored, self._stored_split = thresholds, split

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Keep what one batch says, as NumPy arrays, one window a sample."""
        for sample in data_samples:
            frame_inds = np.asarray(sample["frame_inds"], np.int64).reshape(-1)
            self.results.append(
                WindowPrediction(
                    frame_dir=str(sample["frame_dir"]),
                    person=int(sample.get("person", 0)),
                    frame_inds=frame_inds,
                    pred_occurrence=_array(sample["pred_occurrence"], np.float32),
                    gt_occurrence=_array(sample["gt_occurrence"], np.int8),
                    pred_intensity=_array(sample.get("pred_intensity"), np.float32),
                    gt_intensity=_array(sample.get("gt_intensity"), np.float32),
                    corpus=str(sample.get("corpus", "")),
                )
            )

    def evaluate(self, size: int) -> dict:
        """Bring the windows of all processes together and score them in the first.

        mmengine's own collection drops samples by their place in the list, which is only right where every
        process has as many as the next; windows have names, so duplicates are dropped by name.

        Args:
            size: Samples in the data set.

        Returns:
            Key to figure, the same in every process.
        """
        return evaluate_gathered(self)

    def compute_metrics(self, results: list[WindowPrediction]) -> dict[str, float]:
        """Merge the windows, score the frames, print the table.

        Args:
            results: The windows of the whole split, in any order, duplicates allowed.

        Returns:
            Figure to value; NaN = undefined.

        Raises:
            ValueError: If the thresholds were tuned on videos that are scored.
        """
        au_names = tuple((self.dataset_meta or {})["au_names"])
        merged = merge_windows(results)
        digest = videos_digest(merged)
        thresholds = self._thresholds(digest)
        self.scores = score_frames(merged, au_names, thresholds, self.top_k)
        self.corpus_scores = score_corpora(merged, au_names, thresholds, self.top_k)
        self._videos = len({result["frame_dir"] for result in merged})
        if self.tune or self.calibrate:
            self.tuned = self._tune(merged, digest)
        if self.out_file is not None:
            write_results(self.out_file, au_names, merged)
        print_log(self.report(), logger="current")
        figures = self._figures(self.scores)
        for corpus, scores in self.corpus_scores.items():
            figures.update({f"{corpus}/{name}": value for name, value in self._figures(scores).items()})
        return figures

    def report(self) -> str:
        """Give the scores of the last evaluation in Markdown: the table a unit, and F1 as papers print it.

        Where there are several corpora, those of each follow.
        """
        if self.scores is None:
            return "nothing has been scored yet"
        shown = None if self.figures is None else [*self.figures, "f1", "base_rate"]
        parts = [(f"{self.scores.frames} annotated frames of {self._videos} videos", self.scores)]
        for corpus, scores in self.corpus_scores.items():
            parts.append((f"## {corpus}\n\n{scores.frames} annotated frames", scores))
        return "\n".join(
            f"{head}\n\n{markdown_report(scores, shown)}\n\n{paper_row(scores)}\n" for head, scores in parts
        )

    def _tune(self, merged: list[dict], digest: str) -> dict:
        """Fit what the weights are to keep: `split`, `thresholds`, and `scale` and `shift` of logits."""
        tuned: dict = {"split": digest}
        if self.calibrate:
            tuned["scale"], tuned["shift"] = fit_calibration(merged)
            merged = calibrate(merged, tuned["scale"], tuned["shift"])
        if self.tune:
            tuned["thresholds"] = tune_thresholds(merged, self.beta, self.least)
        return tuned

    def _thresholds(self, digest: str) -> np.ndarray | float:
        if not isinstance(self.thresholds, str):
            return np.asarray(self.thresholds, np.float64)
        if self.tune or self.calibrate or self._stored is None:
            return 0.5
        here = set(digest.split())
        tuned_on = here & set((self._stored_split or "").split())
        if tuned_on:
            raise ValueError(
                f"the checkpoint's thresholds or calibration were tuned on {len(tuned_on)} of the "
                f"{len(here)} videos to be scored, which would flatter it; score another split, or set the "
                "metric's thresholds=0.5"
            )
        return self._stored

    def _figures(self, scores: AUScores) -> dict[str, float]:
        wanted = [name for name in scores.values if self.figures is None or name in self.figures]
        figures = {f"mean_{name}": scores.mean(name) for name in dict.fromkeys(["f1", *wanted])}
        if self.figures is None or "top_k" in self.figures:
            figures.update({f"top{k}_accuracy": value for k, value in scores.top_k.items()})
        # The table has all figures of all units; the log keeps the papers' one, or those asked for.
        for name in ["f1"] if self.figures is None else wanted:
            if name != "base_rate":
                figures.update(
                    {f"{au}_{name}": float(v) for au, v in zip(scores.au_names, scores.values[name])}
                )
        return figures


def write_results(path: str | Path, au_names: Sequence[str], merged: list[dict]) -> None:
    """Write merged predictions as a pickle of NumPy arrays and plain values, atomically.

    Args:
        path: The file; its folder is created.
        au_names: Names of the A columns.
        merged: As `merge_windows` gives them.
    """
    from fau3d.io.atomic import atomic_path

    Path(path).parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(Path(path)) as temporary, Path(temporary).open("wb") as file:
        pickle.dump({"au_names": list(au_names), "results": merged}, file, protocol=4)


def _array(values: Any, dtype: type) -> Any:
    if values is None:
        return None
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu().float().numpy() if values.is_floating_point() else values.cpu().numpy()
    return np.array(values, dtype=dtype)
