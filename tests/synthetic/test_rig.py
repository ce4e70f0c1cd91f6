"""The rig: linear, saved and read whole, wrong files named."""

from pathlib import Path

import numpy as np
import pytest

from fau3d.synthetic.rig import SHIPPED_RIGS, FaceRig, load_rig
from fau3d.topology import get_topology


@pytest.mark.parametrize("name", sorted(SHIPPED_RIGS))
def test_shipped_rigs_fit_their_topology(name: str) -> None:
    rig = load_rig(name)
    assert rig.topology == name and rig.num_points == get_topology(name).num_points
    assert rig.identities.shape[0] == 100 and len(rig.expression_names) == 57
    assert all(np.isfinite(part).all() for part in (rig.neutral, rig.identities, rig.expressions))


@pytest.mark.parametrize("name", sorted(SHIPPED_RIGS))
def test_shipped_rigs_are_nearly_symmetric_at_rest(name: str) -> None:
    rig, mirror = load_rig(name), get_topology(name).mirror_index
    gap = rig.neutral - rig.neutral[mirror] * (-1, 1, 1)
    assert np.abs(gap[:, :2]).mean() < 0.12


@pytest.mark.parametrize("name", sorted(SHIPPED_RIGS))
def test_left_shapes_move_the_subjects_left(name: str) -> None:
    rig = load_rig(name)
    movement = np.abs(rig.expressions[rig.column("eyeBlink_L")]).sum(1)
    assert rig.neutral[movement.argmax(), 0] > 0
    assert movement[rig.neutral[:, 0] > 1].sum() > 20 * movement[rig.neutral[:, 0] < -1].sum()


def test_pose_is_linear(rig: FaceRig) -> None:
    rng = np.random.default_rng(0)
    resting = rig.face(rng.normal(size=100))
    first, second = rng.random((2, 5, 57))
    both = rig.pose(resting, first) + rig.pose(resting, second) - resting
    np.testing.assert_allclose(rig.pose(resting, first + second), both, atol=1e-4)
    np.testing.assert_array_equal(rig.pose(resting, np.zeros((1, 57)))[0], resting)


def test_select_keeps_the_points(rig: FaceRig) -> None:
    some = rig.select([4, 10, 152], "three")
    weights = np.random.default_rng(1).random((2, 57))
    np.testing.assert_allclose(
        some.pose(some.neutral, weights), rig.pose(rig.neutral, weights)[:, [4, 10, 152]], atol=1e-5
    )


def test_saved_and_read_again(rig: FaceRig, tmp_path: Path) -> None:
    small = rig.select(range(5), "five")
    small.save(tmp_path / "rig.npz")
    read = load_rig(tmp_path / "rig.npz")
    assert (read.topology, read.expression_names, read.metainfo) == (
        "five",
        small.expression_names,
        small.metainfo,
    )
    np.testing.assert_allclose(read.expressions, small.expressions, atol=2e-3)


def test_errors_name_what_was_wanted(rig: FaceRig, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"shipped: .*mediapipe478"):
        load_rig("mediapipe479")
    np.savez(tmp_path / "other.npz", neutral=np.zeros((3, 3)))
    with pytest.raises(ValueError, match="not a rig"):
        load_rig(tmp_path / "other.npz")
    with pytest.raises(KeyError, match="no expression shape 'earWiggle'"):
        rig.column("earWiggle")
    with pytest.raises(ValueError, match="identities have shape"):
        FaceRig(np.zeros((2, 3)), np.zeros((1, 3, 3)), np.zeros((0, 2, 3)), (), "two")
    with pytest.raises(ValueError, match="1 expression names for 0"):
        FaceRig(np.zeros((2, 3)), np.zeros((1, 2, 3)), np.zeros((0, 2, 3)), ("jawOpen",), "two")
    with pytest.raises(ValueError, match="wanted \\(V, 3\\)"):
        FaceRig(np.zeros((2, 2)), np.zeros((1, 2, 2)), np.zeros((0, 2, 2)), (), "two")
