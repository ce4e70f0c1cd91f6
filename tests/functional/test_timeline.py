"""The time axis: steps, seconds of frames, stretches, and what is refused."""

import numpy as np
import pytest

from fau3d.functional.timeline import (
    check_times,
    frame_seconds,
    median_step,
    regular_step,
    stretch_bounds,
    true_runs,
    unbroken_runs,
)

HOLE = np.array([0.0, 0.1, 0.2, 0.5, 0.6])


def test_frames_before_a_jump_stand_for_a_usual_step():
    np.testing.assert_allclose(frame_seconds(HOLE), 0.1)
    np.testing.assert_allclose(frame_seconds(np.array([0, 0.1, 0.24, 0.34])), [0.1, 0.14, 0.1, 0.1])
    assert median_step(HOLE) == pytest.approx(0.1)
    assert median_step(np.zeros(1)) == 0 and frame_seconds(np.zeros(1)).tolist() == [0]


def test_stretches_end_at_jumps_and_missing_frames():
    assert stretch_bounds(HOLE).tolist() == [0, 3, 5]
    assert stretch_bounds(np.zeros(0)).tolist() == [0]
    starts, stops = unbroken_runs(np.array([True, False, True, True, True]), HOLE)
    assert starts.tolist() == [0, 2, 3] and stops.tolist() == [1, 3, 5]
    starts, stops = true_runs(np.array([0, 1, 1, 0, 1]))
    assert starts.tolist() == [1, 4] and stops.tolist() == [3, 5]


def test_video_time_stamps_in_milliseconds_are_regular():
    times = np.round(np.arange(200) / 59.94, 3)
    assert regular_step(times, "this") == pytest.approx(1 / 59.94, abs=1e-3)
    assert regular_step(HOLE, "this") == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check_times(np.arange(3), 4), r"shape \(3,\) for 4 frames"),
        (lambda: check_times(np.array([0, np.nan]), 2), "frame 1 is nan"),
        (lambda: check_times(np.array([0, 2, 2.0]), 3), "frame 1 is at 2 s and frame 2 at 2 s"),
        (lambda: regular_step(np.array([0, 1, 2, 3.4, 4.4]), "this"), "frames 2 and 3 are 1.4 s apart"),
        (lambda: regular_step(HOLE, "this", jumps=False), "frames 2 and 3 are 0.3 s apart"),
    ],
)
def test_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
