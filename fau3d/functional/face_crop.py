"""The picture of a face, cut out by its eyes."""

from dataclasses import dataclass

import cv2
import numpy as np


@dataclass(frozen=True)
class FaceCrop:
    """Which part of an image a network is shown.

    Attributes:
        size: Side of the square crop in pixels.
        span: Side of the square in distances between the outer eye corners.
        eye_height: How far below the crop's top the eyes lie, as a share of its side.
        level_eyes: Whether the face is turned until the line of the eyes is level.
    """

    size: int = 256
    span: float = 2.6
    eye_height: float = 0.4
    level_eyes: bool = True

    def __post_init__(self) -> None:
        if self.size < 1 or not self.span > 0 or not 0 <= self.eye_height <= 1:
            raise ValueError(
                f"a crop of size {self.size}, span {self.span} and eye_height {self.eye_height}; wanted a "
                "size of 1 or more, a span above 0, and a height from 0 to 1"
            )


def crop_matrix(eye_corners: np.ndarray, crop: FaceCrop) -> np.ndarray:
    """Give the map from an image to a crop.

    Args:
        eye_corners: Shape (4, 2), pixels: outer and inner corner of the subject's left eye, inner and outer
            corner of the right one, as a topology's `eye_corners` have them.
        crop: What is wanted.

    Returns:
        Shape (2, 3), float64: for `crop_face`; NaN where a corner is missing or they are all in one place.
    """
    corners = np.asarray(eye_corners, np.float64)
    left, right = corners[:2].mean(0), corners[2:].mean(0)
    width = np.linalg.norm(corners[0] - corners[3])
    line = left - right
    length = np.linalg.norm(line)
    if not np.isfinite(corners).all() or width == 0 or length == 0:
        return np.full((2, 3), np.nan)
    cos, sin = line / length if crop.level_eyes else (1.0, 0.0)
    scale = crop.size / (crop.span * width)
    turn = scale * np.array([[cos, sin], [-sin, cos]])
    goal = np.array([(crop.size - 1) / 2, crop.eye_height * (crop.size - 1)])
    return np.concatenate([turn, (goal - turn @ ((left + right) / 2))[:, None]], axis=1)


def crop_face(image: np.ndarray, eye_corners: np.ndarray, crop: FaceCrop) -> np.ndarray:
    """Cut a face out of an image.

    Args:
        image: Shape (H, W, C), uint8.
        eye_corners: As in `crop_matrix`.
        crop: What is wanted.

    Returns:
        Shape (size, size, C), uint8: black where the image ends, and all black where the eyes are not known.
    """
    matrix = crop_matrix(eye_corners, crop)
    if not np.isfinite(matrix).all():
        return np.zeros((crop.size, crop.size, image.shape[2]), image.dtype)
    scale = np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    if scale < 0.5:  # a map that leaves pixels out would see noise: the image is brought down by areas first
        image = cv2.resize(image, None, fx=2 * scale, fy=2 * scale, interpolation=cv2.INTER_AREA).reshape(
            *np.maximum(np.rint(np.array(image.shape[:2]) * 2 * scale), 1).astype(int), image.shape[2]
        )
        # Pixel centres: the middle of the first pixel is at (0, 0) before and after.
        matrix = matrix.copy()
        matrix[:, :2] /= 2 * scale
        matrix[:, 2] += matrix[:, :2] @ np.full(2, 0.5 - scale)
    cut = cv2.warpAffine(image, matrix, (crop.size, crop.size), flags=cv2.INTER_LINEAR)
    return cut.reshape(crop.size, crop.size, image.shape[2])
