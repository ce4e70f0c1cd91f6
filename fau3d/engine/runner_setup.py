"""From a config and a command line's wishes to a runner that is ready to train or test."""

import itertools
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dist import barrier
from mmengine.logging import print_log
from mmengine.runner import Runner

import fau3d.registry  # noqa: F401 - the scope 'fau3d' exists from here on
from fau3d.engine.checkpoint import find_resumable, read_checkpoint
from fau3d.engine.launch import model_wrapper_config
from fau3d.engine.runner import FaceRunner
from fau3d.io.annotation import require_annotation_file

BEST_KEY = "au/mean_f1"
_RUNS = itertools.count(1)
_LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")


@dataclass(frozen=True)
class RunOptions:
    """What a command line may change in a config.

    Attributes:
        work_dir: Folder of logs and checkpoints; None = the config's, or `work_dirs/<name of the config>`.
        launcher: `none`, `pytorch` or `slurm`.
        validate: Score the validation split while training.
        resume: `auto` = from the newest whole checkpoint of the work folder, or a path; None = do not.
        amp: Train in mixed precision (where there is a GPU).
        seed: Of everything random; None = that of the run to resume, else the config's, or 0.
        deterministic: Use deterministic algorithms only.
        ann_file: Annotation file for every data set, instead of the config's.
        overrides: Config keys with dots to values, as `--cfg-options` gives them.
        metrics: Figures to report at the test, by name.
        out_file: Where the test writes its predictions.
        checkpoint: Weights to start from or to test.
    """

    work_dir: str | None = None
    launcher: str = "none"
    validate: bool = True
    resume: str | None = None
    amp: bool = False
    seed: int | None = None
    deterministic: bool = False
    ann_file: str | None = None
    overrides: dict[str, Any] = field(default_factory=dict)
    metrics: Sequence[str] = ()
    out_file: str | None = None
    checkpoint: str | None = None


def load_config(path: str | Path, options: RunOptions) -> Config:
    """Read a config and apply what the command line asks for.

    Args:
        path: An mmengine text config.
        options: See `RunOptions`.

    Returns:
        The config, checked.

    Raises:
        FileNotFoundError: If there is no such config.
        ConfigError: If a key or an argument is unknown.
    """
    from fau3d.engine.config_check import check_config, check_overrides

    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: no such config; those of fau3d are in configs/")
    config = Config.fromfile(path)
    check_overrides(options.overrides)
    if options.overrides:
        config.merge_from_dict(options.overrides)
    check_config(config)
    config.setdefault("default_scope", "fau3d")
    config.launcher = options.launcher
    config.work_dir = options.work_dir or config.get("work_dir") or f"./work_dirs/{Path(path).stem}"
    randomness = dict(config.get("randomness") or {})
    randomness["seed"] = options.seed if options.seed is not None else randomness.get("seed") or 0
    randomness["deterministic"] = options.deterministic or randomness.get("deterministic", False)
    config.randomness = randomness
    if randomness["deterministic"]:
        # Without it cuBLAS refuses to be deterministic; read when CUDA starts, which is later.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    if options.ann_file is not None:
        set_annotation_file(config, options.ann_file)
    if options.launcher != "none" and "model_wrapper_cfg" not in config:
        config.model_wrapper_cfg = model_wrapper_config(config.get("find_unused_parameters", False))
    if "experiment_name" not in config:
        # mmengine adds the second it starts in; two runs of one second would share their records.
        number = next(_RUNS)
        config.experiment_name = Path(path).stem + (f"-{number}" if number > 1 else "")
    _add_defaults(config)
    _fit_to_device(config, options.amp)
    return config


def build_train_runner(config: Config, options: RunOptions) -> FaceRunner:
    """Build a runner for training.

    Args:
        config: As `load_config` gives it.
        options: See `RunOptions`.

    Raises:
        FileNotFoundError: If an annotation file is missing.
    """
    if not options.validate:
        for key in ("val_dataloader", "val_cfg", "val_evaluator"):
            config[key] = None
    _set_start(config, options)
    _want_annotation_files(config)
    return FaceRunner.from_cfg(config)


