"""Weights that other projects released, used as they were downloaded."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fau3d.engine.checkpoint import load_exported
from fau3d.engine.conversion import convert_graph_weights, convert_vit_weights

RELEASED = ("opengraphau", "megraphau", "mae-vit")
"""Projects whose files are known; FMAE and MAE-Face are of the form `mae-vit`."""


def load_released(
    name: str, checkpoint: str | Path, au_set: str | Sequence[str] | None = None
) -> dict[str, Any]:
    """Read a released file as if it had been converted before.

    Args:
        name: One of `RELEASED`, or with the backbone behind it (`opengraphau-resnet50`), which is checked.
        checkpoint: The file.
        au_set: Units in the order of the answers, where the file does not tell them.

    Returns:
        What `load_exported` gives.

    Raises:
        ValueError: If the name is unknown, the file is of another backbone, or its units are not known.
        CheckpointError: If the weights are not those of such a network.
        FileNotFoundError: If there is no such file.
    """
    kind = next((known for known in RELEASED if name == known or name.startswith(known + "-")), None)
    if kind is None:
        raise ValueError(
            f"unknown model {name!r}; known: {', '.join(RELEASED)}, each also with its backbone, such as "
            "opengraphau-resnet50 or megraphau-swin-base"
        )
    path = Path(checkpoint)
    if not path.is_file():
        raise FileNotFoundError(
            f"{path}: no such file; released weights are downloaded from the project that made them "
            "(docs/image_models.md)"
        )
    with TemporaryDirectory() as folder:
        output = Path(folder) / path.with_suffix(".pth").name
        if kind == "mae-vit":
            if au_set is None:
                raise ValueError(f"{path}: does not tell its units; name them with --au-set, such as bp4d")
            convert_vit_weights(path, output, source=path.name, licence="", au_set=au_set)
        else:
            # OpenGraphAU's released networks answer L12 and R12 from AU11's node.
            shared = {"AU12": "AU11"} if kind == "opengraphau" else None
            convert_graph_weights(
                path, output, source=path.name, licence="", au_set=au_set, shared_nodes=shared
            )
        exported = load_exported(output)
    found = _backbone_name(exported["meta"]["model"]["backbone"])
    wanted = name.removeprefix(kind).removeprefix("-")
    if wanted and wanted != found:
        raise ValueError(f"{path}: its backbone is {found}, not {wanted}; name it {kind}-{found}, or {kind}")
    return exported


def _backbone_name(backbone: dict[str, Any]) -> str:
    kind = str(backbone["type"]).rpartition(".")[-1].removesuffix("Features").lower()
    which = str(backbone.get("depth", backbone.get("size", "")))
    return f"{kind}{which}" if which.isdecimal() else f"{kind}-{which}".rstrip("-")
