"""The canonical face, and the way to it."""

import numpy as np
import pytest

from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.resting import align_similarity, canonical_face, canonical_offset
from fau3d.synthetic.rig import FaceRig, load_rig
from fau3d.topology import get_topology


def test_canonical_face_is_a_symmetric_face() -> None:
    face = canonical_face()
    assert face.shape == (468, 3)
    mirror = get_topology("mediapipe478").mirror_index[:468]
    np.testing.assert_allclose(face[mirror] * (-1, 1, 1), face, atol=0.05)
    assert face[33, 0] < 0 < face[263, 0] and face[10, 1] > face[152, 1]


def test_alignment_undoes_a_similarity() -> None:
    rng = np.random.default_rng(0)
    points = rng.normal(size=(30, 3))
    moved = 2.5 * points @ rotation(0.4, 0.2, -0.3).T + (1, 2, 3)
    np.testing.assert_allclose(align_similarity(points, moved), moved, atol=1e-9)


def test_alignment_never_mirrors() -> None:
    points = np.random.default_rng(1).normal(size=(30, 3))
    aligned = align_similarity(points, points * (-1, 1, 1))
    assert np.abs(aligned - points * (-1, 1, 1)).max() > 0.5


def test_offset_leads_to_the_canonical_face_but_keeps_lips_closed(rig: FaceRig) -> None:
    offset = canonical_offset(rig.neutral)
    target = align_similarity(canonical_face(), rig.neutral[:468])
    before = np.abs(rig.neutral[:468] - target).mean()
    after = np.abs(rig.neutral[:468] + offset[:468] - target).mean()
    assert after < 0.25 * before

    def lip_gap(face: np.ndarray) -> float:
        return float(face[13, 1] - face[14, 1])

    assert lip_gap(rig.neutral + offset) == pytest.approx(lip_gap(rig.neutral), abs=1e-4)
    assert lip_gap(target) > lip_gap(rig.neutral) + 0.3


def test_irises_stay_in_their_eyes(rig: FaceRig) -> None:
    face = rig.neutral + canonical_offset(rig.neutral)
    for iris, corners in ((468, (33, 133)), (473, (362, 263))):
        low, high = sorted(face[list(corners), 0])
        assert low < face[iris, 0] < high
        assert abs(face[iris, 1] - face[list(corners), 1].mean()) < 0.6


def test_other_topologies_have_no_canonical_face() -> None:
    with pytest.raises(ValueError, match="mediapipe478"):
        canonical_offset(load_rig("ibug68").neutral)
