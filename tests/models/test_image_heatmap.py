"""The network that sees the face and its points: a training step, mirroring of both, and use on a video."""

import numpy as np
import torch

from fau3d.apis import AUInferencer
from fau3d.datasets.transforms import MirrorFace
from fau3d.engine.checkpoint import EXPORT_FORMAT
from fau3d.io.video import VideoReader
from fau3d.registry import MODELS
from fau3d.structures import AUDataSample

PATHWAY = {"conv1_kernel": (1, 3, 3), "with_pool2": False, "lateral": True, "fusion_kernel": 3}
MODEL = {
    "type": "ImageHeatmapRecognizer",
    "data_preprocessor": {
        "type": "ImageHeatmapPreprocessor",
        "image": {"mean": (120.0, 110.0, 100.0), "std": (60.0, 60.0, 60.0)},
        "heatmap": {"size": (16, 16), "sigma": 0.6},
    },
    "backbone": {
        "type": "mmaction.RGBPoseConv3D",
        "speed_ratio": 1,
        "channel_ratio": 4,
        "rgb_pathway": {
            "num_stages": 4, "base_channels": 8, "lateral_infl": 1, "lateral_activate": (0, 0, 1, 1),
            "inflate": (0, 0, 1, 1), **PATHWAY,
        },
        "pose_pathway": {
            "num_stages": 3, "stage_blocks": (1, 1, 1), "base_channels": 4, "in_channels": 91,
            "out_indices": (2,),
            "lateral_inv": True, "lateral_infl": 16, "lateral_activate": (0, 1, 1), "conv1_stride_s": 1,
            "conv1_stride_t": 1, "pool1_stride_s": 1, "pool1_stride_t": 1, "inflate": (0, 1, 1),
            "spatial_strides": (2, 2, 2), "temporal_strides": (1, 1, 1), "dilations": (1, 1, 1), **PATHWAY,
        },
    },
    "head": {"type": "DenseAUHead", "in_channels": 320, "au_set": ["AU01", "AU12"], "intensity": False},
}  # fmt: skip
STEPS = [
    {"type": "LoadFaceCrops", "folder": "crops"},
    {"type": "CropFace", "size": 64},
    {"type": "SelectPoints", "topology": "mediapipe91"},
    {"type": "FaceCrop", "margin": 0.1},
    {"type": "FillMissing"},
    {"type": "PackFaceInputs", "inputs": ("keypoint", "image")},
]


def test_a_step_changes_both_pathways():
    torch.manual_seed(0)
    model = MODELS.build(MODEL).train()
    inputs = {
        "image": torch.randint(0, 255, (2, 4, 64, 64, 3), dtype=torch.uint8),
        "keypoint": torch.rand(2, 1, 4, 91, 2),
        "keypoint_score": torch.ones(2, 1, 4, 91),
    }
    samples = [AUDataSample() for _ in range(2)]
    for sample in samples:
        sample.gt_occurrence = torch.randint(0, 2, (4, 2), dtype=torch.int8)
    ready = model.data_preprocessor({"inputs": inputs, "data_samples": samples}, training=True)
    losses = model(**ready, mode="loss")
    sum(losses.values()).backward()
    for pathway in ("rgb_path", "pose_path"):
        assert float(getattr(model.backbone, pathway).conv1.conv.weight.grad.abs().sum()) > 0
    assert model.train() is model


def test_both_are_mirrored_together():
    rng = np.random.default_rng(0)
    keypoint = rng.random((1, 2, 68, 2)).astype(np.float32)
    image = rng.integers(0, 255, (2, 4, 6, 3), np.uint8)
    results = {
        "keypoint": keypoint, "keypoint_score": np.ones((1, 2, 68), np.float32), "topology": "ibug68",
        "image": image, "space": "unit", "au_occurrence": np.zeros((2, 1), np.int8),
        "au_intensity": np.zeros((2, 1), np.float32), "au_names": ("AU12",), "rng": rng,
    }  # fmt: skip
    mirrored = MirrorFace(prob=1.0)(results)
    np.testing.assert_array_equal(mirrored["image"], image[:, :, ::-1])
    assert not np.array_equal(mirrored["keypoint"], keypoint)


def test_it_analyses_a_video(tmp_path, clips_dir):
    torch.manual_seed(0)
    model = MODELS.build(MODEL)
    meta = {
        "format": EXPORT_FORMAT, "model": MODEL, "test_pipeline": STEPS, "clip": {"length": 4, "stride": 2},
        "topology": "mediapipe478", "au_names": ["AU01", "AU12"], "label_type": "occurrence", "fps": None,
        "thresholds_split": None, "metainfo": {},
    }  # fmt: skip
    torch.save({"state_dict": model.state_dict(), "meta": meta}, tmp_path / "m.pth")
    with VideoReader(clips_dir / "pexels_wolfganglanger_expressions_occlusion.mp4") as reader:
        frames = np.stack([reader[i] for i in range(340, 347)])
    with AUInferencer(tmp_path / "m.pth") as inferencer:
        table = inferencer(frames)
    assert len(table.data) == 7 and np.isfinite(table.values("probability")).all()
