"""What networks that read pictures are shown of a frame: the faces, cut out as they were in training."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fau3d.functional.face_crop import FaceCrop, crop_face
from fau3d.functional.pixels import crop_box
from fau3d.structures import FaceLandmarks
from fau3d.topology import get_topology


@dataclass(frozen=True)
class CroppedFace(FaceLandmarks):
    """A face with its picture.

    Attributes:
        crop: Shape (H, W, 3), uint8, RGB.
    """

    crop: np.ndarray


Cropper = Callable[[np.ndarray, FaceLandmarks], CroppedFace]
"""Cuts a face out of a frame (H, W, 3); two that cut alike are equal."""
_LOADS = ("LoadFaceImage", "LoadFaceCrops", "LoadVideoFrames")


def split_image_steps(
    steps: Sequence[Mapping[str, Any]], name: str
) -> tuple[Cropper | None, list[dict[str, Any]]]:
    """Part a test pipeline into how faces are cut out of frames, and what is done to the crops.

    Args:
        steps: Configs of the transforms.
        name: Whose pipeline it is, for messages.

    Returns:
        The cropper, or None where the pipeline reads no images; and the steps that follow.

    Raises:
        ValueError: If the pipeline reads images and does not say how faces are cut.
    """
    kinds = [str(step["type"]).rpartition(".")[-1] for step in steps]
    loads = [place for place, kind in enumerate(kinds) if kind in _LOADS]
    if not loads:
        return None, [dict(step) for step in steps]
    rest = [dict(step) for kind, step in zip(kinds, steps) if kind not in (*_LOADS, "CropFace", "CropToBox")]
    color = steps[loads[0]].get("color", "gray" if kinds[loads[0]] == "LoadFaceImage" else "rgb")
    if color == "gray":
        rest.insert(0, {"type": "ToGray"})
    if "CropFace" in kinds:
        step = steps[kinds.index("CropFace")]
        return _ByEyes(FaceCrop(**{key: value for key, value in step.items() if key != "type"})), rest
    if "CropToBox" in kinds:
        return _ByBox(float(steps[kinds.index("CropToBox")].get("margin", 0.0))), rest
    raise ValueError(
        f"{name}: reads images, but its pipeline does not say how faces are cut out of a frame; put CropFace "
        "or CropToBox into the test pipeline of its config"
    )


@dataclass(frozen=True)
class _ByEyes:
    crop: FaceCrop

    def __call__(self, image: np.ndarray, face: FaceLandmarks) -> CroppedFace:
        eyes = face.points[get_topology(face.topology).eye_corners, :2]
        return _with_crop(face, crop_face(image, eyes, self.crop))


@dataclass(frozen=True)
class _ByBox:
    margin: float

    def __call__(self, image: np.ndarray, face: FaceLandmarks) -> CroppedFace:
        return _with_crop(face, np.ascontiguousarray(crop_box(image, face.box, self.margin)))


def _with_crop(face: FaceLandmarks, crop: np.ndarray) -> CroppedFace:
    return CroppedFace(face.points, face.scores, face.box, face.confidence, face.topology, crop)
