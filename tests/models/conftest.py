"""Small clips and data samples for the tests of models."""

import pytest
import torch

from fau3d.structures import AUDataSample


@pytest.fixture
def make_sample():
    """Make a labelled data sample of T frames and A units."""

    def make(frames=6, aus=12, seed=0, intensity=True, **metainfo):
        generator = torch.Generator().manual_seed(seed)
        sample = AUDataSample(metainfo={"frame_dir": f"clip_{seed}", **metainfo})
        occurrence = torch.randint(-1, 2, (frames, aus), generator=generator, dtype=torch.int8)
        sample.set_data({"gt_occurrence": occurrence})
        if intensity:
            strength = torch.rand((frames, aus), generator=generator) * 5
            strength[0] = float("nan")
            sample.set_data({"gt_intensity": strength})
        return sample

    return make


@pytest.fixture
def make_batch(make_sample):
    """Make a batch as the collate function gives it."""

    def make(batch=2, persons=1, frames=6, points=5, aus=12):
        generator = torch.Generator().manual_seed(1)
        return {
            "inputs": {
                "keypoint": torch.rand((batch, persons, frames, points, 2), generator=generator),
                "keypoint_score": torch.rand((batch, persons, frames, points), generator=generator),
            },
            "data_samples": [make_sample(frames, aus, seed) for seed in range(batch)],
        }

    return make
