"""The neutral level is what the quiet frames show, whatever a few of them do."""

import numpy as np
import pytest

from fau3d.functional.baseline import neutral_baseline, subtract_baseline


def test_finds_the_rest_of_a_person_under_activity_offsets_and_bad_frames():
    rng = np.random.default_rng(0)
    rest = np.array([0.2, 1.5, 0.8])
    values = rest + 0.05 * rng.standard_normal((400, 3))
    values[100:400] += rng.uniform(0, 2, (300, 3))
    values[5] = 5.0
    values[50:60] = np.nan
    values[60:70, 1] = np.nan
    found = neutral_baseline(values)
    np.testing.assert_allclose(found.level, rest, atol=0.1)
    assert found.frames[:100].sum() > 70 and not found.frames[50:60].any()
    moved = subtract_baseline(values, found)
    assert np.nanmin(moved) == 0 and np.isnan(moved[55]).all()
    np.testing.assert_allclose(subtract_baseline(values, found, None), values - found.level)


def test_no_valid_frame_and_curves_that_do_not_vary():
    assert np.isnan(neutral_baseline(np.full((4, 2), np.nan)).level).all()
    found = neutral_baseline(np.tile([0.5, np.nan], (10, 1)))
    assert found.level[0] == 0.5 and np.isnan(found.level[1])
    np.testing.assert_array_equal(subtract_baseline(np.array([[1.0, 2.0]]), found), [[0.5, 2.0]])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: neutral_baseline(np.zeros(3)), r"shape \(3,\); wanted \(T, A\)"),
        (lambda: neutral_baseline(np.zeros((3, 1)), 0), "share of 0 quiet frames"),
        (lambda: subtract_baseline(np.zeros((3, 2)), neutral_baseline(np.zeros((3, 1)))), "2 curves with"),
    ],
)
def test_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
