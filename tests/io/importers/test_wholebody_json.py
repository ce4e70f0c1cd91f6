"""Folders of whole-body keypoints in JSON."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fau3d.io.importers.base import ImportFault
from fau3d.io.importers.wholebody_json import import_wholebody_json


def person(offset: float = 0.0, score: float = 0.9) -> np.ndarray:
    """133 points; point i at (offset + i, 2 i)."""
    place = np.arange(133.0)
    return np.column_stack([offset + place, 2 * place, np.full(133, score)])


def entry(points: np.ndarray) -> dict[str, Any]:
    return {"keypoints": points.ravel().tolist(), "bbox": [0, 0, 1, 1], "score": 0.8, "category_id": 1}


def write(folder: Path, frames: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in frames.items():
        (folder / name).write_text(json.dumps(content))
    return folder


def test_gaps_stay_missing(tmp_path: Path) -> None:
    frames = {f"{i:05d}.jpg.predictions.json": [entry(person(i))] for i in (1, 2, 5)}
    frames["00003.jpg.predictions.json"] = []
    result = import_wholebody_json(write(tmp_path / "clip7", frames))
    assert result.failures == [] and result.file.split == {"all": ["clip7"]}
    (found,) = result.file.annotations
    assert result.file.metainfo["topology"] == "wholebody133"
    assert found["keypoint"].shape == (1, 5, 133, 2)
    assert np.isfinite(found["keypoint"]).all((0, 2, 3)).tolist() == [True, True, False, False, True]
    assert found["keypoint"][0, 4, 10].tolist() == [15.0, 20.0]
    np.testing.assert_allclose(found["keypoint_score"][0, [0, 2]].max(1), [0.9, 0])
    assert found["img_shape"] == (265, 138) and found["fps"] == 25.0


def test_face_alone_and_numbers_from_zero(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", {f"frame_{i}.predictions.json": [entry(person())] for i in (0, 1, 11)})
    (found,) = import_wholebody_json(folder, topology="ibug68", img_shape=(480, 640)).file.annotations
    assert found["keypoint"].shape == (1, 12, 68, 2) and found["img_shape"] == (480, 640)
    assert found["keypoint"][0, 0, 0].tolist() == [23.0, 46.0]
    with pytest.raises(ImportFault, match="wholebody133, ibug68"):
        import_wholebody_json(folder, topology="mediapipe478")


def test_points_of_score_zero_were_not_seen(tmp_path: Path) -> None:
    points = person()
    points[40] = 0
    points[41, 2] = 0
    (found,) = import_wholebody_json(write(tmp_path / "a", {"1.json": [entry(points)]})).file.annotations
    assert (
        np.isnan(found["keypoint"][0, 0, 40:42]).all() and (found["keypoint_score"][0, 0, 40:42] == 0).all()
    )
    assert np.isfinite(found["keypoint"][0, 0, 42]).all()


def parts(points: np.ndarray) -> dict[str, Any]:
    ends = {"keypoints": (0, 17), "foot_kpts": (17, 23), "face_kpts": (23, 91)}
    ends |= {"lefthand_kpts": (91, 112), "righthand_kpts": (112, 133)}
    return {name: points[a:b].ravel().tolist() for name, (a, b) in ends.items()}


@pytest.mark.parametrize(
    "content",
    [
        [entry(person())],
        entry(person()),
        {"predictions": [entry(person())]},
        {"annotations": [entry(person())]},
        [{"keypoints": person().tolist()}],
        {"instances": [{"keypoints": person()[:, :2].tolist(), "keypoint_scores": person()[:, 2].tolist()}]},
        [parts(person())],
    ],
    ids=["list", "one", "predictions", "annotations", "rows", "instances", "parts"],
)
def test_ways_to_write_a_person(tmp_path: Path, content: object) -> None:
    (found,) = import_wholebody_json(write(tmp_path / "a", {"1.json": content})).file.annotations
    np.testing.assert_allclose(found["keypoint"][0, 0], person()[:, :2])
    np.testing.assert_allclose(found["keypoint_score"][0, 0], 0.9, rtol=1e-6)


def test_a_video_in_one_file(tmp_path: Path) -> None:
    lines = [json.dumps({"frame": i, "predictions": [entry(person(i))]}) for i in (1, 3)]
    (tmp_path / "walk.mp4.openpifpaf.json").write_text("\n".join(lines))
    result = import_wholebody_json(tmp_path)
    assert result.file.split["all"] == ["walk.mp4"]
    assert result.file.annotations[0]["total_frames"] == 3


def test_persons_keep_their_row(tmp_path: Path) -> None:
    left, right = person(0, 0.9), person(400, 0.8)
    frames = {
        f"{i}.json": [entry(left + [i, 0, 0]), entry(right + [i, 0, 0])][:: 1 if i % 2 else -1]
        for i in range(1, 7)
    }
    folder = write(tmp_path / "a", frames)
    (found,) = import_wholebody_json(folder, max_persons=2).file.annotations
    assert found["keypoint"].shape == (2, 6, 133, 2)
    assert (found["keypoint"][0, :, 0, 0] < 100).all() and (found["keypoint"][1, :, 0, 0] > 300).all()
    (found,) = import_wholebody_json(folder).file.annotations
    assert (found["keypoint"][0, :, 0, 0] < 100).all()


def test_one_person_who_jumps_stays_one(tmp_path: Path) -> None:
    frames = {"1.json": [entry(person(0))], "2.json": [entry(person(5000))]}
    (found,) = import_wholebody_json(write(tmp_path / "a", frames)).file.annotations
    assert np.isfinite(found["keypoint"]).all()


def test_bad_videos_do_not_cost_the_others(tmp_path: Path) -> None:
    write(tmp_path / "good", {"1.json": [entry(person())]})
    write(tmp_path / "body", {"1.json": [{"keypoints": [1.0] * 51}]})
    write(tmp_path / "nameless", {"frame.json": [entry(person())]})
    write(tmp_path / "twice", {"1.json": [], "01.jpg.predictions.json": []})
    (write(tmp_path / "cut", {}) / "1.json").write_text('[{"keypoints": [1')
    (write(tmp_path / "other", {}) / "1.json").write_text('"text"')
    result = import_wholebody_json(tmp_path)
    assert result.file.split["all"] == ["good"]
    reasons = {Path(name).name: reason for name, reason in result.failures}
    assert "a person has 17 points; wanted the 133" in reasons["body"]
    assert "no frame number in its name" in reasons["nameless"]
    assert "is frame 1, and so is" in reasons["twice"]
    assert "is no JSON" in reasons["cut"] and "holds a str" in reasons["other"]
    with pytest.raises(ImportFault, match="found no JSON file"):
        import_wholebody_json(tmp_path / "gone")
