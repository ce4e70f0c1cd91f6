"""Vision transformers on images, from `transformers`."""

from typing import Any

import torch
from torch import Tensor, nn

from fau3d.models.backbones.image_features import ImageFeatures, build_network
from fau3d.registry import MODELS

# Size to width, layers, attention heads.
VIT_SIZES = {
    "nano": (24, 2, 2),  # for tests
    "small": (384, 12, 6),
    "base": (768, 12, 12),
    "large": (1024, 24, 16),
}
POOLS = ("token", "mean", "map")
_EPS = 1e-6


def vit_options(size: str, image_size: int, patch_size: int) -> dict[str, Any]:
    """Give what a ViT's config of `transformers` says of its shape.

    Raises:
        ValueError: If the size is unknown, or patches do not fill the image.
    """
    if size not in VIT_SIZES:
        raise ValueError(f"unknown size {size!r}; known: {', '.join(VIT_SIZES)}")
    if image_size % patch_size:
        raise ValueError(f"patches of {patch_size} pixels do not fill an image of {image_size}")
    width, layers, heads = VIT_SIZES[size]
    return {
        "image_size": image_size,
        "patch_size": patch_size,
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": 4 * width,
        "layer_norm_eps": _EPS,
    }


@MODELS.register_module()
class ViTFeatures(ImageFeatures):
    """Vision transformer without its classifier.

    Args:
        size: `small`, `base` or `large` (and `nano`, for tests).
        pool: `token`: the class token, normalised; `mean`: the mean of the patches, normalised after it (how
            masked autoencoders are fine-tuned); `map`: all patches, normalised.
        image_size: Side of the images in pixels.
        patch_size: Side of a patch in pixels.
        drop_path: Share of branches dropped in training, growing from 0 to this over the layers.
        pretrained: Published weights, such as `google/vit-base-patch16-224-in21k`: loaded by `transformers`,
            which may download them. None = random.
        init_cfg: See mmengine's `BaseModule`.

    Raises:
        ValueError: If a name is unknown or a number out of range.

    Source:
        Dosovitskiy et al., An Image Is Worth 16x16 Words, ICLR 2021; pooling as in He et al., Masked
        Autoencoders Are Scalable Vision Learners, CVPR 2022. drop_path: Huang et al., Deep Networks with
        Stochastic Depth, ECCV 2016.
    """

    def __init__(
        self,
        size: str = "base",
        pool: str = "mean",
        image_size: int = 224,
        patch_size: int = 16,
        drop_path: float = 0.0,
        pretrained: str | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if pool not in POOLS:
            raise ValueError(f"unknown pool {pool!r}; known: {', '.join(POOLS)}")
        if not 0 <= drop_path < 1:
            raise ValueError(f"drop_path is {drop_path}; wanted at least 0 and below 1")
        shape = vit_options(size, image_size, patch_size)
        self.feat_dim, self.pool = shape["hidden_size"], pool
        self.rows = image_size // patch_size
        self.network = build_network(
            "ViTModel",
            pretrained,
            lambda package: package.ViTConfig(**shape),
            add_pooling_layer=False,
        )
        # After pooling and not before: for all pools but the mean it comes to the same.
        self.norm: nn.Module = self.network.layernorm
        self.network.layernorm = nn.Identity()
        if drop_path:
            self._drop_branches(drop_path)

    def _drop_branches(self, most: float) -> None:
        """Let the layers leave out their branches in training, the later ones more often."""
        layers = self.network.layers
        for place, layer in enumerate(layers):
            share = most * place / max(len(layers) - 1, 1)
            # As hooks, so that weights keep the names that they have without.
            for branch in (layer.attention.o_proj, layer.mlp):
                branch.register_forward_hook(_BranchDropping(share))

    def maps(self, images: Tensor) -> Tensor:
        """See the base class; one pixel for the pools `token` and `mean`."""
        tokens = self.network(images).last_hidden_state
        if self.pool == "map":
            return self.norm(tokens[:, 1:]).transpose(1, 2).unflatten(2, (self.rows, self.rows))
        pooled = tokens[:, 0] if self.pool == "token" else tokens[:, 1:].mean(1)
        return self.norm(pooled)[..., None, None]


class _BranchDropping:
    """A forward hook that zeroes what a branch gives for a share of the images, and scales up the rest."""

    def __init__(self, share: float) -> None:
        self.share = share

    def __call__(self, module: nn.Module, inputs: Any, output: Tensor) -> Tensor:
        if not (module.training and self.share):
            return output
        kept = torch.rand((len(output), 1, 1), device=output.device) >= self.share
        return output * kept / (1 - self.share)
