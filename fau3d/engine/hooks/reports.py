"""What a run leaves to read: tables of scores, a CSV of the course of training, and where it ran."""

import csv
import functools
import platform
import subprocess
from pathlib import Path
from typing import Any

import mmengine
import numpy as np
import torch
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop

import fau3d
from fau3d.io.atomic import atomic_path
from fau3d.registry import HOOKS


@HOOKS.register_module()
class ScoreTableHook(Hook):
    """Writes the scores of the last evaluation as `val_scores.{csv,md}` and `test_scores.{csv,md}`.

    Where several corpora were scored, each has a table of its own, too: `val_scores_BP4D.csv`.
    """

    priority = "LOW"

    def after_val_epoch(self, runner: Any, metrics: dict | None = None) -> None:
        """Write the tables of validation."""
        self._write(runner, runner.val_loop.evaluator.metrics, "val")

    def after_test_epoch(self, runner: Any, metrics: dict | None = None) -> None:
        """Write the tables of the test."""
        self._write(runner, runner.test_loop.evaluator.metrics, "test")

    @master_only
    def _write(self, runner: Any, metrics: list, name: str) -> None:
        for metric in metrics:
            scores = getattr(metric, "scores", None)
            if scores is None:
                continue
            folder = Path(runner.work_dir)
            tables = {f"_{corpus}": part for corpus, part in getattr(metric, "corpus_scores", {}).items()}
            for suffix, part in {"": scores, **tables}.items():
                with atomic_path(folder / f"{name}_scores{suffix}.csv") as temporary:
                    part.table().to_csv(temporary, index=False)
            with atomic_path(folder / f"{name}_scores.md") as temporary:
                temporary.write_text(metric.report(), encoding="utf-8")


@HOOKS.register_module()
class CsvLogHook(Hook):
    """Appends the course of training to `training.csv`: `epoch, iter, phase, key, value`, one figure a row.

    Args:
        interval: Training steps between two rows of each loss and learning rate; the rows hold means. The end
            of an epoch has its rows, too.
    """

    priority = "VERY_LOW"

    def __init__(self, interval: int = 50) -> None:
        self.interval = interval
        self._sums: dict[str, list[torch.Tensor]] = {}

    def after_train_iter(
        self, runner: Any, batch_idx: int, data_batch: Any = None, outputs: dict | None = None
    ) -> None:
        """Collect the losses; every `interval` steps write their means."""
        for key, value in (outputs or {}).items():
            if isinstance(value, torch.Tensor) and value.numel() == 1:
                # Read only when a row is due: reading makes the host wait for the device.
                self._sums.setdefault(key, []).append(value.detach())
        by_epoch = isinstance(runner.train_loop, EpochBasedTrainLoop)
        if (
            self.every_n_train_iters(runner, self.interval)
            or self.is_last_train_iter(runner)
            or (by_epoch and self.end_of_epoch(runner.train_dataloader, batch_idx))
        ):
            rows = {key: float(torch.stack(values).float().mean()) for key, values in self._sums.items()}
            rows["lr"] = runner.optim_wrapper.get_lr()["lr"][0]
            self._sums.clear()
            # The runner counts this step, and its epoch, only when they are over.
            self._append(runner, "train", rows, ahead=(int(by_epoch), 1))

    def after_val_epoch(self, runner: Any, metrics: dict | None = None) -> None:
        """Write the figures of validation."""
        self._append(runner, "val", metrics or {})

    def after_test_epoch(self, runner: Any, metrics: dict | None = None) -> None:
        """Write the figures of the test."""
        self._append(runner, "test", metrics or {})

    @master_only
    def _append(self, runner: Any, phase: str, rows: dict, ahead: tuple[int, int] = (0, 0)) -> None:
        path = Path(runner.work_dir) / "training.csv"
        fresh = not path.exists()
        epoch, step = (runner.epoch, runner.iter) if runner.cfg.get("train_cfg") else (0, 0)
        epoch, step = epoch + ahead[0], step + ahead[1]
        with path.open("a", newline="") as file:
            writer = csv.writer(file)
            if fresh:
                writer.writerow(["epoch", "iter", "phase", "key", "value"])
            writer.writerows([epoch, step, phase, key, value] for key, value in rows.items())


@HOOKS.register_module()
class EnvironmentHook(Hook):
    """Logs which code ran on what: fau3d and its git commit, torch, NumPy, Python, the machine."""

    priority = "VERY_HIGH"

    def before_run(self, runner: Any) -> None:
        """Log it once."""
        device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
        runner.logger.info(
            f"fau3d {fau3d.__version__} (git {git_commit()}), torch {torch.__version__}, "
            f"mmengine {mmengine.__version__}, NumPy {np.__version__}, Python {platform.python_version()}, "
            f"{platform.platform()}, {device}, {runner.world_size} process(es), "
            f"{torch.get_num_threads()} thread(s) each"
        )

    def before_save_checkpoint(self, runner: Any, checkpoint: dict) -> None:
        """Name the code in the checkpoint."""
        checkpoint["meta"].update(fau3d_version=fau3d.__version__, fau3d_git=git_commit())


@functools.cache
def git_commit() -> str:
    """Give the commit of the checkout that runs, '+' where tracked files differ from it, or 'unknown'."""
    root = Path(fau3d.__file__).resolve().parents[1]
    if not (root / ".git").exists():
        return "unknown"
    try:
        options: dict[str, Any] = {"cwd": root, "capture_output": True, "text": True, "timeout": 10}
        commit = subprocess.run(
            ["git", "rev-parse", "--short=12", "HEAD"], check=True, **options
        ).stdout.strip()
        status = subprocess.run(["git", "status", "--porcelain", "-uno"], check=True, **options).stdout
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return commit + ("+" if status.strip() else "")
