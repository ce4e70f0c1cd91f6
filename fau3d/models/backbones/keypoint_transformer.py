"""A small transformer over time that reads the keypoints of a face."""

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.models.backbones.point_whitening import PointWhitening
from fau3d.registry import MODELS


@MODELS.register_module()
class KeypointTransformer(BaseModule):
    """All points of a frame become one token; tokens attend to each other over time.

    Positions are relative: each head learns how much a frame attends to another from how many frames lie
    between them, before or after. A clip may thus be longer than those of training, and where its window was
    cut makes no difference.

    Args:
        num_points: V.
        channels: Width of a token.
        depth: Layers over time; 0 leaves a network that reads each frame by itself.
        heads: Of the attention.
        hidden_factor: Width of the layers within, in tokens' widths.
        reach: Farthest frames that are told apart; beyond, attention has one weight on each side. Fewer than
            the frames of a training clip, or that weight is never learnt.
        dropout: In [0, 1).
        whitening_floor: See `PointWhitening`.
        init_cfg: See mmengine's `BaseModule`.

    Attributes:
        feat_dim: Channels of the features.

    Raises:
        ValueError: If the depth is negative, or the channels cannot be shared among the heads.

    Source:
        Vaswani et al., Attention Is All You Need, NeurIPS 2017; Xiong et al., On Layer Normalization in the
        Transformer Architecture, ICML 2020. The slopes that positions start from: Press et al., ALiBi,
        ICLR 2022.
    """

    def __init__(
        self,
        num_points: int,
        channels: int = 192,
        depth: int = 3,
        heads: int = 6,
        hidden_factor: int = 2,
        reach: int = 24,
        dropout: float = 0.1,
        whitening_floor: float = 1e-3,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if depth < 0:
            raise ValueError(f"depth is {depth}; wanted 0 or more layers")
        if channels % heads:
            raise ValueError(f"{channels} channels cannot be shared among {heads} heads")
        self.feat_dim = channels
        self.heads, self.reach = heads, reach
        hidden = hidden_factor * channels
        self.norm = PointWhitening(num_points, whitening_floor)
        self.embed = nn.Sequential(
            nn.Linear(3 * num_points, hidden), nn.SiLU(), nn.Dropout(dropout), nn.Linear(hidden, channels)
        )
        # As a function and not by name, SiLU keeps torch off its fast path, which takes our positions for a
        # mask of bools and answers NaN.
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                channels, heads, hidden, dropout, activation=F.silu, batch_first=True, norm_first=True
            )
            for _ in range(depth)
        )
        self.positions = nn.Parameter(self._slopes()) if depth else None
        self.final_norm = nn.LayerNorm(channels)

    def _slopes(self) -> Tensor:
        """Give shape (heads, 2 * reach + 1): near frames count more, in the first heads most."""
        distance = torch.arange(-self.reach, self.reach + 1).abs()
        slope = 2.0 ** -torch.arange(1, self.heads + 1)
        return -slope[:, None] * distance

    def forward(self, x: Tensor) -> Tensor:
        """Compute features.

        Args:
            x: Shape (B, 3, T, V, 1), as `KeypointPreprocessor` gives it.

        Returns:
            Shape (B, channels, T, 1, 1).
        """
        tokens = self.embed(self.norm(x).permute(0, 2, 1, 3).flatten(2))
        if self.positions is not None:
            bias = self._bias(tokens)
            for layer in self.layers:
                tokens = layer(tokens, src_mask=bias)
        return self.final_norm(tokens).transpose(1, 2)[..., None, None]

    def _bias(self, tokens: Tensor) -> Tensor:
        """Give what is added to the attention of (B, T, C) tokens: shape (B * heads, T, T)."""
        assert self.positions is not None
        batch, frames = tokens.shape[:2]
        frame = torch.arange(frames, device=tokens.device)
        offset = (frame[None] - frame[:, None]).clamp(-self.reach, self.reach) + self.reach
        bias = self.positions.to(tokens.dtype)[:, offset]
        return bias.expand(batch, -1, -1, -1).flatten(0, 1)
