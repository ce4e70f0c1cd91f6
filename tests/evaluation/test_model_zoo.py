"""The facts that metafiles keep, and the page that is made of them."""

import numpy as np
import pandas as pd
import pytest

from fau3d.evaluation import score_frames
from fau3d.evaluation.model_zoo import (
    group_measures,
    model_page,
    real_measures,
    scores_of_table,
    two_sided_mean,
)


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, (60, 2)).astype(np.int8)
    result = {"pred_occurrence": np.clip(truth * 0.5 + rng.random((60, 2)) / 2, 0, 1), "gt_occurrence": truth}
    return score_frames([result], ["AU01", "AU12"], top_k=()).table()


def entry(**more) -> dict:
    return {
        "name": "made_up",
        "config": "configs/made_up/joint.py",
        "size_mb": 3.345,
        "parameters": 1_654_321,
        "reads": {"topology": "mediapipe91", "frames": 48, "fps": 25.0},
        "answers": "synthetic41",
        **more,
    }


def test_scores_are_those_of_the_table_and_what_is_undefined_is_left_out():
    scores = scores_of_table(table())
    assert list(scores) == ["AU01", "AU12", "mean"]
    assert scores["AU01"]["threshold"] == 0.5 and "threshold" not in scores["mean"]
    assert scores["mean"]["ece"] == pytest.approx(table()["ece"].iloc[-1], abs=1e-4)
    assert "pcc" not in scores["AU01"], "there are no intensities"
    with pytest.raises(ValueError, match=r"wanted a test_scores\.csv"):
        scores_of_table(pd.DataFrame({"frame": [1]}))


def test_means_leave_sides_out():
    units = {
        "AU01": {"f1": 0.4, "auc": 0.8},
        "AU12": {"f1": 0.6},
        "AU12_L": {"f1": 0.0, "auc": 0.2},
        "mean": {"f1": 0.33, "auc": 0.5},
    }
    assert two_sided_mean(units) == pytest.approx({"f1": 0.5, "auc": 0.8})
    page = model_page([entry(scores={"held_out": {"units": units}})])
    assert "| 0.500, 0.800 |" in page and "| **mean, two-sided** | 0.500 | 0.800 |" in page


def test_real_measures_are_means_and_the_units_of_the_coded_clip():
    rows = [
        ("1. Coded clip", "AU12", "AUC", 0.91234),
        ("1. Coded clip", "AU12", "hit", 0.5),
        ("1. Coded clip", "mean", "AUC", 0.9),
        ("2. Mirror", "worst unit", "correlation", 0.1),
        ("2. Mirror", "mean of units", "correlation", 0.8),
        ("2. Mirror", "mean of units", "relative", 0.8),
        ("6. Steadiness", "frame to frame, AU04", "difference", 0.1),
        ("5. Invariance", "blur-1.5", "AUC", None),
    ]
    told = {"rivals": ["a"], "figures": [dict(zip(("check", "item", "measure", "a"), row)) for row in rows]}
    assert real_measures(told, "a") == [
        ["1. Coded clip", "AU12", "AUC", 0.9123],
        ["1. Coded clip", "mean", "AUC", 0.9],
        ["2. Mirror", "mean of units", "correlation", 0.8],
    ]
    with pytest.raises(ValueError, match="speaks of a, not of 'b'"):
        real_measures(told, "b")


def test_a_page_of_little_and_of_much():
    scores = scores_of_table(table())
    scores["AU01"]["auc"] = 0.61
    groups = group_measures(
        {
            "groups": [
                {"kind": "skin tone", "group": "dark", "people": 3, "frames": 90, "auc": None, "units": {}}
            ]
        }
    )
    full = entry(
        name="full",
        weights="fau3d/weights/full.pth",
        speed={"cpu_ms": 41.4, "cpu_clips_per_s": 25.0, "cpu": "a CPU"},
        scores={"shifted": {"data": "Ten people.", "units": scores}},
        real=[["1. Coded clip", "mean", "hit", 0.5], ["1. Coded clip", "mean", "AUC", 0.9]],
        groups=groups,
        recipe=["python tools/train.py x"],
        fails=["At night."],
    )
    page = model_page([full, entry()])
    assert (
        "| [full](#full) | mediapipe91, 48 frames at 25 frames/s | synthetic41 | 1.65 M, 3.3 MB | 41 |"
        in page
    )
    assert (
        "not shipped; the recipe makes them" in page and "[fau3d/weights/full.pth](../fau3d/weights" in page
    )
    assert "| speed, CPU | 41.4 ms for 48 frames, 25 clips/s (a CPU) |" in page
    assert "| 1. Coded clip | mean | hit 0.500, AUC 0.900 |" in page
    assert "Ten people." in page and "| skin tone | dark | 3 | 90 | – |" in page
    assert "- At night.\n- Units with an AUC below 0.7 (shifted people): AU01 (0.61)." in page
    assert page.count("### ") == 5, "a model of which little is known gets no empty tables"
