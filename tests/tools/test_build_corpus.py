"""The tools that write the synthetic corpus and the sample."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fau3d.io.annotation import load_annotations
from fau3d.io.validation import validate


def test_corpus_of_two_splits_without_shared_people(
    load_tool: Callable, repo_root: Path, tmp_path: Path
) -> None:
    tool = load_tool(repo_root, "build_corpus")
    small = ["--people", "2", "--held-out-people", "2", "--sequences", "2", "--frames", "12"]
    assert tool.main([str(tmp_path), "--topology", "mediapipe91", *small]) == 0
    files = {split: load_annotations(tmp_path / f"{split}.pkl") for split in ("train", "val")}
    people = {split: {a["subject"] for a in file.annotations} for split, file in files.items()}
    assert not people["train"] & people["val"]
    for split, file in files.items():
        assert validate(file) == []
        assert list(file.split) == [split] and len(file.annotations) == 4
        assert file.metainfo["topology"] == "mediapipe91"
    assert tool.main([str(tmp_path), "--topology", "mediapipe91", *small]) == 1


def test_points_that_the_rig_lacks_are_refused(load_tool: Callable, repo_root: Path, tmp_path: Path) -> None:
    tool = load_tool(repo_root, "build_corpus")
    with pytest.raises(SystemExit, match="mediapipe91 is a subset of mediapipe478"):
        tool.main([str(tmp_path), "--rig", "ibug68", "--topology", "mediapipe91", "--people", "1"])


def test_the_shipped_sample_is_what_the_tool_makes(
    load_tool: Callable, repo_root: Path, tmp_path: Path
) -> None:
    shipped_path = repo_root / "data" / "sample" / "sample_mediapipe478.pkl"
    tool = load_tool(repo_root, "build_sample")
    assert tool.main([str(tmp_path / "sample.pkl")]) == 0
    made, shipped = load_annotations(tmp_path / "sample.pkl"), load_annotations(shipped_path)
    assert made.split == shipped.split and made.metainfo == shipped.metainfo
    for first, second in zip(made.annotations, shipped.annotations):
        np.testing.assert_allclose(first["keypoint"], second["keypoint"], atol=0.05)
        np.testing.assert_array_equal(first["au_occurrence"], second["au_occurrence"])


def test_the_shipped_sample_is_small_valid_and_has_every_unit(repo_root: Path) -> None:
    path = repo_root / "data" / "sample" / "sample_mediapipe478.pkl"
    assert path.stat().st_size < 2_000_000
    file = load_annotations(path)
    assert validate(file) == []
    assert (np.concatenate([a["au_occurrence"] for a in file.annotations]) == 1).any(0).all()
    for fold in (1, 2, 3):
        people = [{a["subject"] for a in file.of_split(f"fold{fold}_{part}")} for part in ("train", "test")]
        assert people[0] and people[1] and not people[0] & people[1]


@pytest.mark.filterwarnings("default")
def test_the_shipped_sample_is_read_by_mmaction2(repo_root: Path) -> None:
    datasets = pytest.importorskip("mmaction.datasets")
    dataset = datasets.PoseDataset(
        ann_file=str(repo_root / "data" / "sample" / "sample_mediapipe478.pkl"),
        pipeline=[],
        split="train",
        multi_class=True,
        num_classes=41,
    )
    item = dataset.get_data_info(0)
    assert len(dataset) == 5 and item["keypoint"].shape == (1, 40, 478, 2)
