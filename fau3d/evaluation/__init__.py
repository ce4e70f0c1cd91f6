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
from fau3d.evaluation.corpus_scores import score_corpora
from fau3d.evaluation.fusion import fuse_results
from fau3d.evaluation.rating_metric import RatingMetric
from fau3d.evaluation.rating_scores import RatingScores, rating_report, score_ratings
from fau3d.evaluation.video_predictions import WindowPrediction, merge_windows, videos_digest

__all__ = [
    "AUMetric",
    "AUScores",
    "RatingMetric",
    "RatingScores",
    "WindowPrediction",
    "calibrate",
    "fit_calibration",
    "fuse_results",
    "markdown_report",
    "merge_windows",
    "paper_row",
    "rating_report",
    "resolve_metric_names",
    "score_corpora",
    "score_frames",
    "score_ratings",
    "tune_thresholds",
    "videos_digest",
    "write_results",
]
