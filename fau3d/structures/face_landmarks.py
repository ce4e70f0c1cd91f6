"""The landmarks of one face in one image."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class FaceLandmarks:
    """What an extractor returns for one face in one image.

    Attributes:
        points: Shape (V, C), float32; x and y in pixels of the image (x right, y down, the centre of the
            top left pixel is 0, 0); C = 2, or 3 with z in the same unit, towards the camera negative.
            NaN = not seen.
        scores: Shape (V,), float32 in [0, 1]; 0 where not seen.
        box: Shape (4,), float32: x0, y0, x1, y1 in pixels.
        confidence: Of the whole face, in [0, 1].
        topology: Name of the point set, such as `mediapipe478`.
    """

    points: np.ndarray
    scores: np.ndarray
    box: np.ndarray
    confidence: float
    topology: str

    def __post_init__(self) -> None:
        if self.points.ndim != 2 or self.points.shape[1] not in (2, 3):
            raise ValueError(f"points have shape {self.points.shape}; wanted (V, 2) or (V, 3)")
        if self.scores.shape != self.points.shape[:1]:
            raise ValueError(
                f"scores have shape {self.scores.shape}; wanted one for each of {len(self.points)} points"
            )
