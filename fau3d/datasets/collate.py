"""Put items together into a batch."""

from collections.abc import Sequence
from typing import Any

import torch
from torch.utils.data import default_collate

from fau3d.registry import FUNCTIONS


@FUNCTIONS.register_module()
def face_collate(batch: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Stack the inputs of a batch and keep its data samples as a list.

    In a worker the tensors are stacked straight into shared memory, so that no copy follows.

    Args:
        batch: Items of `PackFaceInputs`.

    Returns:
        `inputs`: each tensor with a batch axis in front, such as `keypoint` (B, M, T, V, 2); `data_samples`:
        list.

    Raises:
        ValueError: If the items' tensors differ in shape.
    """
    inputs: dict[str, torch.Tensor] = {}
    for key in batch[0]["inputs"]:
        tensors = [item["inputs"][key] for item in batch]
        if any(tensor.shape != tensors[0].shape for tensor in tensors):
            shapes = {
                item["data_samples"].get("frame_dir"): tuple(item["inputs"][key].shape) for item in batch
            }
            raise ValueError(
                f"{key} differs in shape within one batch: {shapes}; clips need one length and point set"
            )
        inputs[key] = default_collate(tensors)
    return {"inputs": inputs, "data_samples": [item["data_samples"] for item in batch]}
