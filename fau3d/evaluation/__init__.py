"""Metrics over whole videos, for mmengine's runner and for result files."""

from fau3d.evaluation.au_metric import AUMetric, resolve_metric_names, write_results
from fau3d.evaluation.au_scores import (
    AUScores,
    calibrate,
    fit_calibration,
    markdown_report,
    paper_row,
    score_frames,
    tune_thresholds,
)
from fau3d.evaluation.fusion import fuse_results
from fau3d.evaluation.video_predictions import WindowPrediction, merge_windows, videos_digest

__all__ = [
    "AUMetric",
    "AUScores",
    "WindowPrediction",
    "calibrate",
    "fit_calibration",
    "fuse_results",
    "markdown_report",
    "merge_windows",
    "paper_row",
    "resolve_metric_names",
    "score_frames",
    "tune_thresholds",
    "videos_digest",
    "write_results",
]
