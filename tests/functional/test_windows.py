"""Windows cover everything, and averaging over them is an average."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fau3d.functional.windows import average_frames, average_windows, window_starts, window_weights


@given(st.integers(1, 300), st.integers(1, 60), st.data())
def test_every_frame_is_covered_and_none_beyond(total: int, length: int, data: st.DataObject) -> None:
    stride = data.draw(st.integers(1, length))
    starts = window_starts(total, length, stride)
    covered = np.zeros(max(total, length), int)
    for start in starts:
        covered[start : start + length] += 1
    assert (covered[:total] > 0).all()
    assert (np.diff(starts) > 0).all()
    assert starts[-1] + length <= max(total, length)


@given(st.integers(1, 100), st.integers(1, 30), st.data())
def test_averaging_gives_back_what_all_windows_say(total: int, length: int, data: st.DataObject) -> None:
    starts = window_starts(total, length, data.draw(st.integers(1, length)))
    truth = np.arange(2.0 * total).reshape(total, 2)
    padded = np.concatenate([truth, np.full((length, 2), 1e6)])
    values = np.stack([padded[s : s + length] for s in starts])
    weights = np.linspace(0.5, 1.5, length)
    np.testing.assert_allclose(average_windows(values, starts, total), truth)
    np.testing.assert_allclose(average_windows(values, starts, total, weights), truth)


def test_weights_and_missing_values_count_as_they_should() -> None:
    values = np.array([[[1.0], [2.0]], [[4.0], [np.nan]]])
    averaged = average_windows(values, np.array([0, 1]), 4, weights=np.array([3.0, 1.0]))
    np.testing.assert_allclose(averaged[:, 0], [1.0, (2 * 1 + 4 * 3) / 4, np.nan, np.nan])


def test_padding_is_left_out() -> None:
    averaged = average_frames(np.array([[1.0], [9.0]]), np.array([0, -1]), 1)
    np.testing.assert_array_equal(averaged, [[1.0]])


def test_an_empty_time_axis_has_no_windows() -> None:
    assert len(window_starts(0, 48)) == 0


@pytest.mark.parametrize(("length", "stride"), [(0, None), (10, 0), (10, 11)])
def test_windows_that_leave_gaps_are_refused(length: int, stride: int | None) -> None:
    with pytest.raises(ValueError, match="wanted"):
        window_starts(100, length, stride)


def test_answers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="beyond the time axis of 3"):
        average_frames(np.zeros((1, 1)), np.array([3]), 3)
    with pytest.raises(ValueError, match="frame numbers of shape"):
        average_frames(np.zeros((2, 1)), np.array([0]), 3)
    with pytest.raises(ValueError, match="2 windows"):
        average_windows(np.zeros((2, 4, 1)), np.array([0]), 3)


@pytest.mark.parametrize("length", [1, 2, 7, 48])
def test_weights_are_a_positive_triangle(length):
    weights = window_weights(length)
    assert weights.shape == (length,)
    assert (weights > 0).all()
    np.testing.assert_allclose(weights, weights[::-1])
    if length % 2 == 0:
        np.testing.assert_allclose(weights[: length // 2] + weights[length // 2 :], 1.0)