def build_test_runner(config: Config, options: RunOptions) -> FaceRunner:
    """Build a runner that only tests.

    Args:
        config: As `load_config` gives it.
        options: `checkpoint` is what it tests.

    Raises:
        FileNotFoundError: If an annotation file is missing.
    """
    for key in ("train_dataloader", "train_cfg", "optim_wrapper", "param_scheduler"):
        config[key] = None
    for key in ("val_dataloader", "val_cfg", "val_evaluator"):
        config[key] = None
    config.custom_hooks = [hook for hook in config.custom_hooks if "EMA" not in str(hook["type"])]
    config.resume = False
    config.load_from = options.checkpoint
    set_test_output(config, options.metrics, options.out_file)
    _want_annotation_files(config)
    return FaceRunner.from_cfg(config)


def evaluate_checkpoint(runner: FaceRunner, which: str) -> dict:
    """Test a checkpoint of the run that has just ended.

    Args:
        runner: After `train()`.
        which: `last` or `best` (by mean F1 on validation).

    Returns:
        The scores.

    Raises:
        RuntimeError: If there is no such checkpoint.
    """
    path = trained_checkpoint(runner, which)
    # The weights are loaded for use, not for going on: hooks must not restore their training state.
    runner._resume = False
    runner.load_checkpoint(path)
    runner.logger.info(f"testing the {which} checkpoint {path}")
    return runner.test()


def trained_checkpoint(runner: FaceRunner, which: str) -> str:
    """Give the path of a checkpoint of the run that has just ended; arguments as in `evaluate_checkpoint`.

    Raises:
        RuntimeError: If there is no such checkpoint.
    """
    # Only the first process writes checkpoints; the others come here while it still does.
    barrier()
    info = runner.message_hub.runtime_info
    path = str(info.get("last_ckpt" if which == "last" else "best_ckpt") or "")
    if path and not Path(path).is_file():
        # The run may have been resumed in a folder that was moved since.
        path = str(Path(runner.work_dir) / Path(path).name)
    if not Path(path).is_file():
        raise RuntimeError(
            f"there is no {which} checkpoint to test in {runner.work_dir}"
            + (
                "; the best one is chosen by mean F1 on validation: train with --validate, on a validation "
                "split that shows at least one unit"
                if which == "best"
                else ""
            )
        )
    return path


def set_annotation_file(config: Config, ann_file: str) -> None:
    """Let every data set of a config read one annotation file, through wrappers such as RepeatDataset.

    Raises:
        ValueError: If a data set reads several corpora.
    """
    for key in _LOADERS:
        if _contains_corpora(config.get(key)):
            raise ValueError(
                f"--ann-file {ann_file}: {key} reads several corpora, of which each has a file of its own; "
                f"name them with --cfg-options {key}.dataset.corpora.0.ann_file=FILE"
            )
    for key in _LOADERS:
        if config.get(key):
            set_in_datasets(config[key], ann_file=ann_file)


def set_test_output(config: Config, metrics: Sequence[str], out_file: str | None) -> None:
    """Tell the test's metric what to report and where to write its predictions."""
    evaluators = config.test_evaluator if isinstance(config.test_evaluator, list) else [config.test_evaluator]
    for evaluator in evaluators:
        if str(evaluator["type"]).rpartition(".")[-1] in ("AUMetric", "RatingMetric"):
            if metrics:
                evaluator["figures"] = list(metrics)
            if out_file is not None:
                evaluator["out_file"] = str(out_file)


def set_in_datasets(loader: Any, **arguments: Any) -> None:
    """Set arguments of the data sets of a loader's config, also of those inside wrappers."""
    for dataset in _datasets(loader):
        dataset.update(arguments)


def _datasets(node: Any) -> Iterator[dict]:
    """Give the configs of data sets that read annotation files, also those inside wrappers."""
    if isinstance(node, dict):
        if "ann_file" in node or str(node.get("type", "")).endswith("KeypointDataset"):
            yield node
        for value in list(node.values()):
            yield from _datasets(value)
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _datasets(value)


