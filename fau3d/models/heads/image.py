"""The plain head of networks on images, and an adversary that keeps identities out of their features."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.models.heads.base import AUHead
from fau3d.registry import MODELS
from fau3d.structures import AUDataSample


@MODELS.register_module()
class ImageAUHead(AUHead):
    """One linear layer on the mean of each frame's map.

    Args:
        in_channels: Channels of the backbone's features.
        au_set: See `AUHead`.
        bias: Whether the layer has one.
        dropout: Share of features dropped in training, in [0, 1).
        adversary: Config of a `SubjectAdversary`, without its channels; None = none.
        kwargs: See `AUHead`.
    """

    def __init__(
        self,
        in_channels: int,
        au_set: str | Sequence[str],
        bias: bool = True,
        dropout: float = 0.0,
        adversary: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(au_set, **kwargs)
        self.dropout = nn.Dropout(dropout)
        self.occurrence = nn.Linear(in_channels, self.num_aus, bias=bias)
        self.strength = nn.Linear(in_channels, self.num_aus, bias=bias) if self.intensity else None
        self.adversary: SubjectAdversary | None = None
        if adversary:
            options = {"type": "SubjectAdversary", **adversary, "in_channels": in_channels}
            self.adversary = MODELS.build(options)

    def init_weights(self) -> None:
        """Start the answers near 0."""
        super().init_weights()
        for layer in (self.occurrence, self.strength):
            for parameter in () if layer is None else layer.parameters():
                nn.init.normal_(parameter, std=0.01 if parameter.ndim > 1 else 0.0)

    def forward(self, features: Tensor, num_frames: int) -> dict[str, Tensor]:
        """See `AUHead.forward`; there is one map for each frame."""
        pooled = self.dropout(features.mean((3, 4)).transpose(1, 2))
        answers = {"occurrence": self.occurrence(pooled)}
        if self.strength is not None:
            answers["intensity"] = self.strength(pooled)
        return answers

    def loss(self, features: Tensor, num_frames: int, samples: Sequence[AUDataSample]) -> dict[str, Tensor]:
        """See `AUHead.loss`; with an adversary also `loss_subject`."""
        losses = super().loss(features, num_frames, samples)
        if self.adversary is not None:
            losses["loss_subject"] = self.adversary(features.mean((3, 4)).transpose(1, 2), samples)
        return losses


class _Reversal(torch.autograd.Function):
    """Passes values on as they are, and gradients turned round."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, strength: float) -> Tensor:
        ctx.strength = strength
        return features.view_as(features)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return -ctx.strength * gradients[0], None


@MODELS.register_module()
class SubjectAdversary(nn.Module):
    """Tells subjects apart by the features; the features learn to keep it from doing so.

    Args:
        in_channels: Channels of the features.
        subjects: Names of the training subjects, as the data samples have them under `subject`.
        strength: What the gradient is multiplied with, turned round, on its way to the backbone; published: 2
            on BP4D, 1 on BP4D+, 0.5 on DISFA.
        weight: Factor of the loss.

    Raises:
        ValueError: If there are fewer than two subjects, or one twice.

    Source:
        Ning, Salah and Ertugrul, Representation Learning and Identity Adversarial Training for Facial
        Behavior Understanding (FMAE-IAT), FG 2025; gradient reversal: Ganin and Lempitsky, ICML 2015. The
        authors' code asks of each subject whether it is the one; here subjects exclude each other.
    """

    def __init__(
        self, in_channels: int, subjects: Sequence[str], strength: float = 1.0, weight: float = 1.0
    ) -> None:
        super().__init__()
        self.place = {str(name): index for index, name in enumerate(subjects)}
        if len(self.place) < 2 or len(self.place) != len(subjects):
            raise ValueError(f"{len(subjects)} subjects of {len(self.place)} names; wanted two or more, once")
        self.strength, self.weight = strength, weight
        self.classifier = nn.Linear(in_channels, len(self.place))

    def forward(self, features: Tensor, samples: Sequence[AUDataSample]) -> Tensor:
        """Give the cross-entropy of the subjects.

        Args:
            features: Shape (B, T, in_channels).
            samples: B samples that say their `subject`.

        Returns:
            A scalar.

        Raises:
            ValueError: If a sample's subject is not known.
        """
        places = []
        for sample in samples:
            subject = sample.get("subject")
            if str(subject) not in self.place:
                raise ValueError(
                    f"{sample.get('frame_dir', '?')}: is of subject {subject!r}, which the adversary does "
                    f"not know ({', '.join(list(self.place)[:5])}, …); name all training subjects in "
                    "model.head.adversary.subjects, and let the data set pass 'subject' on"
                )
            places.append(self.place[str(subject)])
        logits = self.classifier(_Reversal.apply(features, self.strength)).float()
        target = torch.tensor(places, device=logits.device)[:, None].expand(logits.shape[:2])
        return self.weight * F.cross_entropy(logits.flatten(0, 1), target.flatten())
