"""Training and testing the folds of a plan, one after another; what is done is not done again."""

import gc
import hashlib
import json
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.dist import barrier, is_main_process
from mmengine.logging import print_log

from fau3d.apis.cross_validation.plan import Fold, Plan
from fau3d.engine.checkpoint import find_resumable
from fau3d.engine.runner import FaceRunner
from fau3d.engine.runner_setup import (
    RunOptions,
    build_test_runner,
    build_train_runner,
    load_config,
    set_in_datasets,
    set_test_output,
    trained_checkpoint,
)
from fau3d.io.atomic import atomic_path

DONE, ERROR = "done.json", "error.txt"
TEST, VALIDATION = "test.pkl", "validation.pkl"


def select_folds(plan: Plan, wanted: Sequence[str]) -> list[Fold]:
    """Give the folds of some names or numbers (from 1); all of them where none is wanted.

    Raises:
        ValueError: If there is no such fold.
    """
    by_name = {str(number): fold for number, fold in enumerate(plan.folds, start=1)}
    by_name |= {fold.name: fold for fold in plan.folds}
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        raise ValueError(
            f"there is no fold {unknown[0]!r}; the plan has {', '.join(fold.name for fold in plan.folds)}, "
            f"or 1 to {len(plan.folds)}"
        )
    return list({by_name[name].name: by_name[name] for name in wanted}.values()) or list(plan.folds)


def run_folds(
    plan: Plan,
    work_dir: Path,
    options: RunOptions,
    folds: Sequence[Fold] | None = None,
    resume: bool = False,
) -> dict[str, str]:
    """Train and test folds; one that fails is told, and the others go on.

    Args:
        plan: See `Plan`; it is written into the work folder.
        work_dir: Where each fold gets a folder.
        options: Of each run; its work folder, validation and resuming are set here.
        folds: Which of them; all by default.
        resume: Leave finished folds as they are, and go on with begun ones from their newest checkpoint.

    Returns:
        Fold to why it failed.

    Raises:
        ValueError: If a fold has been begun and `resume` is not set, or the folder holds another plan.
    """
    chosen = list(plan.folds if folds is None else folds)
    if not resume:
        begun = [fold.name for fold in chosen if (work_dir / fold.name).exists()]
        if begun:
            raise ValueError(
                f"{work_dir / begun[0]} holds an earlier run; --resume goes on with it and runs no finished "
                "fold again, or name another --work-dir"
            )
    if is_main_process():
        plan.write(work_dir)
    barrier()
    failed: dict[str, str] = {}
    for fold in chosen:
        folder = work_dir / fold.name
        if (folder / DONE).is_file():
            print_log(f"{fold.name} is finished", logger="current")
            continue
        try:
            _run_fold(plan, work_dir, fold, replace(options, work_dir=str(folder)))
        except Exception as error:
            if options.launcher != "none":
                # The other processes wait in the middle of a step; they cannot be brought to the next fold.
                raise
            failed[fold.name] = f"{type(error).__name__}: {error}"
            with atomic_path(folder / ERROR) as temporary:
                temporary.write_text(traceback.format_exc(), encoding="utf-8")
            print_log(f"{fold.name} failed: {failed[fold.name]}", logger="current", level=40)
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    return failed


