"""A recurrent network over sequences of units and features."""

from torch import Tensor, nn

from fau3d.models.backbones.sequence import SequenceBackbone, read_packed
from fau3d.registry import MODELS

CELLS = {"gru": nn.GRU, "lstm": nn.LSTM}


@MODELS.register_module()
class SequenceRecurrent(SequenceBackbone):
    """Embedded frames through gated recurrent units or a long short-term memory, from a state of zeros.

    Args:
        num_inputs: F.
        cell: `gru` or `lstm`.
        channels: Width of the state; each way where both are gone.
        depth: Layers.
        both_ways: Also read from the end; a rating is of the whole window, so nothing forbids it.
        dropout: Of the embedded inputs, and between layers; in [0, 1).
        init_cfg: See mmengine's `BaseModule`.

    Raises:
        ValueError: If the cell is unknown.

    Source:
        Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, EMNLP 2014; Hochreiter and
        Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997.
    """

    def __init__(
        self,
        num_inputs: int,
        cell: str = "gru",
        channels: int = 64,
        depth: int = 1,
        both_ways: bool = False,
        dropout: float = 0.1,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(num_inputs, channels, dropout, init_cfg)
        if cell not in CELLS:
            raise ValueError(f"unknown cell {cell!r}; known: {', '.join(CELLS)}")
        between = dropout if depth > 1 else 0.0
        self.recurrent = CELLS[cell](
            channels, channels, depth, batch_first=True, dropout=between, bidirectional=both_ways
        )
        self.feat_dim = channels * (2 if both_ways else 1)

    def over_time(self, tokens: Tensor, frames: Tensor) -> Tensor:
        """See the base class."""
        return read_packed(self.recurrent, tokens, frames)
