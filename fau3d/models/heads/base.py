"""What every head shares: action units, thresholds, targets, losses, predictions."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import BaseModule
from torch import Tensor

from fau3d.facs import get_au_set
from fau3d.models.losses import IntensityLoss, OccurrenceLoss, TeacherLoss
from fau3d.registry import MODELS
from fau3d.structures import AUDataSample

MAX_INTENSITY = 5.0


class AUHead(BaseModule, ABC):
    """Base of the heads.

    Args:
        au_set: Name of an AU set, or the action units' names, in output order.
        intensity: Answer intensity (0 to 5) beside occurrence.
        loss_occurrence: Config of an occurrence loss.
        loss_intensity: Config of an intensity loss.
        loss_teacher: Config of a `TeacherLoss`, for training from the answers that `TeacherHook` brings.
        frame_weights: Let labels count by their samples' `frame_weight`, where these have any.
        init_cfg: See mmengine's `BaseModule`.

    Attributes:
        au_names: The A action units.
        thresholds: Buffer (A,), in [0, 1]: a unit is called present at or above it. 0.5 until tuned.
        logit_scale: Buffer (A,), above 0: predictions are sigmoid(logit_scale * logit + logit_shift). 1 until
            calibrated; losses and teachers see the logits as they are.
        logit_shift: Buffer (A,): see there. 0 until calibrated.
    """

    thresholds: Tensor
    logit_scale: Tensor
    logit_shift: Tensor

    def __init__(
        self,
        au_set: str | Sequence[str],
        intensity: bool = True,
        loss_occurrence: dict[str, Any] | None = None,
        loss_intensity: dict[str, Any] | None = None,
        loss_teacher: dict[str, Any] | None = None,
        frame_weights: bool = True,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.au_names: tuple[str, ...] = get_au_set(au_set)
        self.num_aus = len(self.au_names)
        self.intensity = intensity
        self.frame_weights = frame_weights
        occurrence = {"type": "MaskedBCELoss", **(loss_occurrence or {}), "num_aus": self.num_aus}
        self.loss_occurrence: OccurrenceLoss = MODELS.build(occurrence)
        strength = {"type": "MaskedSmoothL1Loss", **(loss_intensity or {})}
        self.loss_intensity: IntensityLoss | None = MODELS.build(strength) if intensity else None
        self.loss_teacher: TeacherLoss | None = MODELS.build(loss_teacher) if loss_teacher else None
        self.register_buffer("thresholds", torch.full((self.num_aus,), 0.5))
        self.register_buffer("logit_scale", torch.ones(self.num_aus))
        self.register_buffer("logit_shift", torch.zeros(self.num_aus))

    def set_calibration(self, scale: Any = 1.0, shift: Any = 0.0) -> None:
        """Set what turns logits into predicted probabilities; by default nothing does.

        Args:
            scale: One number or shape (A,), above 0.
            shift: One number or shape (A,).
        """
        for buffer, values in ((self.logit_scale, scale), (self.logit_shift, shift)):
            buffer.copy_(torch.as_tensor(values).to(buffer))

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *args: Any) -> None:
        # Weights from before there was calibration have none, which is to say the identity.
        state_dict.setdefault(f"{prefix}logit_scale", torch.ones(self.num_aus))
        state_dict.setdefault(f"{prefix}logit_shift", torch.zeros(self.num_aus))
        super()._load_from_state_dict(state_dict, prefix, *args)

    @abstractmethod
    def forward(self, features: Tensor, num_frames: int) -> dict[str, Tensor]:
        """Compute the raw answers.

        Args:
            features: Shape (B, C, T', H, W), from the backbone.
            num_frames: T, frames of the input clip.

        Returns:
            `occurrence`: logits; with intensity also `intensity`, unbounded. Both (B, T, A).
        """

    def targets(self, samples: Sequence[AUDataSample], device: torch.device) -> tuple[Tensor, Tensor]:
        """Stack the labels of a batch; what is absent, or padding of the clip, is marked as not annotated.

        Args:
            samples: B samples of equal length.
            device: Where the stacks are wanted.

        Returns:
            Occurrence (B, T, A) int8 with -1, and intensity (B, T, A) float32 with NaN.

        Raises:
            ValueError: If a sample's labels are not for this head's action units.
        """
        occurrence, intensity = [], []
        for sample in samples:
            present = sample.get("gt_occurrence")
            strength = sample.get("gt_intensity")
            for name, value in (("gt_occurrence", present), ("gt_intensity", strength)):
                if value is not None and value.shape[-1] != self.num_aus:
                    raise ValueError(
                        f"{sample.get('frame_dir', '?')}: {name} has {value.shape[-1]} action units, "
                        f"the head has {self.num_aus} ({', '.join(self.au_names)}); give dataset and head "
                        "the same au_set"
                    )
            if present is None and strength is None:
                raise ValueError(
                    f"{sample.get('frame_dir', '?')}: neither gt_occurrence nor gt_intensity is there to "
                    "train on"
                )
            if present is None:
                present = torch.full(strength.shape, -1, dtype=torch.int8, device=strength.device)
            if strength is None:
                strength = torch.full(present.shape, float("nan"), device=present.device)
            padding = _padding(sample, present.device)
            if padding is not None:
                present = present.masked_fill(padding, -1)
                strength = strength.masked_fill(padding.to(strength.device), float("nan"))
            occurrence.append(present)
            intensity.append(strength)
        return torch.stack(occurrence).to(device), torch.stack(intensity).to(device)

    def weights(self, samples: Sequence[AUDataSample], device: torch.device) -> Tensor | None:
        """Stack how much the frames of a batch count.

        Args:
            samples: B samples of equal length.
            device: Where the stack is wanted.

        Returns:
            Shape (B, T), in [0, 1]; 1 where a sample has no `frame_weight`. None where none has any, or where
            they are not to count.
        """
        found = [sample.get("frame_weight") for sample in samples] if self.frame_weights else []
        known = next((weight for weight in found if weight is not None), None)
        if known is None:
            return None
        whole = torch.ones_like(known)
        return torch.stack([whole if weight is None else weight for weight in found]).to(device)

    def loss(self, features: Tensor, num_frames: int, samples: Sequence[AUDataSample]) -> dict[str, Tensor]:
        """Compute the losses of a batch.

        Args:
            features: Shape (B, C, T', H, W).
            num_frames: T, frames of the input clip.
            samples: B samples with labels.

        Returns:
            `loss_occurrence`, with intensity `loss_intensity`, and with teachers those of `TeacherLoss`:
            scalars.
        """
        answers = self(features, num_frames)
        occurrence, intensity = self.targets(samples, features.device)
        losses = self._losses(answers, occurrence, intensity, self.weights(samples, features.device))
        return {**losses, **self._teacher_losses(answers, samples)}

    def _losses(
        self, answers: dict[str, Tensor], occurrence: Tensor, intensity: Tensor, weight: Tensor | None
    ) -> dict[str, Tensor]:
        losses = {"loss_occurrence": self.loss_occurrence(answers["occurrence"], occurrence, weight)}
        if self.loss_intensity is not None:
            losses["loss_intensity"] = self.loss_intensity(answers["intensity"], intensity, weight)
        return losses

    def _teacher_losses(
        self, answers: dict[str, Tensor], samples: Sequence[AUDataSample]
    ) -> dict[str, Tensor]:
        """Compare the answers with those that the samples carry of the teachers, padding left out."""
        if self.loss_teacher is None:
            return {}
        device = answers["occurrence"].device
        stacks = []
        for field in ("teacher_occurrence", "teacher_intensity"):
            values = []
            for sample in samples:
                value = sample.get(field)
                if value is None:
                    raise ValueError(
                        f"{sample.get('frame_dir', '?')}: has no {field}, which loss_teacher compares with; "
                        "add dict(type='TeacherHook', checkpoints=[...]) to custom_hooks"
                    )
                padding = _padding(sample, value.device)
                values.append(value if padding is None else value.masked_fill(padding, torch.nan))
            stacks.append(torch.stack(values).to(device))
        return self.loss_teacher(answers, *stacks)

    def predict(
        self, features: Tensor, num_frames: int, samples: Sequence[AUDataSample] | None = None
    ) -> list[AUDataSample]:
        """Fill `pred_occurrence` (probabilities) and `pred_intensity` (0 to 5), both (T, A) float32.

        Args:
            features: Shape (B, C, T', H, W).
            num_frames: T, frames of the input clip.
            samples: B samples to fill; new ones if None.

        Returns:
            The B samples.
        """
        answers = self(features, num_frames)
        probability = (answers["occurrence"].float() * self.logit_scale + self.logit_shift).sigmoid()
        filled = [AUDataSample() for _ in probability] if samples is None else list(samples)
        for index, sample in enumerate(filled):
            sample.set_data({"pred_occurrence": probability[index]})
            if "intensity" in answers:
                strength = answers["intensity"][index].float().clamp(0.0, MAX_INTENSITY)
                sample.set_data({"pred_intensity": strength})
        return filled


def _padding(sample: AUDataSample, device: torch.device) -> Tensor | None:
    """Say which frames of a clip lie beyond its video, shape (T, 1); None where it does not tell."""
    inds = sample.get("frame_inds")
    return None if inds is None else (torch.as_tensor(inds).to(device) < 0)[:, None]