def _run_fold(plan: Plan, work_dir: Path, fold: Fold, options: RunOptions) -> None:
    folder, began = work_dir / fold.name, time.monotonic()
    validated = fold.validation is not None
    options = replace(
        options,
        validate=validated,
        resume="auto" if find_resumable(folder) is not None else None,
    )
    runner = build_train_runner(fold_config(plan, work_dir, fold, options), options)
    runner.train()
    checkpoint = _checkpoint_of(runner, folder, "best" if validated else "last")
    epochs = runner.epoch
    del runner
    asked = [(TEST, fold.test_files, fold.test)]
    if validated:
        asked.insert(0, (VALIDATION, fold.train_files, fold.validation))
    for name, files, split in asked:
        test_options = replace(
            options,
            work_dir=str(folder / Path(name).stem),
            checkpoint=checkpoint,
            out_file=str(folder / name),
        )
        config = fold_config(plan, work_dir, fold, test_options)
        _read(config.test_dataloader, plan, work_dir, files, split)
        _at_half(config)
        set_test_output(config, (), str(folder / name))
        build_test_runner(config, test_options).test()
        if is_main_process() and not (folder / name).is_file():
            raise ValueError(
                f"{plan.config}: its test wrote no predictions; wanted an AUMetric among the test evaluators"
            )
    if is_main_process():
        done = {
            "checkpoint": Path(checkpoint).name,
            "epochs": epochs,
            "seconds": round(time.monotonic() - began),
        }
        with atomic_path(folder / DONE) as temporary:
            temporary.write_text(json.dumps(done) + "\n", encoding="utf-8")
        (folder / ERROR).unlink(missing_ok=True)
    barrier()


def _checkpoint_of(runner: FaceRunner, folder: Path, which: str) -> str:
    """Give the trained checkpoint; a run that was stopped while it was tested finds its best on the disk."""
    try:
        return trained_checkpoint(runner, which)
    except RuntimeError:
        # The newest checkpoint was saved before it was validated, so it does not know which was the best.
        found = sorted(folder.glob("best_*.pth"), key=lambda path: path.stat().st_mtime_ns)
        if which != "best" or not found:
            raise
        return str(found[-1])


def fold_config(plan: Plan, work_dir: Path, fold: Fold, options: RunOptions) -> Config:
    """Give the config of one fold: the plan's, with the fold's files, splits and units.

    Args:
        plan: See `Plan`.
        work_dir: The cross-validation's, where the split files are.
        fold: Which.
        options: Of the run.

    Raises:
        ValueError: If the config has no data set to validate or test with.
    """
    config = load_config(plan.config, options)
    roles: list[tuple[str, Sequence[int], str | None]] = [
        ("train_dataloader", fold.train_files, fold.train),
        ("test_dataloader", fold.test_files, fold.test),
    ]
    if fold.validation is not None:
        roles.append(("val_dataloader", fold.train_files, fold.validation))
    for key, files, split in roles:
        if not config.get(key):
            raise ValueError(f"{plan.config}: has no {key}; a fold wants one to put its videos into")
        _read(config[key], plan, work_dir, files, split)
    if plan.au_names is not None:
        config.model.head.au_set = list(plan.au_names)
    return config


def _read(loader: Any, plan: Plan, work_dir: Path, files: Sequence[int], split: str | None) -> None:
    """Let the data sets of a loader read a fold's files and split, in the plan's units."""
    beside = plan.split_files(work_dir)
    arguments: dict[str, Any] = {
        "ann_file": [plan.ann_files[number] for number in files],
        "split_file": [beside[number] for number in files],
        "split": split,
    }
    if plan.au_names is not None:
        arguments["au_set"] = list(plan.au_names)
    if plan.present_from is not None:
        arguments["occurrence_from_intensity"] = plan.present_from
    set_in_datasets(loader, **arguments)


def run_settings(config: str, options: RunOptions) -> dict[str, Any]:
    """Give what changes the runs of a plan beside its folds, as plain values, for `Plan.settings`."""
    content = json.dumps(Config.fromfile(config).to_dict(), sort_keys=True, default=str)
    return {
        "config_digest": hashlib.sha256(content.encode()).hexdigest()[:16],
        "overrides": json.loads(json.dumps(options.overrides, default=str)),
        "seed": options.seed,
        "load_from": options.checkpoint,
        "amp": options.amp,
        "deterministic": options.deterministic,
    }


def _at_half(config: Config) -> None:
    """Let the test count from 0.5 on: thresholds of validation are applied in the report, and only there."""
    metrics = config.test_evaluator if isinstance(config.test_evaluator, list) else [config.test_evaluator]
    for metric in metrics:
        if str(metric["type"]).rpartition(".")[-1] == "AUMetric":
            metric["thresholds"] = 0.5
