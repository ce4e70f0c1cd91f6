"""Checkpoints of plain values: what torch's safe loader reads without being told to trust anything."""

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.logging import HistoryBuffer

_BUFFER = "__history_buffer__"


def to_plain(value: Any) -> Any:
    """Turn a tree into one of plain Python values and tensors.

    mmengine's checkpoints hold log histories as objects, which a safe loader rightly refuses: they become
    tagged dicts of tensors, which `from_plain` turns back. NumPy arrays and scalars become tensors and Python
    numbers.

    Args:
        value: Any tree of mappings, sequences, tensors, arrays, numbers, strings and history buffers.

    Returns:
        The same tree; an `OrderedDict` stays one with its attributes, so that `state_dict` metadata survives.

    Raises:
        TypeError: If the tree holds anything else, naming its type.
    """
    if value is None or isinstance(value, (bool, str, bytes, torch.dtype, torch.Size, torch.device)):
        return value
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, HistoryBuffer):
        log, count = value.data
        return {
            _BUFFER: True,
            "log": torch.as_tensor(np.asarray(log, np.float64)),
            "count": torch.as_tensor(np.asarray(count, np.float64)),
            "max_length": int(value.max_length),
        }
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, (int, float)):
        return value + 0
    if isinstance(value, np.ndarray):
        return torch.as_tensor(value) if value.dtype.kind in "biuf" else to_plain(value.tolist())
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, OrderedDict):
        ordered = OrderedDict((to_plain(key), to_plain(item)) for key, item in value.items())
        vars(ordered).update(vars(value))
        return ordered
    if isinstance(value, Mapping):
        return {to_plain(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(to_plain(item) for item in value)
    if isinstance(value, (set, frozenset)):
        return {to_plain(item) for item in value}
    if hasattr(value, "__iter__"):
        return [to_plain(item) for item in value]
    raise TypeError(
        f"a checkpoint shall hold plain values and tensors only, but got {type(value)}: {value!r:.80}"
    )


def from_plain(value: Any) -> Any:
    """Turn the tagged dicts of `to_plain` back into mmengine's history buffers; leave all else as it is."""
    if isinstance(value, OrderedDict):
        ordered = OrderedDict((key, from_plain(item)) for key, item in value.items())
        vars(ordered).update(vars(value))
        return ordered
    if isinstance(value, dict):
        if value.get(_BUFFER) is True:
            return HistoryBuffer(value["log"].tolist(), value["count"].tolist(), value["max_length"])
        return {key: from_plain(item) for key, item in value.items()}
    return value
