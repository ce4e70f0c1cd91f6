"""Squared error on intensity."""

from torch import Tensor

from fau3d.models.losses.base import IntensityLoss
from fau3d.registry import MODELS


@MODELS.register_module()
class MaskedMSELoss(IntensityLoss):
    """Squared error where the intensity is annotated.

    Args:
        loss_weight: Factor of the whole loss.
    """

    def element(self, prediction: Tensor, target: Tensor) -> Tensor:
        """See the base class."""
        return (prediction - target).square()
