"""The tracked faces of one video."""

from dataclasses import dataclass

import numpy as np


@dataclass
class VideoLandmarks:
    """The faces of one video, one row of M a person, every frame kept.

    Attributes:
        keypoint: Shape (M, T, V, C), float32, pixels of `img_shape`; NaN = not seen.
        keypoint_score: Shape (M, T, V), float32 in [0, 1]; 0 where not seen.
        box: Shape (M, T, 4), float32: x0, y0, x1, y1 in pixels; NaN where there is no face.
        confidence: Shape (M, T), float32 in [0, 1]; 0 where there is no face.
        frame_index: Shape (T,), int64: position in the source video, from 0.
        timestamp: Shape (T,), float64 seconds.
        fps: Of the frames kept, in 1/s.
        img_shape: (height, width) in pixels.
        topology: Name of the point set.
        extractor: Name and version of the landmark extractor.
        frames_left_out: Frames that show only persons who were not kept.
    """

    keypoint: np.ndarray
    keypoint_score: np.ndarray
    box: np.ndarray
    confidence: np.ndarray
    frame_index: np.ndarray
    timestamp: np.ndarray
    fps: float
    img_shape: tuple[int, int]
    topology: str
    extractor: str
    frames_left_out: int = 0

    def to_annotation(self, frame_dir: str, subject: str = "") -> dict:
        """Give the annotation of this video in the form of the annotation file, without labels.

        Args:
            frame_dir: The video's unique name in the annotation file.
            subject: Who is seen; folds never share a subject.

        Returns:
            A dict with the keys of the annotation file; `keypoint` as float32 of shape (M, T, V, C).
        """
        return {
            "frame_dir": frame_dir,
            "total_frames": int(self.keypoint.shape[1]),
            "img_shape": tuple(self.img_shape),
            "original_shape": tuple(self.img_shape),
            "keypoint": self.keypoint.astype(np.float32),
            "keypoint_score": self.keypoint_score.astype(np.float16),
            "frame_index": self.frame_index.astype(np.int64),
            "timestamp": self.timestamp.astype(np.float64),
            "fps": float(self.fps),
            "subject": subject,
        }
