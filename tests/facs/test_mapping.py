"""Maps between sets of action units."""

import numpy as np
import pytest

from fau3d.facs import AU_SETS, au_columns, map_columns, mirror_index


@pytest.mark.parametrize("source", AU_SETS)
@pytest.mark.parametrize("target", AU_SETS)
def test_columns_hold_the_same_unit_or_are_missing(source, target):
    columns = au_columns(source, target)
    for name, column in zip(AU_SETS[target], columns):
        if column < 0:
            assert name not in AU_SETS[source]
        else:
            assert AU_SETS[source][column] == name


def test_missing_units_are_masked():
    labels = np.array([[1, 0, 1, 0, 1, 0, 1, 0]], np.int8)
    mapped = map_columns(labels, "disfa8", "affwild2")
    np.testing.assert_array_equal(mapped, [[1, 0, 1, 0, -1, -1, 0, -1, -1, -1, 1, 0]])
    assert mapped.dtype == np.int8
    assert np.isnan(map_columns(labels.astype(float), "disfa8", ["AU43"], missing=np.nan)).all()


def test_near_units_only_when_asked():
    assert au_columns("openface18", ["AU43"]).tolist() == [-1]
    assert au_columns("openface18", ["AU43"], near=True).tolist() == [17]


def test_wrong_labels_are_refused():
    with pytest.raises(ValueError, match="wanted 8 columns"):
        map_columns(np.zeros((3, 9)), "disfa8", "bp4d")
    with pytest.raises(ValueError, match="cannot hold NaN"):
        map_columns(np.zeros((3, 8), int), "disfa8", "bp4d", missing=np.nan)
    with pytest.raises(ValueError, match="signed"):
        map_columns(np.zeros((3, 8), np.uint8), "disfa8", "bp4d")


@pytest.mark.parametrize("name", AU_SETS)
def test_mirror_is_an_involution_that_swaps_sides(name):
    index, units = mirror_index(name), AU_SETS[name]
    np.testing.assert_array_equal(index[index], np.arange(len(units)))
    swap = {"L": "R", "R": "L"}
    for i, unit in enumerate(units):
        partner = unit[:-1] + swap[unit[-1]] if unit[-2:] in ("_L", "_R") else unit
        assert units[index[i]] == partner


def test_mirror_turns_the_head_the_other_way():
    assert mirror_index(["AU51", "AU01", "AU52"]).tolist() == [2, 1, 0]


def test_a_lone_side_cannot_be_mirrored():
    with pytest.raises(ValueError, match="AU12_L without AU12_R"):
        mirror_index(["AU12_L"])
