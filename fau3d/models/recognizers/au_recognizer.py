"""The recognizer with one backbone."""

from typing import Any

from torch import Tensor, nn

from fau3d.models.recognizers.base import BaseAURecognizer, Volumes, build
from fau3d.registry import MODELS


@MODELS.register_module()
class AURecognizer(BaseAURecognizer):
    """Volumes, one network, action units.

    Args:
        backbone: Config of a 3D backbone, such as `mmaction.ResNet3dSlowOnly`, or a module that maps
            (B, C, T, H, W) to (B, C', T', H', W').
        kwargs: See `BaseAURecognizer`.
    """

    def __init__(self, backbone: dict[str, Any] | nn.Module, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.backbone = build(backbone)
        self._use_memory_format()

    def extract_feat(self, inputs: Volumes) -> Tensor:
        """See the base class.

        Raises:
            ValueError: If the preprocessor gives separate volumes.
        """
        if isinstance(inputs, dict):
            raise ValueError(
                f"AURecognizer reads one volume; the preprocessor gives {sorted(inputs)}: set "
                "separate=False there, or use DualStreamRecognizer"
            )
        features = self.backbone(inputs)
        return features[-1] if isinstance(features, tuple) else features
