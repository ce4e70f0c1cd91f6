"""Decision thresholds and calibration: from the checkpoint to the metric, and from validation into it."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.dist import broadcast_object_list, master_only
from mmengine.hooks import Hook

from fau3d.engine.checkpoint import read_checkpoint, write_checkpoint
from fau3d.engine.hooks.class_weights import models_of
from fau3d.registry import HOOKS

# Buffer of the head to key of the metric's `tuned`.
_BUFFERS = {"thresholds": "thresholds", "logit_scale": "scale", "logit_shift": "shift"}


@HOOKS.register_module()
class ThresholdHook(Hook):
    """Brings the head's thresholds to the metrics, and sets them and its calibration from validation.

    The head's buffers travel in the weights; beside them the checkpoint's meta data names the videos on which
    they were tuned (`thresholds_split`), and a metric refuses to score these with them.

    Args:
        tune: After each validation, set for each unit the threshold of its highest F-beta there. The F1 that
            validation reports, and by which the best checkpoint is chosen, is at 0.5 all the same.
        beta: How many times as much recall counts as precision in it; 1 gives F1.
        least: The lowest threshold that tuning considers.
        calibrate: After each validation, fit the head's `logit_scale` and `logit_shift` there (Platt
            scaling); thresholds are then tuned on calibrated probabilities. What validation reports is of the
            network's own, and so is the choice of the best checkpoint.
    """

    priority = "LOW"

    def __init__(
        self, tune: bool = False, beta: float = 1.0, least: float = 0.0, calibrate: bool = False
    ) -> None:
        self.tune, self.beta, self.least, self.calibrate = tune, beta, least, calibrate
        self.split: str | None = None

    def before_val_epoch(self, runner: Any) -> None:
        """Give the metrics the thresholds, or tell them to tune."""
        if self.calibrate:
            for head in _heads_of(runner):
                head.set_calibration()
        self._prepare(runner, runner.val_loop.evaluator.metrics, self.tune, self.calibrate)

    def before_test_epoch(self, runner: Any) -> None:
        """Give the metrics the thresholds."""
        self._prepare(runner, runner.test_loop.evaluator.metrics)

    def after_val_epoch(self, runner: Any, metrics: dict | None = None) -> None:
        """Set the head's thresholds and calibration to the tuned ones."""
        if not (self.tune or self.calibrate):
            return
        found = [getattr(metric, "tuned", None) for metric in runner.val_loop.evaluator.metrics]
        tuned = [next((item for item in found if item is not None), None)]
        broadcast_object_list(tuned)
        if tuned[0] is None:
            return
        self.split = tuned[0]["split"]
        values = {buffer: tuned[0][key] for buffer, key in _BUFFERS.items() if key in tuned[0]}
        for head in _heads_of(runner):
            for buffer, value in values.items():
                getattr(head, buffer).copy_(torch.as_tensor(value).to(getattr(head, buffer)))
        self._renew_last_checkpoint(runner, values)

    def before_save_checkpoint(self, runner: Any, checkpoint: dict) -> None:
        """Name the videos that the thresholds were tuned on."""
        checkpoint["meta"]["thresholds_split"] = self.split

    def after_load_checkpoint(self, runner: Any, checkpoint: dict) -> None:
        """Learn which videos the loaded thresholds were tuned on."""
        meta = checkpoint.get("meta")
        self.split = meta.get("thresholds_split") if isinstance(meta, dict) else None

    @master_only
    def _renew_last_checkpoint(self, runner: Any, values: dict[str, np.ndarray]) -> None:
        """Bring what was tuned to the checkpoint of this very epoch or step, which was saved before them."""
        path = Path(str(runner.message_hub.runtime_info.get("last_ckpt") or ""))
        if not path.is_file():
            return
        checkpoint = read_checkpoint(path)
        if checkpoint["meta"]["iter"] != runner.iter:
            return
        for state in (checkpoint["state_dict"], checkpoint.get("ema_state_dict") or {}):
            for key in state:
                head, _, name = key.rpartition(".")
                if head.endswith("head") and name in values:
                    state[key] = torch.as_tensor(values[name]).to(state[key])
        checkpoint["meta"]["thresholds_split"] = self.split
        write_checkpoint(checkpoint, path)

    def _prepare(self, runner: Any, metrics: list, tune: bool = False, calibrate: bool = False) -> None:
        head = getattr(getattr(runner.model, "module", runner.model), "head", None)
        thresholds = getattr(head, "thresholds", None)
        stored = thresholds.detach().cpu().numpy().astype(np.float64) if thresholds is not None else None
        for metric in metrics:
            if hasattr(metric, "set_stored_thresholds"):
                metric.set_stored_thresholds(stored, self.split)
                metric.tune = tune or metric.tune
                if tune:
                    metric.beta, metric.least = self.beta, self.least
                metric.calibrate = calibrate or metric.calibrate


def _heads_of(runner: Any) -> list[Any]:
    """Give the heads of the model and of its running average, where they keep thresholds and calibration."""
    heads = [getattr(model, "head", None) for model in models_of(runner)]
    return [head for head in heads if all(hasattr(head, buffer) for buffer in _BUFFERS)]
