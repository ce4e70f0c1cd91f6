"""FACS code strings: what is there, what is not, and what nobody knows."""

import numpy as np
import pytest

from fau3d.datasets.corpora import CodingRules, CorpusError
from fau3d.datasets.corpora.coding import code_row, parse_facs, unit_of, with_sides

JOIN = CodingRules(sides="join")


def _labels(text, au_names, rules=JOIN):
    return code_row(parse_facs(text, "file:1"), au_names, rules).tolist()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1+L12+25", [1, 0, 1, 1]),
        ("null", [0, 0, 0, 0]),
        ("?", [-1, -1, -1, -1]),
        ("12+?", [-1, -1, 1, -1]),
        ("1+4?", [1, -1, 0, 0]),
        ("AU01+au4", [1, 1, 0, 0]),
        ("T25", [0, 0, 0, 1]),
        ("1 + 25", [1, 0, 0, 1]),
        ("50+80", [0, 0, 0, 0]),  # speech and a swallow are no action units
        ("70+12", [-1, -1, 1, 0]),  # the brows could not be seen
        ("72+1", [1, 0, -1, -1]),
        ("73", [-1, -1, -1, -1]),
    ],
)
def test_codes_are_read(text, expected):
    assert _labels(text, ("AU01", "AU04", "AU12", "AU25")) == expected


@pytest.mark.parametrize(
    ("text", "sides", "expected"),
    [
        ("L12", "join", [1]),
        ("L12", "keep", [1, 1, 0]),
        ("L12", "unknown", [-1]),
        ("R12", "keep", [1, 0, 1]),
        ("L12+R12", "unknown", [1]),
        ("12", "keep", [1, 1, 1]),
        ("12?", "keep", [-1, -1, -1]),
        ("4", "keep", [0, 0, 0]),
    ],
)
def test_sides_follow_the_rules(text, sides, expected):
    rules = CodingRules(sides=sides)
    names = with_sides(("AU12",), rules)
    assert names == (("AU12", "AU12_L", "AU12_R") if sides == "keep" else ("AU12",))
    assert _labels(text, names, rules) == expected


def test_one_lip_is_a_side():
    assert _labels("B23", ("AU23",), CodingRules(sides="unknown")) == [-1]
    assert _labels("B23+T23", ("AU23",), CodingRules(sides="unknown")) == [1]


def test_a_unit_that_fau3d_does_not_split_is_read_with_a_side():
    assert _labels("L17", ("AU17",)) == [1]


def test_sided_columns_are_added_once_and_only_for_wanted_units():
    rules = CodingRules(sides="keep")
    assert with_sides(("AU12_L", "AU12", "AU09"), rules) == ("AU12_L", "AU12", "AU09", "AU12_R")


def test_joined_and_graded_units_follow_from_their_parts():
    names = ("AU2X", "AU43E", "AU00")
    assert _labels("26", names) == [1, 0, 0]
    assert _labels("27?+43", names) == [-1, -1, 0]
    assert _labels("null", names) == [0, 0, -1]  # no unit is not yet a neutral face


@pytest.mark.parametrize("text", ["", "1++2", "3", "1+2,4", "12 or 14", "X12", "123"])
def test_other_text_is_an_error(text):
    with pytest.raises(CorpusError, match=r"label\.txt:7: found '.*wanted FACS codes"):
        parse_facs(text, "label.txt:7")


def test_numbers_that_are_no_units():
    assert unit_of(12) == "AU12" and unit_of(19) == "AD19" and unit_of(50) is None
    with pytest.raises(ValueError):
        unit_of(3)


def test_what_was_not_looked_for_is_not_absent():
    labels = code_row(parse_facs("1+45", "x"), ("AU01", "AU45", "AU46"), JOIN, frozenset({"AU45", "AU46"}))
    assert labels.tolist() == [1, 1, -1]


def test_labels_are_small_integers():
    assert code_row(parse_facs("1", "x"), ("AU01",), JOIN).dtype == np.int8
