"""The recognizer that reads joints and limbs with a backbone each."""

from typing import Any

import torch
from torch import Tensor, nn

from fau3d.models.recognizers.base import BaseAURecognizer, Volumes, build
from fau3d.registry import MODELS


@MODELS.register_module()
class DualStreamRecognizer(BaseAURecognizer):
    """Two volumes, two 3D networks, one head over both features.

    The data preprocessor draws both kinds with `separate=True`.

    Args:
        joint_backbone: Config of the network that reads the joints' volume.
        limb_backbone: Config of the network that reads the limbs' volume.
        kwargs: See `BaseAURecognizer`; `in_channels` of the head is the sum of both backbones' channels.
    """

    def __init__(
        self,
        joint_backbone: dict[str, Any] | nn.Module,
        limb_backbone: dict[str, Any] | nn.Module,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.joint_backbone = build(joint_backbone)
        self.limb_backbone = build(limb_backbone)
        self._use_memory_format()

    def extract_feat(self, inputs: Volumes) -> Tensor:
        """See the base class; features are (B, C_joint + C_limb, T', H', W').

        Raises:
            ValueError: If the preprocessor gives one volume.
        """
        if not isinstance(inputs, dict):
            raise ValueError(
                "DualStreamRecognizer reads a joint and a limb volume; found one volume: set "
                "with_joint, with_limb and separate in HeatmapPreprocessor"
            )
        streams = [self.joint_backbone(inputs["joint"]), self.limb_backbone(inputs["limb"])]
        return torch.cat([s[-1] if isinstance(s, tuple) else s for s in streams], dim=1)
