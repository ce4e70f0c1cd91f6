"""A stream of faces is cut into the same windows as a finished video, and each frame is answered once."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fau3d.apis.face_windows import FaceTimelines, Lane
from fau3d.structures import FaceLandmarks


def face(value: float) -> FaceLandmarks:
    points = np.full((3, 2), value, np.float32)
    return FaceLandmarks(points, np.ones(3, np.float32), np.zeros(4, np.float32), 1.0, "three")


def echo(window) -> np.ndarray:
    """A model that answers each frame with its own keypoint and the window's start."""
    starts = np.full(len(window.keypoint), window.start, np.float64)
    return np.stack([window.keypoint[:, 0, 0].astype(np.float64), starts], axis=1)


def run(timelines, frames, delay=0):
    """Feed frames (dicts of faces); answer windows `delay` pushes late; give rows as they become ready."""
    waiting, rows, head, held = [], [], [], 0
    for number, faces in enumerate([*frames, None]):
        if faces is None:
            windows, slots = timelines.finish(), None
        else:
            windows, slots = timelines.push(faces)
        if slots is not None:
            head.append((number, slots))
        waiting += windows
        while waiting and (faces is None or len(waiting) > delay):
            window = waiting.pop(0)
            window.lane.add(window, echo(window))
        while head and all(lane.ready(at) for lane, at in head[0][1].values()):
            number_out, slots_out = head.pop(0)
            rows.append((number_out, {i: lane.take(at) for i, (lane, at) in slots_out.items()}))
        held = max(held, len(head))
    assert not head
    return rows, held


@settings(max_examples=60, deadline=None)
@given(
    total=st.integers(1, 40),
    length=st.integers(1, 8),
    delay=st.integers(0, 2),
    interval=st.integers(1, 3),
    data=st.data(),
)
def test_each_frame_is_answered_once_in_order_with_its_own_value(total, length, delay, interval, data):
    stride = data.draw(st.integers(1, length))
    timelines = FaceTimelines(length, stride, interval)
    rows, held = run(timelines, [{0: face(n)} for n in range(total)], delay)
    assert [number for number, _ in rows] == list(range(total))
    np.testing.assert_allclose([answers[0][0] for _, answers in rows], range(total), rtol=1e-12)
    assert held <= interval * (length + (2 + delay) * stride)


@given(total=st.integers(1, 40), length=st.integers(1, 8), data=st.data())
def test_windows_are_those_of_the_finished_video(total, length, data):
    from fau3d.functional.windows import window_starts

    stride = data.draw(st.integers(1, length))
    lane = Lane(length, stride)
    windows = [w for n in range(total) for w in lane.push(face(n))] + lane.close()
    assert [w.start for w in windows] == list(window_starts(total, length, stride))


def test_overlapping_answers_are_averaged_by_their_place_in_the_window():
    rows, _ = run(FaceTimelines(4, 2), [{0: face(n)} for n in range(6)])
    # Windows start at 0 and 2; in each, the two middle frames count three times as much as the ends.
    assert [answers[0][1] for _, answers in rows] == [0, 0, 0.5, 1.5, 2, 2]


def test_a_short_run_stands_still():
    lane = Lane(4, 2)
    lane.push(face(1)), lane.push(face(2))
    (window,) = lane.close()
    assert window.valid == 2
    assert window.keypoint[:, 0, 0].tolist() == [1, 1, 2, 2]
    assert window.score[3].tolist() == [1, 1, 1]


def test_a_short_absence_is_a_hole_and_a_long_one_ends_the_run():
    frames = [{0: face(n)} for n in range(3)] + [{}] * 2 + [{0: face(n)} for n in range(5, 8)]
    lane_of = [
        next(iter(slots.values()), (None, None)) for slots in (FaceTimelines(4, 2).push(f)[1] for f in frames)
    ]
    assert lane_of[3] == (None, None)
    for gap, runs in ((2, 1), (1, 2)):
        timelines = FaceTimelines(4, 2, max_gap=gap)
        lanes = [slot[0] for f in frames for slot in timelines.push(f)[1].values()]
        assert len(set(map(id, lanes))) == runs
    rows, _ = run(FaceTimelines(4, 2, max_gap=1), frames)
    assert [answers[0][0] if answers else None for _, answers in rows] == [0, 1, 2, None, None, 5, 6, 7]


def test_faces_come_and_go_independently():
    frames = [{0: face(n)} | ({1: face(100 + n)} if n > 5 else {}) for n in range(15)] + [
        {1: face(115 + n)} for n in range(9)
    ]
    rows, _ = run(FaceTimelines(6, 3), frames)
    assert [sorted(answers) for _, answers in rows] == [sorted(f) for f in frames]
    assert all(answers[1][0] == pytest.approx(100 + n) for n, answers in rows if 1 in answers)


def test_memory_is_bounded_while_a_face_stays():
    timelines = FaceTimelines(8, 4, smoothing=2)
    _, held = run(timelines, [{0: face(n)} for n in range(500)])
    assert held <= 8 + 2 * 4 + 2


def test_smoothing_is_that_of_the_whole_run():
    from fau3d.functional.smoothing import smooth

    values = np.random.default_rng(0).random(30)
    rows, _ = run(FaceTimelines(8, 4, smoothing=3), [{0: face(v)} for v in values])
    np.testing.assert_allclose([a[0][0] for _, a in rows], smooth(values.astype(np.float32), 3), rtol=1e-6)


def test_says_what_is_wrong_with_the_stride():
    with pytest.raises(ValueError, match="stride between windows is 9 frames; wanted 1 to 8"):
        Lane(8, 9)


def test_a_slow_source_is_filled_with_faces_between_its_own():
    timelines = FaceTimelines(length=5, stride=5, fill=2)
    windows, places = [], []
    for faces in ({0: face(0.0)}, {0: face(4.0)}, {}, {0: face(6.0)}, {0: face(10.0)}):
        found, slots = timelines.push(faces)
        windows += found
        places += [position for _, position in slots.values()]
    windows += timelines.finish()
    assert places == [0, 2, 6, 8]
    first, last = windows
    # Nothing is drawn next to a frame without the face.
    np.testing.assert_array_equal(first.keypoint[:, 0, 0], [0, 2, 4, np.nan, np.nan])
    np.testing.assert_array_equal(last.keypoint[:, 0, 0], [np.nan, np.nan, 6, 8, 10])
    with pytest.raises(ValueError, match="faster or slower"):
        FaceTimelines(length=5, stride=5, interval=2, fill=2)
