"""Residual networks on images, from `transformers`."""

from torch import Tensor, nn

from fau3d.models.backbones.image_features import ImageFeatures, build_network
from fau3d.registry import MODELS

# Depth to blocks of each stage, kind of block, and channels after the last stage.
_DEPTHS = {
    18: ((2, 2, 2, 2), "basic", 512),
    34: ((3, 4, 6, 3), "basic", 512),
    50: ((3, 4, 6, 3), "bottleneck", 2048),
    101: ((3, 4, 23, 3), "bottleneck", 2048),
}


@MODELS.register_module()
class ResNetFeatures(ImageFeatures):
    """ResNet without its classifier: one map at a 32nd of the image's size.

    Args:
        depth: 18, 34, 50 or 101.
        width: Channels of the first stage, in 64ths; 1 as published, less for tests.
        pretrained: Published weights, such as `microsoft/resnet-50`: loaded by `transformers`, which may
            download them. None = random.
        init_cfg: See mmengine's `BaseModule`.

    Raises:
        ValueError: If the depth is unknown.

    Source:
        He et al., Deep Residual Learning for Image Recognition, CVPR 2016; strides are in the 3 x 3
        convolutions of the bottlenecks, as most published weights have them.
    """

    def __init__(
        self,
        depth: int = 50,
        width: float = 1.0,
        pretrained: str | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if depth not in _DEPTHS:
            raise ValueError(f"depth is {depth}; known: {', '.join(map(str, _DEPTHS))}")
        blocks, kind, channels = _DEPTHS[depth]
        sizes = [int(channels * width) // 8 * 2**stage for stage in range(4)]
        self.feat_dim = sizes[-1]
        self.network = build_network(
            "ResNetModel",
            pretrained,
            lambda package: package.ResNetConfig(
                embedding_size=int(64 * width), hidden_sizes=sizes, depths=list(blocks), layer_type=kind
            ),
        )
        # Heads average themselves, or want the map.
        self.network.pooler = nn.Identity()

    def maps(self, images: Tensor) -> Tensor:
        """See the base class."""
        return self.network(images).last_hidden_state
