"""Faces cut out of pictures, and the middle of a crop."""

import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.datasets.images.pixels import ResizeImage
from fau3d.functional.face_crop import FaceCrop, crop_face
from fau3d.registry import TRANSFORMS
from fau3d.topology import get_topology


@TRANSFORMS.register_module()
class CropFace(BaseTransform):
    """Cut the face out of each frame by its eyes; images without landmarks are crops already.

    A network's test pipeline tells with it how faces are to be cut where whole frames are analysed.

    Args:
        size, span, eye_height, level_eyes: See `FaceCrop`.

    Raises:
        ValueError: If one is out of range.
    """

    def __init__(
        self, size: int = 256, span: float = 2.6, eye_height: float = 0.4, level_eyes: bool = True
    ) -> None:
        self.crop = FaceCrop(size, span, eye_height, level_eyes)
        self._resize = ResizeImage(size)

    def transform(self, results: dict) -> dict:
        """Cut `image` (T, H, W, C) by `keypoint` (M, T, V, C), of which the first person is taken.

        Raises:
            ValueError: If keypoints are no longer in pixels.
        """
        if results.get("cropped") or "keypoint" not in results:
            return self._resize.transform(results)
        if results.get("space", "pixel") != "pixel":
            raise ValueError(
                "CropFace comes after the keypoints were cropped; put it before AlignEyes or FaceCrop"
            )
        corners = results["keypoint"][0][:, get_topology(results["topology"]).eye_corners, :2]
        faces = [crop_face(image, eyes, self.crop) for image, eyes in zip(results["image"], corners)]
        results["image"] = np.stack(faces)
        return results


@TRANSFORMS.register_module()
class CropMiddle(BaseTransform):
    """Cut a square out of an image: its middle, or any place.

    Args:
        size: Side in pixels, at most that of the image.
        random: Whether the place is drawn, the same for all frames; for training.
    """

    def __init__(self, size: int, random: bool = False) -> None:
        self.size, self.random = size, random

    def transform(self, results: dict) -> dict:
        """Cut `image` (T, H, W, C).

        Raises:
            ValueError: If the image is smaller than the square.
        """
        height, width = results["image"].shape[1:3]
        if min(height, width) < self.size:
            raise ValueError(
                f"the image has {width}x{height} pixels; wanted {self.size} or more on each side"
            )
        room = np.array([height - self.size, width - self.size])
        top, left = results["rng"].integers(0, room + 1) if self.random else room // 2
        results["image"] = results["image"][:, top : top + self.size, left : left + self.size]
        return results
