"""A sampler that tells the dataset which epoch it is."""

from collections.abc import Iterator, Sized
from typing import Any

from mmengine.dataset import DefaultSampler

from fau3d.registry import DATA_SAMPLERS


@DATA_SAMPLERS.register_module()
class ClipSampler(DefaultSampler):
    """mmengine's default sampler, whose indices carry the epoch to a dataset that draws its clips.

    Item `i` of epoch `e` is asked for as `(e + 1) * len(dataset) + i`. So what is drawn is a function of the
    seed, the epoch and the index alone: it differs from epoch to epoch also with persistent workers, and does
    not depend on the number of workers or on whether the run was resumed. A dataset that draws nothing, or
    that is wrapped in another, gets plain indices.
    """

    def __init__(
        self, dataset: Sized, shuffle: bool = True, seed: int | None = None, round_up: bool = True
    ) -> None:
        """Take mmengine's arguments; the runner passes its seed.

        Args:
            dataset: What is sampled.
            shuffle: Shuffle anew in each epoch.
            seed: Of the order, and of what the dataset draws; the same on all ranks.
            round_up: Repeat some indices, so that all ranks have equally many.
        """
        super().__init__(dataset, shuffle, seed, round_up)
        if getattr(dataset, "epoch_in_index", False):
            dataset.sampler_seed = self.seed  # type: ignore[attr-defined]

    def __iter__(self) -> Iterator[int]:
        """Iterate over the indices of this process."""
        offset = 0
        if getattr(self.dataset, "epoch_in_index", False):
            offset = (self.epoch + 1) * len(self.dataset)
        return (index + offset for index in super().__iter__())


def place_and_epoch(index: int, dataset: Any) -> tuple[int, int | None]:
    """Read an index as `ClipSampler` writes it.

    Args:
        index: Index, perhaps beyond the epoch.
        dataset: With a length and `epoch_in_index`.

    Returns:
        Index in the epoch, and the epoch; None where the index carries none.

    Raises:
        IndexError: If there is no such item.
    """
    size = len(dataset)
    if index < 0 or (index >= size and not dataset.epoch_in_index):
        raise IndexError(f"item {index} of {size}")
    if index < size:
        return index, None
    epoch, index = divmod(index, size)
    return index, epoch - 1
