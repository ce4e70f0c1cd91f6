"""What every landmark source has in common."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from types import TracebackType

import numpy as np

from fau3d.structures import FaceLandmarks


class LandmarkExtractor(ABC):
    """Finds the faces of images and their landmarks.

    An extractor may track: it then expects the frames of one video in their order, and `reset` before the
    next.

    Attributes:
        topology: Name of the point set that it returns, such as `mediapipe478`.
        dims: Coordinates of a point: 2, or 3 with z.
        name: Its name with the version of what it wraps, such as `mediapipe 0.10.21 face_mesh`.
        batch_size: How many images a call of `extract` should bring; 1 where a batch gains nothing.
        needs_timestamps: Whether `extract` makes use of true timestamps.
    """

    topology: str
    dims: int = 2
    name: str
    batch_size: int = 1
    needs_timestamps: bool = False

    @abstractmethod
    def extract(
        self, images: Sequence[np.ndarray], timestamps: Sequence[float] | None = None
    ) -> list[list[FaceLandmarks]]:
        """Find the faces of each image.

        Args:
            images: RGB, uint8, each of shape (H, W, 3); the sizes may differ.
            timestamps: Seconds, rising, one for each image. Only extractors with `needs_timestamps` read
                them.

        Returns:
            One list for each image, empty where no face is.

        Raises:
            ValueError: If an image is not of that form.
        """

    def reset(self) -> None:  # noqa: B027 - not every extractor remembers anything
        """Forget the video seen so far; call it before each new one."""

    def close(self) -> None:  # noqa: B027 - not every extractor holds anything
        """Give back what the extractor holds. It cannot be used after that."""

    def __enter__(self) -> "LandmarkExtractor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def as_rgb(image: np.ndarray) -> np.ndarray:
    """Give an image as contiguous RGB bytes; a gray one gets three equal channels.

    Args:
        image: Shape (H, W), (H, W, 1) or (H, W, 3), uint8.

    Returns:
        Shape (H, W, 3), uint8, C-contiguous.

    Raises:
        ValueError: If the shape or type is another, or the image has no pixel.
    """
    if image.dtype != np.uint8 or image.size == 0:
        raise ValueError(f"image has shape {image.shape} and type {image.dtype}; wanted (H, W, 3) of uint8")
    if image.ndim == 2:
        image = image[..., None]
    if image.ndim != 3 or image.shape[2] not in (1, 3):
        raise ValueError(f"image has shape {image.shape}; wanted RGB of shape (H, W, 3), or gray (H, W)")
    if image.shape[2] == 1:
        image = np.repeat(image, 3, axis=2)
    return np.ascontiguousarray(image)
