"""From pixels of the frame to a box that the eyes fix: the head's motion is taken out, the face's stays."""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.registry import TRANSFORMS
from fau3d.topology import get_topology


@TRANSFORMS.register_module()
class AlignEyes(BaseTransform):
    """Turn, scale and shift every frame so that the eyes lie level at one place of a box.

    The similarity is that of the outer and inner eye corners: the face's own motion stays, exactly, and the
    head's roll, distance and place go. After it keypoints are in the unit square of the box.

    Args:
        box: (width, height) of the box in distances between the outer eye corners. Make the heatmap's size
            of the same shape, so that the maps are not distorted.
        eye_height: Place of the eyes' middle below the box's top, as a share of its height.
        mode: `frame` aligns each frame; `clip` all frames by their mean eyes, so that head motion stays.

    Raises:
        ValueError: If the box is empty, or the mode is unknown.
    """

    def __init__(
        self, box: Sequence[float] = (1.6, 2.4), eye_height: float = 0.3, mode: str = "frame"
    ) -> None:
        if min(box) <= 0:
            raise ValueError(f"box is {tuple(box)}; wanted a positive width and height")
        if mode not in ("clip", "frame"):
            raise ValueError(f"mode is {mode!r}; known: ['clip', 'frame']")
        self.box = np.asarray(box, np.float32)
        self.centre = np.asarray([0.5, eye_height], np.float32)
        self.mode = mode

    def transform(self, results: dict) -> dict:
        """Map `keypoint` (M, T, V, C); z takes the scale of x. A frame without eyes becomes NaN."""
        keypoint = results["keypoint"]
        corners = keypoint[:, :, get_topology(results["topology"]).eye_corners, :2]
        if self.mode == "clip":
            corners = _mean_over_frames(corners)
        left, right = corners[:, :, :2].mean(2), corners[:, :, 2:].mean(2)
        # The subject's left eye lies to the right in the image.
        span = corners[:, :, 0] - corners[:, :, 3]
        width = np.hypot(span[..., 0], span[..., 1])
        line = left - right
        length = np.hypot(line[..., 0], line[..., 1])
        with np.errstate(invalid="ignore", divide="ignore"):
            cos, sin = line[..., 0] / (length * width), line[..., 1] / (length * width)
        centred = keypoint[..., :2] - ((left + right) * np.float32(0.5))[:, :, None]
        x, y = centred[..., 0], centred[..., 1]
        cos, sin = cos[..., None], sin[..., None]
        mapped = np.empty(keypoint.shape, np.float32)
        mapped[..., 0] = (x * cos + y * sin) / self.box[0] + self.centre[0]
        mapped[..., 1] = (y * cos - x * sin) / self.box[1] + self.centre[1]
        if keypoint.shape[-1] == 3:
            with np.errstate(invalid="ignore", divide="ignore"):
                mapped[..., 2] = keypoint[..., 2] / (width * self.box[0])[..., None]
        results["keypoint"] = mapped
        results["space"] = "unit"
        # A place in eye distances from the middle of the eyes is at place / box + centre.
        results["eye_frame"] = self.box, self.centre
        results["crop_aspect"] = float(self.box[1] / self.box[0])
        if not np.isfinite(mapped[..., 0]).all():
            lost = ~np.isfinite(mapped[..., :2]).all(-1)
            mapped[lost] = np.nan
            results["keypoint_score"] = np.where(lost, np.float32(0), results["keypoint_score"])
        return results


def _mean_over_frames(corners: np.ndarray) -> np.ndarray:
    """Average (M, T, 4, 2) over the frames that show all four corners; NaN where none does."""
    seen = np.isfinite(corners).all((2, 3), keepdims=True)
    count = seen.sum(1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (np.where(seen, corners, 0).sum(1, keepdims=True) / count).astype(np.float32)
