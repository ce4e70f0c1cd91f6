"""mmengine's checkpoint hook, except that a kill at any moment leaves something to resume from."""

from pathlib import Path
from typing import Any

from mmengine.dist import is_main_process
from mmengine.hooks import CheckpointHook

from fau3d.io.atomic import atomic_path
from fau3d.registry import HOOKS


@HOOKS.register_module(name="CheckpointHook")
class SafeCheckpointHook(CheckpointHook):
    """Saves first and deletes old checkpoints after, where mmengine does the reverse.

    It takes mmengine's place under its own name in fau3d's scope; arguments are the same.
    """

    best_ckpt_path: str | None

    def _save_checkpoint_with_step(self, runner: Any, step: int, meta: dict) -> None:
        outdated = []
        if self.max_keep_ckpts > 0 and step not in self.keep_ckpt_ids:
            kept = [*self.keep_ckpt_ids, step]
            outdated = kept[: -self.max_keep_ckpts]
            self.keep_ckpt_ids.extend([step])
            runner.message_hub.update_info("keep_ckpt_ids", list(self.keep_ckpt_ids))
        self.last_ckpt = str(Path(self.out_dir) / self.filename_tmpl.format(step))
        runner.message_hub.update_info("last_ckpt", self.last_ckpt)
        runner.save_checkpoint(
            self.out_dir,
            Path(self.last_ckpt).name,
            self.file_client_args,
            save_optimizer=self.save_optimizer,
            save_param_scheduler=self.save_param_scheduler,
            meta=meta,
            by_epoch=self.by_epoch,
            backend_args=self.backend_args,
            **self.args,
        )
        if not is_main_process():
            return
        with atomic_path(Path(runner.work_dir) / "last_checkpoint") as temporary:
            temporary.write_text(self.last_ckpt)
        for old in outdated:
            (Path(self.out_dir) / self.filename_tmpl.format(old)).unlink(missing_ok=True)

    def _save_best_checkpoint(self, runner: Any, metrics: dict) -> None:
        if not self.save_best or len(self.key_indicators) != 1:
            super()._save_best_checkpoint(runner, metrics)
            return
        # The parent deletes the best so far before it saves the better one; hide it until that is done.
        previous, self.best_ckpt_path = self.best_ckpt_path, None
        try:
            super()._save_best_checkpoint(runner, metrics)
        finally:
            self.best_ckpt_path = self.best_ckpt_path or previous
        if previous and previous != self.best_ckpt_path and is_main_process():
            Path(previous).unlink(missing_ok=True)
