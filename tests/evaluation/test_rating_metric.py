"""Ratings: windows are merged by segment, figures are those of hand and of other libraries."""

import numpy as np
import pytest
import torch
from sklearn.metrics import mean_absolute_error, r2_score

from fau3d.evaluation import RatingMetric, score_ratings
from fau3d.evaluation.rating_scores import RatedWindow, merge_segments, rating_figures, rating_report
from fau3d.io.safe_pickle import safe_load

# Two segments of each of two children: name, group, windows as (start, predicted, rating), whole rating.
SEGMENTS = (
    ("S1/000000", "ASD", ((0, 1.0, 2.0), (1, 2.0, 2.0)), 2.0),
    ("S1/000050", "ASD", ((0, 3.0, 4.0),), 4.0),
    ("S2TD/000000", "TD", ((0, 0.5, 0.0),), 0.0),
    ("S2TD/000040", "TD", ((0, 1.0, 1.0), (5, 2.0, 1.5)), 1.2),
)


def windows():
    return [
        RatedWindow(name, start, name.partition("/")[0], group, predicted, rating, whole)
        for name, group, rows, whole in SEGMENTS
        for start, predicted, rating in rows
    ]


def test_segments_are_means_of_their_windows():
    merged = merge_segments([*windows()[::-1], windows()[0]])  # any order, one twice
    assert [m["predicted"] for m in merged] == [1.5, 3.0, 0.5, 1.5]
    scores = score_ratings(merged)
    truth, answer = np.array([2.0, 4.0, 0.0, 1.2]), np.array([1.5, 3.0, 0.5, 1.5])
    assert scores.value("mse") == pytest.approx((0.25 + 1 + 0.25 + 0.09) / 4)
    assert scores.value("mae") == pytest.approx(mean_absolute_error(truth, answer))
    assert scores.value("r2") == pytest.approx(r2_score(truth, answer))
    assert scores.value("rmse") == pytest.approx(np.sqrt(1.59 / 4))
    assert scores.value("mse", "window") == pytest.approx((1 + 0 + 1 + 0.25 + 0 + 0.25) / 6)
    assert scores.value("mae", "segment", "TD") == pytest.approx(0.4)
    assert [row["count"] for row in scores.rows] == [6, 3, 3, 4, 2, 2]
    assert "| segment | all | 4 | 2 |" in rating_report(scores)


def test_icc_is_that_of_the_mean_squares():
    # Two raters of six targets of Shrout and Fleiss's table; ICC(3,1) from its mean squares.
    first, second = np.array([9.0, 6, 8, 7, 10, 6]), np.array([2.0, 1, 4, 1, 5, 2])
    targets = np.stack([first, second], 1)
    between = 2 * np.sum((targets.mean(1) - targets.mean()) ** 2) / 5
    rest = np.sum((targets - targets.mean(1, keepdims=True) - targets.mean(0) + targets.mean()) ** 2) / 5
    assert rating_figures(first, second)["icc"] == pytest.approx((between - rest) / (between + rest))
    # A constant shift is no disagreement for consistency, and is one for the error.
    shifted = rating_figures(first, first - 3)
    assert shifted["icc"] == pytest.approx(1) and shifted["mse"] == pytest.approx(9)


def test_undefined_is_a_dash():
    text = rating_report(score_ratings(merge_segments(windows()[:1])))
    assert "–" in text and "undefined" in text


def test_the_metric_logs_writes_and_refuses(tmp_path):
    out = tmp_path / "out.pkl"
    metric = RatingMetric(figures=["mse", "r2"], out_file=str(out))
    samples = [
        {
            "frame_dir": w.frame_dir,
            "start": w.start,
            "subject": w.subject,
            "group": w.group,
            "pred_rating": torch.tensor([w.predicted]),
            "gt_rating": torch.tensor([w.rating]),
            "segment_rating": w.segment_rating,
        }
        for w in windows()
    ]
    metric.process(None, samples[:3])
    metric.process(None, samples[3:])
    figures = metric.evaluate(len(samples))
    assert set(figures) == {
        f"rating/{level}_{name}" for level in ("window", "segment") for name in ("mse", "r2")
    }
    assert figures["rating/segment_mse"] == pytest.approx(1.59 / 4)
    assert [r["frame_dir"] for r in safe_load(out)["results"]] == [s[0] for s in SEGMENTS]
    assert len(metric.scores.table()) == 6
    with pytest.raises(ValueError, match=r"unknown metrics \['f1'\]"):
        RatingMetric(figures=["f1"])
    samples[0]["pred_rating"] = torch.tensor([float("nan")])
    metric.process(None, samples[:1])
    with pytest.raises(ValueError, match=r"S1/000000, frame 0: the prediction is nan"):
        metric.evaluate(1)
