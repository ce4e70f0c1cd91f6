"""Units on the rig: where they move the face, and what labels follow."""

import numpy as np
import pytest

from fau3d.facs import get_au_set
from fau3d.synthetic.actions import (
    AU_SHAPES,
    MEASURED_AUS,
    SYNTHETIC_AUS,
    UNSCORED_BESIDE,
    ActionMap,
    action_map,
    intensities,
    occurrences,
)
from fau3d.synthetic.corpus import CorpusConfig, set_stage
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


def test_intensity_is_five_times_the_stronger_side(actions: ActionMap) -> None:
    activation = np.zeros((3, len(SYNTHETIC_AUS), 2))
    activation[:, COLUMN["AU12"], 0] = (0.0, 0.4, 1.1)
    activation[:, COLUMN["AU12"], 1] = (0.1, 0.2, 0.0)
    graded = intensities(actions, activation, actions.weights(activation))
    np.testing.assert_allclose(graded[:, COLUMN["AU12"]], (0.5, 2.0, 5.0), atol=1e-5)


def test_jaw_and_lips_are_graded_by_their_opening(rig: FaceRig, actions: ActionMap) -> None:
    weights = np.zeros((4, len(rig.expression_names)))
    weights[:, actions.jaw] = (0.0, 0.1, 0.3, 0.8)
    graded = intensities(actions, np.zeros((4, len(SYNTHETIC_AUS), 2)), weights)
    lips, drop, stretch = (graded[:, COLUMN[au]] for au in MEASURED_AUS)
    assert (np.diff(lips) > 0).all() and lips[0] == 0 and lips[3] == 5
    assert drop[0] == 0 and 1 < drop[1] < 2 and 3 < drop[2] < 4 and drop[3] == 5
    assert stretch[2] == 0 and stretch[3] > 3


def test_lips_count_as_apart_whatever_parts_them(rig: FaceRig, actions: ActionMap) -> None:
    for au in ("AU10", "AU16", "AU22"):
        activation = active(**{au: 1.0})
        graded = intensities(actions, activation, actions.weights(activation))
        assert graded[0, COLUMN["AU25"]] >= 1, au
    pressed = active(AU24=1.0)
    assert intensities(actions, pressed, actions.weights(pressed))[0, COLUMN["AU25"]] < 0.5


def test_presence_has_a_grey_zone() -> None:
    graded = np.zeros((4, len(SYNTHETIC_AUS)), np.float32)
    graded[:, COLUMN["AU12"]] = (0.0, 0.49, 0.7, 1.0)
    graded[:, COLUMN["AU43"]] = (1.9, 2.1, 3.4, 3.6)
    occurrence = occurrences(graded)
    assert occurrence.dtype == np.int8
    assert occurrence[:, COLUMN["AU12"]].tolist() == [0, 0, -1, 1]
    assert occurrence[:, COLUMN["AU43"]].tolist() == [0, -1, -1, 1]


def test_units_hidden_by_others_are_not_annotated() -> None:
    graded = np.zeros((2, len(SYNTHETIC_AUS)), np.float32)
    graded[:, COLUMN["AU09"]] = 4
    graded[1, COLUMN["AU04"]] = 3
    graded[:, COLUMN["AU27"]] = 3
    graded[:, COLUMN["AU26"]] = 5
    occurrence = occurrences(graded)
    assert occurrence[:, COLUMN["AU04"]].tolist() == [-1, 1]
    assert occurrence[:, COLUMN["AU26"]].tolist() == [-1, -1]


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
