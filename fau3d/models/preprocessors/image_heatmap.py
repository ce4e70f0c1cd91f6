"""The data preprocessor of networks that see the face and its points at once."""

from typing import Any

from mmengine.model import BaseDataPreprocessor

from fau3d.models.preprocessors.batch import require_inputs
from fau3d.models.preprocessors.heatmap import HeatmapPreprocessor
from fau3d.models.preprocessors.image import ImagePreprocessor
from fau3d.registry import MODELS


@MODELS.register_module()
class ImageHeatmapPreprocessor(BaseDataPreprocessor):
    """Standardise the crops of a clip, and draw the maps of its points.

    Args:
        image: Arguments of `ImagePreprocessor`.
        heatmap: Arguments of `HeatmapPreprocessor`; persons are merged.
        non_blocking: Copy to the device without waiting; useful with pinned memory.
    """

    def __init__(self, image: dict[str, Any], heatmap: dict[str, Any], non_blocking: bool = True) -> None:
        super().__init__(non_blocking=non_blocking)
        self.image = ImagePreprocessor(**image, non_blocking=non_blocking)
        self.heatmap = HeatmapPreprocessor(**heatmap, non_blocking=non_blocking)

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Move a batch to the device.

        Args:
            data: `inputs`: a dict of `image` (B, T, H, W, C) uint8, `keypoint` (B, M, T, V, 2) and
                `keypoint_score` (B, M, T, V); `data_samples`: a list of B samples, or absent.
            training: Unused; mmengine passes it.

        Returns:
            `inputs`: a dict of `image` (B, C, T, H, W) and `joint` (B, V, T, h, w); `data_samples`.

        Raises:
            ValueError: If one of the two is missing.
        """
        inputs = data["inputs"]
        for kind in ("image", "keypoint"):
            require_inputs(inputs, (kind,))
        image = self.image({"inputs": {"image": inputs["image"]}})["inputs"]
        points = {key: inputs[key] for key in ("keypoint", "keypoint_score")}
        joint = self.heatmap({"inputs": points})["inputs"]
        samples = self.cast_data(data.get("data_samples"))
        return {"inputs": {"image": image, "joint": joint}, "data_samples": samples}
