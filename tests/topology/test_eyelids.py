"""The lid points of every set lie as their order says."""

import numpy as np
import pytest

from fau3d.topology import TOPOLOGIES, eyelid_points, get_topology, resting_face, subset


@pytest.mark.parametrize("name", TOPOLOGIES)
def test_lids_are_of_the_eyes_and_mirror_each_other(name):
    topology, lids = get_topology(name), eyelid_points(name)
    np.testing.assert_array_equal(topology.mirror_index[lids[0]], lids[1])
    assert np.isin(lids[0], topology.regions["left_eye"]).all()
    np.testing.assert_array_equal(lids[:, [0, 3]].ravel()[[0, 1, 3, 2]], topology.eye_corners)


@pytest.mark.parametrize("name", ["ibug68", "mediapipe478", "mediapipe91"])
def test_upper_lids_are_above_lower_ones_at_the_same_place(name):
    face, lids = resting_face(name), eyelid_points(name)
    upper, lower = face[lids[:, [1, 2]]], face[lids[:, [5, 4]]]
    assert (upper[..., 1] < lower[..., 1]).all()
    assert (np.abs(upper[..., 0] - lower[..., 0]) < 0.03).all()
    np.testing.assert_allclose(face[lids], resting_face("mediapipe478")[eyelid_points("mediapipe478")])


def test_a_subset_without_lids_is_refused():
    topology = get_topology("ibug68")
    with pytest.raises(ValueError, match="'corners' lacks the twelve lid points"):
        eyelid_points(subset(topology, topology.eye_corners, "corners"))
