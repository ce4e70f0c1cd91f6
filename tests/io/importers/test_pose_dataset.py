"""Pickles of PYSKL and MMAction2."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from fau3d.io.annotation import AnnotationError
from fau3d.io.importers.base import ImportFault
from fau3d.io.importers.pose_dataset import import_pose_pickle
from fau3d.io.validation import validate


def sample(name: str = "v1", points: int = 68, **changes: object) -> dict:
    keypoint = np.full((1, 4, points, 2), 50, np.float16)
    keypoint[0, 1] = 0  # their way to say 'no face'
    keypoint[0, 2, 5] = 0
    score = np.full((1, 4, points), 0.5, np.float16)
    score[0, 1], score[0, 2, 6] = 0, 0
    return {
        "frame_dir": name,
        "label": 3,
        "img_shape": (100, 120),
        "original_shape": (200, 240),
        "total_frames": 4,
        "keypoint": keypoint,
        "keypoint_score": score,
    } | changes


def write(path: Path, *samples: dict, split: dict | None = None) -> Path:
    path.write_bytes(pickle.dumps({"split": split or {}, "annotations": list(samples)}))
    return path


def test_zeros_become_missing_and_the_rest_is_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.pkl", sample("v1"), sample("v2"), split={"xsub_train": ["v1"], "xsub_val": ["v2"]}
    )
    result = import_pose_pickle(path, fps=30)
    assert result.failures == []
    file = result.file
    assert file.split == {"xsub_train": ["v1"], "xsub_val": ["v2"]} and file.metainfo["topology"] == "ibug68"
    found = file.annotations[0]
    assert np.isnan(found["keypoint"][0, 1]).all() and np.isnan(found["keypoint"][0, 2, 5:7]).all()
    assert (found["keypoint_score"][0, 1] == 0).all() and (found["keypoint_score"][0, 2, 5:7] == 0).all()
    assert (found["keypoint"][0, 0] == 50).all() and (found["keypoint_score"][0, 0] == 0.5).all()
    assert found["label"] == 3 and found["fps"] == 30
    assert (found["img_shape"], found["original_shape"]) == ((100, 120), (200, 240))
    assert validate(file) == []


def test_bare_lists_without_scores_or_sizes(tmp_path: Path) -> None:
    bare = sample("v1", filename="x")
    for key in ("keypoint_score", "img_shape", "original_shape"):
        del bare[key]
    (tmp_path / "a.pkl").write_bytes(pickle.dumps([bare]))
    file = import_pose_pickle(tmp_path / "a.pkl", au_names="disfa8").file
    assert file.split == {"all": ["v1"]} and file.annotations[0]["img_shape"] == (51, 51)
    assert file.annotations[0]["keypoint_score"][0, 0].min() == 1 and file.au_names[0] == "AU01"


def test_a_bad_sample_does_not_cost_the_others(tmp_path: Path) -> None:
    samples = [
        sample("v1"),
        sample("v2", points=133),
        sample("v3", keypoint_score=np.ones((1, 3, 68))),
        sample("v1"),
    ]
    nameless = sample()
    del nameless["frame_dir"]
    result = import_pose_pickle(write(tmp_path / "a.pkl", *samples, nameless, split={"s": ["v1", "v2"]}))
    assert result.file.split == {"s": ["v1"]}
    reasons = [reason for _, reason in result.failures]
    assert "v2: keypoint has shape (1, 4, 133, 2); wanted (M, T, 68" in reasons[0]
    assert "v3: keypoint_score has shape (1, 3, 68)" in reasons[1]
    assert "imported before" in reasons[2] and "neither 'frame_dir' nor" in reasons[3]


def test_points_of_no_known_topology(tmp_path: Path) -> None:
    with pytest.raises(
        ImportFault, match=r"17 points, as no known topology; name the topology, one of: .*ibug68 \(68\)"
    ):
        import_pose_pickle(write(tmp_path / "a.pkl", sample(points=17)))
    with pytest.raises(ImportFault, match="no annotation has a 'keypoint'"):
        import_pose_pickle(write(tmp_path / "b.pkl"))
    (tmp_path / "c.pkl").write_bytes(pickle.dumps(3))
    with pytest.raises(AnnotationError, match="found int"):
        import_pose_pickle(tmp_path / "c.pkl")
