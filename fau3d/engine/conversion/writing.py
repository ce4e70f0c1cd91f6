"""From renamed weights to a self-contained checkpoint, once every weight has found its place."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Tensor

from fau3d.engine.checkpoint import (
    OF_NO_LAYER,
    CheckpointError,
    export_checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from fau3d.registry import MODELS

IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_STD = (58.395, 57.12, 57.375)
_SHOWN = 6


def read_weights(path: str | Path, keys: Sequence[str] = ("state_dict", "model")) -> dict[str, Tensor]:
    """Read the weights of a released checkpoint.

    Args:
        path: The file: weights by name, or a dict that holds them under one of the keys.
        keys: Names that other programs use for them.

    Returns:
        Weights by name.

    Raises:
        CheckpointError: If it cannot be read or holds no weights.
    """
    content = read_checkpoint(path)
    if isinstance(content, dict):
        for key in keys:
            if isinstance(content.get(key), dict):
                content = content[key]
                break
        weights = {str(k): v for k, v in content.items() if isinstance(v, Tensor)}
        if weights:
            return weights
    raise CheckpointError(f"{path}: holds no weights, nor any under {', '.join(keys)}")


def fit_weights(state: Mapping[str, Tensor], model: torch.nn.Module, path: str | Path) -> dict[str, Tensor]:
    """Make sure that weights are those of a model, each of them and no other.

    Args:
        state: Weights under the model's names.
        model: What they are for; thresholds and the like, which no released weights have, are its own.
        path: Of the checkpoint, for the message.

    Returns:
        The model's whole state.

    Raises:
        CheckpointError: If one is missing, left over, or of another shape; the message lists them.
    """
    wanted = model.state_dict()
    own = {name for name in wanted if name.startswith(OF_NO_LAYER)}
    missing = [name for name in wanted if name not in state and name not in own]
    over = [name for name in state if name not in wanted or name in own]
    shaped = [
        f"{name} has {tuple(state[name].shape)}, wanted {tuple(value.shape)}"
        for name, value in wanted.items()
        if name in state and state[name].shape != value.shape
    ]
    faults = [
        f"{len(names)} {what}: {', '.join(names[:_SHOWN])}{', …' if len(names) > _SHOWN else ''}"
        for what, names in (("missing", missing), ("left over", over), ("of another shape", shaped))
        if names
    ]
    if faults:
        raise CheckpointError(
            f"{path}: does not fit the network that its names speak of; {'; '.join(faults)}"
        )
    return {name: state[name].to(value.dtype) if name not in own else value for name, value in wanted.items()}


def write_image_model(
    state: Mapping[str, Tensor],
    model_config: dict[str, Any],
    source: str | Path,
    output: str | Path,
    metainfo: Mapping[str, Any],
    size: int,
    resized: int | None = None,
) -> dict:
    """Write a self-contained checkpoint of a model that reads images.

    How the released networks' training faces were cut is not known in numbers: faces are cut as `CropFace`
    does by default.

    Args:
        state: Weights under fau3d's names.
        model_config: Of the recognizer, without its data preprocessor: all these networks read RGB images
            standardised as ImageNet's are.
        source: The checkpoint that they came from, for messages.
        output: The file to write, atomically.
        metainfo: Source, licence and what else is to be known.
        size: Side of the images in pixels.
        resized: Side that a face crop is brought to before its middle of `size` pixels is taken; None = the
            whole crop is brought to `size`.

    Returns:
        The `meta` of the file; its pipeline says how faces are cut out of pictures.

    Raises:
        CheckpointError: If the weights do not fit the model.
    """
    preprocessor = {"type": "ImagePreprocessor", "mean": list(IMAGENET_MEAN), "std": list(IMAGENET_STD)}
    whole_config = {**model_config, "data_preprocessor": preprocessor}
    model = MODELS.build(whole_config)
    weights = fit_weights(state, model, source)
    pipeline: list[dict[str, Any]] = [
        {"type": "LoadFaceImage", "color": "rgb"},
        {"type": "CropFace", "size": resized or size},
    ]
    if resized is not None:
        pipeline.append({"type": "CropMiddle", "size": size})
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "weights.pth"
        write_checkpoint({"state_dict": weights, "meta": {}}, whole)
        return export_checkpoint(
            whole,
            output,
            model=whole_config,
            test_pipeline=[*pipeline, {"type": "PackFaceInputs"}],
            clip={"length": 1, "mode": "window"},
            topology=None,
            au_names=model.au_names,
            label_type="occurrence",
            metainfo=dict(metainfo),
        )
