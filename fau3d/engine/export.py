"""The self-contained checkpoint of a config and a training checkpoint."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config

from fau3d.engine.checkpoint import CheckpointError, export_checkpoint, read_checkpoint
from fau3d.facs import get_au_set


def export_from_config(
    config: str | Path,
    checkpoint: str | Path,
    output: str | Path,
    overrides: Mapping[str, Any] | None = None,
    fps: float | None = None,
    half: bool = False,
    metainfo: Mapping[str, Any] | None = None,
) -> dict:
    """Write a self-contained checkpoint.

    Args:
        config: The config that the checkpoint was trained with.
        checkpoint: A checkpoint of `tools/train.py`.
        output: The file to write, atomically.
        overrides: Keys with dots to values, merged into the config.
        fps: Frame rate of the training clips, in 1/s; None = any.
        half: Store the weights in float16.
        metainfo: Licence, source and the like.

    Returns:
        The `meta` of the file: what is wanted of the input, and what comes out.

    Raises:
        CheckpointError: If the config names no test data set or topology, or the checkpoint does not fit.
    """
    cfg = Config.fromfile(config)
    if overrides:
        cfg.merge_from_dict(dict(overrides))
    model = cfg.model.to_dict()
    if cfg.get("data_preprocessor"):
        model.setdefault("data_preprocessor", cfg.data_preprocessor.to_dict())
    dataset = (cfg.get("test_dataloader") or cfg.get("val_dataloader") or {}).get("dataset")
    if dataset is None:
        raise CheckpointError(f"{config}: names no test data set, whose pipeline inference would use")
    content = read_checkpoint(checkpoint)
    training = (content.get("meta") or {}).get("dataset_meta") or {}
    pipeline = [step.to_dict() for step in dataset["pipeline"]]
    reads_points = _reads_points(pipeline)
    # What reads pictures only finds eyes by any extractor's points.
    topology = (dataset.get("topology") or training.get("topology")) if reads_points else None
    if reads_points and topology is None:
        raise CheckpointError(
            f"{config}: neither the test data set nor {checkpoint} says the topology that the pipeline "
            "starts from; set test_dataloader.dataset.topology"
        )
    return export_checkpoint(
        checkpoint,
        output,
        model=model,
        test_pipeline=pipeline,
        clip=dataset["clip"].to_dict() if "clip" in dataset else {"length": 1, "stride": 1},
        topology=topology,
        au_names=get_au_set(model["head"]["au_set"]),
        label_type=training.get("label_type", "occurrence"),
        fps=fps,
        half=half,
        metainfo=metainfo,
    )


def _reads_points(pipeline: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a model sees keypoints, or the maps of them, and not only pictures."""
    kinds = [str(step["type"]).rpartition(".")[-1] for step in pipeline]
    packed = [step.get("inputs") for step, kind in zip(pipeline, kinds) if kind == "PackFaceInputs"]
    loads = any(kind.startswith(("LoadFace", "LoadVideo")) for kind in kinds)
    return not loads or any(inputs and "keypoint" in inputs for inputs in packed)
