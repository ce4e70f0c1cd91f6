"""One set of running statistics for all processes."""

from typing import Any

from mmengine.dist import broadcast, is_distributed
from mmengine.hooks import Hook

from fau3d.registry import HOOKS


@HOOKS.register_module()
class BroadcastBuffersHook(Hook):
    """Gives every process the first one's buffers before validation.

    Batch normalisation keeps its statistics per process; the checkpoint holds the first one's, so these are
    what all must be scored with.
    """

    # After the averaged weights have been swapped in.
    priority = "LOWEST"

    def before_val_epoch(self, runner: Any) -> None:
        """Send the buffers of process 0."""
        if is_distributed():
            for buffer in getattr(runner.model, "module", runner.model).buffers():
                broadcast(buffer)
