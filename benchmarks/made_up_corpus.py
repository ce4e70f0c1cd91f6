"""The annotation file that the benchmarks of reading and training share: random faces that move about."""

from pathlib import Path

import numpy as np

from fau3d.facs import get_au_set
from fau3d.io.annotation import save_annotations

POINTS, SIZE, AU_SET = 68, (480, 640), "affwild2"


def write_corpus(path: Path, videos: int = 16, frames: int = 600) -> None:
    """Write videos with a label for each frame, and one for the clip that MMAction2 reads."""
    rng = np.random.default_rng(0)
    names = get_au_set(AU_SET)
    annotations = []
    for index in range(videos):
        face = rng.uniform(-80, 80, (1, 1, POINTS, 2)) + [320, 240]
        walk = np.cumsum(rng.normal(0, 0.3, (1, frames, 1, 2)), axis=1)
        annotations.append(
            {
                "frame_dir": f"video{index}",
                "total_frames": frames,
                "img_shape": SIZE,
                "original_shape": SIZE,
                "keypoint": (face + walk + rng.normal(0, 0.2, (1, frames, POINTS, 2))).astype(np.float32),
                "keypoint_score": np.ones((1, frames, POINTS), np.float32),
                "au_occurrence": rng.integers(0, 2, (frames, len(names))).astype(np.int8),
                "label": index % len(names),
                "fps": 30.0,
                "subject": str(index),
            }
        )
    split = {"train": [annotation["frame_dir"] for annotation in annotations]}
    metainfo = {"topology": "ibug68", "au_names": list(names), "label_type": "occurrence"}
    save_annotations(path, split, annotations, metainfo)
