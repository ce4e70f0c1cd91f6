"""A small corpus in an annotation file."""

from pathlib import Path

import numpy as np
import pytest

from fau3d.io.annotation import save_annotations

AU_NAMES = ("AU01", "AU12_L", "AU12_R")


def make_annotation(name: str, total: int, persons: int = 1, points: int = 68, seed: int = 0, **more) -> dict:
    """Make one video: a face that drifts through a 640 x 480 frame; unit 0 is present on every fifth frame."""
    rng = np.random.default_rng(seed)
    face = rng.uniform(-60, 60, (persons, 1, points, 2)) + np.array([320, 240])
    keypoint = (
        face + np.arange(total)[None, :, None, None] * 0.1 + rng.normal(0, 0.3, (persons, total, points, 2))
    )
    occurrence = np.zeros((total, len(AU_NAMES)), np.int8)
    occurrence[::5, 0] = 1
    occurrence[: total // 2, 1] = 1
    return {
        "frame_dir": name,
        "total_frames": total,
        "img_shape": (480, 640),
        "original_shape": (480, 640),
        "keypoint": keypoint.astype(np.float32),
        "keypoint_score": np.ones((persons, total, points), np.float32),
        "au_occurrence": occurrence,
        "au_intensity": occurrence * np.float32(3),
        "frame_index": np.arange(total),
        "fps": 30.0,
        "subject": name[:1],
        **more,
    }


@pytest.fixture
def write_file(tmp_path: Path):
    """Write annotations into a file; gives its path as text."""

    def write(
        annotations: list[dict], name: str = "corpus.pkl", split: dict | None = None, **metainfo
    ) -> str:
        path = tmp_path / name
        names = [a["frame_dir"] for a in annotations]
        metainfo = {"topology": "ibug68", "au_names": AU_NAMES, "label_type": "occurrence", **metainfo}
        save_annotations(path, split or {"train": names[:2], "test": names[2:]}, annotations, metainfo)
        return str(path)

    return write


@pytest.fixture
def ann_file(write_file) -> str:
    """Three videos of 100, 30 and 75 frames."""
    return write_file(
        [make_annotation("a", 100), make_annotation("b", 30, seed=1), make_annotation("c", 75, seed=2)]
    )
