"""An LSTM over sequences of units and features."""

from torch import nn

from fau3d.models.backbones.sequence import RecurrentBackbone
from fau3d.registry import MODELS


@MODELS.register_module()
class SequenceLSTM(RecurrentBackbone):
    """Embedded frames through a long short-term memory; see `RecurrentBackbone` for the arguments.

    It starts from a state of zeros, so that one window has one answer.

    Source:
        Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997.
    """

    cell = nn.LSTM
