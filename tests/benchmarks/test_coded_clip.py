"""Scores of a clip that is coded by eye, on tables whose scores are known."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from fau3d.io.table import write_au_table
from fau3d.structures import AUTable


@pytest.fixture(scope="module")
def script(repo_root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("coded_clip", repo_root / "benchmarks" / "coded_clip.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["coded_clip"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def make_table(probability: list[float], missing: tuple[int, ...] = ()) -> AUTable:
    """One face over time, and a second one in the first frame; AU12 present from 0.5."""
    value = np.array(probability)
    value[list(missing)] = np.nan
    frames = len(value)
    rows = pd.DataFrame(
        {
            "source": "clip",
            "frame": range(frames),
            "face_id": 0,
            "timestamp": np.arange(frames) / 25,
            "confidence": 0.9,
            "success": np.isfinite(value).astype(int),
            "AU12_p": value,
            "AU12_c": np.where(np.isnan(value), np.nan, value >= 0.5),
        }
    )
    other = rows.iloc[:1].assign(face_id=1, AU12_p=1.0, AU12_c=1.0)
    return AUTable(pd.concat([rows, other], ignore_index=True))


def write_coding(path: Path, *rows: tuple[object, ...]) -> Path:
    pd.DataFrame(rows, columns=["unit", "first_frame", "last_frame", "value"]).to_csv(path, index=False)
    return path


def test_shares_and_auc(script: ModuleType, tmp_path: Path) -> None:
    coding = script.read_coding(write_coding(tmp_path / "c.csv", ("AU12", 0, 3, 0), ("AU12", 6, 9, 1)))
    table = make_table([0.1, 0.2, 0.6, 0.1, 0.9, 0.0, 0.8, 0.9, 0.4, 0.7])
    (score,) = script.score_clip(table, coding)
    assert (score.frames, score.present, score.missing) == (8, 4, 0)
    assert score.right == pytest.approx(6 / 8)
    assert score.hit == score.rejected == pytest.approx(3 / 4)
    assert score.auc == pytest.approx(15 / 16)


def test_frames_without_an_answer_are_wrong_and_not_in_the_auc(script: ModuleType, tmp_path: Path) -> None:
    coding = script.read_coding(write_coding(tmp_path / "c.csv", ("AU12", 0, 1, 0), ("AU12", 2, 5, 1)))
    (score,) = script.score_clip(make_table([0.1, 0.1, 0.9, 0.9], missing=(3,)), coding)
    assert score.missing == 3 and score.right == pytest.approx(3 / 6) and score.auc == 1


def test_a_unit_coded_one_way_has_no_auc(script: ModuleType, tmp_path: Path) -> None:
    coding = script.read_coding(write_coding(tmp_path / "c.csv", ("AU12", 0, 1, 1)))
    (score,) = script.score_clip(make_table([0.9, 0.1]), coding)
    assert np.isnan(score.auc) and np.isnan(score.rejected) and score.hit == 0.5


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("AU12", 5, 2, 1)], "wanted first <= last"),
        ([("AU12", 0, 2, 3)], "0 or 1"),
        ([("AU12", 0, 2, 1), ("AU12", 2, 4, 0)], "frame 2 is coded both"),
    ],
)
def test_bad_codings_are_named(
    script: ModuleType, tmp_path: Path, rows: list[tuple[object, ...]], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        script.read_coding(write_coding(tmp_path / "c.csv", *rows))


def test_command_line_with_a_picture(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, coding, plot = tmp_path / "au.csv", tmp_path / "c.csv", tmp_path / "p.png"
    write_au_table(make_table([0.1, 0.2, 0.8, 0.9]), table)
    write_coding(coding, ("AU12", 0, 1, 0), ("AU12", 2, 3, 1), ("HAND_ON_FACE", 0, 3, 1))
    assert script.main([str(table), str(coding), "--plot", str(plot)]) == 0
    printed = capsys.readouterr().out
    assert "| AU12 | 4 | 2 | 1.000 | 1.000 | 1.000 | 1.000 |" in printed
    assert "not in the table: HAND_ON_FACE" in printed and plot.stat().st_size > 1000
    write_coding(coding, ("AU01", 0, 1, 0))
    assert script.main([str(table), str(coding)]) == 1
    assert "no unit in both" in capsys.readouterr().err


def test_the_demo_clips_coding_reads(script: ModuleType, repo_root: Path) -> None:
    coding = script.read_coding(repo_root / "demo" / "face_coding.csv")
    assert {"AU01", "AU04", "AU06", "AU12", "AU25", "AU43"} <= set(coding)
