"""Weights of the AU relation graphs: ME-GraphAU (12 or 8 units) and OpenGraphAU (27 and 14 one-sided)."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fau3d.engine.checkpoint import CheckpointError
from fau3d.engine.conversion.names import (
    RESNET,
    SWIN,
    SWIN_BUILT_IN,
    rename,
    split_qkv,
    stack_units,
    strip_wrapper,
)
from fau3d.engine.conversion.writing import read_weights, write_image_model
from fau3d.facs import get_au_set

# Blocks of the third stage and kind of block tell a ResNet's depth; width and blocks tell a Swin's size.
_DEPTHS = {(2, "basic"): 18, (6, "basic"): 34, (6, "bottleneck"): 50, (23, "bottleneck"): 101}
_SIZES = {(96, 6): "tiny", (96, 18): "small", (128, 18): "base", (24, 1): "nano"}
# Rows of the answer to the set that is meant, where the caller does not say.
_SETS = {41: "opengraphau41", 12: "bp4d", 8: "disfa8"}

_HEAD = (
    (r"^global_linear\.fc\.", "head.shared.linear."),
    (r"^global_linear\.bn\.", "head.shared.norm."),
    (r"^head\.units\.block\.fc\.", "head.units.block.linear."),
    (r"^head\.units\.block\.bn\.", "head.units.block.norm."),
    # Stage 1.
    (r"^head\.gnn\.U\.", "head.graph.own."),
    (r"^head\.gnn\.V\.", "head.graph.others."),
    (r"^head\.gnn\.bnv\.", "head.graph.norm."),
    # Stage 2; ME-GraphAU numbers the layers of a kind from 1.
    (r"^head\.edge_extractor\.FAM\.linear_q\.", "head.edges.face.query."),
    (r"^head\.edge_extractor\.FAM\.linear_k\.", "head.edges.face.key."),
    (r"^head\.edge_extractor\.FAM\.linear_v\.", "head.edges.face.value."),
    (r"^head\.edge_extractor\.ARM\.linear_q\.", "head.edges.pair.query."),
    (r"^head\.edge_extractor\.ARM\.linear_k\.", "head.edges.pair.key."),
    (r"^head\.edge_extractor\.ARM\.linear_v\.", "head.edges.pair.value."),
    (r"^head\.edge_extractor\.edge_proj\.", "head.edges.project."),
    (r"^head\.edge_extractor\.bn\.", "head.edges.norm."),
    (r"^head\.gnn\.(U|V|A|B|E|bnv|bne)(\d)\.", r"head.gnn.graph_layers.<\2>.\1."),
    (r"^head\.gnn\.graph_layers\.(<?\d+>?)\.U\.", r"head.graph.layers.\1.own."),
    (r"^head\.gnn\.graph_layers\.(<?\d+>?)\.V\.", r"head.graph.layers.\1.others."),
    (r"^head\.gnn\.graph_layers\.(<?\d+>?)\.A\.", r"head.graph.layers.\1.from_end."),
    (r"^head\.gnn\.graph_layers\.(<?\d+>?)\.B\.", r"head.graph.layers.\1.from_start."),
    (r"^head\.gnn\.graph_layers\.(<?\d+>?)\.E\.", r"head.graph.layers.\1.from_edge."),
    (r"^head\.gnn\.graph_layers\.(<?\d+>?)\.bnv\.", r"head.graph.layers.\1.node_norm."),
    (r"^head\.gnn\.graph_layers\.(<?\d+>?)\.bne\.", r"head.graph.layers.\1.edge_norm."),
    (r"^head\.edge_fc\.", "head.relation."),
)


def convert_graph_weights(
    checkpoint: str | Path,
    output: str | Path,
    *,
    source: str,
    licence: str,
    au_set: str | Sequence[str] | None = None,
    shared_nodes: Mapping[str, str] | None = None,
    rectify: str = "update",
) -> dict:
    """Write a self-contained checkpoint of released weights of an AU relation graph.

    The names say which stage and which backbone it is.

    Args:
        checkpoint: A file with `state_dict`.
        output: The file to write, atomically.
        source: Where the weights come from, for the file's metainfo.
        licence: What is to be known of it, for the same.
        au_set: Units in the order of the answers; by default that of 41, 12 or 8 answers.
        shared_nodes: See `GraphAUHead`.
        rectify: See `GatedGraph`.

    Returns:
        The `meta` of the file.

    Raises:
        CheckpointError: If the weights are not those of such a network; the message lists what is missing or
            left over.
    """
    state = _joined_vectors(strip_wrapper(read_weights(checkpoint)), checkpoint)
    backbone, width, rules = _backbone(state, checkpoint)
    units = _au_names(au_set, len(state["head.vectors"]), checkpoint)
    state = stack_units(state, r"^head\.(?:main_)?class_linears\.(\d+)\.", "head.units.block.")
    own = {k.removeprefix("backbone."): v for k, v in state.items() if k.startswith("backbone.")}
    own = {k: v for k, v in own.items() if not re.search(SWIN_BUILT_IN, k)}
    head = rename({k: v for k, v in state.items() if not k.startswith("backbone.")}, _HEAD)
    renamed = {f"backbone.network.{k}": v for k, v in split_qkv(rename(own, rules)).items()} | head

    stage = 2 if any(name.startswith("head.edges.") for name in head) else 1
    described: dict[str, Any] = {
        "type": "GraphAUHead",
        "in_channels": width,
        "channels": state["head.vectors"].shape[1],
        "au_set": units if isinstance(units, str) else list(units),
        "stage": stage,
        "intensity": False,
        "loss_occurrence": {"type": "WeightedAsymmetricLoss"},
    }
    if shared_nodes:
        described["shared_nodes"] = dict(shared_nodes)
    if stage == 2:
        described["rectify"] = rectify
    if "head.relation.weight" in head:
        described["loss_relation"] = {"type": "UnitPairLoss"}
    model: dict[str, Any] = {"type": "AURecognizer", "backbone": backbone, "head": described}
    told = {"source": source, "licence": licence, "shared_nodes": _told(shared_nodes, units)}
    return write_image_model(renamed, model, checkpoint, output, told, size=224, resized=256)


def _told(shared_nodes: Mapping[str, str] | None, units: str | Sequence[str]) -> str:
    """Say in words which node the one-sided units use."""
    names = get_au_set(units)
    parts = []
    for unit, other in (shared_nodes or {}).items():
        place = names.index(other)
        parts.append(f"{unit}_L and {unit}_R use the node of {other} (index {place}), not that of {unit}")
    return "; ".join(parts) or "each one-sided unit uses the node of its two-sided unit"


def _joined_vectors(state: dict[str, Tensor], path: str | Path) -> dict[str, Tensor]:
    """Put the units' vectors, and those of one-sided units after them, into one."""
    parts = [state.pop(f"head.{name}") for name in ("sc", "main_sc", "sub_sc") if f"head.{name}" in state]
    if not parts:
        raise CheckpointError(
            f"{path}: has no head.sc or head.main_sc, so it is no AU relation graph; wanted weights of "
            "ME-GraphAU or OpenGraphAU"
        )
    return {**state, "head.vectors": torch.cat(parts)}


