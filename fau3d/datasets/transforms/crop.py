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
        if self.level_eyes:
            turn = self._eye_angle(keypoint, results["topology"])
        points = _turned(keypoint[..., :2], -turn) if self.level_eyes else keypoint[..., :2]
        low, high = self._bounds(points)
        side = (high - low).max(-1, keepdims=True) * np.float32(1 + 2 * self.margin)
        side = np.where(side > 0, side, np.float32(1.0))
        centre = (low + high) * np.float32(0.5)
        scale = np.float32(1.0) / side
        mapped = np.empty(keypoint.shape, np.float32)
        np.subtract(points, centre, out=mapped[..., :2])
        mapped[..., :2] *= scale
        mapped[..., :2] += np.float32(0.5)
        if keypoint.shape[-1] == 3:
            np.multiply(keypoint[..., 2:], scale, out=mapped[..., 2:])
        results["keypoint"] = mapped
        results["space"] = "unit"
        origin = _turned(centre, turn) if self.level_eyes else centre
        results["crop"] = np.concatenate([origin[:, :, 0], side[:, :, 0], turn[..., None]], -1)
        return results

    def _bounds(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give the smallest and largest x and y, shape (M, T or 1, 1, 2)."""
        # One coordinate at a time: reducing interleaved pairs is many times slower.
        persons, frames = points.shape[:2]
        lanes = (persons, 1, -1) if self.mode == "clip" else (persons, frames, -1)
        x, y = (points[..., axis].reshape(lanes) for axis in (0, 1))
        low = np.stack([np.fmin.reduce(x, -1), np.fmin.reduce(y, -1)], -1)
        high = np.stack([np.fmax.reduce(x, -1), np.fmax.reduce(y, -1)], -1)
        return low[:, :, None], high[:, :, None]

    def _eye_angle(self, keypoint: np.ndarray, topology: str) -> np.ndarray:
        """Give the turn of the eye line, shape (M, 1 or T), radians; 0 where no eye line is seen."""
        corners = np.asarray(get_topology(topology).eye_corners)
        eyes = keypoint[:, :, corners, :2]
        # The subject's left eye lies to the right in the image.
        line = eyes[:, :, :2].mean(2) - eyes[:, :, 2:].mean(2)
        if self.mode == "clip":
            seen = ~np.isnan(line).any(-1, keepdims=True)
            line = np.where(seen, line, 0).sum(1, keepdims=True)
        angle = np.arctan2(line[..., 1], line[..., 0])
        return np.where(np.isfinite(angle), angle, 0).astype(np.float32)


def _turned(points: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Turn points (M, T, V, 2) about the origin by an angle (M, T or 1), radians."""
    cos, sin = np.cos(angle)[..., None], np.sin(angle)[..., None]
    x, y = points[..., 0], points[..., 1]
    return np.stack([x * cos - y * sin, x * sin + y * cos], -1).astype(np.float32, copy=False)
