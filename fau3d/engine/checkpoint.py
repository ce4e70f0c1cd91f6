"""Checkpoints: safe reading, whole writing, finding the one to resume from, and the self-contained export."""

import pickle
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.logging import print_log

from fau3d.engine.foreign_checkpoint import read_foreign_checkpoint
from fau3d.engine.plain_values import from_plain, to_plain
from fau3d.io.atomic import atomic_path

EXPORT_FORMAT = "fau3d-recognizer-1"
# What torch raises for files that are not whole.
_DAMAGE = (
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    zipfile.BadZipFile,
)
_TRUSTED_SCOPES = ("fau3d.", "mmaction.", "mmengine.")


class CheckpointError(RuntimeError):
    """A checkpoint cannot be read or does not fit; the message names the file and the way out."""


def read_checkpoint(path: str | Path, map_location: Any = "cpu") -> Any:
    """Read a checkpoint without running code that it may hold.

    torch's own safe loader (`weights_only=True`) comes first; what it refuses goes through
    `read_foreign_checkpoint`, which reads mmengine's log histories with inert stand-ins.

    Args:
        path: The file.
        map_location: As in `torch.load`.

    Returns:
        What the file holds; log histories as mmengine's `HistoryBuffer`.

    Raises:
        CheckpointError: If the file is missing, cut short, damaged, or holds anything but data.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise CheckpointError(f"{path}: no such checkpoint")
    try:
        return from_plain(torch.load(path, map_location=map_location, weights_only=True))
    except pickle.UnpicklingError:
        pass
    except _DAMAGE as error:
        raise _damaged(path, error) from error
    try:
        return read_foreign_checkpoint(path, map_location)
    except pickle.UnpicklingError as error:
        # torch's own message advises to switch its safety off; only the name in it is passed on.
        asked = re.search(r"GLOBAL (\S+)", str(error))
        what = f"asks for {asked[1]}" if asked else "is no checkpoint, or asks for more than data"
        raise CheckpointError(
            f"{path}: {what}, which weights do not need and which could run code; "
            "resave it where it was made: torch.save({'state_dict': model.state_dict()}, path)"
        ) from error
    except _DAMAGE as error:
        raise _damaged(path, error) from error


def _damaged(path: Path, error: Exception) -> CheckpointError:
    return CheckpointError(
        f"{path}: cannot be read, it may be cut short or damaged ({error!s:.200}); "
        "take an older checkpoint or download it again"
    )


def write_checkpoint(content: Mapping[str, Any], path: str | Path) -> None:
    """Write a checkpoint of plain values, whole or not at all.

    Args:
        content: What to save; see `to_plain` for what it may hold.
        path: The file.
    """
    with atomic_path(Path(path)) as temporary:
        torch.save(to_plain(content), temporary)


def find_resumable(work_dir: str | Path) -> Path | None:
    """Find the newest whole training checkpoint of a work folder.

    The file that `last_checkpoint` names comes first, then `epoch_*.pth` and `iter_*.pth` by age; what is
    missing or damaged is passed over with a warning.

    Args:
        work_dir: Folder of an earlier run.

    Returns:
        The path, or None where there is none.
    """
    folder = Path(work_dir)
    candidates: list[Path] = []
    pointer = folder / "last_checkpoint"
    if pointer.is_file():
        name = pointer.read_text().strip()
        # The folder may have been moved since: the name counts, the folder is this one.
        candidates += [Path(name), folder / Path(name).name] if name else []
    saved = [*folder.glob("epoch_*.pth"), *folder.glob("iter_*.pth")]
    candidates += sorted(saved, key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in dict.fromkeys(candidates):
        if not path.is_file():
            continue
        try:
            content = read_checkpoint(path)
        except CheckpointError as error:
            print_log(f"passing over a damaged checkpoint: {error}", logger="current", level=30)
            continue
        if isinstance(content, dict) and "optimizer" in content and "message_hub" in content:
            return path
    return None


def check_au_names(
    found: Sequence[str] | None, wanted: Sequence[str] | None, path: str | Path = "checkpoint"
) -> None:
    """Refuse weights of another AU set.

    Args:
        found: Units of the checkpoint, in column order; None = it does not say.
        wanted: Units of the model; None = it does not say.
        path: Of the checkpoint, for the message.

    Raises:
        CheckpointError: If both are known and differ, naming both sets.
    """
    if found is None or wanted is None or tuple(found) == tuple(wanted):
        return
    raise CheckpointError(
        f"{path}: was trained for {len(found)} action units ({', '.join(found)}), but the model has "
        f"{len(wanted)} ({', '.join(wanted)}); set the config's au_set to the checkpoint's"
    )


# What the head keeps of the labels that it was trained on, beside its layers.
OF_NO_LAYER = ("head.loss_", "head.thresholds", "head.logit_scale", "head.logit_shift")


def check_weights(
    checkpoint: Mapping[str, Any],
    model: torch.nn.Module,
    path: str | Path,
    revise_keys: Sequence[tuple[str, str]] = (),
) -> None:
    """Refuse weights of another network: layers that they leave out would answer at random.

    What the head keeps for its loss, its thresholds and its calibration may differ or be absent.

    Args:
        checkpoint: A dict with `state_dict`, or of weights alone.
        model: What the weights are for.
        path: Of the checkpoint, for the message.
        revise_keys: Pairs of pattern and replacement for the names of weights.

    Raises:
        CheckpointError: If a weight is missing, too many, or of another shape.
    """
    found = dict(checkpoint.get("state_dict", checkpoint))
    for pattern, replacement in revise_keys:
        found = {re.sub(pattern, replacement, key): value for key, value in found.items()}
    wanted = model.state_dict()
    faults = []
    for key in dict.fromkeys([*wanted, *found]):
        if key.startswith(OF_NO_LAYER) or key.endswith("num_batches_tracked"):
            continue
        shapes = [tuple(state[key].shape) if key in state else "none" for state in (found, wanted)]
        if shapes[0] != shapes[1]:
            faults.append(f"{key}: has {shapes[0]}, wanted {shapes[1]}")
    if faults:
        raise CheckpointError(
            f"{path}: was made by another network ({len(faults)} weights do not fit: "
            f"{'; '.join(faults[:3])}{'; …' if len(faults) > 3 else ''}); give the config that it was "
            "trained with"
        )


def export_checkpoint(
    checkpoint: str | Path,
    output: str | Path,
    *,
    model: Mapping[str, Any],
    test_pipeline: Sequence[Mapping[str, Any]],
    clip: Mapping[str, Any],
    topology: str | None,
    au_names: Sequence[str],
    label_type: str,
    fps: float | None = None,
    half: bool = False,
    metainfo: Mapping[str, Any] | None = None,
) -> dict:
    """Write a self-contained checkpoint: weights and all that inference needs to know, in plain values.

    Args:
        checkpoint: A training checkpoint; its `state_dict` holds the averaged weights where EMA ran.
        output: The file to write, atomically.
        model: Config of the model.
        test_pipeline: Configs of the transforms that make the model's input.
        clip: `length` in frames, and how windows are laid.
        topology: Point set that the pipeline starts from; None = the model reads images.
        au_names: Units answered, in column order.
        label_type: `occurrence` or `intensity`.
        fps: Frame rate that the model was trained at, in 1/s; None = any.
        half: Store the weights in float16; they are used in float32 all the same.
        metainfo: Licence, source and the like.

    Returns:
        The `meta` that was written.

    Raises:
        CheckpointError: If the checkpoint cannot be read, has no weights, or is for another AU set.
    """
    content = read_checkpoint(checkpoint)
    state = content.get("state_dict") if isinstance(content, dict) else None
    if not state:
        raise CheckpointError(f"{checkpoint}: holds no state_dict; wanted a checkpoint of tools/train.py")
    meta = content.get("meta", {})
    check_au_names((meta.get("dataset_meta") or {}).get("au_names"), au_names, checkpoint)
    described = {
        "format": EXPORT_FORMAT,
        "model": _plain_config(model),
        "test_pipeline": [_plain_config(step) for step in test_pipeline],
        "clip": _plain_config(clip),
        "topology": topology,
        "au_names": list(au_names),
        "label_type": label_type,
        "fps": fps,
        "thresholds_split": meta.get("thresholds_split"),
        "metainfo": _plain_config(metainfo or {}),
    }
    weights = {key: value.detach().cpu().clone() for key, value in state.items()}
    if half:
        weights = {
            key: value.half() if value.is_floating_point() else value for key, value in weights.items()
        }
    with atomic_path(Path(output)) as temporary:
        torch.save({"state_dict": weights, "meta": described}, temporary)
    return described


def load_exported(path: str | Path) -> dict:
    """Read a self-contained checkpoint.

    Args:
        path: A file that `export_checkpoint` wrote.

    Returns:
        `state_dict` and `meta`.

    Raises:
        CheckpointError: If it is not such a file, or its config names a type outside the registries.
    """
    content = read_checkpoint(path)
    meta = content.get("meta") if isinstance(content, dict) else None
    if not isinstance(meta, dict) or meta.get("format") != EXPORT_FORMAT:
        raise CheckpointError(
            f"{path}: is not a self-contained checkpoint of format {EXPORT_FORMAT!r}; make one with "
            "tools/convert/export_checkpoint.py CONFIG CHECKPOINT OUTPUT"
        )
    for part in ("model", "test_pipeline", "clip"):
        _refuse_dotted_types(meta[part], path)
    state = content["state_dict"]
    content["state_dict"] = {k: v.float() if v.dtype == torch.float16 else v for k, v in state.items()}
    return content


def _plain_config(value: Any) -> Any:
    """Turn mmengine's config dicts into dicts; classes into the names they are registered under."""
    if isinstance(value, Mapping):
        return {str(key): _plain_config(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_plain_config(item) for item in value)
    if isinstance(value, type):
        return value.__name__
    return to_plain(value)


def _refuse_dotted_types(value: Any, path: str | Path) -> None:
    # A registry imports a dotted name that it does not know: a file must not choose what is imported.
    if isinstance(value, Mapping):
        name = value.get("type")
        if name is not None and (not isinstance(name, str) or _is_foreign(name)):
            raise CheckpointError(
                f"{path}: its config names the type {name!r}; "
                "wanted a name registered in fau3d, mmaction or mmengine"
            )
        for item in value.values():
            _refuse_dotted_types(item, path)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _refuse_dotted_types(item, path)


def _is_foreign(name: str) -> bool:
    for scope in _TRUSTED_SCOPES:
        if name.startswith(scope):
            return "." in name[len(scope) :]
    return "." in name
