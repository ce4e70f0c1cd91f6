"""A sampler that deals whole batches to processes, so that scores do not depend on their number."""

from collections.abc import Iterator, Sized

from mmengine.dist import get_dist_info
from torch.utils.data import Sampler


class BatchAlignedSampler(Sampler):
    """Deals out the samples in order, a batch at a time: batch b goes to process b modulo their number.

    Every batch holds the same samples as in one process, in the same order, hence the same float32 results;
    no sample is dropped or handed out twice, whatever the number of samples. Processes may differ by one
    batch, which is fine where they do not wait for one another: in evaluation.

    Args:
        dataset: Its length is the number of samples.
        batch_size: Of the data loader.
    """

    def __init__(self, dataset: Sized, batch_size: int) -> None:
        self.rank, self.world_size = get_dist_info()
        self.total = len(dataset)
        self.batch_size = batch_size

    def __iter__(self) -> Iterator[int]:
        for start in range(self.rank * self.batch_size, self.total, self.world_size * self.batch_size):
            yield from range(start, min(start + self.batch_size, self.total))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def set_epoch(self, epoch: int) -> None:
        """Do nothing: the order is always the same."""
