"""Starting from weights of a head with other action units: what the two sets share is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from fau3d.engine.checkpoint import OF_NO_LAYER


def carry_over_units(
    checkpoint: Mapping[str, Any], model: torch.nn.Module, found: Sequence[str], wanted: Sequence[str]
) -> tuple[dict[str, Any], str]:
    """Fit a checkpoint for some action units to a model for others.

    Layers that answer the units have one row for each: rows of shared units are taken over by the units'
    names, those of new ones stay as the model starts them. All else is taken as it is.

    Args:
        checkpoint: A dict with `state_dict`, or of weights alone.
        model: What the weights are for; its weights are what new units start from.
        found: Units of the checkpoint, in row order.
        wanted: Units of the model, in row order.

    Returns:
        A checkpoint whose weights fit the model's head, without the thresholds and what came with them, and a
        sentence for the log.
    """
    nested = "state_dict" in checkpoint
    state: dict[str, Tensor] = dict(checkpoint["state_dict"] if nested else checkpoint)
    pairs = [(wanted.index(name), found.index(name)) for name in wanted if name in found]
    rows = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2)
    own, answering = model.state_dict(), []
    for key, value in list(state.items()):
        name = key.removeprefix("module.")
        if name.startswith(OF_NO_LAYER):
            del state[key]
            continue
        start = own.get(name) if name.startswith("head.") else None
        if start is None or not _has_rows(value, start, len(found), len(wanted)):
            continue
        fitted = start.detach().cpu().clone()
        fitted[rows[:, 0]] = value[rows[:, 1]].to(fitted)
        state[key] = fitted
        answering.append(name.rpartition(".")[0])
    shared, new = [w for w in wanted if w in found], [w for w in wanted if w not in found]
    told = (
        f"the checkpoint answers {len(found)} units, the model {len(wanted)}: "
        f"{', '.join(dict.fromkeys(answering)) or 'no layer'} takes over {', '.join(shared) or 'none'}; "
        f"new, from the start: {', '.join(new) or 'none'}"
    )
    if not nested:
        return state, told
    meta = dict(checkpoint.get("meta") or {})
    meta.pop("thresholds_split", None)
    return {**checkpoint, "state_dict": state, "meta": meta}, told


def _has_rows(value: Tensor, start: Tensor, found: int, wanted: int) -> bool:
    """Whether a weight has one row for each unit, in the checkpoint as in the model."""
    return (
        value.ndim > 0 and (len(value), len(start)) == (found, wanted) and value.shape[1:] == start.shape[1:]
    )
