"""How much a frame's labels count: from the annotation file to the data sample."""

from collections.abc import Callable

import numpy as np
import pytest

from fau3d.datasets import FaceKeypointDataset

PACK = [{"type": "FaceCrop"}, {"type": "FillMissing"}, {"type": "PackFaceInputs"}]


def test_a_weight_stays_with_its_frame(write_file: Callable, make_annotation: Callable) -> None:
    weight = np.linspace(0, 1, 20).astype(np.float32)
    file = write_file([make_annotation("a", 20, label_weight=weight), make_annotation("b", 20)])
    crop = {"type": "TemporalCrop", "length": 5}
    speed = {"type": "TemporalSpeed", "length": 4, "speed": (2, 3)}
    for step in (crop, speed, {"type": "HoldFrame", "prob": 1.0}):
        dataset = FaceKeypointDataset(file, [step, *PACK], clip={"length": 12}, test_mode=True)
        for item in (dataset[number] for number in range(len(dataset))):
            sample = item["data_samples"]
            frames = sample.frame_inds
            wanted = weight[frames] if sample.frame_dir == "a" else np.ones(len(frames))
            np.testing.assert_array_equal(sample.frame_weight.numpy(), wanted)


def test_a_file_without_weights_gives_none(ann_file: str) -> None:
    assert "frame_weight" not in FaceKeypointDataset(ann_file, PACK)[0]["data_samples"]


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (np.full(20, 2.0), "a: label_weight lies in 2 to 2; wanted 0"),
        (np.full(20, np.nan), "a: label_weight lies in nan"),
        (np.ones(19), r"a: label_weight has shape \(19,\); wanted \(20,\)"),
    ],
)
def test_a_wrong_weight_is_named(
    write_file: Callable, make_annotation: Callable, weight: np.ndarray, message: str
) -> None:
    file = write_file([make_annotation("a", 20, label_weight=weight)])
    with pytest.raises(ValueError, match=message):
        FaceKeypointDataset(file, PACK)
