"""A small corpus in an annotation file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from fau3d.io.annotation import save_annotations

AU_NAMES = ("AU01", "AU12_L", "AU12_R")


def _annotation(name: str, total: int, persons: int = 1, points: int = 68, seed: int = 0, **more) -> dict:
    rng = np.random.default_rng(seed)
    face = rng.uniform(-60, 60, (persons, 1, points, 2)) + np.array([320, 240])
    drift = np.arange(total)[None, :, None, None] * 0.1
    keypoint = face + drift + rng.normal(0, 0.3, (persons, total, points, 2))
    occurrence = np.zeros((total, len(AU_NAMES)), np.int8)
    occurrence[::5, 0] = 1
    occurrence[: total // 2, 1] = 1
    video = {
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
    return {key: value for key, value in video.items() if value is not None}


@pytest.fixture
def make_annotation() -> Callable[..., dict]:
    """Make one video: a face that drifts through 640 x 480; unit 0 is present on every fifth frame."""
    return _annotation


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[..., str]:
    """Write annotations into a file; gives its path as text."""

    def write(
        annotations: list[dict], name: str = "corpus.pkl", split: dict | None = None, **metainfo
    ) -> str:
        path = tmp_path / name
        names = [a["frame_dir"] for a in annotations]
        content = {"topology": "ibug68", "au_names": AU_NAMES, "label_type": "occurrence", **metainfo}
        save_annotations(path, split or {"train": names[:2], "test": names[2:]}, annotations, content)
        return str(path)

    return write


@pytest.fixture
def videos() -> list[dict]:
    """Three videos of 100, 30 and 75 frames."""
    return [_annotation("a", 100), _annotation("b", 30, seed=1), _annotation("c", 75, seed=2)]


@pytest.fixture
def ann_file(write_file: Callable[..., str], videos: list[dict]) -> str:
    """The three videos in a file: split `train` holds a and b, `test` holds c."""
    return write_file(videos)
