import pickle
import random
from types import MappingProxyType

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader, SequentialSampler

from fau3d.engine import batch_sampling
from fau3d.engine.batch_sampling import BatchAlignedSampler
from fau3d.engine.seeding import PlacedIndex, PlacingSampler, SeededDataset, derive_seed


class Noise:
    metainfo = MappingProxyType({"au_names": ["AU01"]})

    def __len__(self):
        return 10

    def __getitem__(self, index):
        assert type(index) is int
        return random.random(), np.random.rand(), torch.rand(()).item()  # noqa: NPY002


def epoch(number, workers, batch_size):
    data = SeededDataset(Noise(), seed=5)
    sampler = PlacingSampler(SequentialSampler(data))
    sampler.set_epoch(number)
    loader = DataLoader(
        data, batch_size, sampler=sampler, num_workers=workers, collate_fn=list, multiprocessing_context=None
    )
    return [sample for batch in loader for sample in batch]


def test_samples_depend_on_their_place_alone():
    random.seed(1)
    first = epoch(0, 0, 3)
    random.seed(2)
    torch.manual_seed(2)
    assert first == epoch(0, 1, 2)
    assert first != epoch(1, 0, 3)
    assert len(set(first)) == 10


def test_reading_a_sample_leaves_the_streams_alone():
    data = SeededDataset(Noise(), seed=5)
    state = torch.get_rng_state()
    _ = data[PlacedIndex(3, 0, 1)]
    assert torch.equal(state, torch.get_rng_state())
    assert data.metainfo == Noise.metainfo
    with pytest.raises(AttributeError):
        _ = data.nothing
    assert pickle.loads(pickle.dumps(data)).seed == 5


def test_a_data_set_that_draws_by_epoch_is_told_the_epoch():
    class ByEpoch:
        epoch_in_index = True

        def __len__(self):
            return 10

        def __getitem__(self, index):
            return index

    data = SeededDataset(ByEpoch(), seed=0)
    assert data[PlacedIndex(3, 2, 0)] == 33
    assert data[PlacedIndex(33, 2, 0)] == 33
    assert data[3] == 3


def test_placed_index_travels():
    index = pickle.loads(pickle.dumps(PlacedIndex(4, 2, 9)))
    assert (index, index.epoch, index.place) == (4, 2, 9)


def test_seeds_of_neighbours_differ():
    seeds = {derive_seed(seed, place) for seed in range(20) for place in range(20)}
    assert len(seeds) == 400 and max(seeds) < 2**32


@pytest.mark.parametrize("total", [0, 1, 7, 12, 13])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_whole_batches_each_once(monkeypatch, total, processes):
    batches = {}
    for rank in range(processes):
        monkeypatch.setattr(batch_sampling, "get_dist_info", lambda rank=rank: (rank, processes))
        sampler = BatchAlignedSampler(range(total), batch_size=4)
        indices = list(sampler)
        assert len(sampler) == len(indices)
        for begin in range(0, len(indices), 4):
            batches[indices[begin]] = indices[begin : begin + 4]
    expected = {begin: list(range(begin, min(begin + 4, total))) for begin in range(0, total, 4)}
    assert batches == expected
