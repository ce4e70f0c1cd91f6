"""Weights that follow from their names, so that networks can be compared without their files."""

import json
import zlib
from pathlib import Path

import numpy as np
import torch

BUILT_IN = ("relative_position_index", "attn_mask")


def formula_weight(name, shape):
    """Give the weight of one name, float32."""
    draw = np.random.RandomState(zlib.crc32(name.encode())).standard_normal(shape).astype(np.float32)
    last = name.rpartition(".")[2]
    if last == "running_var":
        draw = 1 + 0.1 * np.abs(draw)
    elif last == "running_mean":
        draw = 0.05 * draw
    elif last == "bias":
        draw = 0.02 * draw
    elif len(shape) == 1:
        draw = 1 + 0.1 * draw
    elif last not in ("main_sc", "sub_sc", "sc"):
        draw = draw * np.sqrt(2 / max(1, np.prod(shape[1:])))
    return torch.from_numpy(np.asarray(draw, np.float32))


def formula_state(shapes, prefix=""):
    """Give a state dict of names to shapes, whole numbers 0."""
    state = {}
    for name, shape in shapes.items():
        if name.endswith("num_batches_tracked"):
            state[prefix + name] = torch.zeros((), dtype=torch.int64)
        elif name.endswith(BUILT_IN):
            state[prefix + name] = torch.zeros(tuple(shape))
        else:
            state[prefix + name] = formula_weight(name, tuple(shape))
    return state


def reference(folder: Path, name: str):
    """Give a released network's state dict as its file has it, its input and its answers."""
    shapes = json.loads((folder / f"{name}.json").read_text())
    images = np.random.RandomState(0).standard_normal((2, 3, 224, 224)).astype(np.float32)
    return formula_state(shapes, "module."), torch.from_numpy(images), np.load(folder / f"{name}.npy")
