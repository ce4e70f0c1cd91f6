"""Smoothing of a report's curves: what it changes, what it leaves, what it says."""

import numpy as np
import pandas as pd
import pytest

from fau3d.apis.reading.curves import FaceCurves
from fau3d.apis.reading.smoothing import Smoothing, parse_smoothing
from fau3d.cli import main
from fau3d.functional.smoothing import SMOOTHING_METHODS, smooth_over_time


def smiles():
    """Rest, a frame's smile, a frame without a face, a smile that stays."""
    smile = np.zeros((47, 2), np.float32)
    smile[20, 1], smile[27:, 1], smile[26] = 1, 1, np.nan
    frames = np.arange(47)
    return FaceCurves(
        face_id=0,
        frame=frames,
        time=frames / 25,
        probability=smile,
        occurrence=np.where(np.isnan(smile), -1, smile >= 0.5).astype(np.int8),
        intensity=5 * smile,
        eye_ratio=np.full((47, 2), np.nan),
        turned=np.zeros(47),
        invalid=(frames == 26).astype(np.int8),
    )


@pytest.mark.parametrize("method", sorted(SMOOTHING_METHODS))
def test_every_method(method):
    curves = smiles()
    smoothed = Smoothing(method).apply(curves, np.full(2, 0.5))
    expected = np.clip(smooth_over_time(curves.probability, curves.time, method), 0, 1)
    np.testing.assert_allclose(smoothed.probability, expected, atol=1e-6)
    assert np.isnan(smoothed.probability[26]).all() and (smoothed.occurrence[26] == -1).all()
    assert smoothed.probability[20, 1] < 1 and smoothed.probability[40:, 1].min() > 0.8
    known = smoothed.occurrence >= 0
    assert (smoothed.occurrence[known] == (smoothed.probability >= 0.5)[known]).all()
    assert np.nanmax(smoothed.intensity) <= 5 and smoothed.intensity[20, 1] < 5
    assert curves.probability[20, 1] == 1  # left as it was
    said = Smoothing(method).sentence(curves.time)
    assert ("late" in said) and (("not late" in said) == (method in ("mean", "median", "savitzky_golay")))


def test_a_setting():
    assert parse_smoothing("savitzky-golay") == Smoothing("savitzky_golay")
    assert parse_smoothing("exponential:0.3") == Smoothing("exponential", {"time_constant": 0.3})
    assert "time constant 0.3; up to 0.28 s late" in parse_smoothing("exponential:0.3").sentence(
        smiles().time
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [("kalman", "unknown smoothing 'kalman'; known: mean, median"), ("mean:wide", "'wide' is no window")],
)
def test_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_smoothing(text)


def test_the_command(tmp_path, clips_dir):
    clip = clips_dir / "grid_brbk7n_talking.mp4"
    for name, more in (("plain", ["--report"]), ("smooth", ["--report-smoothing", "exponential:0.5"])):
        assert main(["analyze", str(clip), "-o", str(tmp_path / name), "--quiet", *more]) == 0
    tables = [(tmp_path / name / "au.csv").read_bytes() for name in ("plain", "smooth")]
    assert tables[0] == tables[1]
    scores = [
        pd.read_csv(tmp_path / name / "expressions.csv").filter(like="_score") for name in ("plain", "smooth")
    ]
    plain, smooth = (np.nanmean(score.diff().abs().to_numpy()) for score in scores)
    assert smooth < plain / 2
    assert "Curves are smoothed (exponential" in (tmp_path / "smooth" / "report.html").read_text("utf-8")
