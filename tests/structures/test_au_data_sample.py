"""Data samples reach another process whole."""

import copy
import pickle

import pytest
import torch

from fau3d.structures import AUDataSample


@pytest.mark.parametrize(
    "send", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))], ids=["copy", "pickle"]
)
def test_a_sample_arrives_as_it_was_sent(send) -> None:
    whole = torch.arange(1000, dtype=torch.float32).reshape(100, 10)
    sample = AUDataSample(metainfo={"frame_dir": "a", "total_frames": 100})
    sample.gt_intensity = whole[40:50]
    sample.gt_occurrence = torch.ones(10, 3, dtype=torch.int8)
    sample.pred_occurrence = torch.rand(10, 3).to(torch.bfloat16)
    arrived = send(sample)
    assert (arrived.frame_dir, sorted(arrived.keys())) == ("a", sorted(sample.keys()))
    for key in sample.keys():  # noqa: SIM118
        assert arrived.get(key).dtype == sample.get(key).dtype
        assert torch.equal(arrived.get(key), sample.get(key))
    arrived.gt_intensity[0] = -1
    assert whole.min() == 0


def test_only_the_clip_travels() -> None:
    sample = AUDataSample()
    sample.gt_intensity = torch.zeros(100_000, 12)[:48]
    assert len(pickle.dumps(sample)) < 4000
