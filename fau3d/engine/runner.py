"""mmengine's runner with safe, whole checkpoints, exact resume, and scores for any number of processes."""

import copy
import logging
from pathlib import Path
from typing import Any

from mmengine.dist import is_distributed
from mmengine.logging import print_log
from mmengine.registry import DATA_SAMPLERS, DATASETS, RUNNERS
from mmengine.runner import Runner
from mmengine.runner.checkpoint import _load_checkpoint_to_model
from torch.utils.data import DataLoader

from fau3d.engine.batch_sampling import BatchAlignedSampler
from fau3d.engine.carry_over import carry_over_units
from fau3d.engine.checkpoint import check_au_names, check_weights, find_resumable, read_checkpoint
from fau3d.engine.plain_values import to_plain
from fau3d.engine.seeding import PlacingSampler, SeededDataset
from fau3d.io.atomic import commit, temporary_sibling
from fau3d.registry import FUNCTIONS


@RUNNERS.register_module()
class FaceRunner(Runner):
    """A drop-in `Runner`.

    - Checkpoints hold plain values only, are read by the safe loader, and appear whole or not at all.
    - Samples draw random numbers from their place in training (see `seeding`), so that a resumed run equals
      the uninterrupted one, whatever the number of workers.
    - In evaluation, batches are dealt out whole (see `BatchAlignedSampler`).
    """

    _has_loaded: bool

    def unwrapped_model(self) -> Any:
        """Give the model itself, without the wrapper for many processes."""
        return getattr(self.model, "module", self.model)

    @staticmethod
    def build_dataloader(
        dataloader: DataLoader | dict, seed: int | None = None, diff_rank_seed: bool = False
    ) -> DataLoader:
        """Build a data loader whose samples draw from their place in training; arguments as in mmengine."""
        if isinstance(dataloader, DataLoader):
            return dataloader
        config = copy.deepcopy(dataloader)
        for key in ("collate_fn", "worker_init_fn"):
            # mmengine looks for their names in its own registry only.
            function = config.get(key)
            if isinstance(function, dict) and isinstance(function.get("type"), str):
                function["type"] = FUNCTIONS.get(function["type"]) or function["type"]
        dataset, sampler = config.get("dataset"), config.get("sampler")
        if not isinstance(dataset, dict) or not isinstance(sampler, dict) or "num_batch_per_epoch" in config:
            return Runner.build_dataloader(config, seed, diff_rank_seed)
        built = DATASETS.build(dataset)
        if hasattr(built, "full_init"):
            built.full_init()
        if is_distributed() and _is_in_order(sampler) and "batch_size" in config:
            ordered: Any = BatchAlignedSampler(built, config["batch_size"])
        else:
            defaults = {"dataset": built, "seed": None if diff_rank_seed else seed}
            ordered = DATA_SAMPLERS.build(sampler, default_args=defaults)
        if config.get("drop_last") and len(ordered) < config.get("batch_size", 1):
            print_log(
                f"an epoch has {len(ordered)} clips a process, fewer than a batch of {config['batch_size']}: "
                "each step takes what there is; set the data set's clips_per_epoch, or a smaller batch_size",
                logger="current",
                level=logging.WARNING,
            )
            config["drop_last"] = False
        config["dataset"] = SeededDataset(built, seed or 0)
        config["sampler"] = PlacingSampler(ordered)
        return Runner.build_dataloader(config, seed, diff_rank_seed)

    def load_or_resume(self) -> None:
        """Load weights, or resume from the checkpoint named, else the work folder's newest whole one."""
        if self._has_loaded or not (self._resume and self._load_from is None):
            return super().load_or_resume()
        found = find_resumable(self.work_dir)
        if found is None:
            self.logger.info(f"nothing to resume from in {self.work_dir}: training starts from the beginning")
        else:
            self.logger.info(f"resuming from {found}")
            self.resume(str(found))
        self._has_loaded = True
        return None

    def load_checkpoint(
        self,
        filename: str,
        map_location: Any = "cpu",
        strict: bool = False,
        revise_keys: Any = ((r"^module\.", ""),),
    ) -> dict:
        """Read a checkpoint safely and load its weights.

        Args:
            filename: A path.
            map_location: As in `torch.load`.
            strict: Whether missing and unexpected weights are errors.
            revise_keys: Pairs of pattern and replacement for the names of weights.

        Returns:
            The whole checkpoint.

        Raises:
            CheckpointError: If it cannot be read safely, or, in testing and resuming, is for another AU set
                or another network.
        """
        checkpoint = read_checkpoint(filename, map_location)
        if not isinstance(checkpoint, dict):
            raise TypeError(f"{filename}: holds a {type(checkpoint).__name__}; wanted a dict of weights")
        found, wanted = _au_names_of(checkpoint), self._au_names()
        if self._train_loop is None or self._resume:
            # Only training may start from weights that fit in part.
            check_au_names(found, wanted, filename)
            check_weights(checkpoint, self.unwrapped_model(), filename, revise_keys)
        elif found and wanted and found != wanted:
            checkpoint, told = carry_over_units(checkpoint, self.unwrapped_model(), found, wanted)
            self.logger.info(f"{filename}: {told}")
        self.call_hook("after_load_checkpoint", checkpoint=checkpoint)
        checkpoint = _load_checkpoint_to_model(
            self.unwrapped_model(), checkpoint, strict, revise_keys=list(revise_keys)
        )
        self._restore_metainfo(checkpoint)
        self._has_loaded = True
        self.logger.info(f"loaded checkpoint from {filename}")
        return checkpoint

    def save_checkpoint(self, out_dir: str, filename: str, *args: Any, **kwargs: Any) -> None:
        """Save a checkpoint under a temporary name, then give it its own; arguments as in mmengine."""
        if self.rank != 0:
            return
        target = Path(out_dir) / filename
        temporary = temporary_sibling(target)
        super().save_checkpoint(out_dir, temporary.name, *args, **kwargs)
        commit(temporary, target)

    def call_hook(self, fn_name: str, **kwargs: Any) -> None:
        """Call the hooks; what they leave in a checkpoint becomes plain values."""
        if fn_name == "before_run":
            self._check_data_sets()
        super().call_hook(fn_name, **kwargs)
        if fn_name == "before_save_checkpoint":
            checkpoint = kwargs["checkpoint"]
            checkpoint.update({key: to_plain(value) for key, value in checkpoint.items()})

    def _au_names(self) -> tuple[str, ...] | None:
        names = getattr(getattr(self.unwrapped_model(), "head", None), "au_names", None)
        return tuple(names) if names is not None else None

    def _check_data_sets(self) -> None:
        """Refuse data sets with other units than the head's: as many of them would train in silence."""
        wanted = self._au_names()
        for phase in ("train", "val", "test"):
            loader = getattr(getattr(self, f"_{phase}_loop"), "dataloader", None)
            metainfo = getattr(getattr(loader, "dataset", None), "metainfo", None) or {}
            found = tuple(metainfo.get("au_names") or ())
            if wanted and found and found != wanted:
                raise ValueError(
                    f"{phase}_dataloader: the data set gives {', '.join(found)}, but the head answers "
                    f"{', '.join(wanted)}; set {phase}_dataloader.dataset.au_set to what model.head.au_set is"
                )

    def _restore_metainfo(self, checkpoint: dict) -> None:
        # mmengine compares pickles of the two; equal content shall not warn because a list was a tuple.
        meta = checkpoint.get("meta")
        dataset = getattr(getattr(self._train_loop, "dataloader", None), "dataset", None)
        metainfo = getattr(dataset, "metainfo", None)
        if not isinstance(meta, dict) or metainfo is None:
            return
        if to_plain(metainfo) == meta.get("dataset_meta"):
            meta["dataset_meta"] = metainfo


def _is_in_order(sampler: dict) -> bool:
    name = str(sampler.get("type")).rpartition(".")[-1]
    return name in ("DefaultSampler", "ClipSampler") and not sampler.get("shuffle", True)


def _au_names_of(checkpoint: dict) -> tuple[str, ...] | None:
    meta = checkpoint.get("meta")
    if not isinstance(meta, dict):
        return None
    names = meta.get("au_names") or (meta.get("dataset_meta") or {}).get("au_names")
    return tuple(names) if names else None
