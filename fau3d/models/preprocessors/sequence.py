"""The data preprocessor of the networks that read sequences of units and features."""

from typing import Any

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from fau3d.registry import MODELS

_LEAST_VARIANCE = 1e-6
_MOMENTUM = 0.01


@MODELS.register_module()
class SequencePreprocessor(BaseDataPreprocessor):
    """Bring windows to the model's device, every input standardised by what was known of it in training.

    Radians, intensities and units that are there or not then weigh alike. What is unknown, and padding,
    stands at the mean, and a second half of the channels says what was known: 0 is never read as missing, nor
    the reverse. The statistics run along in training and travel with the weights.

    Args:
        num_inputs: F, columns of the data set's `values`.
        limit: Standardised values are cut off there: a unit that one frame in a thousand shows would be 30.
        non_blocking: Copy to the device without waiting; useful with pinned memory.
    """

    mean: Tensor
    variance: Tensor
    batches: Tensor

    def __init__(self, num_inputs: int, limit: float = 5.0, non_blocking: bool = True) -> None:
        super().__init__(non_blocking=non_blocking)
        self.num_inputs, self.limit = num_inputs, limit
        self.register_buffer("mean", torch.zeros(num_inputs))
        self.register_buffer("variance", torch.ones(num_inputs))
        self.register_buffer("batches", torch.tensor(0, dtype=torch.long))

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Move a batch to the device and standardise it.

        Args:
            data: `inputs`: `values` and `known` (B, T, F) and `frames` (B, T), as `AUSequenceDataset` gives
                them; `data_samples`: a list of B samples, or absent.
            training: Whether the statistics follow this batch.

        Returns:
            `inputs`: `values` (B, T, 2 F) and `frames` (B, T), float32; `data_samples`: the list or None.

        Raises:
            ValueError: If there are no such inputs, or another number of columns.
        """
        data = self.cast_data(data)  # type: ignore[assignment]
        inputs = data["inputs"]
        if not isinstance(inputs, dict) or "values" not in inputs:
            found = sorted(inputs) if isinstance(inputs, dict) else type(inputs).__name__
            raise ValueError(
                f"inputs hold {found}; wanted 'values', 'known' and 'frames' of AUSequenceDataset"
            )
        values, known = inputs["values"].float(), inputs["known"].float()
        if values.shape[-1] != self.num_inputs:
            raise ValueError(
                f"the windows have {values.shape[-1]} inputs, the model was built for {self.num_inputs}; set "
                "num_inputs of data_preprocessor and backbone to those of the data set's inputs and au_set"
            )
        if training:
            self._track(values, known)
        place = (values - self.mean) / (self.variance + _LEAST_VARIANCE).sqrt()
        place = place.clamp(-self.limit, self.limit) * known
        inputs = {"values": torch.cat([place, known], dim=-1), "frames": inputs["frames"]}
        return {"inputs": inputs, "data_samples": data.get("data_samples")}

    @torch.no_grad()
    def _track(self, values: Tensor, known: Tensor) -> None:
        """Follow mean and variance of (B, T, F) where it is known."""
        count = known.sum((0, 1))
        divisor = count.clamp_min(1.0)
        mean = (values * known).sum((0, 1)) / divisor
        variance = ((values - mean).square() * known).sum((0, 1)) / divisor
        # A plain average over the first batches, a running one later.
        share = (1.0 / (self.batches + 1.0)).clamp_min(_MOMENTUM) * (count > 0)
        self.mean.lerp_(mean, share)
        self.variance.lerp_(variance, share)
        self.batches += 1
