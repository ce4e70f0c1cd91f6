"""A compact convolutional network for small face crops, gray ones by default."""

from collections.abc import Sequence

from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.models.backbones.image_features import ImageFeatures
from fau3d.registry import MODELS


@MODELS.register_module()
class CompactFaceCNN(ImageFeatures):
    """Residual blocks over a few stages, each of which halves the map.

    The first convolution keeps the size: a lip corner is a few pixels wide in a crop of 64. From such a crop
    four stages leave a map of 4 x 4, whose places a head with `grid=(4, 4)` keeps apart; faces are cropped
    alike, so that a brow is always in the same cells.

    Args:
        in_channels: 1 for gray images, 3 for colour.
        channels: Of each stage.
        blocks: Residual blocks of each stage.
        dropout: Share of channels dropped after each stage but the last, in [0, 1).
        init_cfg: See mmengine's `BaseModule`.

    Attributes:
        feat_dim: Channels of the features.

    Raises:
        ValueError: If there are not as many numbers of blocks as of channels.

    Source:
        He et al., Deep Residual Learning for Image Recognition, CVPR 2016.
    """

    def __init__(
        self,
        in_channels: int = 1,
        channels: Sequence[int] = (32, 64, 128, 192),
        blocks: Sequence[int] = (1, 2, 2, 1),
        dropout: float = 0.05,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if len(channels) != len(blocks) or not channels:
            raise ValueError(f"channels {list(channels)}, blocks {list(blocks)}; wanted one of each a stage")
        layers: list[nn.Module] = [
            nn.Conv2d(in_channels, channels[0], 3, padding=1, bias=False),
            nn.BatchNorm2d(channels[0]),
            nn.ReLU(inplace=True),
        ]
        before = channels[0]
        for stage, (width, count) in enumerate(zip(channels, blocks)):
            for number in range(count):
                layers.append(_Residual(before, width, stride=2 if number == 0 else 1))
                before = width
            if stage < len(channels) - 1:
                layers.append(nn.Dropout2d(dropout))
        self.layers = nn.Sequential(*layers)
        self.feat_dim = before

    def maps(self, images: Tensor) -> Tensor:
        """See the base class."""
        return self.layers(images)


class _Residual(nn.Module):
    """Two convolutions beside a way around them."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(before, width, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(width)
        # Each block starts as its way around, so that many of them train from the first step.
        nn.init.zeros_(self.second_norm.weight)
        self.around: nn.Module = nn.Identity()
        if stride != 1 or before != width:
            # The average sees every pixel of the map that it halves, a strided 1 x 1 convolution a quarter.
            self.around = nn.Sequential(
                nn.AvgPool2d(stride, ceil_mode=True) if stride != 1 else nn.Identity(),
                nn.Conv2d(before, width, 1, bias=False),
                nn.BatchNorm2d(width),
            )

    def forward(self, x: Tensor) -> Tensor:
        inner = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.second_norm(self.second(inner)) + self.around(x))
