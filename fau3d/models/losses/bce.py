"""Binary cross-entropy on occurrence."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from fau3d.models.losses.base import OccurrenceLoss
from fau3d.models.losses.counts import POSITIVE_WEIGHTS, positive_weights
from fau3d.registry import MODELS


@MODELS.register_module()
class MaskedBCELoss(OccurrenceLoss):
    """Binary cross-entropy, one independent question for each action unit.

    Args:
        num_aus: See `OccurrenceLoss`.
        positive_weight: How much more a positive counts than a negative: `none`, `balanced` (negatives over
            positives in the training split), or `sqrt` (the square root of that).
        kwargs: See `OccurrenceLoss`; `max_weight` bounds the positive weights too.

    Raises:
        ValueError: If a name is unknown.
    """

    positive_weights: Tensor

    def __init__(self, num_aus: int, positive_weight: str = "none", **kwargs: Any) -> None:
        super().__init__(num_aus, **kwargs)
        if positive_weight not in POSITIVE_WEIGHTS:
            raise ValueError(f"unknown positive_weight {positive_weight!r}; known: {list(POSITIVE_WEIGHTS)}")
        self.positive_weight = positive_weight
        self.register_buffer("positive_weights", torch.ones(num_aus))

    def _set_weights(self, positives: np.ndarray, annotated: np.ndarray) -> None:
        super()._set_weights(positives, annotated)
        weights = positive_weights(self.positive_weight, positives, annotated, self.max_weight)
        self.positive_weights.copy_(torch.as_tensor(weights))

    def element(self, logits: Tensor, target: Tensor) -> Tensor:
        """See the base class."""
        return F.binary_cross_entropy_with_logits(
            logits, target, pos_weight=self.positive_weights, reduction="none"
        )
