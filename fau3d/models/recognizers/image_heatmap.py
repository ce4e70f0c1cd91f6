"""The recognizer that sees the face and its points at once."""

from typing import Any

import torch
from torch import Tensor, nn

from fau3d.models.recognizers.base import BaseAURecognizer, Volumes, build
from fau3d.registry import MODELS


@MODELS.register_module()
class ImageHeatmapRecognizer(BaseAURecognizer):
    """Two pathways that look at each other on the way, and one head over both.

    Args:
        backbone: Config of a network that takes images (B, C, T, H, W) and maps (B, V, T, h, w) and gives
            features of both, such as `mmaction.RGBPoseConv3D` with `speed_ratio=1`: every frame is seen by
            both pathways, so that every frame gets its answer.
        kwargs: See `BaseAURecognizer`; `in_channels` of the head is the sum of both pathways' channels.

    Source:
        Duan et al., Revisiting Skeleton-based Action Recognition (PoseConv3D), CVPR 2022, section 3.3.
    """

    def __init__(self, backbone: dict[str, Any] | nn.Module, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.backbone = build(backbone)
        self._use_memory_format()

    def train(self, mode: bool = True) -> "ImageHeatmapRecognizer":
        """See torch; MMAction2's networks return nothing here."""
        super().train(mode)
        return self

    def extract_feat(self, inputs: Volumes) -> Tensor:
        """See the base class; features are (B, C_image + C_heatmap, T', 1, 1): the maps differ in size.

        Raises:
            ValueError: If the preprocessor gives one volume, or the pathways differ in frames.
        """
        if not isinstance(inputs, dict):
            raise ValueError(
                "ImageHeatmapRecognizer reads images and maps; found one volume: use ImageHeatmapPreprocessor"
            )
        features = self.backbone(inputs["image"], inputs["joint"])
        frames = {feature.shape[2] for feature in features}
        if len(frames) > 1:
            raise ValueError(f"the pathways give {sorted(frames)} frames; set speed_ratio=1 in the backbone")
        return torch.cat([feature.mean((3, 4), keepdim=True) for feature in features], dim=1)
