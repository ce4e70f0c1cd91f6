"""How two action units occur together, as a question to the features of their pair."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.models.losses.base import masked_mean, weigh_frames
from fau3d.registry import MODELS

JOINT_CLASSES = 4


@MODELS.register_module()
class UnitPairLoss(nn.Module):
    """Cross-entropy over the four ways in which a pair of units occurs: neither, second, first, both.

    Pairs of which one unit is not annotated are left out. A unit's pair with itself counts as published.

    Args:
        weight: Factor of the loss; the published values are 0.05 and 0.01.

    Source:
        Luo et al., Learning Multi-dimensional Edge Feature-based AU Relation Graph, IJCAI 2022, equation 10.
    """

    def __init__(self, weight: float = 0.05) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, logits: Tensor, target: Tensor, frame_weight: Tensor | None = None) -> Tensor:
        """Average over annotated pairs.

        Args:
            logits: Shape (..., T, N, N, 4).
            target: Shape (..., T, N): 1, 0, -1 = not annotated.
            frame_weight: See `OccurrenceLoss.forward`.

        Returns:
            A scalar; 0 if no pair is annotated.
        """
        known = target >= 0
        mask = known[..., :, None] & known[..., None, :]
        present = (target > 0).to(torch.int64)
        joint = 2 * present[..., :, None] + present[..., None, :]
        losses = F.cross_entropy(
            logits.float().reshape(-1, JOINT_CLASSES), joint.reshape(-1), reduction="none"
        )
        weighed = weigh_frames(mask.flatten(-2), frame_weight)
        return self.weight * masked_mean(losses.view(weighed.shape), weighed)
