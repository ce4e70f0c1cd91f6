"""What the recognizers share: mmengine's modes, and memory format."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import BaseModel
from torch import Tensor, nn

from fau3d.models.heads import AUHead
from fau3d.registry import MODELS
from fau3d.structures import AUDataSample

Volumes = Tensor | dict[str, Tensor]


class BaseAURecognizer(BaseModel, ABC):
    """Base of the recognizers.

    Args:
        head: Config of a head, or a head.
        data_preprocessor: Config of a data preprocessor, or one: `HeatmapPreprocessor`, or
            `KeypointPreprocessor`, whose volumes have a row for each point and one column.
        channels_last_3d: Hold the weights in that memory format; let the preprocessor draw in it too.
        init_cfg: See mmengine's `BaseModule`.
    """

    def __init__(
        self,
        head: dict[str, Any] | AUHead,
        data_preprocessor: dict[str, Any] | nn.Module | None = None,
        channels_last_3d: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        # Built here, from our registry: mmengine would search its own where no default scope is set.
        super().__init__(build(data_preprocessor), init_cfg)
        self.head: AUHead = build(head)
        self.channels_last_3d = channels_last_3d

    def _use_memory_format(self) -> None:
        """Convert the weights; called at the end of a subclass's `__init__`."""
        if self.channels_last_3d:
            self.to(memory_format=torch.channels_last_3d)

    @property
    def au_names(self) -> tuple[str, ...]:
        """The action units, in output order."""
        return self.head.au_names

    @abstractmethod
    def extract_feat(self, inputs: Volumes) -> Tensor:
        """Compute features (B, C, T', H, W) from volumes (B, C, T, H, W)."""

    def forward(
        self, inputs: Volumes, data_samples: Sequence[AUDataSample] | None = None, mode: str = "tensor"
    ) -> dict[str, Tensor] | list[AUDataSample]:
        """Run the network.

        Args:
            inputs: What the data preprocessor gives: volumes (B, C, T, H, W), or a dict of two.
            data_samples: B samples, for `loss` and `predict`.
            mode: `tensor`: the head's raw answers; `loss`: a dict of losses; `predict`: the samples with
                `pred_occurrence` and `pred_intensity`.

        Returns:
            What the mode says.

        Raises:
            ValueError: If the mode is unknown, or samples are missing in `loss`.
        """
        volume = next(iter(inputs.values())) if isinstance(inputs, dict) else inputs
        frames = volume.shape[2]
        if mode == "tensor":
            return self.head(self.extract_feat(inputs), frames)
        if mode == "loss":
            if data_samples is None:
                raise ValueError("mode 'loss' needs data_samples with labels; found none")
            return self.head.loss(self.extract_feat(inputs), frames, data_samples)
        if mode == "predict":
            return self.head.predict(self.extract_feat(inputs), frames, data_samples)
        raise ValueError(f"unknown mode {mode!r}; known: 'tensor', 'loss', 'predict'")


def build(config: dict[str, Any] | nn.Module | None) -> Any:
    """Build a module from its config; a module, or None, passes."""
    return MODELS.build(config) if isinstance(config, dict) else config