def _au_names(au_set: str | Sequence[str] | None, rows: int, path: str | Path) -> str | tuple[str, ...]:
    if au_set is None:
        if rows not in _SETS:
            raise CheckpointError(f"{path}: answers {rows} units, and which is not known; name them")
        return _SETS[rows]
    if len(get_au_set(au_set)) != rows:
        raise CheckpointError(f"{path}: answers {rows} units, but {len(get_au_set(au_set))} are named")
    return au_set if isinstance(au_set, str) else get_au_set(au_set)


def _backbone(state: Mapping[str, Tensor], path: str | Path) -> tuple[dict[str, Any], int, Any]:
    """Give the backbone's config, its channels, and the rules for its names."""
    width = state["global_linear.fc.weight"].shape[1] if "global_linear.fc.weight" in state else 0
    if "backbone.conv1.weight" in state:
        blocks = _count(state, r"^backbone\.layer3\.(\d+)\.")
        kind = "bottleneck" if "backbone.layer1.0.conv3.weight" in state else "basic"
        if (blocks, kind) in _DEPTHS:
            config: dict[str, Any] = {"type": "ResNetFeatures", "depth": _DEPTHS[blocks, kind]}
            channels = state["backbone.conv1.weight"].shape[0]
            if channels != 64:
                config["width"] = channels / 64
            return config, width, RESNET
    elif "backbone.patch_embed.proj.weight" in state:
        channels = state["backbone.patch_embed.proj.weight"].shape[0]
        size = _SIZES.get((channels, _count(state, r"^backbone\.layers\.2\.blocks\.(\d+)\.")))
        if size is not None:
            config = {"type": "SwinFeatures", "size": size}
            table = "backbone.layers.0.blocks.0.attn.relative_position_bias_table"
            if table in state:
                window = (int(state[table].shape[0] ** 0.5) + 1) // 2
                if window != 7:
                    config["window"] = window
            return config, width, SWIN
    raise CheckpointError(
        f"{path}: its backbone is none that is known (ResNet-18, -34, -50, -101, Swin-T, -S, -B); found "
        f"{', '.join(sorted(state)[:3])}, …"
    )


def _count(state: Mapping[str, Tensor], pattern: str) -> int:
    return len({found[1] for name in state if (found := re.search(pattern, name))})
