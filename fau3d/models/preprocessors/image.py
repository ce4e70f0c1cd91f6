"""The data preprocessor of the networks that read images."""

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import BaseDataPreprocessor
from torch import Tensor

from fau3d.models.preprocessors.batch import require_inputs
from fau3d.registry import MODELS


@MODELS.register_module()
class ImagePreprocessor(BaseDataPreprocessor):
    """Bring a batch of images to the model's device, with their channels first and standardised.

    Bytes travel, and become numbers on the device. The result has the form of a volume of
    `HeatmapPreprocessor`: heads and recognizers need not know which of the two is in front of them.

    Args:
        mean: What becomes 0, on the scale 0 to 255: one number, or one a channel.
        std: What becomes 1 beside it.
        non_blocking: Copy to the device without waiting; useful with pinned memory.

    Raises:
        ValueError: If there are not as many means as deviations, or one of the latter is not above 0.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        mean: float | Sequence[float] = 127.5,
        std: float | Sequence[float] = 127.5,
        non_blocking: bool = True,
    ) -> None:
        super().__init__(non_blocking=non_blocking)
        for name, values in (("mean", mean), ("std", std)):
            numbers = torch.as_tensor(values, dtype=torch.float32).reshape(1, -1, 1, 1, 1)
            self.register_buffer(name, numbers, persistent=False)
        if self.mean.numel() != self.std.numel() or not bool((self.std > 0).all()):
            raise ValueError(f"mean is {mean}, std {std}; wanted as many of both, std above 0")

    def forward(self, data: dict[str, Any], training: bool = False) -> dict[str, Any]:
        """Move a batch to the device and standardise it.

        Args:
            data: `inputs`: a dict of `image` (B, T, H, W, C), uint8. `data_samples`: a list of B samples, or
                absent.
            training: Unused; mmengine passes it.

        Returns:
            `inputs`: (B, C, T, H, W), float32; `data_samples`: the list, or None.

        Raises:
            ValueError: If `inputs` holds no images, or of another number of channels than there are means.
        """
        data = self.cast_data(data)  # type: ignore[assignment]
        inputs = data["inputs"]
        require_inputs(inputs, ("image",))
        image = inputs["image"].permute(0, 4, 1, 2, 3).float()
        if self.mean.numel() not in (1, image.shape[1]):
            raise ValueError(
                f"images have {image.shape[1]} channels, but there are {self.mean.numel()} means; set "
                "LoadFaceImage.color and ImagePreprocessor.mean and std to fit each other"
            )
        return {"inputs": (image - self.mean) / self.std, "data_samples": data.get("data_samples")}
