"""A table against a coder: known answers, the same coding in every form, and the command."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from fau3d.apis.coding_agreement import compare_files
from fau3d.apis.coding_answers import intensity_letter, table_answers, write_events
from fau3d.apis.human_coding import CodingRules
from fau3d.apis.results import FaceResult, FrameResult, to_table
from fau3d.cli import main
from fau3d.facs import AU_SETS
from fau3d.io.elan import read_eaf, write_eaf
from fau3d.io.table import write_au_table
from fau3d.io.textgrid import read_textgrid, write_textgrid
from fau3d.io.tiers import TierRow
from fau3d.structures import AUTable, FaceLandmarks

RATE = 25.0
PRESENT = [(1.0, 2.0), (3.0, 3.4), (6.0, 8.0)]
CODED = [(1.2, 2.0), (4.0, 5.0), (6.0, 7.6)]


def frames_in(pairs: list[tuple[float, float]], frames: int) -> np.ndarray:
    middle = (np.arange(frames) + 0.5) / RATE
    return np.any([(middle >= a) & (middle < b) for a, b in pairs], axis=0).astype(float)


def make_table(frames: int = 250, missing: slice = slice(0, 0)) -> AUTable:
    """AU12 present as in PRESENT; a second face, seen once; no answer in `missing`."""
    there = frames_in(PRESENT, frames)
    there[missing] = np.nan
    rows = pd.DataFrame({"source": "clip.mp4", "frame": range(frames), "face_id": 0})
    rows["timestamp"] = np.round(np.arange(frames) / RATE, 4)
    rows["confidence"], rows["success"] = 0.9, np.isfinite(there).astype(int)
    rows["AU12_p"], rows["AU12_c"], rows["AU12_r"] = 0.2 + 0.6 * there, there, 3.2 * there
    rows["AU01_c"] = 0.0
    return AUTable(pd.concat([rows, rows.iloc[:1].assign(face_id=1, AU12_c=1.0)], ignore_index=True))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    write_au_table(make_table(), tmp_path / "au.csv")
    return tmp_path / "au.csv"


@pytest.fixture
def coder(tmp_path: Path) -> Path:
    path = tmp_path / "coder.eaf"
    write_eaf(path, [TierRow("12", a, b, "C") for a, b in CODED] + [TierRow("hand", 0, 1, "x")], ["AU04"])
    return path


def test_figures_are_those_of_scikit_learn(table: Path, coder: Path) -> None:
    agreement = compare_files(table, coder)
    (unit,) = agreement.units
    coded, found = frames_in(CODED, 250), frames_in(PRESENT, 250)
    assert unit.frames.frames == 250 and unit.unanswered == 0
    assert unit.frames.kappa == pytest.approx(cohen_kappa_score(coded, found))
    assert unit.frames.f1 == pytest.approx(f1_score(coded, found))
    assert (unit.events.coded, unit.events.found, unit.events.matched) == (3, 3, 2)
    assert unit.events.onset.mean == pytest.approx(-0.1, abs=1e-3)
    assert unit.events.offset.median == pytest.approx(0.2, abs=1e-3)
    assert 0 < unit.icc < 1
    assert any("AU04" in note for note in agreement.notes) and any("hand" in note for note in agreement.notes)


def test_frames_without_an_answer_are_counted_apart(tmp_path: Path, coder: Path) -> None:
    write_au_table(make_table(missing=slice(25, 50)), tmp_path / "gap.csv")
    (unit,) = compare_files(tmp_path / "gap.csv", coder).units
    coded, found = (np.delete(frames_in(pairs, 250), slice(25, 50)) for pairs in (CODED, PRESENT))
    assert unit.unanswered == 25 and unit.frames.frames == 225
    assert unit.frames.kappa == pytest.approx(cohen_kappa_score(coded, found))
    assert (unit.events.coded, unit.events.found) == (2, 2), "the first event was in the gap"


def test_the_same_coding_in_every_form(tmp_path: Path, table: Path) -> None:
    rows = [TierRow("AU12", a, b, "1") for a, b in CODED]
    write_eaf(tmp_path / "a.eaf", rows)
    write_textgrid(tmp_path / "a.TextGrid", rows, 10.0)
    edges = [(0, 1.2), CODED[0], (2.0, 4.0), CODED[1], (5.0, 6.0), CODED[2], (7.6, 10.0)]
    lines = [f"AU12,{a * RATE:.0f},{b * RATE - 1:.0f},{int((a, b) in CODED)}" for a, b in edges]
    (tmp_path / "a.csv").write_text("\n".join(["unit,first_frame,last_frame,value", *lines]))
    first, *others = [
        compare_files(table, tmp_path / f"a.{suffix}").units[0] for suffix in ("eaf", "TextGrid", "csv")
    ]
    for other in others:
        assert other.frames == first.frames
        assert other.events.onset.mean == pytest.approx(first.events.onset.mean, abs=1e-9)
        assert (other.events.coded, other.events.found) == (first.events.coded, first.events.found)


def test_two_coders(tmp_path: Path, coder: Path) -> None:
    other = tmp_path / "other.eaf"
    write_eaf(other, [TierRow("AU12", a, b, "B") for a, b in PRESENT])
    (unit,) = compare_files(other, coder, rate=50).units
    assert unit.frames.frames == 400, "8 s, the end of the longer one, at 50 frames per second"
    assert unit.events.matched == 2 and unit.frames.agreement < 1
    (same,) = [u for u in compare_files(coder, coder).units if u.unit == "AU12"]
    assert same.frames.kappa == 1 and same.events.f1 == 1
    assert same.icc == pytest.approx(1)


def test_flicker_can_be_merged_and_dropped(tmp_path: Path, coder: Path) -> None:
    flickering = make_table()
    flickering.data.loc[[160, 170, 230], "AU12_c"] = [0.0, 0.0, 1.0]
    write_au_table(flickering, tmp_path / "f.csv")
    assert compare_files(tmp_path / "f.csv", coder).units[0].events.found == 6
    assert (
        compare_files(tmp_path / "f.csv", coder, merge_within=0.1, min_duration=0.1).units[0].events.found
        == 3
    )


def test_what_cannot_be_compared_is_said(tmp_path: Path, table: Path, coder: Path) -> None:
    with pytest.raises(ValueError, match="no unit is in both"):
        compare_files(table, coder, CodingRules(unit_map={"12": ["AU17"]}))
    with pytest.raises(ValueError, match="no face 7; its faces are 0, 1"):
        compare_files(table, coder, face_id=7)
    several = make_table()
    several.data.loc[3, "source"] = "other.mp4"
    with pytest.raises(ValueError, match="2 sources"):
        table_answers(several)


def test_a_table_with_intensities_alone(table: Path) -> None:
    data = make_table().data.drop(columns=["AU12_p", "AU12_c"])
    found = table_answers(AUTable(data)).units["AU12"]
    np.testing.assert_array_equal(found.labels, frames_in(PRESENT, 250))


@pytest.mark.parametrize("suffix", ["eaf", "TextGrid"])
def test_events_are_written_for_coders(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"events.{suffix}"
    recording = table_answers(make_table())
    assert write_events(recording, path, media=tmp_path / "clip.mp4") == 3
    found = read_eaf(path) if suffix == "eaf" else read_textgrid(path)
    assert found.tiers == ("AU12", "AU01")
    assert [row.text for row in found.rows] == ["C"] * 3
    np.testing.assert_allclose([(r.start, r.end) for r in found.rows], PRESENT, atol=1e-3)
    with pytest.raises(ValueError, match="no AU99"):
        write_events(recording, path, units=["AU99"])
    with pytest.raises(ValueError, match=r"wanted '\.eaf'"):
        write_events(recording, tmp_path / "events.txt")


def test_letters() -> None:
    assert [intensity_letter(v) for v in (0.1, 1.4, 1.5, 2.5, 4.49, 4.5, 5)] == list("AABCDEE")


def test_the_command(tmp_path: Path, table: Path, coder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, both = tmp_path / "agreement.csv", tmp_path / "both.eaf"
    arguments = ["compare", str(table), str(coder), "-o", str(out), "--export", str(both)]
    assert main([*arguments, "--unit-map", "hand=AU01"]) == 0
    said = capsys.readouterr().out
    assert "AU12" in said and "kappa" in said and "mean, sum" in said and "note: coded, but not in" in said
    rows = pd.read_csv(out).set_index("unit")
    assert rows.loc["AU12", "events_matched"] == 2 and rows.loc["AU12", "onset_count"] == 2
    assert read_eaf(both).tiers == ("AU12", "AU12 found", "AU01", "AU01 found")
    assert main(arguments) == 2, "outputs are not overwritten unasked"
    assert main([*arguments, "--overwrite"]) == 0
    assert main(["compare", str(table), str(tmp_path / "gone.eaf")]) == 2
    said = capsys.readouterr().err
    assert "is there already" in said and "gone.eaf" in said


@pytest.mark.parametrize(
    "options",
    [["--unit-map", "smile"], ["--unit-map", "smile=AU99"], ["--min-overlap", "2"], ["--coded", "1"],
     ["--shift", "x"], ["--min-duration", "-1"], ["--gaps", "maybe"]],
)  # fmt: skip
def test_wrong_options_end_with_2(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["compare", "au.csv", "coding.eaf", *options])
    said = capsys.readouterr().err
    assert end.value.code == 2 and "invalid _" not in said


def test_tools_that_read_openface_find_their_columns(tmp_path: Path) -> None:
    """Py-Feat's reader strips the names and takes OpenFace's columns for units by their names."""
    kinds = [(unit, kind) for unit in AU_SETS["openface18"] for kind in "rc" if (unit, kind) != ("AU28", "r")]
    wanted = ["frame", "face_id", "timestamp", "confidence", "success", *map("_".join, kinds)]
    box = np.array([0, 0, 9, 9], np.float32)
    landmarks = FaceLandmarks(np.zeros((4, 2), np.float32), np.ones(4, np.float32), box, 0.9, "test4")
    units = AU_SETS["synthetic41"]
    values = np.full(len(units), 0.75)
    face = FaceResult(landmarks, values, np.ones(len(units)), 4 * values)
    frames = [FrameResult(0, 0.0, {0: face}, source="clip"), FrameResult(1, 0.04, source="clip")]
    write_au_table(to_table(frames, units, intensity=True), tmp_path / "au.csv")
    read = pd.read_csv(tmp_path / "au.csv", sep=",")
    read.columns = read.columns.str.strip(" ")
    found = read[wanted]
    assert all(pd.api.types.is_numeric_dtype(found[name]) for name in wanted)
    assert found.loc[0, ["AU12_r", "AU12_c"]].tolist() == [3, 1] and found["success"].tolist() == [1, 0]


def test_the_demo_clip(clips_dir: Path, tmp_path: Path) -> None:
    """Shares of a coarse coding by eye; a table that says what the coding says agrees fully."""
    runs = pd.read_csv(clips_dir / "pexels_coding.csv")
    data = pd.DataFrame(
        {"source": "clip", "frame": range(472), "face_id": 0, "confidence": 1.0, "success": 1}
    )
    data["timestamp"] = data["frame"] / 23.976
    units = [unit for unit in runs["unit"].unique() if unit.startswith("AU")]
    for unit in units:
        data[f"{unit}_c"] = 0.0
    for unit, first, last, value in runs.itertuples(index=False):
        if unit in units:
            data.loc[first:last, f"{unit}_c"] = float(value)
    write_au_table(AUTable(data), tmp_path / "au.csv")
    agreement = compare_files(tmp_path / "au.csv", clips_dir / "pexels_coding.csv")
    counts = {unit.unit: unit.frames.frames for unit in agreement.units}
    assert counts == {"AU43": 382, "AU04": 262, "AU01": 152, "AU12": 263, "AU06": 213, "AU25": 272}
    assert all(unit.frames.kappa == 1 for unit in agreement.units)
    assert all(unit.events.f1 == 1 and unit.events.onset.count == 0 for unit in agreement.units)
