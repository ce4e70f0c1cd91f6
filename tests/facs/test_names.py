"""Spellings and named sets of action units."""

import pytest

from fau3d.facs import ACTION_UNITS, AU_SETS, describe_au, get_au_set, parse_au, split_side


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("1", "AU01"),
        (1, "AU01"),
        ("AU1", "AU01"),
        ("'AU 1'", "AU01"),
        ("AU01", "AU01"),
        ("L12", "AU12_L"),
        ("AU12_L", "AU12_L"),
        ("AUR12", "AU12_R"),
        ("AD19", "AD19"),
        ("AU19", "AD19"),
        ("AU2X", "AU2X"),
        ("26/27", "AU2X"),
        ("43E", "AU43E"),
        ("AU0", "AU00"),
    ],
)
def test_common_spellings(text, name):
    assert parse_au(text) == name
    assert parse_au(name) == name


@pytest.mark.parametrize("text", ["", "AU", "smile", "AU3", "AU99", "AU12_r", "L12_R", "AU25_L", "AU1.5"])
def test_what_is_no_unit_is_refused(text):
    with pytest.raises(ValueError, match=r"AU"):
        parse_au(text)


def test_units_know_their_faces():
    assert describe_au("AU12_L").facs_name == "Lip corner puller"
    assert describe_au("32").is_descriptor
    assert split_side("AU06_R") == ("AU06", "R")
    for name, unit in ACTION_UNITS.items():
        assert unit.name == name
        assert ACTION_UNITS[unit.mirror].mirror == name
        assert set(unit.part_of) <= set(ACTION_UNITS)


@pytest.mark.parametrize(
    ("name", "size"),
    {
        "affwild2": 12,
        "bp4d": 12,
        "disfa8": 8,
        "disfa12": 12,
        "openface17": 17,
        "openface18": 18,
        "opengraphau41": 41,
        "hrm22": 22,
        "hrm17": 17,
        "finegrained15": 15,
        "synthetic24": 24,
        "synthetic25": 25,
        "synthetic41": 41,
    }.items(),
)
def test_named_sets(name, size):
    units = AU_SETS[name]
    assert len(set(units)) == len(units) == size
    assert get_au_set(list(units)) == units == get_au_set(name)


def test_synthetic_sets_begin_with_each_other():
    smaller, small, large = (AU_SETS[f"synthetic{size}"] for size in (24, 25, 41))
    assert small[:24] == smaller and large[:25] == small and small[-1] == "AU45"
    assert large[25:] == (*AU_SETS["opengraphau41"][27:], "AU43_L", "AU43_R")


def test_unknown_sets_name_the_known():
    with pytest.raises(ValueError, match="unknown AU set 'disfa'; known: affwild2, bp4d"):
        get_au_set("disfa")
    with pytest.raises(ValueError, match="found twice: AU01"):
        get_au_set(["1", "AU01"])
