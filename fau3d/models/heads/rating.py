"""The head that answers how raters would judge a window."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.registry import MODELS
from fau3d.structures import AUDataSample

POOLINGS = ("mean", "last")


@MODELS.register_module()
class RatingHead(BaseModule):
    """One rating a window.

    Windows on which the raters are apart count less in the loss: with `floor` the variance that even raters
    who agree leave, a window weighs floor / (floor + variance of the raters' mean). The variance is measured,
    not predicted: a network that may also say how sure it is buys a low loss by being unsure.

    Args:
        in_channels: C of the backbone's features.
        pooling: `mean` over the window's frames, or the `last` one.
        rating_range: Lowest and highest rating; predictions are cut off there.
        delta: Distance from which on the Huber loss grows linearly.
        floor: See above; None weighs all windows alike.
        dropout: Share of features dropped in training, in [0, 1).
        init_cfg: See mmengine's `BaseModule`.

    Raises:
        ValueError: If the pooling is unknown, or the range is empty.
    """

    def __init__(
        self,
        in_channels: int,
        pooling: str = "mean",
        rating_range: Sequence[float] = (0.0, 4.0),
        delta: float = 1.0,
        floor: float | None = 0.25,
        dropout: float = 0.1,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if pooling not in POOLINGS:
            raise ValueError(f"unknown pooling {pooling!r}; known: {', '.join(POOLINGS)}")
        low, high = (float(value) for value in rating_range)
        if not low < high:
            raise ValueError(f"rating_range is {low:g} to {high:g}; wanted the lowest and the highest rating")
        self.in_channels, self.pooling, self.range = in_channels, pooling, (low, high)
        self.delta, self.floor = delta, floor
        answer = nn.Linear(in_channels, 1)
        # The middle of the scale is a better first guess than its end.
        nn.init.constant_(answer.bias, (low + high) / 2)
        self.answer = nn.Sequential(nn.Dropout(dropout), answer)

    def forward(self, features: Tensor, frames: Tensor) -> Tensor:
        """Answer windows.

        Args:
            features: Shape (B, T, C).
            frames: Shape (B, T): 0 where a window is padding.

        Returns:
            Shape (B,), unbounded.

        Raises:
            ValueError: If the features have other channels.
        """
        if features.shape[-1] != self.in_channels:
            raise ValueError(
                f"the backbone gives {features.shape[-1]} channels, the head was built for "
                f"{self.in_channels}; set in_channels of the head to the backbone's"
            )
        if self.pooling == "mean":
            # What stands at padding may be anything, NaN too: it is chosen away, not multiplied.
            kept = torch.where(frames[..., None] > 0, features, torch.zeros_like(features))
            pooled = kept.sum(1) / frames.sum(1, keepdim=True).clamp_min(1.0)
        else:
            last = (frames.sum(1).long() - 1).clamp_min(0)
            pooled = features[torch.arange(len(features), device=features.device), last]
        return self.answer(pooled)[:, 0]

    def loss(self, features: Tensor, frames: Tensor, samples: Sequence[AUDataSample]) -> dict[str, Tensor]:
        """Compare answers with the raters' means, shape () in all.

        Raises:
            ValueError: If a sample has no rating.
        """
        missing = [s.get("frame_dir", "?") for s in samples if s.get("gt_rating") is None]
        if missing:
            raise ValueError(
                f"{missing[0]}: has no gt_rating to train on; wanted AUSequenceDataset's samples"
            )
        answers = self(features, frames).float()
        wanted = torch.cat([sample.gt_rating for sample in samples]).to(answers)
        loss = F.huber_loss(answers, wanted, reduction="none", delta=self.delta)
        if self.floor is None:
            return {"loss_rating": loss.mean()}
        variance = torch.cat([sample.rater_variance for sample in samples]).to(answers)
        weight = self.floor / (self.floor + variance)
        return {"loss_rating": (weight * loss).sum() / weight.sum()}

    def predict(
        self, features: Tensor, frames: Tensor, samples: Sequence[AUDataSample] | None = None
    ) -> list[AUDataSample]:
        """Fill `pred_rating`, shape (1,) float32, within the range; new samples if None."""
        answers = self(features, frames).float().clamp(*self.range)
        filled = [AUDataSample() for _ in answers] if samples is None else list(samples)
        for sample, answer in zip(filled, answers):
            sample.set_data({"pred_rating": answer[None]})
        return filled
