"""Labels and landmarks meet by frame number, and a gap among images stays a gap."""

from pathlib import Path

import numpy as np
import pytest

from fau3d.apis.corpora.joining import join_labels
from fau3d.datasets.corpora import CorpusError, FrameLabels, Recording


def landmarks(frames: int) -> dict:
    return {
        "frame_dir": "a",
        "frame_index": np.arange(frames),
        "fps": 25.0,
        "timestamp": np.arange(frames) / 25,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in (7, 8, 10, 12):
        (tmp_path / f"frame_{number}.jpg").write_bytes(b"")
    return tmp_path


LABELS = FrameLabels(np.array([8, 9, 10, 11]), np.array([[1], [0], [0], [1]], np.int8))


@pytest.mark.parametrize(("fps", "rate"), [(None, 25.0), (10.0, 10.0)])
def test_images_by_number(folder, fps, rate):
    joined = join_labels(landmarks(4), Recording("a", "S1", folder, fps=fps), LABELS)
    annotation = joined.annotation
    np.testing.assert_array_equal(annotation["au_occurrence"][:, 0], [-1, 1, 0, -1])
    np.testing.assert_array_equal(annotation["frame_number"], [7, 8, 10, 12])
    np.testing.assert_array_equal(annotation["frame_index"], [0, 1, 3, 5])
    np.testing.assert_allclose(annotation["timestamp"], np.array([0, 1, 3, 5]) / rate)
    assert (joined.frames_without_label, joined.labels_without_frame) == (2, 2)


def test_joining_again_changes_nothing(folder):
    recording = Recording("a", "S1", folder, fps=10.0)
    once = join_labels(landmarks(4), recording, LABELS).annotation
    again = join_labels(once, recording, LABELS).annotation
    assert once.keys() == again.keys()
    for key in ("au_occurrence", "frame_index", "frame_number", "timestamp"):
        np.testing.assert_array_equal(once[key], again[key])


def test_videos_count_from_their_first_number(tmp_path):
    video = tmp_path / "a.mp4"
    video.write_bytes(b"")
    annotation = join_labels(landmarks(4), Recording("a", "S1", video, first_number=8), LABELS).annotation
    np.testing.assert_array_equal(annotation["au_occurrence"][:, 0], [1, 0, 0, 1])
    np.testing.assert_array_equal(annotation["frame_index"], [0, 1, 2, 3])


def test_labels_of_another_copy_are_told(folder):
    far = FrameLabels(np.array([100, 101]), np.zeros((2, 1), np.int8))
    with pytest.raises(CorpusError, match=r"a: none of the coded frames \(100 to 101\).*\(7 to 12\)"):
        join_labels(landmarks(4), Recording("a", "S1", folder), far)
