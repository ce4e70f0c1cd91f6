"""From pixels of the frame to the unit square of the face crop."""

import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.registry import TRANSFORMS
from fau3d.topology import get_topology


@TRANSFORMS.register_module()
class FaceCrop(BaseTransform):
    """Map keypoints into the unit square of a square crop around the face: x right, y down, 0 to 1.

    One crop for the whole clip keeps the motion of the head; one a frame takes it out.

    Args:
        margin: Added on each side, as a share of the longer side of the face's box.
        mode: `clip`: one crop; `frame`: one for each frame.
        level_eyes: Turn the crop so that the line through the eyes is level.

    Raises:
        ValueError: If the margin leaves no room, or the mode is unknown.
    """

    def __init__(self, margin: float = 0.1, mode: str = "clip", level_eyes: bool = False) -> None:
        if margin <= -0.5:
            raise ValueError(f"margin is {margin}; wanted more than -0.5, which leaves nothing")
        if mode not in ("clip", "frame"):
            raise ValueError(f"mode is {mode!r}; known: ['clip', 'frame']")
        self.margin, self.mode, self.level_eyes = margin, mode, level_eyes

    def transform(self, results: dict) -> dict:
        """Map `keypoint` (M, T, V, C); z keeps its origin and takes the crop's scale.

        Adds `crop` (M, T or 1, 4): centre x, centre y, side in pixels, turn in radians.
        """
        keypoint = results["keypoint"]
        turn = np.zeros((keypoint.shape[0], 1 if self.mode == "clip" else keypoint.shape[1]), np.float32)
        # One coordinate at a time: work on interleaved pairs is many times slower.
        x, y = np.ascontiguousarray(keypoint[..., 0]), np.ascontiguousarray(keypoint[..., 1])
        if self.level_eyes:
            turn = self._eye_angle(x, y, results["topology"])
            x, y = _turned(x, y, -turn[..., None])
        low_x, high_x = self._bounds(x)
        low_y, high_y = self._bounds(y)
        side = np.maximum(high_x - low_x, high_y - low_y) * np.float32(1 + 2 * self.margin)
        side = np.where(side > 0, side, np.float32(1.0))
        centre_x, centre_y = (low_x + high_x) * np.float32(0.5), (low_y + high_y) * np.float32(0.5)
        scale = np.float32(1.0) / side
        mapped = np.empty(keypoint.shape, np.float32)
        np.add(x * scale, np.float32(0.5) - centre_x * scale, out=mapped[..., 0])
        np.add(y * scale, np.float32(0.5) - centre_y * scale, out=mapped[..., 1])
        if keypoint.shape[-1] == 3:
            np.multiply(keypoint[..., 2], scale, out=mapped[..., 2])
        results["keypoint"] = mapped
        results["space"] = "unit"
        origin = _turned(centre_x, centre_y, turn[..., None])
        results["crop"] = np.concatenate([*origin, side, turn[..., None]], -1)
        return results

    def _bounds(self, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the smallest and largest of a coordinate (M, T, V), shape (M, T or 1, 1)."""
        persons, frames = values.shape[:2]
        lanes = values.reshape(persons, 1 if self.mode == "clip" else frames, -1)
        return np.fmin.reduce(lanes, -1, keepdims=True), np.fmax.reduce(lanes, -1, keepdims=True)

    def _eye_angle(self, x: np.ndarray, y: np.ndarray, topology: str) -> np.ndarray:
        """Give the turn of the eye line, shape (M, 1 or T), radians; 0 where no eye line is seen."""
        corners = np.asarray(get_topology(topology).eye_corners)
        # From the right eye's middle to the left one's: in the image the subject's left eye lies right.
        middle = np.array([0.5, 0.5, -0.5, -0.5], np.float32)
        along, down = x.take(corners, axis=2) @ middle, y.take(corners, axis=2) @ middle
        seen = np.isfinite(along + down)
        along, down = np.where(seen, along, 0), np.where(seen, down, 0)
        if self.mode == "clip":
            along, down = along.sum(1, keepdims=True), down.sum(1, keepdims=True)
        return np.arctan2(down, along).astype(np.float32)


def _turned(x: np.ndarray, y: np.ndarray, angle: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Turn points about the origin by an angle in radians, which broadcasts to them."""
    cos, sin = np.cos(angle), np.sin(angle)
    return x * cos - y * sin, x * sin + y * cos
