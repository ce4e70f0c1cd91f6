"""A small transformer over sequences of units and features."""

import torch
from torch import Tensor, nn

from fau3d.models.backbones.sequence import SequenceBackbone
from fau3d.registry import MODELS


@MODELS.register_module()
class SequenceTransformer(SequenceBackbone):
    """Frames attend to each other; where a frame stands in the window is learnt.

    Args:
        num_inputs: F.
        channels: Width of a token.
        depth: Layers.
        heads: Of the attention.
        longest: Frames of the longest window.
        dropout: In [0, 1).
        init_cfg: See mmengine's `BaseModule`.

    Raises:
        ValueError: If the channels cannot be shared among the heads.

    Source:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017; Xiong et al., On Layer Normalization in the
        Transformer Architecture, ICML 2020.
    """

    def __init__(
        self,
        num_inputs: int,
        channels: int = 64,
        depth: int = 2,
        heads: int = 4,
        longest: int = 64,
        dropout: float = 0.1,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(num_inputs, channels, dropout, init_cfg)
        if channels % heads:
            raise ValueError(f"{channels} channels cannot be shared among {heads} heads")
        self.positions = nn.Parameter(torch.randn(longest, channels) * 0.02)
        layer = nn.TransformerEncoderLayer(
            channels, heads, 2 * channels, dropout, activation="gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(
            layer, depth, norm=nn.LayerNorm(channels), enable_nested_tensor=False
        )

    def over_time(self, tokens: Tensor, frames: Tensor) -> Tensor:
        """See the base class; nothing attends to padding.

        Raises:
            ValueError: If the window is longer than the longest.
        """
        length = tokens.shape[1]
        if length > len(self.positions):
            raise ValueError(
                f"the window has {length} frames, the backbone was built for up to {len(self.positions)}; "
                "set its longest"
            )
        return self.layers(tokens + self.positions[:length], src_key_padding_mask=frames <= 0)
