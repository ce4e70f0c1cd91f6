"""From the names that released image backbones use for their weights to those of `transformers`."""

import re
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

Rules = Iterable[tuple[str, str]]

# torchvision's ResNet.
RESNET: Rules = (
    (r"^conv1\.", "embedder.embedder.convolution."),
    (r"^bn1\.", "embedder.embedder.normalization."),
    (r"^layer(\d)\.(\d+)\.conv(\d)\.", r"encoder.stages.<\1>.layers.\2.layer.<\3>.convolution."),
    (r"^layer(\d)\.(\d+)\.bn(\d)\.", r"encoder.stages.<\1>.layers.\2.layer.<\3>.normalization."),
    (r"^layer(\d)\.(\d+)\.downsample\.0\.", r"encoder.stages.<\1>.layers.\2.shortcut.convolution."),
    (r"^layer(\d)\.(\d+)\.downsample\.1\.", r"encoder.stages.<\1>.layers.\2.shortcut.normalization."),
)
# What transformers' blocks share, whatever comes before.
_BLOCK: tuple[tuple[str, str], ...] = (
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
    (r"\.attn\.(qkv|[qkv]_proj)\.", r".attention.\1."),
    (r"\.attn\.proj\.", ".attention.o_proj."),
)
# The authors' Swin transformer.
SWIN: Rules = (
    (r"^patch_embed\.proj\.", "embeddings.patch_embeddings.projection."),
    (r"^patch_embed\.norm\.", "embeddings.norm."),
    (r"^norm\.", "layernorm."),
    (r"^layers\.", "encoder.layers."),
    (
        r"\.attn\.relative_position_bias_table",
        ".attention.relative_position_bias.relative_position_bias_table",
    ),
    *_BLOCK,
)
# Follow from the shape of the network.
SWIN_BUILT_IN = r"(relative_position_index|attn_mask)$"
# timm's ViT; its last norm stands before pooling or after it.
VIT: Rules = (
    (r"^cls_token$", "network.embeddings.cls_token"),
    (r"^pos_embed$", "network.embeddings.position_embeddings"),
    (r"^patch_embed\.proj\.", "network.embeddings.patch_embeddings.projection."),
    (r"^blocks\.", "network.layers."),
    (r"^(fc_norm|norm)\.", "norm."),
    *_BLOCK,
)


def strip_wrapper(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Take off the `module.` that a parallel wrapper puts before every name."""
    if state and all(name.startswith("module.") for name in state):
        return {name.removeprefix("module."): value for name, value in state.items()}
    return dict(state)


def rename(state: Mapping[str, Tensor], rules: Rules) -> dict[str, Tensor]:
    """Apply each rule to each name in turn; `<n>` in a replacement counts from 0 instead of 1.

    Args:
        state: Weights by name.
        rules: Pairs of pattern and replacement.

    Returns:
        Weights by new name.
    """
    renamed = {}
    for name, value in state.items():
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        renamed[re.sub(r"<(\d+)>", lambda found: str(int(found[1]) - 1), name)] = value
    return renamed


def split_qkv(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Cut weights and biases of joined queries, keys and values into three."""
    cut = {}
    for name, value in state.items():
        if ".qkv." not in name:
            cut[name] = value
            continue
        for letter, part in zip("qkv", value.chunk(3)):
            cut[name.replace(".qkv.", f".{letter}_proj.")] = part.clone()
    return cut


def stack_units(state: Mapping[str, Tensor], pattern: str, replacement: str) -> dict[str, Tensor]:
    """Lay the weights of one layer for each unit one below the other, in the units' order.

    Args:
        state: Weights by name.
        pattern: Matches the layers' names; its first group is the unit's number.
        replacement: Of the joined layer.

    Returns:
        Weights by name; counts of batches are the first unit's.
    """
    joined: dict[str, dict[int, Tensor]] = {}
    rest = {}
    for name, value in state.items():
        found = re.search(pattern, name)
        if found is None:
            rest[name] = value
        else:
            joined.setdefault(re.sub(pattern, replacement, name), {})[int(found[1])] = value
    for name, parts in joined.items():
        ordered = [parts[unit] for unit in sorted(parts)]
        rest[name] = torch.cat(ordered) if ordered[0].ndim else ordered[0]
    return rest
