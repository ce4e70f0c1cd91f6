"""Synchrony: every correlation against NumPy's, a lag put in, and a test that holds its level."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from fau3d.functional.synchrony import synchrony

RATE, OPTIONS = 10, {"window": 6.0, "max_lag": 1.5, "step": 1.0}
TIMES = np.arange(1200) / RATE


def people(seed: int, units: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Give two unrelated people who move smoothly."""
    moves = np.random.default_rng(seed).standard_normal((2, 1200, units))
    return tuple(gaussian_filter1d(moves, 3, axis=1) + 2.0)


def test_every_correlation_is_pearsons_over_the_frames_both_have():
    first, second = people(0)
    first[300:320], second[::7, 1], second[600:700, 2] = np.nan, np.nan, 1.0
    found = synchrony(first, second, TIMES, **OPTIONS, surrogates=0)
    length, lag = 60, 15
    assert found.correlation.shape == (found.times.size, 31, 3)
    rng = np.random.default_rng(1)
    for window in [*rng.integers(0, len(found.times), 60), 28, 29, 60]:
        start = lag + 10 * window
        assert found.times[window] == pytest.approx(TIMES[start : start + length].mean())
        for place, unit in ((int(rng.integers(31)), unit) for unit in range(3)):
            a = first[start : start + length, unit]
            b = second[start + place - lag : start + place - lag + length, unit]
            both = np.isfinite(a) & np.isfinite(b)
            if b[both].std() < 1e-9:
                assert np.isnan(found.correlation[window, place, unit])
            else:
                expected = np.corrcoef(a[both], b[both])[0, 1]
                assert found.correlation[window, place, unit] == pytest.approx(expected, abs=1e-4)


def test_finds_who_follows_whom():
    first, second = people(2)
    second[:, 0] = np.roll(first[:, 0], 8) + 0.05 * second[:, 0]
    second[:, 1] = np.roll(first[:, 1], -5)
    found = synchrony(first, second, TIMES, **OPTIONS)
    assert np.median(found.peak_lag[:, 0]) == pytest.approx(0.8)
    assert np.median(found.peak_lag[:, 1]) == pytest.approx(-0.5)
    assert (found.p[:2] < 0.02).all() and found.p[2] > 0.05
    assert found.mean_peak[1] > 0.99 and found.surrogates == 95  # no more shifts
    again = synchrony(first, second, TIMES, **OPTIONS)
    np.testing.assert_array_equal(found.p, again.p)


def test_unrelated_people_are_rarely_together():
    p = np.concatenate([synchrony(*people(seed, 8), TIMES, **OPTIONS).p for seed in range(3, 10)])
    assert (p <= 0.05).mean() < 0.15 and 0.35 < p.mean() < 0.65


def test_missing_curves_and_too_few_frames_are_nan():
    first, second = people(1)
    first[:, 0], first[200:250] = np.nan, np.nan
    found = synchrony(first, second, TIMES, **OPTIONS, surrogates=5)
    assert np.isnan(found.p[0]) and np.isnan(found.mean_peak[0]) and np.isnan(found.peak_lag[:, 0]).all()
    assert np.isnan(found.peak[20 - 2]).all() and np.isfinite(found.p[1:]).all()
    short = synchrony(first[:120], second[:120], TIMES[:120], **OPTIONS)
    assert short.surrogates == 0 and np.isnan(short.p).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a, b: synchrony(a, b[:, :1], TIMES), "wanted \\(T, A\\) twice"),
        (lambda a, b: synchrony(a, b, np.where(TIMES > 50, TIMES + 1, TIMES)), "needs evenly spaced frames"),
        (lambda a, b: synchrony(a[:50], b[:50], TIMES[:50]), "50 frames are 5 s; .* needs 12 s"),
        (lambda a, b: synchrony(a, b, TIMES, max_lag=-1), "no lag below 0"),
    ],
)
def test_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call(*people(0))
