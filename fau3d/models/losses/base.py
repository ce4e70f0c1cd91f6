"""What the losses share: masks, weights, smoothing, and an average that an empty batch survives."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from fau3d.models.losses.counts import CLASS_WEIGHTS, class_weights, prior_logits


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Average the values where the mask holds.

    Args:
        values: Any shape, finite everywhere, also where the mask does not hold.
        mask: Same shape: bool, or how much each value counts, at least 0.

    Returns:
        A scalar. It is 0 where the mask holds nowhere, and stays tied to `values`: every parameter then has a
        gradient of zeros, which distributed training needs.
    """
    weight = mask.to(values.dtype)
    return (values * weight).sum() / weight.sum().clamp_min(1.0)


def weigh_frames(mask: Tensor, frame_weight: Tensor | None) -> Tensor:
    """Let each frame of a mask (..., T, A) count by its weight (..., T); None leaves the mask as it is."""
    return mask if frame_weight is None else mask * frame_weight.to(mask.device)[..., None]


class OccurrenceLoss(nn.Module, ABC):
    """Base of the losses on occurrence.

    What depends on how often a unit is shown comes from the training split: call `set_class_weights` before
    training (a hook does), or every unit is taken as all others are.

    Args:
        num_aus: Number of action units, A.
        class_weight: `none`; or one weight for each action unit, with a mean of 1 over the units seen:
            `inverse_rate` (of its base rate) or `effective_number` (of its positives, see `class_weights`).
        beta: Of `effective_number`, in [0, 1): 0 weighs all units alike, near 1 comes to the inverse of the
            number of positives.
        max_weight: Largest weight that a rare unit may get.
        label_smoothing: Share of doubt in each label, in [0, 1): the loss is that of a label which is the
            other one with half this probability. Labels that are not annotated stay so.
        logit_adjustment: In training, add this times log(prior / (1 - prior)) to the logits: a network then
            answers as if each unit were there half of the time: 0.5 becomes the threshold of the best mean of
            both classes' recalls. 0 leaves logits be, 1 is the published choice. Priors are counted anew
            when training starts and not needed at the test: checkpoints do not hold them.
        loss_weight: Factor of the whole loss.

    Raises:
        ValueError: If a name is unknown or a number out of range.

    Source:
        logit_adjustment: Menon et al., Long-Tail Learning via Logit Adjustment, ICLR 2021, equation 10, with
        the odds of two classes in place of the priors of many.
    """

    class_weights: Tensor
    prior_logits: Tensor

    def __init__(
        self,
        num_aus: int,
        class_weight: str = "none",
        beta: float = 0.9999,
        max_weight: float = 10.0,
        label_smoothing: float = 0.0,
        logit_adjustment: float = 0.0,
        loss_weight: float = 1.0,
    ) -> None:
        super().__init__()
        if class_weight not in CLASS_WEIGHTS:
            raise ValueError(f"unknown class_weight {class_weight!r}; known: {list(CLASS_WEIGHTS)}")
        for name, value in (("beta", beta), ("label_smoothing", label_smoothing)):
            if not 0 <= value < 1:
                raise ValueError(f"{name} is {value}; wanted at least 0 and below 1")
        if logit_adjustment < 0:
            raise ValueError(f"logit_adjustment is {logit_adjustment}; wanted 0 (none) or above, such as 1")
        self.num_aus = num_aus
        self.class_weight = class_weight
        self.beta = beta
        self.max_weight = max_weight
        self.label_smoothing = label_smoothing
        self.logit_adjustment = logit_adjustment
        self.loss_weight = loss_weight
        self.register_buffer("class_weights", torch.ones(num_aus))
        self.register_buffer("prior_logits", torch.zeros(num_aus), persistent=False)

    def set_class_weights(
        self, positives: Sequence[int] | np.ndarray, annotated: Sequence[int] | np.ndarray
    ) -> None:
        """Set weights and priors from counts over the training split.

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
        weights = class_weights(self.class_weight, positives, annotated, self.beta, self.max_weight)
        self.class_weights.copy_(torch.as_tensor(weights))
        self.prior_logits.copy_(torch.as_tensor(prior_logits(positives, annotated)))

    @abstractmethod
    def element(self, logits: Tensor, target: Tensor) -> Tensor:
        """Give the loss of each element before masks and class weights; `target` holds 0.0 and 1.0."""

    def forward(self, logits: Tensor, target: Tensor, frame_weight: Tensor | None = None) -> Tensor:
        """Average over what is annotated.

        Args:
            logits: Shape (..., T, A).
            target: Shape (..., T, A): 1, 0, -1 = not annotated.
            frame_weight: Shape (..., T), in [0, 1]: how much each frame counts beside the others; 0 is as if
                it were not annotated. All alike if None.

        Returns:
            A scalar; 0 if nothing is annotated.
        """
        logits = logits.float()
        mask = target >= 0
        if self.logit_adjustment:
            logits = logits + self.logit_adjustment * self.prior_logits
        losses = self._smoothed(logits, (target > 0).to(logits.dtype)) * self.class_weights
        return self.loss_weight * masked_mean(losses, weigh_frames(mask, frame_weight))

    def _smoothed(self, logits: Tensor, target: Tensor) -> Tensor:
        losses = self.element(logits, target)
        if not self.label_smoothing:
            return losses
        # Of both answers, and not of a target between them: losses need only know 0 and 1.
        return torch.lerp(losses, self.element(logits, 1 - target), self.label_smoothing / 2)


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

    def forward(self, prediction: Tensor, target: Tensor, frame_weight: Tensor | None = None) -> Tensor:
        """Average over what is annotated.

        Args:
            prediction: Shape (..., T, A), on the scale 0 to 5.
            target: Shape (..., T, A), 0 to 5; NaN = not annotated.
            frame_weight: See `OccurrenceLoss.forward`.

        Returns:
            A scalar; 0 if nothing is annotated.
        """
        prediction = prediction.float()
        mask = torch.isfinite(target)
        # The target is replaced before the loss: NaN times a mask of 0 would still be NaN.
        target = torch.where(mask, target.to(prediction.dtype), prediction.detach())
        return self.loss_weight * masked_mean(
            self.element(prediction, target), weigh_frames(mask, frame_weight)
        )
