"""What the losses share: masks, class weights, and an average that an empty batch survives."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

CLASS_WEIGHTS = ("none", "inverse_rate")
POSITIVE_WEIGHTS = ("none", "balanced", "sqrt")


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Average the values where the mask holds.

    Args:
        values: Any shape, finite everywhere, also where the mask does not hold.
        mask: Same shape, bool.

    Returns:
        A scalar. It is 0 where the mask holds nowhere, and stays tied to `values`: every parameter then has a
        gradient of zeros, which distributed training needs.
    """
    weight = mask.to(values.dtype)
    return (values * weight).sum() / weight.sum().clamp_min(1.0)


class OccurrenceLoss(nn.Module, ABC):
    """Base of the losses on occurrence.

    Class weights come from the training split: call `set_class_weights` before training (a hook does), or the
    weights stay 1.

    Args:
        num_aus: Number of action units, A.
        class_weight: `none`, or `inverse_rate`: one weight for each action unit, inverse to its base rate,
            with a mean of 1 over the units seen (Source: Shao et al., ECCV 2018; used by ME-GraphAU).
        max_weight: Largest weight that a rare unit may get.
        loss_weight: Factor of the whole loss.

    Raises:
        ValueError: If a name is unknown.
    """

    class_weights: Tensor

    def __init__(
        self, num_aus: int, class_weight: str = "none", max_weight: float = 10.0, loss_weight: float = 1.0
    ) -> None:
        super().__init__()
        if class_weight not in CLASS_WEIGHTS:
            raise ValueError(f"unknown class_weight {class_weight!r}; known: {list(CLASS_WEIGHTS)}")
        self.num_aus = num_aus
        self.class_weight = class_weight
        self.max_weight = max_weight
        self.loss_weight = loss_weight
        self.register_buffer("class_weights", torch.ones(num_aus))

    def set_class_weights(
        self, positives: Sequence[int] | np.ndarray, annotated: Sequence[int] | np.ndarray
    ) -> None:
        """Set the weights from counts over the training split.

        Args:
            positives: Shape (A,), frames where the unit is present.
            annotated: Shape (A,), frames where the unit is annotated.

        Raises:
            ValueError: If the counts are not one for each action unit.
        """
        counts, totals = np.asarray(positives, np.float64), np.asarray(annotated, np.float64)
        if counts.shape != (self.num_aus,) or totals.shape != (self.num_aus,):
            raise ValueError(
                f"class weights need one count for each of {self.num_aus} action units; "
                f"found positives {counts.shape}, annotated {totals.shape}"
            )
        self._set_weights(counts, totals)

    def _set_weights(self, positives: np.ndarray, annotated: np.ndarray) -> None:
        """Set the buffers; both arguments have shape (A,)."""
        if self.class_weight == "inverse_rate":
            # A unit without a positive is taken as having one: rare, not infinitely so. One that nobody
            # annotated is masked everywhere; its weight must only not disturb the mean.
            known = annotated > 0
            weights = np.ones(self.num_aus)
            inverse = annotated[known] / np.maximum(positives[known], 1.0)
            if known.any():
                weights[known] = np.minimum(inverse / inverse.mean(), self.max_weight)
            self.class_weights.copy_(torch.as_tensor(weights))

    @abstractmethod
    def element(self, logits: Tensor, target: Tensor) -> Tensor:
        """Give the loss of each element before masks and class weights; `target` holds 0.0 and 1.0."""

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Average over what is annotated.

        Args:
            logits: Shape (..., A).
            target: Shape (..., A): 1, 0, -1 = not annotated.

        Returns:
            A scalar; 0 if nothing is annotated.
        """
        logits = logits.float()
        mask = target >= 0
        losses = self.element(logits, (target > 0).to(logits.dtype)) * self.class_weights
        return self.loss_weight * masked_mean(losses, mask)


class IntensityLoss(nn.Module, ABC):
    """Base of the losses on intensity.

    Args:
        loss_weight: Factor of the whole loss.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    @abstractmethod
    def element(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Give the loss of each element before the mask."""

    def forward(self, prediction: Tensor, target: Tensor) -> Tensor:
        """Average over what is annotated.

        Args:
            prediction: Shape (..., A), on the scale 0 to 5.
            target: Shape (..., A), 0 to 5; NaN = not annotated.

        Returns:
            A scalar; 0 if nothing is annotated.
        """
        prediction = prediction.float()
        mask = torch.isfinite(target)
        # The target is replaced before the loss: NaN times a mask of 0 would still be NaN.
        target = torch.where(mask, target.to(prediction.dtype), prediction.detach())
        return self.loss_weight * masked_mean(self.element(prediction, target), mask)
