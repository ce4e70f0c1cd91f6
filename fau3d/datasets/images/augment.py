"""Augmentation of images: mapped, lighter and darker; `MirrorFace` mirrors them."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.datasets.transforms.affine import RandomAffine
from fau3d.datasets.transforms.drawing import check_probability, generator_of
from fau3d.registry import TRANSFORMS

_BORDERS = {"black": cv2.BORDER_CONSTANT, "reflect": cv2.BORDER_REFLECT_101}


@TRANSFORMS.register_module()
class RandomImageAffine(BaseTransform):
    """Turn, scale, stretch, shear and shift an image about its middle.

    Args:
        rotate, scale, aspect, shear, shift, prob: See `RandomAffine`, which draws the map.
        border: What comes in at the edges: `reflect` or `black`.

    Raises:
        ValueError: If the border is unknown, or an argument is none of `RandomAffine`.
    """

    def __init__(
        self,
        rotate: float = 10.0,
        scale: tuple[float, float] = (0.95, 1.05),
        aspect: float = 0.0,
        shear: float = 0.0,
        shift: float = 0.05,
        prob: float = 1.0,
        border: str = "reflect",
    ) -> None:
        if border not in _BORDERS:
            raise ValueError(f"border is {border!r}; known: {', '.join(map(repr, _BORDERS))}")
        self.map = RandomAffine(rotate, scale, aspect, shear, shift, prob)
        self.border = _BORDERS[border]

    def transform(self, results: dict) -> dict:
        """Map `image` (T, H, W, C)."""
        rng = generator_of(results)
        if rng.random() >= self.map.prob:
            return results
        image = results["image"]
        height, width = image.shape[1:3]
        matrix, shift = self.map.draw(rng)
        middle = np.array([(width - 1) / 2, (height - 1) / 2])
        offset = middle - matrix @ middle + shift * (width, height)
        forward = np.concatenate([matrix, offset[:, None]], axis=1).astype(np.float64)
        mapped = [cv2.warpAffine(frame, forward, (width, height), borderMode=self.border) for frame in image]
        results["image"] = np.stack(mapped).reshape(image.shape)
        return results


@TRANSFORMS.register_module()
class RandomBrightness(BaseTransform):
    """Make an image lighter or darker, and its contrast stronger or weaker.

    Args:
        brightness: Largest shift either way, as a share of the range.
        contrast: Largest change of the contrast either way, as a share; about the middle of the range.
        prob: Chance that an image is changed.

    Raises:
        ValueError: If `prob` is no probability, or `contrast` is not in [0, 1).
    """

    def __init__(self, brightness: float = 0.15, contrast: float = 0.2, prob: float = 1.0) -> None:
        if not 0 <= contrast < 1:
            raise ValueError(f"contrast is {contrast}; wanted at least 0 and below 1")
        self.brightness, self.contrast, self.prob = brightness, contrast, check_probability("prob", prob)

    def transform(self, results: dict) -> dict:
        """Change `image` (T, H, W, C), uint8."""
        rng = generator_of(results)
        if rng.random() < self.prob:
            shift, steepness = rng.uniform(-1, 1, 2) * (self.brightness, self.contrast)
            levels = (np.arange(256) - 127.5) * (1 + steepness) + 127.5 + 255 * shift
            # One table of 256 levels, however large the image.
            results["image"] = np.rint(levels.clip(0, 255)).astype(np.uint8)[results["image"]]
        return results
