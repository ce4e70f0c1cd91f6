"""Units on the rig: where they move the face, and how far."""

import numpy as np
import pytest

from fau3d.facs import get_au_set
from fau3d.synthetic.actions import (
    AU_SHAPES,
    MEASURED_AUS,
    SYNTHETIC_AUS,
    ActionMap,
    action_map,
)
from fau3d.synthetic.corpus import CorpusConfig, set_stage
from fau3d.synthetic.labels import UNSCORED_BESIDE
from fau3d.synthetic.prototypes import ONE_SIDED_SHARE, PROTOTYPES
from fau3d.synthetic.rig import FaceRig, load_rig

COLUMN = {au: k for k, au in enumerate(SYNTHETIC_AUS)}


@pytest.fixture(scope="module")
def actions(rig: FaceRig) -> ActionMap:
    return action_map(rig)


def active(**units: float) -> np.ndarray:
    """Activations (1, A, 2) of both sides."""
    activation = np.zeros((1, len(SYNTHETIC_AUS), 2))
    for au, value in units.items():
        activation[0, COLUMN[au]] = value
    return activation


def moved(rig: FaceRig, actions: ActionMap, au: str) -> np.ndarray:
    return rig.pose(rig.neutral, actions.weights(active(**{au: 1.0})))[0] - rig.neutral


def test_units_are_those_of_the_named_set() -> None:
    assert get_au_set("synthetic24") == SYNTHETIC_AUS
    assert set(AU_SHAPES) | set(MEASURED_AUS) == set(SYNTHETIC_AUS)
    named = {au for _, units in PROTOTYPES for au in units} | set(ONE_SIDED_SHARE) | set(UNSCORED_BESIDE)
    assert named <= set(SYNTHETIC_AUS)


@pytest.mark.parametrize("name", ["mediapipe478", "ibug68"])
def test_every_unit_moves_every_rig(name: str) -> None:
    rig = load_rig(name)
    actions = action_map(rig)
    for au in AU_SHAPES:
        assert np.abs(moved(rig, actions, au)).max() > 0.1, au


@pytest.mark.parametrize(
    ("au", "point", "direction"),
    [
        ("AU01", 107, (0, 1)),  # inner brow up
        ("AU02", 105, (0, 1)),  # brow up
        ("AU04", 55, (0, -1)),  # inner brow down
        ("AU05", 159, (0, 1)),  # upper lid up
        ("AU43", 159, (0, -1)),  # upper lid down
        ("AU12", 61, (-1, 1)),  # right corner of the mouth out and up
        ("AU15", 61, (0, -1)),  # corner down
        ("AU17", 17, (0, 1)),  # lower lip up
        ("AU20", 61, (-1, 0)),  # corner out
        ("AU18", 61, (1, 0)),  # corner in
        ("AU10", 0, (0, 1)),  # upper lip up
        ("AU16", 17, (0, -1)),  # lower lip down
    ],
)
def test_units_move_the_face_their_way(
    rig: FaceRig, actions: ActionMap, au: str, point: int, direction: tuple[int, int]
) -> None:
    way = moved(rig, actions, au)[point, :2]
    assert way @ np.asarray(direction) > 0.05


def test_one_side_leaves_the_other_alone(rig: FaceRig, actions: ActionMap) -> None:
    activation = np.zeros((1, len(SYNTHETIC_AUS), 2))
    activation[0, COLUMN["AU43"], 0] = 1
    way = np.abs(rig.pose(rig.neutral, actions.weights(activation))[0] - rig.neutral)
    assert way[386].max() > 0.5 and way[159].max() < 0.05


def test_movement_is_a_share_of_the_full_movement(actions: ActionMap) -> None:
    for au in AU_SHAPES:
        full, half = (actions.movement(active(**{au: value}))[0, COLUMN[au]] for value in (1.0, 0.5))
        np.testing.assert_allclose(full, 1, atol=1e-5, err_msg=au)
        np.testing.assert_allclose(half, 0.5, atol=1e-5, err_msg=au)


def test_movement_counts_what_other_units_do_to_the_same_points(actions: ActionMap) -> None:
    lent = AU_SHAPES["AU09"]["browDown"] / AU_SHAPES["AU04"]["browDown"]
    assert actions.movement(active(AU09=1.0))[0, COLUMN["AU04"]].min() == pytest.approx(lent, abs=0.01)
    both = actions.movement(active(AU09=1.0, AU04=0.5))[0, COLUMN["AU04"]]
    assert both.min() == pytest.approx(0.5 + lent, abs=0.01)
    assert not actions.movement(active(AU04=1.0))[0, COLUMN["AU09"]].any()


def test_movement_of_one_side_is_not_the_others(actions: ActionMap) -> None:
    activation = np.zeros((1, len(SYNTHETIC_AUS), 2))
    activation[0, COLUMN["AU12"], 0] = 0.8
    np.testing.assert_allclose(actions.movement(activation)[0, COLUMN["AU12"]], (0.8, 0), atol=1e-5)


def test_unknown_topology_needs_lip_points(rig: FaceRig) -> None:
    some = rig.select(range(20), "twenty")
    with pytest.raises(ValueError, match="give lip_points"):
        action_map(some)
    assert action_map(some, [(13, 14)]).lip_gap.shape == (57,)


def test_a_full_frown_lowers_the_brows_as_far_as_a_real_one() -> None:
    """About a twentieth of the eyes' distance."""
    rig = load_rig("mediapipe478")
    config = CorpusConfig(people=1, sequences_per_person=1)
    stage = set_stage(rig, config)
    activation = np.zeros((1, len(SYNTHETIC_AUS), 2), np.float32)
    activation[:, SYNTHETIC_AUS.index("AU04")] = 1
    weights = stage.actions.weights(activation)
    moved = rig.pose(rig.neutral, weights)[0] - rig.neutral
    eyes = np.linalg.norm(rig.neutral[263] - rig.neutral[33])
    assert 0.04 < -moved[[55, 285], 1].mean() / eyes < 0.07
