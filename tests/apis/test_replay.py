"""Landmarks given out again answer as they did when they were found."""

from pathlib import Path

import numpy as np
import pytest

from fau3d.apis import AUInferencer
from fau3d.apis.replay import LandmarkReplay
from fau3d.structures import VideoLandmarks


def make_landmarks(faces: int = 1, frames: int = 5) -> VideoLandmarks:
    rng = np.random.default_rng(0)
    base = rng.uniform(100, 200, (faces, 1, 478, 3)) + 300 * np.arange(faces)[:, None, None, None]
    keypoint = (base + rng.normal(0, 1, (faces, frames, 478, 3))).astype(np.float32)
    box = np.concatenate([keypoint[..., :2].min(axis=2), keypoint[..., :2].max(axis=2)], axis=-1)
    return VideoLandmarks(
        keypoint,
        np.ones(keypoint.shape[:3], np.float32),
        box,
        np.ones((faces, frames), np.float32),
        np.arange(frames),
        np.arange(frames) / 25,
        25.0,
        (480, 640),
        "mediapipe478",
        "made up",
    )


def test_every_face_comes_out_where_and_when_it_was() -> None:
    landmarks = make_landmarks(faces=2)
    landmarks.keypoint[1, 3] = np.nan
    replay = LandmarkReplay("mediapipe478")
    source = replay.play(landmarks)
    frames = list(source.frames())
    found = replay.extract([frame.image for frame in frames])
    assert source.fps == 25 and [frame.index for frame in frames] == list(range(5))
    assert all(frame.image.shape == (480, 640, 3) for frame in frames)
    assert [len(faces) for faces in found] == [2, 2, 2, 1, 2]
    np.testing.assert_array_equal(found[4][1].points, landmarks.keypoint[1, 4])


def test_asking_for_more_than_is_played_is_an_error_and_reset_starts_again() -> None:
    replay = LandmarkReplay("mediapipe478")
    image = next(replay.play(make_landmarks(frames=1)).frames()).image
    first = replay.extract([image])
    with pytest.raises(ValueError, match="1 frames are being played"):
        replay.extract([image])
    replay.reset()
    assert replay.extract([image]) == first


def test_points_of_another_set_are_refused() -> None:
    with pytest.raises(ValueError, match="LandmarkReplay\\('mediapipe478'\\)"):
        LandmarkReplay("ibug68").play(make_landmarks())


@pytest.mark.slow
def test_an_inferencer_answers_replayed_landmarks_as_it_answers_the_video(repo_root: Path) -> None:
    pytest.importorskip("mediapipe")
    from fau3d.apis.extraction import extract_video
    from fau3d.io.video import VideoReader

    demo = repo_root / "demo" / "face.mp4"
    landmarks = extract_video(demo, max_faces=1)
    replay = LandmarkReplay(landmarks.topology)
    with AUInferencer(None, device="cpu") as live, AUInferencer(None, replay, "cpu") as again:
        with VideoReader(demo) as reader:
            wanted = live(reader).data
        given = again(replay.play(landmarks)).data
    units = [name for name in wanted if str(name).endswith("_p")]
    np.testing.assert_allclose(given[units], wanted[units], atol=1e-6)
    np.testing.assert_array_equal(given["frame"], wanted["frame"])
