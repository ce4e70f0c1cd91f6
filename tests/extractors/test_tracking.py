"""Identities stay with their faces."""

import numpy as np
import pytest

from fau3d.extractors import FaceTracker
from fau3d.extractors.duplicates import drop_duplicates
from fau3d.structures import FaceLandmarks

SHAPE = np.random.default_rng(0).random((68, 2)).astype(np.float32)


def face(x: float, y: float = 0.0, size: float = 100.0, confidence: float = 1.0) -> FaceLandmarks:
    points = SHAPE * size + np.array([x, y], np.float32)
    box = np.concatenate([points.min(axis=0), points.max(axis=0)])
    return FaceLandmarks(points, np.ones(68, np.float32), box, confidence, "ibug68")


def test_faces_keep_their_identity_whatever_their_order() -> None:
    tracker = FaceTracker()
    assert tracker.update([face(0), face(300)], 0.0) == [0, 1]
    assert tracker.update([face(305), face(4)], 0.04) == [1, 0]
    assert tracker.update([face(8)], 0.08) == [0]
    assert tracker.update([face(600), face(310), face(10)], 0.12) == [2, 1, 0]


def test_two_faces_that_pass_each_other_at_a_distance_stay_apart() -> None:
    tracker = FaceTracker()
    for step in range(41):
        ids = tracker.update([face(10 * step, y=0), face(400 - 10 * step, y=90)], step / 25)
        assert ids == [0, 1]


def test_a_gap_is_bridged_up_to_the_limit() -> None:
    tracker = FaceTracker(max_gap_seconds=1.0)
    assert tracker.update([face(0)], 0.0) == [0]
    for step in range(1, 26):
        tracker.update([], step / 25)
    assert tracker.update([face(20)], 1.0) == [0]
    assert tracker.update([], 1.5) == []
    assert tracker.update([face(20)], 2.1) == [1]


def test_a_face_that_comes_back_elsewhere_is_another() -> None:
    tracker = FaceTracker()
    assert tracker.update([face(0)], 0.0) == [0]
    tracker.update([], 0.04)
    assert tracker.update([face(500)], 0.5) == [1]


def test_a_face_that_stayed_wins_over_one_that_was_away() -> None:
    tracker = FaceTracker()
    tracker.update([face(0), face(30)], 0.0)
    tracker.update([face(0)], 0.04)
    assert tracker.update([face(2)], 0.08) == [0]


def test_slow_videos_are_tracked_from_frame_to_frame() -> None:
    tracker = FaceTracker(max_gap_seconds=0.5)
    assert [tracker.update([face(0)], 2.0 * i) for i in range(3)] == [[0], [0], [0]]


def test_missing_points_and_boxes_do_no_harm() -> None:
    tracker = FaceTracker()
    lost = FaceLandmarks(np.full((68, 2), np.nan), np.zeros(68), np.full(4, np.nan), 0.0, "ibug68")
    assert tracker.update([face(0), lost], 0.0) == [0, 1]
    assert tracker.update([lost, face(0)], 0.04)[1] == 0


def test_time_does_not_run_backwards() -> None:
    tracker = FaceTracker()
    tracker.update([face(0)], 1.0)
    with pytest.raises(ValueError, match="reset"):
        tracker.update([face(0)], 0.5)
    tracker.reset()
    assert tracker.update([face(0)], 0.5) == [0]


def test_a_negative_gap_is_refused() -> None:
    with pytest.raises(ValueError, match="max_gap_seconds"):
        FaceTracker(max_gap_seconds=-1)


def test_a_face_found_twice_is_kept_once() -> None:
    faces = [face(0, confidence=0.6), face(4, confidence=0.9), face(60, confidence=0.8)]
    assert drop_duplicates(faces) == faces[1:]
