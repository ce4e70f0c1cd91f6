"""Real videos through the real extractor and a tiny model of its point set."""

import numpy as np
import pytest

from fau3d.apis import AUInferencer
from fau3d.apis.extraction import extract_video


@pytest.fixture(scope="module")
def inferencer(kit, tmp_path_factory):
    pytest.importorskip("mediapipe")
    meta = kit.tiny_meta(topology="mediapipe91", fps=25.0)
    meta["model"]["backbone"]["in_channels"] = 91
    path = kit.save_checkpoint(tmp_path_factory.mktemp("weights") / "tiny91.pth", meta)
    with AUInferencer(path, "mediapipe", "cpu", max_faces=2) as built:
        yield built


def test_one_speaker(inferencer, clips_dir):
    table = inferencer(clips_dir / "grid_brbk7n_talking.mp4")
    assert table.data["frame"].tolist() == list(range(75))
    assert table.data["success"].all()
    assert np.isfinite(table.values("probability")).all()
    np.testing.assert_allclose(np.diff(table.data["timestamp"]), 0.04, atol=1e-3)


def test_two_speakers_keep_their_sides(inferencer, clips_dir):
    table = inferencer(clips_dir / "grid_two_speakers_multi_face.mp4")
    assert sorted(table.data["face_id"].unique()) == [0, 1]
    for face_id in (0, 1):
        face = table.face(face_id)
        assert len(face.data) >= 70
        middle = face.data["box_x"] + face.data["box_w"] / 2
        assert (middle < 360).all() or (middle > 360).all()


def test_nobody_there(inferencer, clips_dir):
    table = inferencer(clips_dir / "nasa_no_face.mp4")
    assert len(table.data) == 325
    assert not table.data["success"].any()


def test_still_frames_are_found_without_tracking(inferencer, clips_dir):
    from fau3d.io.video import VideoReader

    with VideoReader(clips_dir / "grid_two_speakers_multi_face.mp4") as reader:
        images = [("first", reader[0]), ("last", reader[74])]
    results = list(inferencer.stills(images))
    assert [result.source for result in results] == ["first", "last"]
    assert [len(result.faces) for result in results] == [2, 2]


def test_an_extractor_named_by_its_name_looks_for_as_many_faces_as_are_wanted(clips_dir):
    landmarks = extract_video(clips_dir / "grid_two_speakers_multi_face.mp4", "mediapipe", max_faces=2)
    assert len(landmarks.keypoint) == 2 and (landmarks.confidence > 0).mean() > 0.9
