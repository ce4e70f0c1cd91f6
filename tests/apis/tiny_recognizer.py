"""A tiny random recogniser and an extractor that takes white squares for faces: fast, and exact."""

from pathlib import Path

import cv2
import numpy as np
import torch

from fau3d.extractors import LandmarkExtractor
from fau3d.io.video import VideoWriter
from fau3d.registry import EXTRACTORS, MODELS
from fau3d.structures import FaceLandmarks

AU_NAMES = ("AU01", "AU04", "AU12", "AU25")
LENGTH = 8


@EXTRACTORS.register_module(force=True)
class WhiteSquares(LandmarkExtractor):
    """Every white square of at least 12 pixels is a face of 68 points on a ring inside it."""

    topology = "ibug68"
    name = "white squares 1.0"

    def __init__(self, max_faces: int = 5, static: bool = False) -> None:
        self.max_faces, self.static, self.resets, self.closed = max_faces, static, 0, False

    def extract(self, images, timestamps=None):
        return [self._faces(image) for image in images]

    def _faces(self, image):
        gray = np.asarray(image)[..., 1]
        _, _, stats, _ = cv2.connectedComponentsWithStats((gray > 128).astype(np.uint8))
        boxes = [s[:4].astype(np.float32) for s in stats[1:] if s[2] >= 12 and s[3] >= 12]
        return [self._face(*box) for box in sorted(boxes, key=lambda b: b[0])[: self.max_faces]]

    def _face(self, x, y, w, h):
        angle = np.linspace(0, 2 * np.pi, 68, endpoint=False)
        points = np.stack([x + w / 2 + w / 2 * np.cos(angle), y + h / 2 + h / 2 * np.sin(angle)], 1)
        box = np.array([x, y, x + w, y + h], np.float32)
        return FaceLandmarks(points.astype(np.float32), np.ones(68, np.float32), box, 0.9, self.topology)

    def reset(self):
        self.resets += 1

    def close(self):
        self.closed = True


def tiny_meta(**changes) -> dict:
    """What a self-contained checkpoint says of itself, for a network of a few thousand weights."""
    model = {
        "type": "AURecognizer",
        "backbone": {
            "type": "mmaction.ResNet3dSlowOnly",
            "depth": 18,
            "pretrained": None,
            "in_channels": 68,
            "base_channels": 4,
            "num_stages": 2,
            "out_indices": (1,),
            "stage_blocks": (1, 1),
            "spatial_strides": (2, 2),
            "temporal_strides": (1, 1),
            "dilations": (1, 1),
            "inflate": (0, 1),
            "conv1_kernel": (1, 3, 3),
            "conv1_stride_s": 2,
            "pool1_stride_s": 1,
        },
        "head": {"type": "DenseAUHead", "in_channels": 8, "au_set": list(AU_NAMES), "intensity": True},
        "data_preprocessor": {"type": "HeatmapPreprocessor", "size": (16, 16), "sigma": 0.6},
    }
    pipeline = [
        {"type": "FaceCrop", "margin": 0.1},
        {"type": "FillMissing"},
        {"type": "PackFaceInputs"},
    ]
    return {
        "format": "fau3d-recognizer-1",
        "model": model,
        "test_pipeline": pipeline,
        "clip": {"length": LENGTH},
        "topology": "ibug68",
        "au_names": list(AU_NAMES),
        "label_type": "intensity",
        "fps": None,
        "metainfo": {"licence": "none", "source": "random weights"},
        **changes,
    }


def save_checkpoint(path: Path, meta: dict, seed: int = 0) -> Path:
    """Write a self-contained checkpoint with random weights that spread the answers."""
    torch.manual_seed(seed)
    model = MODELS.build(dict(meta["model"]))
    for parameter in model.head.parameters():
        torch.nn.init.normal_(parameter, std=1.0)
    torch.save({"state_dict": model.state_dict(), "meta": meta}, path)
    return path


def square_frames(total: int, gone: tuple[int, ...] = (), size=(64, 96), faces: int = 1) -> np.ndarray:
    """White squares that drift and breathe; frames in `gone` are black."""
    frames = np.zeros((total, *size, 3), np.uint8)
    for number, frame in enumerate(frames):
        if number in gone:
            continue
        for face in range(faces):
            x, side = 4 + 44 * face + number % 7, 24 + (number + 3 * face) % 5
            frame[10 : 10 + side, x : x + side] = 255
    return frames


def write_video(path: Path, frames: np.ndarray, fps: float = 25.0) -> Path:
    with VideoWriter(path, fps) as writer:
        for frame in frames:
            writer.write(frame)
    return path
