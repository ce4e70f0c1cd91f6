"""From a sequence of units and features to how raters would judge it."""

from collections.abc import Sequence
from typing import Any

from mmengine.model import BaseModel
from torch import Tensor, nn

from fau3d.models.backbones.sequence import SequenceBackbone
from fau3d.models.heads.rating import RatingHead
from fau3d.models.recognizers.base import build
from fau3d.registry import MODELS
from fau3d.structures import AUDataSample


@MODELS.register_module()
class RatingRegressor(BaseModel):
    """Windows, one network over time, one rating each.

    Args:
        backbone: Config of a `SequenceBackbone`, or one.
        head: Config of a `RatingHead`, or one.
        data_preprocessor: Config of a `SequencePreprocessor`, or one.
        init_cfg: See mmengine's `BaseModule`.
    """

    def __init__(
        self,
        backbone: dict[str, Any] | SequenceBackbone,
        head: dict[str, Any] | RatingHead,
        data_preprocessor: dict[str, Any] | nn.Module | None = None,
        init_cfg: dict | None = None,
    ) -> None:
        # Built here, from our registry: mmengine would search its own where no default scope is set.
        super().__init__(build(data_preprocessor), init_cfg)
        self.backbone: SequenceBackbone = build(backbone)
        self.head: RatingHead = build(head)

    def forward(
        self,
        inputs: dict[str, Tensor],
        data_samples: Sequence[AUDataSample] | None = None,
        mode: str = "tensor",
    ) -> Tensor | dict[str, Tensor] | list[AUDataSample]:
        """Run the network.

        Args:
            inputs: What the data preprocessor gives: `values` (B, T, 2 F) and `frames` (B, T).
            data_samples: B samples, for `loss` and `predict`.
            mode: `tensor`: ratings (B,), unbounded; `loss`: a dict of losses; `predict`: the samples with
                `pred_rating`.

        Returns:
            What the mode says.

        Raises:
            ValueError: If the mode is unknown, or samples are missing in `loss`.
        """
        values, frames = inputs["values"], inputs["frames"]
        features = self.backbone(values, frames)
        if mode == "tensor":
            return self.head(features, frames)
        if mode == "loss":
            if data_samples is None:
                raise ValueError("mode 'loss' needs data_samples with ratings; found none")
            return self.head.loss(features, frames, data_samples)
        if mode == "predict":
            return self.head.predict(features, frames, data_samples)
        raise ValueError(f"unknown mode {mode!r}; known: 'tensor', 'loss', 'predict'")
