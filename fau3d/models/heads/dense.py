"""The head that answers every frame."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.models.heads.base import AUHead
from fau3d.registry import MODELS


@MODELS.register_module()
class DenseAUHead(AUHead):
    """Answer every frame of the clip.

    Features are averaged over space, pass a small temporal network, and are brought back to the input's
    frame rate where the backbone strides in time.

    Args:
        in_channels: C of the backbone's features.
        au_set: See `AUHead`.
        grid: (rows, columns) of the spatial average. (1, 1), the default, is the usual global average; a
            finer grid keeps where in the face crop a feature was.
        hidden_channels: Width of a temporal layer between features and answers; None for no such layer.
        temporal_kernel: Frames that the temporal layer sees; odd.
        clip_reference: Let the temporal layer also see how far each frame departs from the clip's mean: faces
            differ at rest more than action units move them. Needs `hidden_channels`.
        dropout: Share of features dropped in training, in [0, 1).
        kwargs: See `AUHead`.

    Raises:
        ValueError: If the temporal kernel is even, or the clip's reference has no hidden layer to act on.
    """

    def __init__(
        self,
        in_channels: int,
        au_set: str | Sequence[str],
        grid: Sequence[int] = (1, 1),
        hidden_channels: int | None = None,
        temporal_kernel: int = 3,
        clip_reference: bool = False,
        dropout: float = 0.5,
        **kwargs: Any,
    ) -> None:
        super().__init__(au_set, **kwargs)
        if temporal_kernel % 2 == 0:
            raise ValueError(f"temporal_kernel is {temporal_kernel}; wanted an odd number of frames")
        if clip_reference and hidden_channels is None:
            raise ValueError("clip_reference needs the temporal layer: set hidden_channels")
        self.in_channels = in_channels
        self.grid = (int(grid[0]), int(grid[1]))
        channels = in_channels * self.grid[0] * self.grid[1]
        self.dropout = nn.Dropout(dropout)
        self.departure: nn.Conv1d | None = None
        if hidden_channels is None:
            self.temporal: nn.Module = nn.Identity()
        else:
            if clip_reference:
                self.departure = nn.Conv1d(channels, hidden_channels, 1, bias=False)
            padding = temporal_kernel // 2
            self.temporal = nn.Sequential(
                nn.Conv1d(channels, hidden_channels, temporal_kernel, padding=padding, bias=False),
                nn.BatchNorm1d(hidden_channels),
                nn.ReLU(inplace=True),
            )
            channels = hidden_channels
        self.occurrence = nn.Conv1d(channels, self.num_aus, 1)
        self.strength = nn.Conv1d(channels, self.num_aus, 1) if self.intensity else None

    def init_weights(self) -> None:
        """Start the answers near 0: every unit as likely as not, before the first step."""
        super().init_weights()
        if self.departure is not None:
            # Without an effect at first, so that weights trained without it can be gone on with.
            nn.init.zeros_(self.departure.weight)
        for layer in (self.occurrence, self.strength):
            for parameter in () if layer is None else layer.parameters():
                nn.init.normal_(parameter, std=0.01 if parameter.ndim > 1 else 0.0)

    def forward(self, features: Tensor, num_frames: int) -> dict[str, Tensor]:
        """See `AUHead.forward`."""
        if features.shape[1] != self.in_channels:
            raise ValueError(
                f"the backbone gives {features.shape[1]} channels, the head was built for "
                f"{self.in_channels}; set in_channels of the head to the backbone's"
            )
        pooled = self._pool(features)
        hidden = self._over_time(self.dropout(pooled))
        answers = {"occurrence": self.occurrence(hidden)}
        if self.strength is not None:
            answers["intensity"] = self.strength(hidden)
        return {name: _to_frames(answer, num_frames) for name, answer in answers.items()}

    def _over_time(self, pooled: Tensor) -> Tensor:
        """Mix (B, channels, T') over time."""
        if self.departure is None:
            return self.temporal(pooled)
        convolve, *rest = self.temporal.children()
        mixed = convolve(pooled) + self.departure(pooled - pooled.mean(2, keepdim=True))
        for layer in rest:
            mixed = layer(mixed)
        return mixed

    def _pool(self, features: Tensor) -> Tensor:
        """Average over the cells of the grid: (B, C, T', H, W) to (B, C * rows * columns, T')."""
        if self.grid == (1, 1):
            return features.mean((3, 4))
        batch, _, frames = features.shape[:3]
        pooled = F.adaptive_avg_pool3d(features, (frames, *self.grid))
        return pooled.permute(0, 1, 3, 4, 2).reshape(batch, -1, frames)


def _to_frames(values: Tensor, num_frames: int) -> Tensor:
    """Bring (B, A, T') to (B, T, A), linear in time where T' is not T."""
    if values.shape[-1] != num_frames:
        values = F.interpolate(values.to(torch.float32), size=num_frames, mode="linear", align_corners=False)
    return values.transpose(1, 2)
