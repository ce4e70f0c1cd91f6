"""The weighted asymmetric loss on occurrence."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from fau3d.models.losses.base import OccurrenceLoss
from fau3d.registry import MODELS


@MODELS.register_module()
class WeightedAsymmetricLoss(OccurrenceLoss):
    """Cross-entropy whose negatives count by how wrong they are: - w [y log p + (1 - y) p log(1 - p)].

    Easy negatives, which are most of the frames, fade by their own probability p; class weights w are
    inverse to the base rates.

    Args:
        num_aus: See `OccurrenceLoss`.
        class_weight: See `OccurrenceLoss`.
        detach_focus: Keep gradients out of the factor p.
        kwargs: See `OccurrenceLoss`.

    Source:
        Luo et al., Learning Multi-dimensional Edge Feature-based AU Relation Graph, IJCAI 2022, equation 9.
    """

    def __init__(
        self, num_aus: int, class_weight: str = "inverse_rate", detach_focus: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(num_aus, class_weight=class_weight, **kwargs)
        self.detach_focus = detach_focus

    def element(self, logits: Tensor, target: Tensor) -> Tensor:
        """See the base class."""
        focus = logits.sigmoid()
        focus = focus.detach() if self.detach_focus else focus
        return -(target * F.logsigmoid(logits) + (1 - target) * focus * F.logsigmoid(-logits))
