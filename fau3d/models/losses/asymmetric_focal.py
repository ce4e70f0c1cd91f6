"""The asymmetric loss on occurrence: positives and negatives are focused apart."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from fau3d.models.losses.base import OccurrenceLoss
from fau3d.registry import MODELS

# The slope of a power below 1 is infinite at 0; here it is finite, and the loss is 0 either way.
_LEAST_FOCUS = 1e-8


@MODELS.register_module()
class MaskedAsymmetricLoss(OccurrenceLoss):
    """Focal loss with an exponent for each class, whose easiest negatives count nothing.

    Positives: -(1 - p)^gamma_pos log p. Negatives: -q^gamma_neg log(1 - q), q = max(p - clip, 0): those
    believed less than `clip` are left alone. The published loss is a sum, this one a mean.

    Args:
        num_aus: See `OccurrenceLoss`.
        gamma_pos: How fast easy positives fade, at least 0.
        gamma_neg: How fast easy negatives fade, at least 0; more than `gamma_pos` where positives are rare.
        clip: What is taken off a negative's probability, in [0, 1).
        detach_focus: Keep gradients out of the powers.
        kwargs: See `OccurrenceLoss`.

    Raises:
        ValueError: If a number is out of range.

    Source:
        Ridnik, Ben-Baruch et al., Asymmetric Loss for Multi-Label Classification, ICCV 2021, equation 7.
    """

    def __init__(
        self,
        num_aus: int,
        gamma_pos: float = 0.0,
        gamma_neg: float = 4.0,
        clip: float = 0.05,
        detach_focus: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(num_aus, **kwargs)
        if gamma_pos < 0 or gamma_neg < 0:
            raise ValueError(f"gamma_pos is {gamma_pos}, gamma_neg {gamma_neg}; wanted at least 0")
        if not 0 <= clip < 1:
            raise ValueError(f"clip is {clip}; wanted at least 0 and below 1")
        self.gamma_pos, self.gamma_neg, self.clip = gamma_pos, gamma_neg, clip
        self.detach_focus = detach_focus

    def element(self, logits: Tensor, target: Tensor) -> Tensor:
        """See the base class."""
        absent = (-logits).sigmoid()
        positive = F.logsigmoid(logits) * self._focus(absent, self.gamma_pos)
        # The logarithm of a sigmoid is stable where that of its rounded value is not.
        certain = (absent + self.clip).clamp_max(1.0).log() if self.clip else F.logsigmoid(-logits)
        negative = certain * self._focus(logits.sigmoid() - self.clip, self.gamma_neg)
        return -(target * positive + (1 - target) * negative)

    def _focus(self, probability: Tensor, gamma: float) -> Tensor:
        probability = probability.detach() if self.detach_focus else probability
        return probability.clamp_min(_LEAST_FOCUS) ** gamma
