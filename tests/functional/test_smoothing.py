"""Smoothing keeps what is missing missing, stays in range, and equals a convolution where all is there."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.signal import savgol_filter

from fau3d.functional.causal_smoothing import exponential_smooth, one_euro_smooth
from fau3d.functional.smoothing import (
    SMOOTHING_METHODS,
    kernel_weights,
    median_smooth,
    savitzky_golay_smooth,
    smooth,
    smooth_over_time,
    smoothing_lag,
)


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


TIMES = np.cumsum(np.random.default_rng(3).uniform(0.02, 0.06, 60))


def one_by_one(values: np.ndarray, times: np.ndarray, weight) -> np.ndarray:
    """Run a causal filter frame by frame; `weight(value, last value, seconds)` is that of the new value."""
    result, state, last = np.full(len(values), np.nan), None, None
    for i, value in enumerate(values):
        if np.isnan(value):
            continue
        share = 1.0 if state is None else weight(value, values[last], times[i] - times[last])
        state = value if state is None else state + share * (value - state)
        result[i], last = state, i
    return result


def noisy(gaps: bool = True) -> np.ndarray:
    values = np.random.default_rng(4).random(60) * 5
    if gaps:
        values[[0, 7, 8, 9, 30]] = np.nan
    return values


def test_exponential_is_the_recurrence_at_any_time_stamps():
    expected = one_by_one(noisy(), TIMES, lambda value, last, seconds: 1 - np.exp(-seconds / 0.1))
    np.testing.assert_allclose(exponential_smooth(noisy(), TIMES, 0.1), expected, atol=1e-12)
    both = exponential_smooth(np.stack([noisy(), noisy(False)], 1), TIMES, 0.1)
    np.testing.assert_allclose(both[:, 0], expected, atol=1e-12)


def test_one_euro_is_the_recurrence_at_any_time_stamps():
    speed = 0.0

    def weight(value, last, seconds):
        nonlocal speed
        speed += ((value - last) / seconds - speed) / (1 + 1 / (2 * np.pi * 1.5 * seconds))
        return 1 / (1 + 1 / (2 * np.pi * (0.8 + 0.2 * abs(speed)) * seconds))

    expected = one_by_one(noisy(), TIMES, weight)
    np.testing.assert_allclose(one_euro_smooth(noisy(), TIMES, 0.8, 0.2, 1.5), expected, atol=1e-12)


def test_savitzky_golay_stays_within_unbroken_stretches():
    values, times = noisy(False), np.arange(60) / 25
    expected = savgol_filter(values, 7, 2)
    np.testing.assert_allclose(smooth_over_time(values, times, "savitzky_golay", window=7 / 25), expected)
    values[20] = np.nan
    times[40:] += 1.0
    result = smooth_over_time(np.stack([values, noisy(False)], 1), times, "savitzky_golay", window=7 / 25)
    for start, stop in ((0, 20), (21, 40), (40, 60)):
        np.testing.assert_allclose(result[start:stop, 0], savgol_filter(values[start:stop], 7, 2))
    assert np.isnan(result[20, 0]) and np.isfinite(result[20, 1])


def test_savitzky_golay_narrows_its_window_on_short_stretches():
    values = np.array([1, 5, 1, 5, np.nan, 2, 3, np.nan, 4.0])
    result = smooth_over_time(values, np.arange(9) / 25, "savitzky_golay", window=0.28)
    np.testing.assert_array_equal(result[5:], values[5:])
    np.testing.assert_allclose(result[:4], savgol_filter(values[:4], 3, 2))


@pytest.mark.parametrize("method", SMOOTHING_METHODS)
def test_every_method_keeps_what_is_missing_and_crosses_no_jump_by_looking_ahead(method):
    values, times = np.zeros((60, 2)), np.arange(60) / 25
    times[30:] += 5
    values[30:], values[10, 1] = 4.0, np.nan
    result = smooth_over_time(values, times, method)
    np.testing.assert_array_equal(np.isnan(result), np.isnan(values))
    np.testing.assert_allclose(result[:30, 0], 0, atol=1e-9)
    np.testing.assert_allclose(result[40:, 0], 4, atol=0.01)
    assert smooth_over_time(np.zeros((0, 2)), np.zeros(0), method).shape == (0, 2)


@pytest.mark.parametrize("method", SMOOTHING_METHODS)
def test_the_lag_stated_is_that_of_a_slow_ramp(method):
    times = np.arange(500) / 25
    speed = 0.5
    lag = smoothing_lag(times, method, speed=speed)
    result = smooth_over_time(speed * times, times, method)
    inner = slice(300, 480)
    np.testing.assert_allclose(times[inner] - result[inner] / speed, lag.seconds, atol=1e-3)
    assert (lag.look_ahead > 0) == (method in ("mean", "median", "savitzky_golay"))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: smooth_over_time(np.zeros(3), np.arange(3), "x"), "unknown smoothing 'x'; known: mean"),
        (lambda: smooth_over_time(np.zeros(3), np.arange(3), "mean", span=1), "has no option 'span'"),
        (lambda: smooth_over_time(np.zeros(3), np.arange(3), "mean", window=-1), "window is -1"),
        (lambda: smooth_over_time(np.zeros(60), TIMES, "mean"), "running mean needs evenly spaced"),
        (lambda: smooth_over_time(np.zeros(60), TIMES, "savitzky_golay"), "evenly spaced"),
        (lambda: savitzky_golay_smooth(np.zeros(9), np.arange(9), 2.0, 4), "3 frames .* needs at least 5"),
        (lambda: exponential_smooth(np.zeros(3), np.arange(3), 0), "time constant is 0"),
        (lambda: one_euro_smooth(np.zeros(3), np.arange(3), beta=-1), "beta is -1"),
    ],
)
def test_time_smoothing_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
