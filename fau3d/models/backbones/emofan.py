"""A face alignment network whose heatmaps say where an expression network looks."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.models.backbones.image_features import ImageFeatures
from fau3d.registry import MODELS


@MODELS.register_module()
class EmoFANFeatures(ImageFeatures):
    """Two stacked hourglasses find the landmarks; the sum of their heatmaps weighs the features.

    The features before and inside the hourglasses, the latter times the summed heatmaps, are mixed and pass
    four residual blocks that each halve the map. Any image of at least 128 pixels will do; the published one
    has 256.

    Args:
        channels: Width; 256 as published, less for tests.
        num_points: Heatmaps.
        frozen: Keep the part that finds landmarks as it is, as published; for weights that can.
        init_cfg: See mmengine's `BaseModule`.

    Source:
        Toisoul, Kossaifi, Bulat, Tzimiropoulos and Pantic, Estimation of continuous valence and arousal
        levels from faces in naturalistic conditions, Nature Machine Intelligence 3, 2021; the network that
        finds landmarks: Bulat and Tzimiropoulos, How far are we from solving the 2D & 3D face alignment
        problem?, ICCV 2017. Written from their descriptions; published weights do not load.
    """

    def __init__(
        self,
        channels: int = 256,
        num_points: int = 68,
        frozen: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.feat_dim = channels
        self.landmarks = _LandmarkNetwork(channels, num_points)
        self.frozen = frozen
        if frozen:
            self.landmarks.requires_grad_(False)
        self.mix = nn.Conv2d(3 * channels, channels, 1)
        steps: list[nn.Module] = []
        for _ in range(4):
            steps += [_Block(channels, channels), nn.MaxPool2d(2)]
        self.reading = nn.Sequential(*steps)

    def train(self, mode: bool = True) -> "EmoFANFeatures":
        """Frozen layers keep their statistics."""
        super().train(mode)
        if self.frozen:
            self.landmarks.eval()
        return self

    def maps(self, images: Tensor) -> Tensor:
        """See the base class."""
        early, inside, heatmaps = self.landmarks(images)
        attention = heatmaps.sum(1, keepdim=True)
        return self.reading(self.mix(torch.cat([early, inside * attention], dim=1)))


class _Block(nn.Module):
    """A residual block whose output stacks those of three convolutions, each after norm and ReLU."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__()
        half, quarter = outward // 2, outward // 4
        widths = [(inward, half), (half, quarter), (quarter, quarter)]
        self.steps = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(a), nn.ReLU(), nn.Conv2d(a, b, 3, padding=1, bias=False))
            for a, b in widths
        )
        self.shortcut: nn.Module = nn.Identity()
        if inward != outward:
            self.shortcut = nn.Sequential(
                nn.BatchNorm2d(inward), nn.ReLU(), nn.Conv2d(inward, outward, 1, bias=False)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Keep the size, give `outward` channels."""
        parts, part = [], x
        for step in self.steps:
            part = step(part)
            parts.append(part)
        return torch.cat(parts, dim=1) + self.shortcut(x)


class _Hourglass(nn.Module):
    """Down and up again, with a block beside each level."""

    def __init__(self, channels: int, depth: int = 4) -> None:
        super().__init__()
        self.beside = _Block(channels, channels)
        self.down = _Block(channels, channels)
        self.inner = _Hourglass(channels, depth - 1) if depth > 1 else _Block(channels, channels)
        self.up = _Block(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """Keep the shape."""
        low = self.up(self.inner(self.down(F.max_pool2d(x, 2))))
        # To the size beside, since a side that is odd loses a pixel on the way down.
        return self.beside(x) + F.interpolate(low, size=x.shape[2:], mode="nearest")


class _LandmarkNetwork(nn.Module):
    """Stem, and hourglasses that each see what the one before found."""

    def __init__(self, channels: int, num_points: int, stacks: int = 2) -> None:
        super().__init__()
        quarter, half = channels // 4, channels // 2
        self.stem = nn.Sequential(
            nn.Conv2d(3, quarter, 7, stride=2, padding=3),
            nn.BatchNorm2d(quarter),
            nn.ReLU(),
            _Block(quarter, half),
            nn.MaxPool2d(2),
            _Block(half, half),
            _Block(half, channels),
        )
        self.hourglasses = nn.ModuleList(
            nn.Sequential(
                _Hourglass(channels),
                _Block(channels, channels),
                nn.Conv2d(channels, channels, 1),
                nn.BatchNorm2d(channels),
                nn.ReLU(),
            )
            for _ in range(stacks)
        )
        self.points = nn.ModuleList(nn.Conv2d(channels, num_points, 1) for _ in range(stacks))
        self.features_on = nn.ModuleList(nn.Conv2d(channels, channels, 1) for _ in range(stacks - 1))
        self.points_on = nn.ModuleList(nn.Conv2d(num_points, channels, 1) for _ in range(stacks - 1))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Give features before and inside the hourglasses, and the last heatmaps, at a quarter's size."""
        early = current = self.stem(images)
        inside, heatmaps = [], images
        for stack, hourglass in enumerate(self.hourglasses):
            features = hourglass(current)
            heatmaps = self.points[stack](features)
            if stack < len(self.features_on):
                features = self.features_on[stack](features)
                current = current + features + self.points_on[stack](heatmaps)
            inside.append(features)
        return early, torch.cat(inside, dim=1), heatmaps
