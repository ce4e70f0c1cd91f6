"""Pre-training on faces without labels: painting the patches that a vision transformer was not shown."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from fau3d.models.backbones.vit import vit_options
from fau3d.models.recognizers.base import build
from fau3d.registry import MODELS
from fau3d.structures import AUDataSample


def position_code(rows: int, width: int) -> Tensor:
    """Give a fixed code of each patch of a square, by waves along its columns and rows.

    Args:
        rows: Patches a side.
        width: Length of a code, a multiple of 4.

    Returns:
        Shape (rows^2, width): sines and cosines of the column, then of the row.

    Raises:
        ValueError: If the width cannot be shared among them.

    Source:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017, in two directions.
    """
    if width % 4:
        raise ValueError(f"width is {width}; wanted a multiple of 4")
    rate = 10000.0 ** -(torch.arange(width // 4, dtype=torch.float64) / (width // 4))
    place = torch.arange(rows, dtype=torch.float64)
    phase = torch.stack(torch.meshgrid(place, place, indexing="xy")).flatten(1)[..., None] * rate
    return torch.cat([phase[0].sin(), phase[0].cos(), phase[1].sin(), phase[1].cos()], dim=-1).float()


@MODELS.register_module()
class MaskedFacePainter(BaseModel):
    """A masked autoencoder: a transformer sees a quarter of the patches, a small one paints the others.

    The transformer's weights have the names of `ViTFeatures`'s in a recognizer, so that a checkpoint of this
    one is what fine-tuning starts from (`load_from`).

    Args:
        size: Of the transformer, see `ViTFeatures`.
        image_size: Side of the images in pixels.
        patch_size: Side of a patch in pixels.
        masked: Share of the patches that are hidden, in (0, 1).
        normalise_patches: Paint each patch as standardised by its own pixels.
        painter_width: Channels of the small transformer, a multiple of 4 and of its heads.
        painter_depth: Its layers.
        painter_heads: Its attention heads.
        data_preprocessor: Config of what brings images to the model's device.
        init_cfg: See mmengine's `BaseModule`.

    Raises:
        ValueError: If a number is out of range.

    Source:
        He et al., Masked Autoencoders Are Scalable Vision Learners, CVPR 2022; on faces: FMAE and MAE-Face.
    """

    def __init__(
        self,
        size: str = "base",
        image_size: int = 224,
        patch_size: int = 16,
        masked: float = 0.75,
        normalise_patches: bool = True,
        painter_width: int = 512,
        painter_depth: int = 8,
        painter_heads: int = 16,
        data_preprocessor: dict[str, Any] | nn.Module | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(build(data_preprocessor), init_cfg)
        if not 0 < masked < 1:
            raise ValueError(f"masked is {masked}; wanted a share above 0 and below 1")
        from transformers import ViTMAEConfig, ViTMAEForPreTraining

        self.patch_size, self.normalise_patches = patch_size, normalise_patches
        config = ViTMAEConfig(
            **vit_options(size, image_size, patch_size),
            mask_ratio=masked,
            decoder_hidden_size=painter_width,
            decoder_num_hidden_layers=painter_depth,
            decoder_num_attention_heads=painter_heads,
            decoder_intermediate_size=4 * painter_width,
        )
        whole: Any = ViTMAEForPreTraining(config)
        # The norm under the name that it has where it comes after pooling.
        self.backbone = nn.ModuleDict({"network": whole.vit, "norm": whole.vit.layernorm})
        whole.vit.layernorm = nn.Identity()
        self.painter: Any = whole.decoder
        # Drawn below; mmengine is not to draw them again.
        whole.vit.is_init = True
        self._start(image_size // patch_size)

    @torch.no_grad()
    def _start(self, rows: int) -> None:
        """Say where patches lie, and draw what the library leaves at 0."""
        network: Any = self.backbone["network"]
        embeddings, painter = network.embeddings, self.painter
        for places in (embeddings.position_embeddings, painter.decoder_pos_embed):
            places[0, 0] = 0.0
            places[0, 1:] = position_code(rows, places.shape[2])
        for token in (embeddings.cls_token, painter.mask_token):
            nn.init.normal_(token, std=0.02)

    def forward(
        self,
        inputs: Tensor,
        data_samples: Sequence[AUDataSample] | None = None,
        mode: str = "tensor",
    ) -> dict[str, Tensor]:
        """Hide patches and paint them.

        Args:
            inputs: Shape (B, 3, T, H, W), normalised; frames are so many images.
            data_samples: Unused: there are no labels in this.
            mode: `loss`: a dict of losses; `tensor`: `painted` (N, P, patch pixels * 3), what was painted of
                each patch, and `hidden` (N, P), 1 where it had been hidden.

        Returns:
            What the mode says.

        Raises:
            ValueError: If the mode is another: there is nothing to predict or to evaluate.
        """
        if mode not in ("tensor", "loss"):
            raise ValueError(
                f"unknown mode {mode!r}; known: 'tensor', 'loss'. Pre-training has nothing to evaluate: "
                "leave val_dataloader, val_cfg and val_evaluator out of its config"
            )
        images = inputs.transpose(1, 2).flatten(0, 1)
        seen = self.backbone["network"](images)
        painted = self.painter(self.backbone["norm"](seen.last_hidden_state), seen.ids_restore).logits
        if mode == "tensor":
            return {"painted": painted, "hidden": seen.mask}
        errors = (painted.float() - self.target(images).float()).square().mean(-1)
        return {"loss_painting": (errors * seen.mask).sum() / seen.mask.sum()}

    def target(self, images: Tensor) -> Tensor:
        """Cut images (N, 3, H, W) into what is to be painted: (N, P, patch pixels * 3), channels last."""
        side = self.patch_size
        patches = images.unfold(2, side, side).unfold(3, side, side)
        patches = patches.permute(0, 2, 3, 4, 5, 1).flatten(3).flatten(1, 2)
        if not self.normalise_patches:
            return patches
        variance, mean = torch.var_mean(patches, dim=-1, keepdim=True)
        return (patches - mean) * (variance + 1e-6).rsqrt()
