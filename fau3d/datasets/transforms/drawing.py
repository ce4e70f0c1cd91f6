"""What random transforms share: their generator and the checks of what they are given."""

import numpy as np
import torch


def generator_of(results: dict) -> np.random.Generator:
    """Give the sample's generator; one seeded by torch's where the dataset put none in.

    Args:
        results: What the pipeline passes on; gets the key `rng`.

    Returns:
        The generator.
    """
    if "rng" not in results:
        results["rng"] = np.random.default_rng(int(torch.randint(2**62, ())))
    return results["rng"]


def check_probability(name: str, value: float) -> float:
    """Give the value back, or say that it is no probability.

    Raises:
        ValueError: If it is not in [0, 1].
    """
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value}; wanted a probability, 0 to 1")
    return value


def require_unit(results: dict, transform: str) -> None:
    """Say that a transform comes too early, where keypoints are not in the unit square of the crop.

    Raises:
        ValueError: If they are still pixels, or the clip is a volume.
    """
    require_keypoints(results, transform)
    if results.get("space") != "unit":
        raise ValueError(
            f"{results.get('frame_dir')}: {transform} works in the crop's unit square, but keypoints are "
            "still in pixels; put FaceCrop before it"
        )


def require_keypoints(results: dict, transform: str) -> None:
    """Say that a transform moves keypoints, where the clip is a volume that was drawn before.

    Raises:
        ValueError: If the clip holds a heatmap volume.
    """
    if "heatmap" in results:
        raise ValueError(
            f"{results.get('frame_dir')}: {transform} moves keypoints, which does not move a volume from "
            "disk; take it out of the pipeline, or leave with_heatmap out of the dataset"
        )
