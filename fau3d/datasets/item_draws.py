"""The generator of random numbers that each item of a data set gets."""

import numpy as np
import torch
from torch.utils.data import get_worker_info


def item_generator(
    seed: int, sampler_seed: int, index: int, draw: int | None, fixed: bool
) -> np.random.Generator:
    """Give an item's own generator.

    Args:
        seed: Of the data set.
        sampler_seed: Of a `ClipSampler`.
        index: Of the item in the epoch.
        draw: Epoch, which a `ClipSampler` tells; None where another sampler is used.
        fixed: Whether the item is the same in every epoch, as in testing.

    Returns:
        A function of all these; without an epoch, of torch's generator.
    """
    if fixed or draw is not None:
        return _generator(seed, sampler_seed, draw or 0, index)
    # A worker's own seed differs from epoch to epoch, torch's generator from item to item.
    worker = get_worker_info()
    noise = int(torch.randint(2**62, ()))
    return _generator(seed, 0 if worker is None else worker.seed, noise)


def _generator(*numbers: int) -> np.random.Generator:
    # SFC64 is the fastest to make and to draw from; one is made for every item.
    return np.random.Generator(np.random.SFC64(numbers))
