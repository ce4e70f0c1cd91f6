"""Smoothing keeps what is missing missing, stays in range, and equals a convolution where all is there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fau3d.functional.smoothing import kernel_weights, median_smooth, smooth


@pytest.mark.parametrize("kernel", ["box", "triangle", "gaussian"])
def test_equals_a_convolution_away_from_the_ends(kernel):
    values = np.random.default_rng(0).random(50)
    expected = np.convolve(values, kernel_weights(3, kernel), mode="valid")
    np.testing.assert_allclose(smooth(values, 3, kernel)[3:-3], expected)


@given(
    arrays(np.float64, (9, 2), elements=st.one_of(st.floats(0, 5), st.just(np.nan))),
    st.integers(0, 12),
)
def test_missing_stays_missing_and_the_rest_stays_in_range(values, radius):
    for result in (smooth(values, radius), median_smooth(values, radius)):
        np.testing.assert_array_equal(np.isnan(result), np.isnan(values))
        if np.isfinite(values).any():
            assert np.nanmin(result) >= np.nanmin(values) - 1e-9
            assert np.nanmax(result) <= np.nanmax(values) + 1e-9


def test_radius_zero_changes_nothing():
    values = np.array([0.0, np.nan, 2.0])
    np.testing.assert_array_equal(smooth(values, 0), values)
    np.testing.assert_array_equal(median_smooth(values, 0), values)


def test_median_removes_one_wrong_frame_and_keeps_an_edge():
    np.testing.assert_array_equal(
        median_smooth(np.array([0, 0, 5, 0, 0, 5, 5, 5]), 1), [0, 0, 0, 0, 0, 5, 5, 5]
    )


def test_empty():
    assert smooth(np.zeros((0, 3)), 2).shape == median_smooth(np.zeros((0, 3)), 2).shape == (0, 3)


@pytest.mark.parametrize(
    "call",
    [lambda: smooth(np.zeros(3), -1), lambda: median_smooth(np.zeros(3), -1), lambda: kernel_weights(1, "x")],
)
def test_says_what_is_wrong(call):
    with pytest.raises(ValueError, match=r"radius is -1|unknown smoothing kernel 'x'; known"):
        call()
