"""Faces put together from two."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fau3d.engine.hooks import SpliceFacesHook
from fau3d.facs import get_au_set
from fau3d.structures import AUDataSample
from fau3d.topology import get_topology

FACES, FRAMES = 8, 3
UNITS = ("AU01", "AU06", "AU12", "AU12_L", "AU25", "AU43")


def batch(topology="mediapipe91"):
    """Every number in face k is k; occurrence is its parity."""
    points = get_topology(topology).num_points
    number = torch.arange(FACES, dtype=torch.float32)
    samples = []
    for k in range(FACES):
        sample = AUDataSample()
        sample.set_data(
            {
                "gt_occurrence": torch.full((FRAMES, len(UNITS)), k % 2, dtype=torch.int8),
                "gt_intensity": torch.full((FRAMES, len(UNITS)), float(k)),
            }
        )
        samples.append(sample)
    keypoint = number[:, None, None, None, None].expand(FACES, 1, FRAMES, points, 2).clone()
    return {
        "inputs": {"keypoint": keypoint, "keypoint_score": keypoint[..., 0] + 1},
        "data_samples": samples,
    }


def splice(data, prob=0.5, iteration=0, topology="mediapipe91"):
    hook = SpliceFacesHook(topology, UNITS, prob)
    hook.before_train_iter(SimpleNamespace(seed=0, iter=iteration), 0, data)
    return data


@pytest.mark.parametrize("topology", ["mediapipe91", "ibug68", "mediapipe478"])
def test_labels_go_with_the_parts(topology):
    data = splice(batch(topology), topology=topology)
    regions = get_topology(topology).regions
    changed = 0
    for k, sample in enumerate(data["data_samples"]):
        face = data["inputs"]["keypoint"][k, 0, 0, :, 0]
        upper = face[regions["left_brow"].tolist()].unique()
        lower = face[regions["mouth"].tolist()].unique()
        assert upper.tolist() == [k]
        assert len(lower) == 1
        other = int(lower)
        changed += other != k
        assert data["inputs"]["keypoint_score"][k, 0, 0, regions["mouth"][0]] == other + 1
        intensity = dict(zip(UNITS, sample.gt_intensity[0].tolist()))
        assert intensity["AU01"] == intensity["AU43"] == k
        assert intensity["AU12"] == intensity["AU12_L"] == intensity["AU25"] == other
        assert np.isnan(intensity["AU06"]) == (other != k)
        occurrence = dict(zip(UNITS, sample.gt_occurrence[0].tolist()))
        assert occurrence["AU06"] == (k % 2 if other % 2 == k % 2 else -1)
    assert 0 < changed < FACES


def test_it_depends_on_the_step_and_not_on_what_came_before():
    first, again, later = splice(batch()), splice(batch()), splice(batch(), iteration=5)
    assert torch.equal(first["inputs"]["keypoint"], again["inputs"]["keypoint"])
    assert not torch.equal(first["inputs"]["keypoint"], later["inputs"]["keypoint"])


def test_none_are_spliced_at_zero():
    assert torch.equal(splice(batch(), prob=0.0)["inputs"]["keypoint"], batch()["inputs"]["keypoint"])


def test_units_of_the_shipped_set_belong_above_below_or_between():
    hook = SpliceFacesHook("mediapipe91", "synthetic41")
    names = get_au_set("synthetic41")
    between = {names[k] for k in hook._between}
    assert between == {"AU06", "AU09", "AU06_L", "AU06_R"}


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="prob is 2"):
        SpliceFacesHook("mediapipe91", UNITS, prob=2)


def test_a_face_of_two_is_believed_as_far_as_the_less_certain_one():
    data = batch()
    for k, sample in enumerate(data["data_samples"]):
        if k:  # nothing is said of the first
            sample.set_data({"frame_weight": torch.full((FRAMES,), k / FACES)})
    data = splice(data, prob=1.0)
    mouth = get_topology("mediapipe91").regions["mouth"][0]
    for k, sample in enumerate(data["data_samples"]):
        other = int(data["inputs"]["keypoint"][k, 0, 0, mouth, 0])
        certain = [number / FACES for number in (k, other) if number]
        assert sample.frame_weight.tolist() == pytest.approx([min(certain)] * FRAMES)
