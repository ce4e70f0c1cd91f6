"""What the backbones over sequences of units and features share."""

from abc import ABC, abstractmethod

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


class SequenceBackbone(BaseModule, ABC):
    """Base of the backbones that read a window of F inputs a frame.

    Args:
        num_inputs: F.
        channels: Width.
        dropout: Share of the embedded inputs dropped in training, in [0, 1).
        init_cfg: See mmengine's `BaseModule`.

    Attributes:
        feat_dim: Channels of the features.
    """

    def __init__(
        self, num_inputs: int, channels: int, dropout: float = 0.1, init_cfg: dict | None = None
    ) -> None:
        super().__init__(init_cfg)
        self.num_inputs, self.feat_dim = num_inputs, channels
        self.embed = nn.Sequential(nn.Linear(2 * num_inputs, channels), nn.SiLU(), nn.Dropout(dropout))

    def forward(self, values: Tensor, frames: Tensor) -> Tensor:
        """Compute features.

        Args:
            values: Shape (B, T, 2 F), as `SequencePreprocessor` gives it.
            frames: Shape (B, T): 0 where a window is padding, which is at its end only.

        Returns:
            Shape (B, T, feat_dim); what stands at padding means nothing.

        Raises:
            ValueError: If the number of inputs is another.
        """
        if values.shape[-1] != 2 * self.num_inputs:
            raise ValueError(
                f"the windows have {values.shape[-1] // 2} inputs, the backbone reads {self.num_inputs}; set "
                "its num_inputs to that of the data_preprocessor"
            )
        return self.over_time(self.embed(values), frames)

    @abstractmethod
    def over_time(self, tokens: Tensor, frames: Tensor) -> Tensor:
        """Mix embedded frames (B, T, channels) over time."""


def read_packed(recurrent: nn.GRU | nn.LSTM, tokens: Tensor, frames: Tensor) -> Tensor:
    """Run a recurrent layer over windows without their padding, from either end.

    Args:
        recurrent: With the batch first.
        tokens: Shape (B, T, C).
        frames: Shape (B, T): 0 where a window is padding.

    Returns:
        Shape (B, T, C'); 0 at padding.
    """
    lengths = frames.sum(1).to("cpu", torch.int64).clamp_min(1)
    packed = pack_padded_sequence(tokens, lengths, batch_first=True, enforce_sorted=False)
    features, _ = recurrent(packed)
    return pad_packed_sequence(features, batch_first=True, total_length=tokens.shape[1])[0]
