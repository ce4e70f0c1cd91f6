"""The weights that fau3d ships, by name."""

from pathlib import Path

import fau3d

DEFAULT_WEIGHTS = "transformer_synthetic41_mediapipe91"


def weights_folder() -> Path:
    """Give the folder of the shipped weights."""
    return Path(fau3d.__file__).parent / "weights"


def shipped_weights() -> dict[str, Path]:
    """Give the shipped weights by name."""
    return {path.stem: path for path in sorted(weights_folder().glob("*.pth"))}


def find_weights(model: str | Path | None = None) -> Path:
    """Find a checkpoint.

    Args:
        model: Name of shipped weights, or the path of a checkpoint; None for the default weights.

    Returns:
        Its path.

    Raises:
        FileNotFoundError: If there is neither; the message lists what is shipped.
    """
    shipped = shipped_weights()
    known = ", ".join(shipped) or "none"
    if model is None:
        if DEFAULT_WEIGHTS in shipped:
            return shipped[DEFAULT_WEIGHTS]
        if len(shipped) == 1:
            return next(iter(shipped.values()))
        raise FileNotFoundError(
            f"no default weights among those shipped ({known}); name a checkpoint with --checkpoint"
        )
    if str(model) in shipped:
        return shipped[str(model)]
    path = Path(model)
    if not path.is_file():
        raise FileNotFoundError(
            f"{model}: no checkpoint there and no shipped weights of that name; shipped: {known}"
        )
    return path


def describe_weights(path: Path) -> dict[str, str]:
    """Say what a self-contained checkpoint answers and reads.

    Args:
        path: The checkpoint.

    Returns:
        Sentences by topic.

    Raises:
        CheckpointError: If it is no such checkpoint.
    """
    from fau3d.engine.checkpoint import load_exported

    meta = load_exported(path)["meta"]
    rate = f" at {meta['fps']:g} frames/s" if meta.get("fps") else ""
    told = {
        "units": " ".join(meta["au_names"]),
        "landmarks": meta["topology"],
        "clip": f"{meta['clip']['length']} frames{rate}",
        "size": f"{path.stat().st_size / 1e6:.1f} MB",
    }
    about = {
        key: str(value)
        for key, value in (meta.get("metainfo") or {}).items()
        if isinstance(value, str | int | float)
    }
    return {**told, **about}
