"""The faces on which people can rest, and the ways to them."""

import numpy as np
import pytest

from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.resting import (
    RESTING_FACES,
    align_similarity,
    canonical_face,
    canonical_offset,
    photographed_face,
    resting_offset,
    turn_to_front,
)
from fau3d.synthetic.rig import FaceRig, load_rig
from fau3d.topology import get_topology

INNER_BROWS = [55, 107, 285, 336]
OUTER_EYE_CORNERS = [33, 263]


def lip_gap(face: np.ndarray) -> float:
    return float(face[13, 1] - face[14, 1])


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

    assert lip_gap(rig.neutral + offset) == pytest.approx(lip_gap(rig.neutral), abs=1e-4)
    assert lip_gap(target) > lip_gap(rig.neutral) + 0.3


def test_irises_stay_in_their_eyes(rig: FaceRig) -> None:
    face = rig.neutral + canonical_offset(rig.neutral)
    for iris, corners in ((468, (33, 133)), (473, (362, 263))):
        low, high = sorted(face[list(corners), 0])
        assert low < face[iris, 0] < high
        assert abs(face[iris, 1] - face[list(corners), 1].mean()) < 0.6


def test_photographed_face_is_a_symmetric_face_near_the_canonical_one() -> None:
    face, canonical = photographed_face(), canonical_face()
    assert face.shape == (478, 3)
    np.testing.assert_allclose(face[get_topology("mediapipe478").mirror_index] * (-1, 1, 1), face, atol=1e-4)
    apart = np.linalg.norm(face[:468] - canonical, axis=1)
    eyes = np.linalg.norm(canonical[33] - canonical[263])
    assert apart.mean() < 0.05 * eyes
    assert apart.max() < 0.12 * eyes


def test_photographed_lips_are_nearly_closed_and_brows_low() -> None:
    face, canonical = photographed_face(), canonical_face()
    assert 0 <= lip_gap(face) < 0.25 * lip_gap(canonical)

    def brow_height(points: np.ndarray) -> float:
        corners = points[OUTER_EYE_CORNERS]
        return float(
            (points[INNER_BROWS, 1].mean() - corners[:, 1].mean()) / np.linalg.norm(corners[0] - corners[1])
        )

    assert brow_height(face) < brow_height(canonical) - 0.01
    for iris, corners in ((468, (33, 133)), (473, (362, 263))):
        low, high = sorted(face[list(corners), 0])
        assert low < face[iris, 0] < high


def test_offset_leads_to_the_photographed_face_but_leaves_lips_as_open_as_they_are(rig: FaceRig) -> None:
    ajar = rig.neutral.astype(np.float64)
    lower_lip = [14, 87, 317, 15, 16, 17]
    ajar[lower_lip, 1] -= 0.5
    rested = ajar + resting_offset(ajar, "photographed")
    topology = get_topology("mediapipe478")
    rigid = topology.rigid[topology.rigid < 468]
    target = align_similarity(photographed_face().astype(np.float64), ajar, rigid)
    apart = np.abs(rested - target).max(1)
    away = np.flatnonzero(apart > 0.06)
    assert {0, 13, 14, 17} < set(away.tolist())
    assert set(away.tolist()) < set(topology.regions["mouth"].tolist())
    for face in RESTING_FACES:
        rested = ajar + resting_offset(ajar, face)
        assert lip_gap(rested) == pytest.approx(lip_gap(ajar), abs=1e-4)


def test_the_photographed_face_rests_already() -> None:
    face = 1.3 * photographed_face().astype(np.float64) @ rotation(0.1, 0.2, 0.0).T + (1, 2, 3)
    np.testing.assert_allclose(resting_offset(face, "photographed"), 0, atol=1e-6)


def test_the_canonical_face_has_its_own_way(rig: FaceRig) -> None:
    np.testing.assert_array_equal(resting_offset(rig.neutral, "canonical"), canonical_offset(rig.neutral))


def test_an_unknown_face_is_refused(rig: FaceRig) -> None:
    with pytest.raises(ValueError, match="'painted'; known: photographed, canonical"):
        resting_offset(rig.neutral, "painted")


@pytest.mark.parametrize("face", RESTING_FACES)
def test_other_topologies_have_no_face_to_rest_on(face: str) -> None:
    with pytest.raises(ValueError, match=r"\(68, 3\); wanted \(478, 3\)"):
        resting_offset(load_rig("ibug68").neutral, face)


def test_a_seen_face_is_turned_to_the_front() -> None:
    front = photographed_face().astype(np.float64)
    seen = (12 * front @ rotation(0.4, -0.2, 0.3).T) * (1, -1, -1) + (200, 150, 0)
    straight = front * (1, -1, -1)
    np.testing.assert_allclose(turn_to_front(seen), turn_to_front(straight), atol=1e-9)
    np.testing.assert_allclose(turn_to_front(straight), front, atol=0.1)