def _contains_corpora(node: Any) -> bool:
    if isinstance(node, dict):
        return "corpora" in node or any(_contains_corpora(value) for value in node.values())
    return isinstance(node, (list, tuple)) and any(_contains_corpora(value) for value in node)


def _set_start(config: Config, options: RunOptions) -> None:
    """Say where training starts: at an earlier run's end, else with the weights named, else afresh."""
    if options.checkpoint is not None:
        config.load_from = options.checkpoint
    if options.resume is None:
        return
    if options.resume == "auto" and config.get("load_from") and find_resumable(config.work_dir) is None:
        return
    config.resume = True
    config.load_from = None if options.resume == "auto" else options.resume
    if options.seed is None:
        _take_seed(config)


def _take_seed(config: Config) -> None:
    """Go on with the resumed run's seed: data loaders are built before its checkpoint is read."""
    path = find_resumable(config.work_dir) if config.load_from is None else config.load_from
    content = read_checkpoint(path) if path is not None else {}
    seed = (content.get("meta") or {}).get("seed") if isinstance(content, dict) else None
    if isinstance(seed, int):
        config.randomness.seed = seed


def _want_annotation_files(config: Config) -> None:
    """Say that a file is missing before a work folder, a model and a log are made."""
    for key in _LOADERS:
        for dataset in _datasets(config.get(key)):
            if str(dataset.get("type")).endswith("ImageDataset"):
                continue  # it reads lists of images, and says itself what it misses
            files = dataset.get("ann_file") or ()
            for path in (files,) if isinstance(files, (str, Path)) else files:
                require_annotation_file(path)


def _add_defaults(config: Config) -> None:
    """Add the hooks and log writers that every run has, where the config does not name them."""
    hooks = list(config.get("custom_hooks") or [])
    named = {str(hook["type"]).rpartition(".")[-1] for hook in hooks}
    for name in (
        "EnvironmentHook",
        "StepSeedHook",
        "SetClassWeightsHook",
        "ThresholdHook",
        "ScoreTableHook",
        "CsvLogHook",
        "BroadcastBuffersHook",
    ):
        if name not in named:
            hooks.append({"type": name})
    config.custom_hooks = hooks
    defaults = dict(config.get("default_hooks") or {})
    checkpoint = dict(defaults.get("checkpoint") or {"type": "CheckpointHook", "interval": 1})
    if config.get("val_cfg") is not None:
        checkpoint.setdefault("save_best", BEST_KEY)
        checkpoint.setdefault("rule", "greater")
    defaults["checkpoint"] = checkpoint
    config.default_hooks = defaults
    if not config.get("visualizer"):
        backends = [{"type": "LocalVisBackend"}, {"type": "TensorboardVisBackend"}]
        config.visualizer = {"type": "Visualizer", "vis_backends": backends}


def _fit_to_device(config: Config, amp: bool) -> None:
    for key in _LOADERS:
        if config.get(key) and config[key].get("pin_memory") and not torch.cuda.is_available():
            config[key]["pin_memory"] = False
    wrapper = config.get("optim_wrapper")
    if not wrapper:
        return
    if amp and wrapper.get("type", "OptimWrapper") == "OptimWrapper":
        wrapper["type"] = "AmpOptimWrapper"
        wrapper.setdefault("dtype", "bfloat16")
    if wrapper.get("type") == "AmpOptimWrapper" and not torch.cuda.is_available():
        print_log("mixed precision needs a GPU: training in float32 here", logger="current", level=30)
        wrapper["type"] = "OptimWrapper"
        for key in ("dtype", "loss_scale", "use_fp64"):
            wrapper.pop(key, None)


__all__ = [
    "RunOptions",
    "Runner",
    "build_test_runner",
    "build_train_runner",
    "evaluate_checkpoint",
    "load_config",
    "set_annotation_file",
    "set_in_datasets",
    "set_test_output",
    "trained_checkpoint",
]
