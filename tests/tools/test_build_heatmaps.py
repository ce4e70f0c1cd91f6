"""Volumes on disk are what the model's preprocessor would draw, and a config can train from them."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from fau3d.datasets import FaceKeypointDataset, face_collate
from fau3d.functional.heatmap import joint_volume
from fau3d.io.annotation import load_annotations, save_annotations
from fau3d.topology import get_topology


@pytest.fixture(scope="module")
def tool(repo_root: Path) -> Callable[[list[str]], int]:
    spec = importlib.util.spec_from_file_location(
        "build_heatmaps", repo_root / "tools/data/build_heatmaps.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Two videos of iBUG points; the second has two persons, of whom row 1 is seen more."""
    rng = np.random.default_rng(0)
    annotations = []
    for name, persons, frames in (("a", 1, 70), ("b", 2, 20)):
        keypoint = rng.uniform(100, 300, (persons, frames, 68, 2)).astype(np.float32)
        keypoint[0, 5] = np.nan
        annotations.append(
            {
                "frame_dir": name,
                "total_frames": frames,
                "img_shape": (480, 640),
                "keypoint": keypoint,
                "keypoint_score": rng.uniform(0.5, 1, (persons, frames, 68)).astype(np.float32),
                "au_occurrence": rng.integers(0, 2, (frames, 2)).astype(np.int8),
                "fps": 25.0,
            }
        )
    path = tmp_path / "corpus.pkl"
    meta = {"topology": "ibug68", "au_names": ("AU12_L", "AU12_R"), "label_type": "occurrence"}
    save_annotations(path, {"train": ["a"], "test": ["b"]}, annotations, meta)
    return path


def test_a_volume_is_what_the_model_would_draw(tool: Callable, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "volumes.pkl"
    assert tool([str(source), str(output), "--size", "32", "32"]) == 0
    loaded = load_annotations(output)
    assert loaded.metainfo["heatmap"]["kind"] == "joint"
    assert [a["heatmap"].shape for a in loaded.annotations] == [(68, 70, 32, 32), (68, 20, 32, 32)]
    assert loaded.annotations[0]["heatmap"].dtype == np.uint8
    assert loaded.annotations[0]["heatmap"][:, 5].max() == 0
    assert loaded.annotations[1]["heatmap"][:, 5].max() > 0
    pipeline = [{"type": "FaceCrop"}, {"type": "FillMissing"}, {"type": "PackFaceInputs"}]
    clip = {"length": 70}
    drawn = FaceKeypointDataset(str(source), pipeline, split="train", clip=clip, test_mode=True)[0]["inputs"]
    volume = joint_volume(drawn["keypoint"][None] * 32, drawn["keypoint_score"][None], (32, 32))[0]
    stored = torch.from_numpy(loaded.annotations[0]["heatmap"]).float() / 255
    assert (stored - volume).abs().max() <= 0.5 / 255 + 1e-5


def test_clips_are_read_from_volumes(tool: Callable, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "volumes.pkl"
    assert tool([str(source), str(output), "--size", "16", "24"]) == 0
    volumes = load_annotations(output).annotations
    pack = {"type": "PackFaceInputs"}
    arguments = {"clip": {"length": 12}, "with_heatmap": True}
    dataset = FaceKeypointDataset(str(output), [pack], test_mode=True, **arguments)
    item = dataset[0]
    assert list(item["inputs"]) == ["heatmap"]
    np.testing.assert_array_equal(item["inputs"]["heatmap"], volumes[0]["heatmap"][:, :12])
    batch = face_collate([dataset[0], dataset[1]])
    assert batch["inputs"]["heatmap"].shape == (2, 68, 12, 16, 24)
    mirrored = FaceKeypointDataset(
        str(output), [{"type": "MirrorFace", "prob": 1.0}, pack], test_mode=True, **arguments
    )[0]
    index = get_topology("ibug68").mirror_index
    np.testing.assert_array_equal(
        mirrored["inputs"]["heatmap"], volumes[0]["heatmap"][index][:, :12, :, ::-1]
    )
    assert torch.equal(mirrored["data_samples"].gt_occurrence, item["data_samples"].gt_occurrence.flip(1))
    train = FaceKeypointDataset(str(output), [{"type": "TemporalCrop", "length": 8}, pack], **arguments)
    assert train[0]["inputs"]["heatmap"].shape == (68, 8, 16, 24)


def test_limbs_can_be_drawn(tool: Callable, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "limbs.pkl"
    assert tool([str(source), str(output), "--kind", "limb", "--split", "test", "--size", "16", "16"]) == 0
    loaded = load_annotations(output)
    assert loaded.split == {"test": ["b"]}
    assert loaded.annotations[0]["heatmap"].shape == (len(get_topology("ibug68").edges), 20, 16, 16)
    mirror = [{"type": "MirrorFace", "prob": 1.0}]
    dataset = FaceKeypointDataset(str(output), mirror, clip={"length": 8}, with_heatmap=True)
    with pytest.raises(RuntimeError, match="'limb' maps cannot be mirrored"):
        dataset[0]


def test_what_does_not_fit_volumes_is_refused(tool: Callable, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "volumes.pkl"
    with pytest.raises(ValueError, match="holds no volumes; make them with"):
        FaceKeypointDataset(str(source), with_heatmap=True)
    assert tool([str(source), str(output), "--size", "8", "8"]) == 0
    with pytest.raises(ValueError, match="most present person"):
        FaceKeypointDataset(str(output), with_heatmap=True, clip={"person": "all"})
    for name in ("RandomAffine", "JitterKeypoints", "DropPoints", "TemporalDrop"):
        dataset = FaceKeypointDataset(str(output), [{"type": name}], with_heatmap=True)
        with pytest.raises(RuntimeError, match=f"{name} moves keypoints"):
            dataset[0]


def test_refusals(tool: Callable, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    output = tmp_path / "volumes.pkl"
    assert tool([str(source), str(output), "--max-gigabytes", "0.001"]) == 2
    assert "over the limit of 0.001" in capsys.readouterr().err
    assert tool([str(source), str(output), "--split", "nothing"]) == 2
    assert "nothing" in capsys.readouterr().err
    assert not output.exists()
    output.write_text("mine")
    assert tool([str(source), str(output)]) == 2
    assert "--overwrite" in capsys.readouterr().err
    assert output.read_text() == "mine"
