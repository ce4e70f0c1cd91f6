"""The focal loss on occurrence."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from fau3d.models.losses.base import OccurrenceLoss
from fau3d.registry import MODELS


@MODELS.register_module()
class MaskedFocalLoss(OccurrenceLoss):
    """Cross-entropy that fades as the answer gets right: - alpha_t (1 - p_t)^gamma log p_t.

    Args:
        num_aus: See `OccurrenceLoss`.
        gamma: How fast easy frames fade; 0 gives cross-entropy.
        alpha: Weight of positives, 1 - alpha that of negatives; None weighs both with 1.
        kwargs: See `OccurrenceLoss`.

    Source:
        Lin et al., Focal Loss for Dense Object Detection, ICCV 2017.
    """

    def __init__(self, num_aus: int, gamma: float = 2.0, alpha: float | None = None, **kwargs: Any) -> None:
        super().__init__(num_aus, **kwargs)
        self.gamma = gamma
        self.alpha = alpha

    def element(self, logits: Tensor, target: Tensor) -> Tensor:
        """See the base class."""
        # p_t is the sigmoid of the logit with its sign turned for negatives: stable at both ends.
        signed = logits * (2 * target - 1)
        losses = -((-signed).sigmoid() ** self.gamma) * F.logsigmoid(signed)
        if self.alpha is not None:
            losses = losses * (self.alpha * target + (1 - self.alpha) * (1 - target))
        return losses
