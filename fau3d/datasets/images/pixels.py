"""From an image file to pixels of one size: load, crop, pad, resize."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.functional.pixels import crop_box, gray_of, pad_to_square
from fau3d.io.video import read_image
from fau3d.registry import TRANSFORMS

COLORS = ("gray", "rgb")


@TRANSFORMS.register_module()
class LoadFaceImage(BaseTransform):
    """Read the image that a sample names, as a clip of one frame.

    Args:
        color: `gray`: one channel; `rgb`: three.

    Raises:
        ValueError: If the color is unknown.
    """

    def __init__(self, color: str = "gray") -> None:
        if color not in COLORS:
            raise ValueError(f"color is {color!r}; known: {', '.join(map(repr, COLORS))}")
        self.color = color

    def transform(self, results: dict) -> dict:
        """Read `image_path` into `image` (1, H, W, C), uint8.

        Raises:
            VideoError: If it is missing or no image.
        """
        image = read_image(Path(results["image_path"]))
        results["image"] = (gray_of(image) if self.color == "gray" else image)[None]
        results["img_shape"] = image.shape[:2]
        return results


@TRANSFORMS.register_module()
class ToGray(BaseTransform):
    """Turn `image` (T, H, W, 3) into gray (T, H, W, 1); gray images pass."""

    def transform(self, results: dict) -> dict:
        """See the class."""
        results["image"] = np.stack([gray_of(image) for image in results["image"]])
        return results


@TRANSFORMS.register_module()
class CropToBox(BaseTransform):
    """Cut the face's box out of the image; without a box, or where it is the image, nothing is cut.

    Args:
        margin: Around the box, as a share of its longer side.
    """

    def __init__(self, margin: float = 0.0) -> None:
        self.margin = margin

    def transform(self, results: dict) -> dict:
        """Crop `image` (T, H, W, C) to `box`, left, top, right, bottom in pixels; outside all is black."""
        box = results.get("box")
        if box is not None and np.isfinite(box).all():
            results["image"] = np.stack([crop_box(image, box, self.margin) for image in results["image"]])
        return results


@TRANSFORMS.register_module()
class PadToSquare(BaseTransform):
    """Put black beside or above and below an image until it is square, the image in the middle."""

    def transform(self, results: dict) -> dict:
        """Pad `image` (T, H, W, C)."""
        results["image"] = np.stack([pad_to_square(image) for image in results["image"]])
        return results


@TRANSFORMS.register_module()
class ResizeImage(BaseTransform):
    """Bring images to one size; smaller by area, larger linearly.

    Args:
        size: Side in pixels, or (height, width).
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        height, width = (size, size) if isinstance(size, int) else size
        self.size = (int(height), int(width))

    def transform(self, results: dict) -> dict:
        """Resize `image` (T, H, W, C)."""
        image = results["image"]
        if image.shape[1:3] == self.size:
            return results
        smaller = image.shape[1] >= self.size[0] and image.shape[2] >= self.size[1]
        how = cv2.INTER_AREA if smaller else cv2.INTER_LINEAR
        resized = [cv2.resize(frame, self.size[::-1], interpolation=how) for frame in image]
        # OpenCV drops the channel axis of gray images.
        results["image"] = np.stack(resized).reshape(len(image), *self.size, image.shape[3])
        return results
