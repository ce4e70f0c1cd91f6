"""Smooth absolute error on intensity."""

from torch import Tensor
from torch.nn import functional as F

from fau3d.models.losses.base import IntensityLoss
from fau3d.registry import MODELS


@MODELS.register_module()
class MaskedSmoothL1Loss(IntensityLoss):
    """Squared error near the target, absolute error beyond, where the intensity is annotated.

    Args:
        beta: Where one turns into the other, in steps of the intensity scale.
        loss_weight: Factor of the whole loss.
    """

    def __init__(self, beta: float = 1.0, loss_weight: float = 1.0) -> None:
        super().__init__(loss_weight)
        self.beta = beta

    def element(self, prediction: Tensor, target: Tensor) -> Tensor:
        """See the base class."""
        return F.smooth_l1_loss(prediction, target, beta=self.beta, reduction="none")
