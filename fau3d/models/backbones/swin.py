"""Swin transformers on images, from `transformers`."""

from typing import Any

from torch import Tensor

from fau3d.models.backbones.image_features import ImageFeatures, build_network
from fau3d.registry import MODELS

# Size to width, blocks of each stage, attention heads of each stage, share of branches dropped in training.
_SIZES = {
    "nano": (24, (1, 1, 1, 1), (1, 2, 4, 8), 0.0),  # for tests
    "tiny": (96, (2, 2, 6, 2), (3, 6, 12, 24), 0.2),
    "small": (96, (2, 2, 18, 2), (3, 6, 12, 24), 0.3),
    "base": (128, (2, 2, 18, 2), (4, 8, 16, 32), 0.5),
}


@MODELS.register_module()
class SwinFeatures(ImageFeatures):
    """Swin transformer without its classifier: one map at a 32nd of the image's size, after the last norm.

    Args:
        size: `tiny`, `small` or `base` (and `nano`, for tests).
        window: Side of the windows in patches.
        drop_path: Share of branches dropped in training, growing from 0 to this over the blocks; None = as
            published.
        pretrained: Published weights, such as `microsoft/swin-tiny-patch4-window7-224`: loaded by
            `transformers`, which may download them. None = random.
        init_cfg: See mmengine's `BaseModule`.

    Raises:
        ValueError: If the size is unknown.

    Source:
        Liu et al., Swin Transformer, ICCV 2021; patches of 4 x 4 pixels.
    """

    def __init__(
        self,
        size: str = "tiny",
        window: int = 7,
        drop_path: float | None = None,
        pretrained: str | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if size not in _SIZES:
            raise ValueError(f"unknown size {size!r}; known: {', '.join(_SIZES)}")
        width, blocks, heads, dropped = _SIZES[size]
        self.feat_dim, self.window = width * 8, window
        rate = dropped if drop_path is None else drop_path
        options: dict[str, Any] = {"add_pooling_layer": False}
        if pretrained is not None:
            options["drop_path_rate"] = rate
        self.network = build_network(
            "SwinModel",
            pretrained,
            lambda package: package.SwinConfig(
                embed_dim=width,
                depths=list(blocks),
                num_heads=list(heads),
                window_size=window,
                drop_path_rate=rate,
            ),
            **options,
        )

    def maps(self, images: Tensor) -> Tensor:
        """See the base class.

        Raises:
            ValueError: If the last map would be smaller than a window.
        """
        rows = images.shape[2] // 32
        if min(rows, images.shape[3] // 32) < self.window:
            raise ValueError(
                f"an image of {tuple(images.shape[2:])} pixels leaves a map smaller than the window of "
                f"{self.window}; wanted at least {32 * self.window} pixels a side"
            )
        tokens = self.network(images).last_hidden_state
        return tokens.transpose(1, 2).unflatten(2, (rows, tokens.shape[1] // rows))
