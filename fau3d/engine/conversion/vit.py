"""Weights of vision transformers in timm's form: FMAE, MAE-Face, masked autoencoders."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fau3d.engine.checkpoint import CheckpointError, write_checkpoint
from fau3d.engine.conversion.names import VIT, rename, split_qkv, strip_wrapper
from fau3d.engine.conversion.writing import fit_weights, read_weights, write_image_model
from fau3d.facs import get_au_set
from fau3d.registry import MODELS

_SIZES = {(384, 12): "small", (768, 12): "base", (1024, 24): "large", (24, 2): "nano"}
# Of pre-training: what paints the hidden patches is not wanted any more.
_PAINTER = ("decoder", "mask_token")
# Tells subjects apart in identity-adversarial training, and answers nothing.
_SUBJECTS = "ID_head."


def convert_vit_weights(
    checkpoint: str | Path,
    output: str | Path,
    *,
    source: str,
    licence: str,
    au_set: str | Sequence[str] | None = None,
) -> dict:
    """Convert weights of a vision transformer.

    Fine-tuned ones, with a head, become a self-contained checkpoint; pre-trained ones, without, become
    weights to start from (`load_from`, with any head).

    Args:
        checkpoint: A file with `model` or `state_dict`.
        output: The file to write, atomically.
        source: Where the weights come from, for the file's metainfo.
        licence: What is to be known of it, for the same.
        au_set: Units in the order of the answers; needed where there is a head.

    Returns:
        The `meta` of the file; with `format` where it is self-contained.

    Raises:
        CheckpointError: If the weights are not those of such a network, or the units are not named.
    """
    state = strip_wrapper(read_weights(checkpoint, ("model", "state_dict")))
    if "pos_embed" not in state or "patch_embed.proj.weight" not in state:
        raise CheckpointError(
            f"{checkpoint}: has no pos_embed or patch_embed, so it is no vision transformer in timm's form"
        )
    head = {k: state.pop(k) for k in list(state) if k.startswith(("head.", "AU_head."))}
    left_out = [k for k in state if k.startswith((*_PAINTER, _SUBJECTS))]
    state = {k: v for k, v in state.items() if k not in left_out}
    backbone, side = _shape(state, checkpoint)
    body = {f"backbone.{k}": v for k, v in split_qkv(rename(state, VIT)).items()}
    told = {"source": source, "licence": licence, "left_out": _told(left_out)}
    if not head:
        return _write_start(body, backbone, checkpoint, output, told)

    units = _au_names(au_set, head, checkpoint)
    model: dict[str, Any] = {
        "type": "AURecognizer",
        "backbone": backbone,
        "head": {
            "type": "ImageAUHead",
            "in_channels": state["pos_embed"].shape[2],
            "au_set": units if isinstance(units, str) else list(units),
            "bias": any(k.endswith(".bias") for k in head),
            "intensity": False,
            "loss_occurrence": {"type": "MaskedBCELoss"},
        },
    }
    answering = rename(head, [(r"^(AU_)?head\.", "head.occurrence.")])
    return write_image_model(body | answering, model, checkpoint, output, told, side)


def _told(left_out: Sequence[str]) -> str:
    kinds = sorted({"decoder" if name.startswith(_PAINTER) else "subject classifier" for name in left_out})
    return ", ".join(kinds) or "nothing"


def _write_start(
    body: Mapping[str, Tensor],
    backbone: dict[str, Any],
    checkpoint: str | Path,
    output: str | Path,
    told: Mapping[str, str],
) -> dict:
    """Write weights for `load_from`, after making sure that they are the backbone's."""
    network = torch.nn.Module()
    network.backbone = MODELS.build(backbone)
    weights = fit_weights(body, network, checkpoint)
    meta = {**told, "backbone": backbone}
    write_checkpoint({"state_dict": weights, "meta": meta}, output)
    return meta


def _shape(state: Mapping[str, Tensor], path: str | Path) -> tuple[dict[str, Any], int]:
    """Give the backbone's config and the side of its images in pixels."""
    width, patch = state["pos_embed"].shape[2], state["patch_embed.proj.weight"].shape[3]
    layers = len({name.split(".")[1] for name in state if name.startswith("blocks.")})
    if (width, layers) not in _SIZES:
        raise CheckpointError(
            f"{path}: a ViT of width {width} and {layers} layers is not known; known: "
            + ", ".join(f"{size} ({w}, {n})" for (w, n), size in _SIZES.items())
        )
    side = round((state["pos_embed"].shape[1] - 1) ** 0.5) * patch
    # A norm of its own after pooling stands for the mean, its absence for the class token; weights of
    # pre-training have the latter's name and are made for the former.
    pretrained = not any(name.startswith("fc_norm.") for name in state)
    config = {
        "type": "ViTFeatures",
        "size": _SIZES[width, layers],
        "pool": "token" if pretrained else "mean",
        "image_size": side,
        "patch_size": patch,
    }
    return config, side


def _au_names(
    au_set: str | Sequence[str] | None, head: Mapping[str, Tensor], path: str | Path
) -> str | tuple[str, ...]:
    rows = len(next(v for k, v in head.items() if k.endswith(".weight")))
    found = 0 if au_set is None else len(get_au_set(au_set))
    if au_set is None or found != rows:
        raise CheckpointError(
            f"{path}: answers {rows} units, but {found} are named; name them in the order of its answers"
        )
    return au_set if isinstance(au_set, str) else get_au_set(au_set)
