"""What answers windows of faces with action units, be it one model or several."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from fau3d.apis.face_crops import Cropper
from fau3d.apis.face_windows import Window
from fau3d.apis.results import FaceResult
from fau3d.structures import FaceLandmarks


@dataclass(frozen=True)
class WindowContext:
    """What all windows of one source share.

    Attributes:
        name: Of the source.
        img_shape: (height, width) in pixels.
        fps: Frames per second that the windows hold.
        topology: Point set of the extractor.
    """

    name: str
    img_shape: tuple[int, int]
    fps: float
    topology: str


class WindowRecognizer(ABC):
    """Answer windows of faces with action units.

    Attributes:
        name: For messages and reports.
        device: Where it runs.
        au_names: Units answered, in column order.
        window_length: Source frames of a window.
        stride: Frames between two windows in its evaluation, or None.
        fps: Frame rate that it sees, or None where any will do.
        has_intensity: Whether it answers intensities, NaN for units of which it knows none.
        thresholds: Shape (A,): a unit is present from this probability on.
        cropper: Cuts faces out of frames for models that read pictures; None for others.
    """

    name: str
    device: torch.device
    au_names: tuple[str, ...]
    window_length: int
    stride: int | None
    fps: float | None
    has_intensity: bool
    thresholds: np.ndarray
    cropper: Cropper | None

    @abstractmethod
    def check_topology(self, topology: str, extractor: str) -> None:
        """Make sure that an extractor's points are those that are read.

        Raises:
            ValueError: If they are not; the message names both and the way out.
        """

    @abstractmethod
    def interval(self, fps: float) -> int:
        """Give the source frames for one frame of a window: 2 for a 60 Hz video and a 30 Hz model."""

    @abstractmethod
    def fill(self, fps: float) -> int:
        """Give the frames of a window for one source frame: 2 for a 12 Hz video and a 25 Hz model."""

    @abstractmethod
    def predict(self, windows: Sequence[Window], context: WindowContext) -> np.ndarray:
        """Answer a batch of windows.

        Args:
            windows: N of them, of T frames.
            context: What they share.

        Returns:
            Shape (N, window_length, A) or (…, 2 * A), float64: probabilities, then intensities where there
            are any.
        """

    def face_result(self, landmarks: FaceLandmarks, values: np.ndarray) -> FaceResult:
        """Give one face's result from its row of answers.

        Args:
            landmarks: Of the face.
            values: Shape (A,) or (2 * A,): probabilities, then intensities where there are any.
        """
        units = len(self.au_names)
        occurrence = (values[:units] >= self.thresholds).astype(np.float64)
        return FaceResult(
            landmarks, values[:units], occurrence, values[units:] if self.has_intensity else None
        )
