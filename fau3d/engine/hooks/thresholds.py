"""Decision thresholds: from the checkpoint to the metric, and tuned on validation into the checkpoint."""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.dist import broadcast_object_list, master_only
from mmengine.hooks import Hook

from fau3d.engine.checkpoint import read_checkpoint, write_checkpoint
from fau3d.engine.hooks.class_weights import models_of
from fau3d.registry import HOOKS


@HOOKS.register_module()
class ThresholdHook(Hook):
    """Brings the head's thresholds to the metrics, and with `tune`, sets them from the validation split.

    The head's buffer `thresholds` travels in the weights; beside it the checkpoint's meta data names the
    videos on which they were tuned (`thresholds_split`), and a metric refuses to score these with them.

    Args:
        tune: After each validation, set for each unit the threshold of its highest F1 there. The F1 that
            validation reports, and by which the best checkpoint is chosen, is at 0.5 all the same.
    """

    priority = "LOW"

    def __init__(self, tune: bool = False) -> None:
        self.tune = tune
        self.split: str | None = None

    def before_val_epoch(self, runner: Any) -> None:
        """Give the metrics the thresholds, or tell them to tune."""
        self._prepare(runner, runner.val_loop.evaluator.metrics, tune=self.tune)

    def before_test_epoch(self, runner: Any) -> None:
        """Give the metrics the thresholds."""
        self._prepare(runner, runner.test_loop.evaluator.metrics, tune=False)

    def after_val_epoch(self, runner: Any, metrics: dict | None = None) -> None:
        """Set the head's thresholds to the tuned ones."""
        if not self.tune:
            return
        found = [getattr(metric, "tuned", None) for metric in runner.val_loop.evaluator.metrics]
        tuned = [next((item for item in found if item is not None), None)]
        broadcast_object_list(tuned)
        if tuned[0] is None:
            return
        self.split = tuned[0]["split"]
        for model in models_of(runner):
            thresholds = getattr(getattr(model, "head", None), "thresholds", None)
            if isinstance(thresholds, torch.Tensor):
                thresholds.copy_(torch.as_tensor(tuned[0]["thresholds"]).to(thresholds))
        self._renew_last_checkpoint(runner, tuned[0]["thresholds"])

    def before_save_checkpoint(self, runner: Any, checkpoint: dict) -> None:
        """Name the videos that the thresholds were tuned on."""
        checkpoint["meta"]["thresholds_split"] = self.split

    def after_load_checkpoint(self, runner: Any, checkpoint: dict) -> None:
        """Learn which videos the loaded thresholds were tuned on."""
        meta = checkpoint.get("meta")
        self.split = meta.get("thresholds_split") if isinstance(meta, dict) else None

    @master_only
    def _renew_last_checkpoint(self, runner: Any, thresholds: np.ndarray) -> None:
        """Bring the thresholds to the checkpoint of this very epoch or step, which was saved before them."""
        path = Path(str(runner.message_hub.runtime_info.get("last_ckpt") or ""))
        if not path.is_file():
            return
        checkpoint = read_checkpoint(path)
        if checkpoint["meta"]["iter"] != runner.iter:
            return
        for state in (checkpoint["state_dict"], checkpoint.get("ema_state_dict") or {}):
            for key in state:
                if key.endswith("head.thresholds"):
                    state[key] = torch.as_tensor(thresholds).to(state[key])
        checkpoint["meta"]["thresholds_split"] = self.split
        write_checkpoint(checkpoint, path)

    def _prepare(self, runner: Any, metrics: list, tune: bool) -> None:
        head = getattr(getattr(runner.model, "module", runner.model), "head", None)
        thresholds = getattr(head, "thresholds", None)
        stored = thresholds.detach().cpu().numpy().astype(np.float64) if thresholds is not None else None
        for metric in metrics:
            if hasattr(metric, "set_stored_thresholds"):
                metric.set_stored_thresholds(stored, self.split)
                metric.tune = tune or metric.tune
