"""Randomness that depends on where training is, not on how it got there.

A run that is killed and resumed, or that reads its data with another number of workers, must draw the same
random numbers. So nothing continues a random stream: each training step and each sample starts its own, from
the seed, the epoch and its place in it.
"""

import hashlib
import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from torch.utils.data import Dataset, Sampler, get_worker_info

from fau3d.registry import HOOKS


def derive_seed(*parts: int | str) -> int:
    """Mix numbers and names into a seed below 2**32; neighbours give unrelated seeds."""
    text = "/".join(str(part) for part in parts)
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=4).digest(), "little")


def seed_cpu(seed: int) -> None:
    """Seed Python's, NumPy's and torch's CPU generators."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - transforms of mmcv draw from it
    torch.default_generator.manual_seed(seed)


class PlacedIndex(int):
    """Index of a sample that knows its epoch and its place in it; travels to workers as it is."""

    epoch: int
    place: int

    def __new__(cls, index: int, epoch: int, place: int) -> "PlacedIndex":
        self = super().__new__(cls, index)
        self.epoch, self.place = epoch, place
        return self

    def __reduce__(self) -> tuple:
        return PlacedIndex, (int(self), self.epoch, self.place)


class PlacingSampler(Sampler):
    """Wraps a sampler so that each index knows its place.

    Args:
        sampler: Any sampler; `set_epoch` is passed on to it where it has one.
    """

    def __init__(self, sampler: Any) -> None:
        self.sampler = sampler
        self.epoch = 0

    def __iter__(self) -> Iterator[PlacedIndex]:
        rank = get_rank()
        for position, index in enumerate(self.sampler):
            yield PlacedIndex(int(index), self.epoch, derive_seed(rank, position))

    def __len__(self) -> int:
        return len(self.sampler)

    def set_epoch(self, epoch: int) -> None:
        """Tell the sampler which epoch begins."""
        self.epoch = epoch
        if hasattr(self.sampler, "set_epoch"):
            self.sampler.set_epoch(epoch)


class SeededDataset(Dataset):
    """Wraps a data set so that each sample starts the random stream of its place.

    Args:
        dataset: The data set; every attribute is reachable through the wrapper.
        seed: Of the run.
    """

    # torch asks for many samples at once where a data set offers it; each must be seeded apart.
    __getitems__ = None

    def __init__(self, dataset: Any, seed: int) -> None:
        self.dataset = dataset
        self.seed = seed

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "dataset":
            raise AttributeError(name)
        return getattr(self.dataset, name)

    def __len__(self) -> int:
        return len(self.dataset)

    def __getitem__(self, index: int) -> Any:
        if not isinstance(index, PlacedIndex):
            return self.dataset[index]
        item = int(index)
        seed = derive_seed(self.seed, "sample", index.epoch, index.place, item)
        if getattr(self.dataset, "epoch_in_index", False) and item < len(self.dataset):
            # The data set draws by epoch if its index says which: see `ClipSampler`.
            item += (index.epoch + 1) * len(self.dataset)
        if get_worker_info() is not None:
            # A worker does nothing but read samples: there is no stream of its own to go back to.
            seed_cpu(seed)
            return self.dataset[item]
        state = random.getstate(), np.random.get_state(), torch.get_rng_state()  # noqa: NPY002
        seed_cpu(seed)
        try:
            return self.dataset[item]
        finally:
            random.setstate(state[0])
            np.random.set_state(state[1])  # noqa: NPY002
            torch.set_rng_state(state[2])


@HOOKS.register_module()
class StepSeedHook(Hook):
    """Starts the random stream of each epoch and step, for dropout and augmentation on the device."""

    priority = "VERY_HIGH"

    def before_train_epoch(self, runner: Any) -> None:
        """Seed from the run's seed and the epoch: data loaders seed their workers from it."""
        seed_cpu(derive_seed(runner.seed, "epoch", runner.epoch, get_rank()))

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        """Seed from the run's seed, the step and the process."""
        seed = derive_seed(runner.seed, "step", runner.iter, get_rank())
        seed_cpu(seed)
        if torch.cuda.is_available():
            torch.cuda.manual_seed_all(seed)
