"""Labelled images: lists as they are published, one form of sample, the same draws as everywhere."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import torch

from fau3d.datasets import ClipSampler, FaceImageDataset, face_collate
from fau3d.datasets.images import IMAGE_LISTS, ImageList, read_image_list
from fau3d.facs import get_au_set
from fau3d.io.video import VideoError

TREE = Path(__file__).parent / "corpora" / "trees" / "fg2020.py"
PIPELINE = [
    {"type": "LoadFaceImage"},
    {"type": "CropToBox"},
    {"type": "PadToSquare"},
    {"type": "ResizeImage", "size": 16},
    {"type": "PackFaceInputs"},
]


class Media:
    def image(self, path, number=0):
        import cv2

        rng = np.random.default_rng(number)
        cv2.imwrite(str(path), rng.integers(0, 255, (24, 20, 3), np.uint8))


@pytest.fixture
def tree(tmp_path):
    spec = importlib.util.spec_from_file_location("tree_fg2020", TREE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.build(tmp_path, Media())
    return tmp_path


def test_a_sample_is_a_clip_of_one_frame(tree):
    data = FaceImageDataset(str(tree), "train", pipeline=PIPELINE, test_mode=True)
    item = data[1]
    assert item["inputs"]["image"].shape == (1, 16, 16, 1) and item["inputs"]["image"].dtype == torch.uint8
    sample = item["data_samples"]
    assert sample.frame_dir == "pre_train_images/m.059w4s_21-FaceId-0" and sample.total_frames == 1
    assert sample.frame_inds.tolist() == [0] and sample.gt_occurrence.shape == (1, 18)
    assert torch.isnan(sample.gt_intensity).all()
    batch = face_collate([data[0], data[1]])
    assert batch["inputs"]["image"].shape == (2, 1, 16, 16, 1)


def test_labels_are_those_of_the_list(tree):
    data = FaceImageDataset(str(tree), "fold2_test", pipeline=PIPELINE, test_mode=True)
    row = read_image_list("fg2020", tree, "fold2_test").occurrence[0]
    np.testing.assert_array_equal(data[0]["data_samples"].gt_occurrence[0], row)
    counts = data.au_statistics()
    assert counts["annotated"].tolist() == [2] * 12 and data.metainfo["label_type"] == "occurrence"
    assert tuple(data.metainfo["au_names"]) == get_au_set("disfa12")


def test_units_that_a_list_lacks_are_not_annotated(tree):
    splits = ["train", "fold2_test"]
    with pytest.raises(ValueError, match="label different units"):
        FaceImageDataset(str(tree), splits)
    data = FaceImageDataset(str(tree), splits, pipeline=PIPELINE, au_set="openface18", test_mode=True)
    labels = data[len(data) - 1]["data_samples"].gt_occurrence[0]
    assert len(data) == 4 + 2 and (labels < 0).sum() == 6


def test_missing_images_are_an_error_unless_they_may_be(tree):
    wanted = r"fold3_test.*1 of 2 images are missing.*SN016_00001816\.jpg.*on_missing='skip'"
    with pytest.raises(ValueError, match=wanted):
        FaceImageDataset(str(tree), "fold3_test")
    assert len(FaceImageDataset(str(tree), "fold3_test", on_missing="skip")) == 1


def test_a_damaged_image_is_named(tree):
    (tree / "data/pre_train_images/stranger.jpg").write_bytes(b"no image")
    data = FaceImageDataset(str(tree), "test", pipeline=PIPELINE, test_mode=True)
    with pytest.raises(RuntimeError, match=r"stranger\.jpg: the pipeline failed") as caught:
        data[1]
    assert isinstance(caught.value.__cause__, VideoError)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"form": "fg2021"}, "unknown form of image lists 'fg2021'; known: fg2020"),
        ({"split": "fold4_test"}, "unknown split 'fold4_test'; known: train, test, fold1_train"),
        ({"on_missing": "guess"}, "on_missing is 'guess'"),
    ],
)
def test_what_is_unknown_is_told(tree, arguments, message):
    with pytest.raises(ValueError, match=message):
        FaceImageDataset(**{"ann_file": str(tree), "split": "train", **arguments})


def test_no_such_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        FaceImageDataset(str(tmp_path / "none"), "train")


def test_every_form_names_a_function():
    import importlib

    for entry in IMAGE_LISTS.values():
        module, _, name = entry.partition(".")
        assert callable(getattr(importlib.import_module(f"fau3d.datasets.images.{module}"), name))


def test_weights_travel_to_the_sample(tree):
    data = FaceImageDataset(str(tree), "train", pipeline=PIPELINE, test_mode=True)
    read = data._lists[0]
    data._lists[0] = ImageList(
        read.paths, read.names, read.subjects, read.au_names, read.occurrence,
        weight=np.array([0.25, 1, 1, 1], np.float32),
    )  # fmt: skip
    assert data[0]["data_samples"].frame_weight.tolist() == [0.25]


def test_a_list_that_does_not_fit_itself():
    with pytest.raises(ValueError, match=r"occurrence has \(2, 1\), wanted \(1, 1\)"):
        ImageList([Path("a")], ["a"], ["a"], ("AU01",), np.zeros((2, 1), np.int8))


def test_draws_follow_the_epoch_and_nothing_else(tree):
    pipeline = [*PIPELINE[:4], {"type": "RandomImageAffine"}, {"type": "RandomBrightness"}, PIPELINE[-1]]
    data = FaceImageDataset(str(tree), "train", pipeline=pipeline)
    sampler = ClipSampler(data, shuffle=False, seed=3)
    first = [data[index]["inputs"]["image"] for index in sampler]
    again = [data[index]["inputs"]["image"] for index in sampler]
    sampler.set_epoch(1)
    later = [data[index]["inputs"]["image"] for index in sampler]
    assert all(torch.equal(a, b) for a, b in zip(first, again))
    assert not any(torch.equal(a, b) for a, b in zip(first, later))


def test_boxes_are_given_where_asked_for(tree):
    data = FaceImageDataset(str(tree), "train", pipeline=PIPELINE, test_mode=True)
    assert "box" not in data.get_data_info(2)
    boxed = FaceImageDataset(str(tree), "train", pipeline=PIPELINE[:2], test_mode=True, with_boxes=True)
    assert boxed.get_data_info(2)["box"].tolist() == [0, 0, 140, 140]
    assert boxed[2]["image"].shape == (1, 140, 140, 1)
