"""Colours of a picture, changed as cameras and lamps change them."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.datasets.transforms.drawing import check_probability, generator_of
from fau3d.registry import TRANSFORMS


@TRANSFORMS.register_module()
class RandomColour(BaseTransform):
    """Change saturation and hue of an RGB image, all frames alike; brightness is `RandomBrightness`'s.

    Args:
        saturation: Largest change either way, as a share.
        hue: Largest turn either way, as a share of the circle.
        prob: Chance that an image is changed.

    Raises:
        ValueError: If `prob` is no probability, or a value is out of range.
    """

    def __init__(self, saturation: float = 0.3, hue: float = 0.02, prob: float = 1.0) -> None:
        if not 0 <= saturation <= 1 or not 0 <= hue <= 0.5:
            raise ValueError(f"saturation is {saturation}, hue {hue}; wanted 0 to 1, and 0 to 0.5")
        self.saturation, self.hue, self.prob = saturation, hue, check_probability("prob", prob)

    def transform(self, results: dict) -> dict:
        """Change `image` (T, H, W, 3), uint8.

        Raises:
            ValueError: If the image is gray.
        """
        rng = generator_of(results)
        if rng.random() >= self.prob:
            return results
        image = results["image"]
        if image.shape[-1] != 3:
            raise ValueError("RandomColour wants an RGB image; leave it out of a pipeline of gray ones")
        stronger, turn = rng.uniform(-1, 1, 2) * (self.saturation, self.hue)
        hsv = cv2.cvtColor(image.reshape(-1, *image.shape[2:]), cv2.COLOR_RGB2HSV)
        levels = np.arange(256)
        hsv[..., 0] = ((levels + round(180 * turn)) % 180).astype(np.uint8)[hsv[..., 0]]
        hsv[..., 1] = np.clip(levels * (1 + stronger), 0, 255).astype(np.uint8)[hsv[..., 1]]
        results["image"] = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB).reshape(image.shape)
        return results
