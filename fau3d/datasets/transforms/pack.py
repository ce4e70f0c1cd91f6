"""The last transform: tensors for the model."""

from collections.abc import Sequence

import numpy as np
import torch
from mmcv.transforms import BaseTransform

from fau3d.registry import TRANSFORMS
from fau3d.structures import AUDataSample

_LABELS = {"au_occurrence": "gt_occurrence", "au_intensity": "gt_intensity", "label_weight": "frame_weight"}


@TRANSFORMS.register_module()
class PackFaceInputs(BaseTransform):
    """Pack a clip into `inputs` (what the model sees) and `data_samples` (an `AUDataSample`).

    `inputs` holds `keypoint` (M, T, V, 2) and `keypoint_score` (M, T, V), float32, in the unit square of the
    crop; or `heatmap` (V, T, H, W) uint8 where volumes are read from disk; or `image` (T, H, W, C) uint8.

    Args:
        meta_keys: Kept in the data sample.
        inputs: What the model sees: some of `keypoint`, `heatmap`, `image`; by default the volume or the
            image where there is one, else the keypoints.

    Raises:
        ValueError: If an input is unknown.
    """

    def __init__(
        self,
        meta_keys: Sequence[str] = ("frame_dir", "frame_inds", "total_frames", "person", "corpus"),
        inputs: Sequence[str] | None = None,
    ) -> None:
        self.meta_keys = tuple(meta_keys)
        self.inputs = None if inputs is None else tuple(inputs)
        unknown = set(self.inputs or ()) - {"keypoint", "heatmap", "image"}
        if unknown:
            raise ValueError(f"inputs holds {sorted(unknown)}; known: 'keypoint', 'heatmap', 'image'")

    def transform(self, results: dict) -> dict:
        """Pack the clip.

        Raises:
            ValueError: If a coordinate is not a number, or keypoints are not in the unit square.
        """
        inputs = {}
        wanted = self.inputs or (next((k for k in ("heatmap", "image") if k in results), "keypoint"),)
        for key in (*wanted, *(["keypoint_score"] if "keypoint" in wanted else [])):
            inputs[key] = _tensor(results[key][..., :2] if key == "keypoint" else results[key])
        if "keypoint" in inputs:
            self._check(results, inputs["keypoint"])
        sample = AUDataSample()
        for key in self.meta_keys:
            if key in results:  # set_metainfo would copy everything deeply, which takes longer than reading
                sample.set_field(results[key], key, field_type="metainfo")
        for key, field in _LABELS.items():
            if key in results:
                sample.set_field(_tensor(results[key]), field)
        return {"inputs": inputs, "data_samples": sample}

    @staticmethod
    def _check(results: dict, keypoint: torch.Tensor) -> None:
        name = results.get("frame_dir")
        if results.get("space") != "unit":
            raise ValueError(f"{name}: keypoints are in pixels; put FaceCrop before PackFaceInputs")
        # A sum is NaN or infinite when any of its terms is, and costs one pass.
        if not np.isfinite(float(keypoint.sum())):
            raise ValueError(
                f"{name}: a coordinate is NaN or infinite; put FillMissing before PackFaceInputs"
            )


def _tensor(array: np.ndarray) -> torch.Tensor:
    """Share the array where torch may own it; a view of a file is copied."""
    array = np.ascontiguousarray(array)
    return torch.from_numpy(array if array.flags.writeable else array.copy())
