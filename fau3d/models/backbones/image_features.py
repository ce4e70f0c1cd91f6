"""What the backbones that read images share: frames of a clip are so many images."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from mmengine.model import BaseModule
from torch import Tensor


class ImageFeatures(BaseModule, ABC):
    """Base of the backbones that read each frame of a clip by itself.

    Args:
        init_cfg: See mmengine's `BaseModule`.

    Attributes:
        feat_dim: Channels of the features.
    """

    feat_dim: int

    def __init__(self, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)

    @abstractmethod
    def maps(self, images: Tensor) -> Tensor:
        """Compute features (N, feat_dim, h, w) of images (N, 3, H, W)."""

    def forward(self, x: Tensor) -> Tensor:
        """Compute features.

        Args:
            x: Shape (B, 3, T, H, W), normalised; a still image is a clip of one frame.

        Returns:
            Shape (B, feat_dim, T, h, w).

        Raises:
            ValueError: If `x` is not a batch of clips.
        """
        if x.ndim != 5:
            raise ValueError(
                f"{type(self).__name__} got an input of shape {tuple(x.shape)}; wanted (B, 3, T, H, W), with "
                "T = 1 for still images: give the recognizer a preprocessor for images"
            )
        batch, _, frames = x.shape[:3]
        maps = self.maps(x.transpose(1, 2).flatten(0, 1))
        return maps.unflatten(0, (batch, frames)).transpose(1, 2)


def build_network(kind: str, pretrained: str | None, config: Callable[[Any], Any], **options: Any) -> Any:
    """Build a network of `transformers`, with random weights or those of a published checkpoint.

    Args:
        kind: Name of the model's class, such as `ResNetModel`.
        pretrained: Name on the Hugging Face hub or a folder, such as `microsoft/resnet-50`; None = random.
        config: Makes the network's config from the package, for random weights.
        options: For the class, beside the config.

    Returns:
        The network.

    Raises:
        ImportError: If `transformers` is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise ImportError(
            f"{kind} comes from the package transformers, which is not installed; pip install 'fau3d[images]'"
        ) from error
    made = getattr(transformers, kind)
    if pretrained is None:
        network = made(config(transformers), **options)
    else:
        network = made.from_pretrained(pretrained, **options)
    # Its weights are drawn or loaded: mmengine, which looks for a method of that name, is not to do it again.
    network.is_init = True
    return network
