"""What all frame sources share: the frame, the errors, the interface."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np


class VideoError(Exception):
    """A video or image that cannot be read or written; the message names the path and the way out."""


class VideoWarning(UserWarning):
    """A video of which only a part can be read."""


class Frame(NamedTuple):
    """One frame of a video.

    Attributes:
        index: Position in the source, from 0.
        timestamp: Seconds since the first frame.
        image: Shape (H, W, 3), uint8, RGB, turned upright.
    """

    index: int  # type: ignore[assignment]
    timestamp: float
    image: np.ndarray


class FrameSource(ABC):
    """One way to read one video.

    Attributes:
        fps: Mean frame rate, in 1/s.
        img_shape: (height, width) in pixels, after rotation.
        timestamps: Shape (T,), float64 seconds since the first frame, one entry for each frame.
    """

    fps: float
    img_shape: tuple[int, int]
    timestamps: np.ndarray

    def __len__(self) -> int:
        return len(self.timestamps)

    @abstractmethod
    def image(self, index: int) -> np.ndarray:
        """Read the frame at a position in [0, T): shape (H, W, 3), uint8, RGB."""

    @abstractmethod
    def stream(self, start: int, stop: int, step: int) -> Iterator[Frame]:
        """Yield the frames of `range(start, stop, step)` in order, holding only a few in memory."""

    @abstractmethod
    def close(self) -> None:
        """Give the file back; afterwards nothing can be read."""
