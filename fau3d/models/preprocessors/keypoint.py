"""The data preprocessor of the networks that read keypoints themselves: no picture is drawn of them."""

from typing import Any

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from fau3d.models.preprocessors.batch import fold_samples, require_inputs
from fau3d.registry import MODELS

PERSONS = ("first", "fold")


@MODELS.register_module()
class KeypointPreprocessor(BaseDataPreprocessor):
    """Bring a batch of keypoints to the model's device, centred and scaled.

    The result is a volume like that of `HeatmapPreprocessor`, whose channels are x, y and the score, and
    whose rows are the points: heads and recognizers need not know which of the two is in front of them. It is
    float32 also under autocast: a face moves by less than bfloat16 tells apart at the face's own size.
    Networks standardise the points first and compute in the autocast type from there on.

    Args:
        centre: Of the unit square, which becomes 0.
        scale: Factor from the unit square to about unit variance; aligned faces have a standard deviation of
            0.19 in both directions.
        persons: `first` reads the first person; `fold` gives each its own batch entry and data sample.
        non_blocking: Copy to the device without waiting; useful with pinned memory.

    Raises:
        ValueError: If `persons` is unknown.
    """

    def __init__(
        self, centre: float = 0.5, scale: float = 5.0, persons: str = "first", non_blocking: bool = True
    ) -> None:
        super().__init__(non_blocking=non_blocking)
        if persons not in PERSONS:
            raise ValueError(f"unknown persons {persons!r}; known: {', '.join(map(repr, PERSONS))}")
        self.centre = float(centre)
        self.scale = float(scale)
        self.persons = persons

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Move a batch to the device and scale it.

        Args:
            data: `inputs`: a dict of `keypoint` (B, M, T, V, 2), in the unit square of the face crop, and
                `keypoint_score` (B, M, T, V). `data_samples`: a list of B samples, or absent.
            training: Unused; mmengine passes it.

        Returns:
            `inputs`: (B, 3, T, V, 1), or (B * M, ...) where persons are folded, float32; a point with score 0
            is 0 in all channels. `data_samples`: the list, one entry for each volume; or None.

        Raises:
            ValueError: If `inputs` holds no keypoints.
        """
        data = self.cast_data(data)  # type: ignore[assignment]
        inputs, samples = data["inputs"], data.get("data_samples")
        require_inputs(inputs, ("keypoint",))
        keypoint, score = inputs["keypoint"], inputs["keypoint_score"]
        if self.persons == "fold":
            samples = fold_samples(samples, keypoint.shape[1])
            keypoint, score = keypoint.flatten(0, 1), score.flatten(0, 1)
        else:
            keypoint, score = keypoint[:, 0], score[:, 0]
        return {"inputs": self._volume(keypoint.float(), score.float()), "data_samples": samples}

    def _volume(self, keypoint: Tensor, score: Tensor) -> Tensor:
        """Stack (B, T, V, 2) and (B, T, V) as (B, 3, T, V, 1)."""
        score = score[..., None]
        place = (keypoint - self.centre) * self.scale
        # What stands at a point that was not seen is no place.
        place = torch.where(score > 0, place, torch.zeros_like(place))
        return torch.cat([place, score], dim=-1).permute(0, 3, 1, 2)[..., None].contiguous()
