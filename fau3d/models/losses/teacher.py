"""How far a network's answers are from those of its teachers."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.models.losses.base import masked_mean
from fau3d.registry import MODELS

# A probability rounded to 0 or 1 has no logit; this one lies beyond what thresholds tell apart.
_LEAST_PROBABILITY = 1e-6


@MODELS.register_module()
class TeacherLoss(nn.Module):
    """Cross-entropy to the teachers' probabilities, less their own entropy; smooth L1 to their intensities.

    Without the entropy the loss of a perfect student would not be 0; the gradients are the same. Intensities
    beyond the scale's ends count as the ends, as they do in predictions.

    Args:
        weight: Factor of the loss on occurrence.
        intensity_weight: Factor of the loss on intensity.
        temperature: Both sides' logits are divided by it: above 1, how the unlikely units compare counts for
            more. The loss is multiplied by its square, so that gradients keep their size.
        beta: As in `MaskedSmoothL1Loss`.
        max_intensity: Upper end of the scale.

    Raises:
        ValueError: If the temperature is not positive.

    Source:
        Hinton et al., Distilling the Knowledge in a Neural Network, 2015.
    """

    def __init__(
        self,
        weight: float = 0.5,
        intensity_weight: float = 0.5,
        temperature: float = 1.0,
        beta: float = 1.0,
        max_intensity: float = 5.0,
    ) -> None:
        super().__init__()
        if temperature <= 0:
            raise ValueError(f"temperature is {temperature}; wanted a positive number, 1 to leave answers be")
        self.weight = weight
        self.intensity_weight = intensity_weight
        self.temperature = temperature
        self.beta = beta
        self.max_intensity = max_intensity

    def forward(self, answers: dict[str, Tensor], occurrence: Tensor, intensity: Tensor) -> dict[str, Tensor]:
        """Compare a student with its teachers.

        Args:
            answers: A head's raw answers: `occurrence` (logits) and, where it has any, `intensity`; shapes
                (B, T, A), or (B, 1, A) for one answer a clip.
            occurrence: Shape (B, T, A): probabilities; NaN where no teacher knows the unit.
            intensity: Shape (B, T, A): 0 to 5; NaN where no teacher answers it.

        Returns:
            `loss_teacher_occurrence`, and with intensity `loss_teacher_intensity`: scalars, 0 if the teachers
            say nothing.
        """
        divergence = self._divergence(answers["occurrence"], occurrence)
        losses = {"loss_teacher_occurrence": self.weight * divergence}
        if "intensity" in answers:
            distance = self._distance(answers["intensity"], intensity)
            losses["loss_teacher_intensity"] = self.intensity_weight * distance
        return losses

    def _divergence(self, logits: Tensor, probability: Tensor) -> Tensor:
        mask = torch.isfinite(probability)
        known = torch.nan_to_num(probability.float(), nan=0.5)
        teacher = known.clamp(_LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY).logit() / self.temperature
        target = teacher.sigmoid()
        student = logits.float().expand_as(target) / self.temperature
        cross = F.binary_cross_entropy_with_logits(student, target, reduction="none")
        entropy = F.binary_cross_entropy_with_logits(teacher, target, reduction="none")
        return self.temperature**2 * masked_mean(cross - entropy, mask)

    def _distance(self, prediction: Tensor, intensity: Tensor) -> Tensor:
        mask = torch.isfinite(intensity)
        prediction = prediction.float().expand_as(intensity)
        target = torch.where(mask, intensity.float(), prediction.detach())
        beyond = ((target <= 0) & (prediction < 0)) | (
            (target >= self.max_intensity) & (prediction > self.max_intensity)
        )
        losses = F.smooth_l1_loss(prediction, target, beta=self.beta, reduction="none")
        return masked_mean(losses.masked_fill(beyond, 0.0), mask)
