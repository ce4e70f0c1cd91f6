"""A GRU over sequences of units and features."""

from torch import nn

from fau3d.models.backbones.sequence import RecurrentBackbone
from fau3d.registry import MODELS


@MODELS.register_module()
class SequenceGRU(RecurrentBackbone):
    """Embedded frames through a gated recurrent unit; see `RecurrentBackbone` for the arguments.

    Source:
        Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, EMNLP 2014.
    """

    cell = nn.GRU
