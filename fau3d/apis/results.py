"""What the analysis says of one frame, and how frames become rows of an AU table."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from fau3d.structures import AUTable, FaceLandmarks

# Stands for the image of a frame that is kept without it.
NO_IMAGE = np.zeros((0, 0, 3), np.uint8)


@dataclass(frozen=True)
class FaceResult:
    """One face in one frame.

    Attributes:
        landmarks: Where the face is.
        probability: Shape (A,), float64 in [0, 1].
        occurrence: Shape (A,), float64: 1 or 0.
        intensity: Shape (A,), float64 in [0, 5]; None where the model has no such output.
    """

    landmarks: FaceLandmarks
    probability: np.ndarray
    occurrence: np.ndarray
    intensity: np.ndarray | None


@dataclass(frozen=True)
class FrameResult:
    """One frame.

    Attributes:
        index: Position in the source, from 0.
        timestamp: Seconds.
        faces: By face id; empty where none was found.
        image: Shape (H, W, 3) uint8 RGB, where it was asked for.
        source: Name of the source.
    """

    index: int
    timestamp: float
    faces: dict[int, FaceResult] = field(default_factory=dict)
    image: np.ndarray | None = None
    source: str = ""

    def without_image(self) -> "FrameResult":
        """Give the same result without its image."""
        return self if self.image is None else replace(self, image=None)


def au_columns_of(au_names: Sequence[str], intensity: bool) -> list[str]:
    """Give the AU columns of a table in their order: all `_p`, then all `_c`, then all `_r`."""
    return [f"{au}_{suffix}" for suffix in ("p", "c", "r")[: 3 if intensity else 2] for au in au_names]


def to_table(
    frames: Sequence[FrameResult], au_names: Sequence[str], intensity: bool, num_points: int = 0
) -> AUTable:
    """Write frames as rows: one for each face, and one with `success` 0 for a frame without a face.

    Args:
        frames: In time order.
        au_names: Units that the results hold.
        intensity: Whether they hold intensities.
        num_points: Landmarks to add as `x_0 … y_0 …`; 0 for none.

    Returns:
        The table, with the same columns whatever the frames hold. A frame without a face has `face_id` 0, as
        in OpenFace, so that the rows of a video's only face have no hole in time.
    """
    rows: list[tuple[FrameResult, int | None]] = [
        (frame, face_id) for frame in frames for face_id in (sorted(frame.faces) or (None,))
    ]
    keys = {
        "source": [frame.source for frame, _ in rows],
        "frame": np.array([frame.index for frame, _ in rows], np.int64),
        "face_id": np.array([face_id or 0 for _, face_id in rows], np.int64),
        "timestamp": np.array([frame.timestamp for frame, _ in rows], np.float64),
        "confidence": np.array(
            [0.0 if i is None else frame.faces[i].landmarks.confidence for frame, i in rows], np.float64
        ),
        "success": np.array([i is not None for _, i in rows], np.int64),
    }
    names = ["box_x", "box_y", "box_w", "box_h", *au_columns_of(au_names, intensity)]
    names += [f"{axis}_{point}" for axis in "xy" for point in range(num_points)]
    values = np.full((len(rows), len(names)), np.nan)
    for row, (frame, face_id) in zip(values, rows):
        if face_id is not None:
            face = frame.faces[face_id]
            x0, y0, x1, y1 = face.landmarks.box
            parts = [np.array([x0, y0, x1 - x0, y1 - y0]), face.probability, face.occurrence]
            parts += [face.intensity] if intensity and face.intensity is not None else []
            parts += [face.landmarks.points[:, 0], face.landmarks.points[:, 1]] if num_points else []
            row[:] = np.concatenate(parts)
    return AUTable(pd.concat([pd.DataFrame(keys), pd.DataFrame(values, columns=names)], axis=1))
