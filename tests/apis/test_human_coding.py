"""Coders' files as ratings: units of tiers, what texts say, what counts as coded."""

from pathlib import Path

import numpy as np
import pytest

from fau3d.apis.human_coding import CodingRules, FrameClock, is_coding, read_coding
from fau3d.io.coding import read_coded_runs
from fau3d.io.elan import write_eaf
from fau3d.io.textgrid import write_textgrid
from fau3d.io.tiers import TierRow

CLOCK = FrameClock.even(10)


def coding(tmp_path: Path, *rows: tuple[str, float, float, str], tiers: tuple[str, ...] = (), **rules):
    path = tmp_path / "coder.eaf"
    write_eaf(path, [TierRow(*row) for row in rows], tiers)
    return read_coding(path, CLOCK, CodingRules(**rules), end=10.0)


def test_tiers_in_any_spelling_are_units(tmp_path: Path) -> None:
    found = coding(tmp_path, ("AU 1", 0, 1, "x"), ("L12@Ann", 1, 2, "x"), ("hands", 2, 3, "x"), tiers=("43",))
    assert list(found.units) == ["AU43", "AU01", "AU12_L"]
    assert found.units["AU43"].rating.events.shape == (0, 2)
    assert found.units["AU43"].rating.spans.tolist() == [[0, 10]], "an empty tier was coded: never there"
    assert any("'hands'" in note for note in found.notes)


def test_a_unit_map_names_several_units_and_wins(tmp_path: Path) -> None:
    rows = [("smile", 1, 2, "x"), ("AU12", 5, 6, "x")]
    found = coding(tmp_path, *rows, unit_map={"smile": ["6", "AU12"], "frown": ["AU04"]})
    assert list(found.units) == ["AU06", "AU12"]
    assert found.units["AU12"].rating.events.tolist() == [[1, 2]]
    assert any("'AU12' left out" in note for note in found.notes)
    assert any("'frown'" in note for note in found.notes)


def test_two_tiers_of_one_unit_need_a_choice(tmp_path: Path) -> None:
    rows = [("AU12@Ann", 0, 1, "x"), ("AU12@Bob", 2, 3, "x")]
    with pytest.raises(ValueError, match=r"'AU12@Ann' and 'AU12@Bob' are both AU12"):
        coding(tmp_path, *rows)
    found = coding(tmp_path, *rows, unit_map={"AU12@Bob": ["AU12"]})
    assert found.units["AU12"].rating.events.tolist() == [[2, 3]]
    with pytest.raises(ValueError, match="none of its tiers 'a'"):
        coding(tmp_path, ("a", 0, 1, "x"))


def test_texts_are_grades(tmp_path: Path) -> None:
    rows = [("AU12", k, k + 0.5, text) for k, text in enumerate(["A", "12C", "AU12 E", "smile", "4", "?"])]
    found = coding(tmp_path, *rows).units["AU12"]
    np.testing.assert_array_equal(found.graded[:, 2], [1, 3, 5, np.nan, 4])
    assert found.rating.spans.tolist() == [[0, 5], [5.5, 10]], "what cannot be coded is not coded"


def test_ones_alone_are_no_grades(tmp_path: Path) -> None:
    found = coding(
        tmp_path, ("AU12", 0, 1, "1"), ("AU12", 2, 3, "1"), ("AU01", 0, 1, "1"), ("AU01", 2, 3, "2")
    )
    assert np.isnan(found.units["AU12"].graded[:, 2]).all()
    assert found.units["AU01"].graded[:, 2].tolist() == [1, 2]


def test_gaps(tmp_path: Path) -> None:
    marks = [("AU12", 1, 2, "1"), ("AU12", 2, 4, "0"), ("AU01", 1, 2, "1")]
    spans = {
        rule: [unit.rating.spans.tolist() for unit in coding(tmp_path, *marks, gaps=rule).units.values()]
        for rule in ("auto", "absent", "uncoded")
    }
    assert spans["auto"] == [[[1, 4]], [[0, 10]]]
    assert spans["absent"] == [[[0, 10]], [[0, 10]]]
    assert spans["uncoded"] == [[[1, 4]], [[1, 2]]]
    assert coding(tmp_path, *marks).units["AU12"].rating.events.tolist() == [[1, 2]]
    with pytest.raises(ValueError, match="unknown rule for gaps"):
        CodingRules(gaps="maybe")


def test_the_coded_part_and_a_shift(tmp_path: Path) -> None:
    found = coding(tmp_path, ("AU12", 1, 3, "C"), coded=(2, 6), shift=0.5).units["AU12"]
    assert found.rating.events.tolist() == [[2, 3.5]] and found.rating.spans.tolist() == [[2, 6]]
    with pytest.raises(ValueError, match="start < end"):
        CodingRules(coded=(2, 2))


def test_a_coding_longer_than_the_recording_is_told(tmp_path: Path) -> None:
    found = coding(tmp_path, ("AU12", 8, 14, "C"))
    assert any("ends at 14.0 s, the recording at 10.0 s" in note for note in found.notes)
    assert found.units["AU12"].rating.events.tolist() == [[8, 10]]


def test_textgrids_are_read_too(tmp_path: Path) -> None:
    write_textgrid(tmp_path / "a.TextGrid", [TierRow("AU12", 1, 2, "B")], 8.0)
    found = read_coding(tmp_path / "a.TextGrid", CLOCK)
    assert found.end == 8 and found.units["AU12"].rating.spans.tolist() == [[0, 8]]


def test_runs_of_frames_take_the_time_of_the_frames(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("unit,first_frame,last_frame,value\nAU12,1,2,1\nAU12,3,4,0\nHAND,0,9,1\n")
    clock = FrameClock(np.array([0, 1, 2, 4]), np.array([0.0, 0.1, 0.25, 0.5]), 0.1)
    found = read_coding(path, clock)
    assert list(found.units) == ["AU12"]
    np.testing.assert_allclose(found.units["AU12"].rating.events, [[0.1, 0.375]])
    np.testing.assert_allclose(found.units["AU12"].rating.spans, [[0.1, 0.6]])
    assert is_coding(path) and is_coding(tmp_path / "x.TextGrid")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("unit,first_frame\nAU12,1\n", "missing"),
        ("unit,first_frame,last_frame,value\nAU12,5,2,1\n", "first <= last"),
        ("unit,first_frame,last_frame,value\nAU12,x,2,1\n", "first <= last"),
        ("unit,first_frame,last_frame,value\nAU12,0.5,2,1\n", "whole"),
        ("unit,first_frame,last_frame,value\nAU12,0,2,3\n", "0 or 1"),
        ("unit,first_frame,last_frame,value\nAU12,0,9,1\nAU12,3,4,1\nAU12,8,9,0\n", "frame 8 is coded both"),
    ],
)
def test_bad_runs_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_coded_runs(tmp_path / "c.csv")
