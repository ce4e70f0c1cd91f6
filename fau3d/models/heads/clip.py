"""The head that answers once for a clip: the reference to compare with."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from fau3d.models.heads.base import AUHead
from fau3d.registry import MODELS
from fau3d.structures import AUDataSample

_LABELS = ("majority", "max")


@MODELS.register_module()
class ClipAUHead(AUHead):
    """Answer once for the clip and give every frame that answer.

    The clip's label is taken from its middle frames, of those the annotated ones. Where all frames are one
    frame repeated, as in the reference recipe, it is that frame's label.

    Args:
        in_channels: C of the backbone's features.
        au_set: See `AUHead`.
        clip_label: `majority`: present if at least half of the annotated middle frames say so; `max`: if one
            does. Intensity is their mean or their maximum.
        centre: Share of the clip that counts as its middle, in (0, 1].
        dropout: Share of features dropped in training, in [0, 1).
        kwargs: See `AUHead`.

    Raises:
        ValueError: If `clip_label` is unknown, or `centre` is out of range.
    """

    def __init__(
        self,
        in_channels: int,
        au_set: str | Sequence[str],
        clip_label: str = "majority",
        centre: float = 1 / 3,
        dropout: float = 0.5,
        **kwargs: Any,
    ) -> None:
        super().__init__(au_set, **kwargs)
        if clip_label not in _LABELS:
            raise ValueError(f"unknown clip_label {clip_label!r}; known: {list(_LABELS)}")
        if not 0 < centre <= 1:
            raise ValueError(f"centre is {centre}; wanted a share in (0, 1]")
        self.clip_label = clip_label
        self.centre = centre
        self.dropout = nn.Dropout(dropout)
        self.occurrence = nn.Linear(in_channels, self.num_aus)
        self.strength = nn.Linear(in_channels, self.num_aus) if self.intensity else None

    def init_weights(self) -> None:
        """Start the answers near 0."""
        super().init_weights()
        for layer in (self.occurrence, self.strength):
            if layer is not None:
                nn.init.normal_(layer.weight, std=0.01)
                nn.init.zeros_(layer.bias)

    def forward(self, features: Tensor, num_frames: int) -> dict[str, Tensor]:
        """See `AUHead.forward`; the answer is the same for all frames."""
        pooled = self.dropout(features.mean((2, 3, 4)))
        answers = {"occurrence": self.occurrence(pooled)}
        if self.strength is not None:
            answers["intensity"] = self.strength(pooled)
        return {name: answer[:, None].expand(-1, num_frames, -1) for name, answer in answers.items()}

    def targets(self, samples: Sequence[AUDataSample], device: torch.device) -> tuple[Tensor, Tensor]:
        """See `AUHead.targets`; one label for the clip, of shapes (B, 1, A)."""
        occurrence, intensity = (self._middle(labels) for labels in super().targets(samples, device))
        known = (occurrence >= 0).sum(1, keepdim=True)
        present = (occurrence > 0).sum(1, keepdim=True)
        wanted = 1 if self.clip_label == "max" else (known + 1) // 2
        label = (present >= wanted).to(torch.int8).masked_fill(known == 0, -1)
        if self.clip_label == "max":
            largest = torch.nan_to_num(intensity, nan=-1.0).amax(1, keepdim=True)
            strength = torch.where(largest < 0, torch.nan, largest)
        else:
            strength = intensity.nanmean(1, keepdim=True)
        return label, strength

    def weights(self, samples: Sequence[AUDataSample], device: torch.device) -> Tensor | None:
        """See `AUHead.weights`; the mean of the middle frames, of shape (B, 1)."""
        weight = super().weights(samples, device)
        return None if weight is None else self._middle(weight).mean(1, keepdim=True)

    def _middle(self, values: Tensor) -> Tensor:
        """Cut the middle frames out of (B, T, …)."""
        frames = values.shape[1]
        count = max(1, round(frames * self.centre))
        first = (frames - count) // 2
        return values[:, first : first + count]

    def loss(self, features: Tensor, num_frames: int, samples: Sequence[AUDataSample]) -> dict[str, Tensor]:
        """See `AUHead.loss`."""
        occurrence, intensity = self.targets(samples, features.device)
        answers = self(features, 1)
        losses = self._losses(answers, occurrence, intensity, self.weights(samples, features.device))
        return {**losses, **self._teacher_losses(answers, samples)}
