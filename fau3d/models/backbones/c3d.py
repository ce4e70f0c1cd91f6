"""MMAction2's C3D as a feature extractor for any number of maps, frames and pixels."""

from typing import Any

from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn

from fau3d.registry import MODELS

_STAGES = (("conv1a",), ("conv2a",), ("conv3a", "conv3b"), ("conv4a", "conv4b"), ("conv5a", "conv5b"))
_CHANNELS = (64, 128, 256, 512, 512)


@MODELS.register_module()
class C3DFeatures(BaseModule):
    """The convolutions of `mmaction.C3D`, without its fully connected layers.

    C3D is made for three colour channels and one size: 16 frames of 112 x 112, flattened into a linear
    layer. Here its first convolution takes the channels that there are, and the stages give features.

    Args:
        in_channels: Maps of the input volume.
        num_stages: Stages used, 1 to 5; fewer suit small maps.
        temporal_pool: Halve the frame rate at stages 2, 3 and 4 as C3D does; a dense head brings it back.
            False keeps every frame.
        norm_cfg: Normalisation after each convolution; C3D has none, which trains badly from scratch.
        init_cfg: See mmengine's `BaseModule`.

    Raises:
        ValueError: If `num_stages` is out of range.
    """

    def __init__(
        self,
        in_channels: int,
        num_stages: int = 4,
        temporal_pool: bool = True,
        norm_cfg: dict[str, Any] | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if not 1 <= num_stages <= len(_STAGES):
            raise ValueError(f"num_stages is {num_stages}; wanted 1 to {len(_STAGES)}")
        norm_cfg = {"type": "BN3d"} if norm_cfg is None else norm_cfg
        # The linear layers are built with one input and dropped.
        source = MODELS.build({"type": "mmaction.C3D", "norm_cfg": norm_cfg, "out_dim": 1})
        source.conv1a = ConvModule(
            in_channels, _CHANNELS[0], 3, padding=1, conv_cfg={"type": "Conv3d"}, norm_cfg=norm_cfg
        )
        layers: list[nn.Module] = []
        for stage, names in enumerate(_STAGES[:num_stages]):
            if stage > 0:
                stride = 2 if temporal_pool and stage > 1 else 1
                layers.append(nn.MaxPool3d((stride, 2, 2), (stride, 2, 2)))
            layers.extend(getattr(source, name) for name in names)
        self.layers = nn.Sequential(*layers)
        self.feat_dim = _CHANNELS[num_stages - 1]

    def forward(self, x: Tensor) -> Tensor:
        """Compute features.

        Args:
            x: Shape (B, in_channels, T, H, W).

        Returns:
            Shape (B, feat_dim, T', H', W').
        """
        return self.layers(x)
