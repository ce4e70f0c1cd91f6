"""Labels of activations whose right answer FACS gives."""

import numpy as np
import pytest

from fau3d.synthetic.actions import MEASURED_AUS, SYNTHETIC_AUS, ActionMap, action_map
from fau3d.synthetic.labels import LABELLED_AUS, MOVEMENT_LEVELS, labels_of
from fau3d.synthetic.performance import Performance
from fau3d.synthetic.rig import FaceRig

UNIT = {au: k for k, au in enumerate(SYNTHETIC_AUS)}
COLUMN = {au: k for k, au in enumerate(LABELLED_AUS)}


@pytest.fixture(scope="module")
def actions(rig: FaceRig) -> ActionMap:
    return action_map(rig)


def played(
    actions: ActionMap, frames: list[dict[str, float | tuple[float, float]]], seconds: float = 0.0
) -> Performance:
    """Frames as units with their activation, on both sides or (left, right)."""
    activation = np.zeros((len(frames), len(SYNTHETIC_AUS), 2), np.float32)
    for row, units in enumerate(frames):
        for au, value in units.items():
            activation[row, UNIT[au]] = value
    none = np.zeros(len(frames), np.float32)
    closure = np.full((len(frames), 2), seconds, np.float32)
    return Performance(actions.weights(activation), activation, none, closure, False)


def labels(actions: ActionMap, **units: float | tuple[float, float]) -> tuple[dict, dict]:
    intensity, occurrence = labels_of(actions, played(actions, [units]))
    return dict(zip(LABELLED_AUS, intensity[0].tolist())), dict(zip(LABELLED_AUS, occurrence[0].tolist()))


def test_intensity_has_the_uneven_ranges_of_facs(actions: ActionMap) -> None:
    shares, grades = zip(*MOVEMENT_LEVELS)
    frames = [{"AU12": share, "AU04": share} for share in shares]
    intensity, _ = labels_of(actions, played(actions, frames))
    for au in ("AU12", "AU04", "AU12_L", "AU04_R"):
        np.testing.assert_allclose(intensity[:, COLUMN[au]], grades, atol=1e-4)
    width = np.diff(shares)[1:]
    assert width.argmax() == 2 and width[3] < width[2] and max(width[:2]) <= width[2]


def test_presence_has_a_grey_zone(actions: ActionMap) -> None:
    frames = [{"AU12": share} for share in (0.0, 0.04, 0.07, 0.11)]
    _, occurrence = labels_of(actions, played(actions, frames))
    assert occurrence.dtype == np.int8
    assert occurrence[:, COLUMN["AU12"]].tolist() == [0, 0, -1, 1]


def test_sides_are_labelled_by_their_own_movement(actions: ActionMap) -> None:
    intensity, occurrence = labels(actions, AU12=(0.75, 0.0), AU01=(0.0, 0.45))
    assert (occurrence["AU12"], occurrence["AU12_L"], occurrence["AU12_R"]) == (1, 1, 0)
    assert (occurrence["AU01"], occurrence["AU01_L"], occurrence["AU01_R"]) == (1, 0, 1)
    assert intensity["AU12"] == intensity["AU12_L"] == pytest.approx(4, abs=0.01)
    assert intensity["AU12_R"] == 0 and intensity["AU01_R"] == pytest.approx(3, abs=0.01)


def test_jaw_and_lips_are_graded_by_their_opening(rig: FaceRig, actions: ActionMap) -> None:
    performance = played(actions, [{}] * 4)
    performance.weights[:, actions.jaw] = (0.0, 0.1, 0.3, 0.8)
    intensity, occurrence = labels_of(actions, performance)
    lips, drop, stretch = (intensity[:, COLUMN[au]] for au in MEASURED_AUS)
    assert (np.diff(lips) > 0).all() and lips[0] == 0 and lips[3] == 5
    assert drop[0] == 0 and 1 < drop[1] < 2 and 3 < drop[2] < 4
    assert stretch[2] == 0 and stretch[3] > 3
    # Beside a stretched mouth a dropped jaw is not scored.
    assert np.isnan(drop[3]) and occurrence[:, COLUMN["AU26"]].tolist() == [0, 1, 1, -1]


def test_lips_count_as_apart_whatever_parts_them(actions: ActionMap) -> None:
    for au in ("AU10", "AU16", "AU22"):
        assert labels(actions, **{au: 1.0})[0]["AU25"] >= 1, au
    assert labels(actions, AU24=1.0)[0]["AU25"] < 0.5
    # The jaw is down, yet the raised chin keeps the lips together.
    performance = played(actions, [{"AU17": 1.0, "AU24": 1.0}])
    performance.weights[:, actions.jaw] = 0.09
    _, occurrence = labels_of(actions, performance)
    assert occurrence[0, COLUMN["AU26"]] == 1 and occurrence[0, COLUMN["AU25"]] == 0


@pytest.mark.parametrize(
    ("shown", "hidden", "absent"),
    [
        ("AU06", ("AU07",), ("AU12", "AU09", "AU04")),
        ("AU09", ("AU04", "AU10", "AU11"), ("AU12",)),
        ("AU10", ("AU11",), ("AU09", "AU12")),
        ("AU12", (), ("AU06", "AU14", "AU20")),
        ("AU17", (), ("AU15", "AU24", "AU23")),
        ("AU23", ("AU24",), ("AU28", "AU17")),
        ("AU24", ("AU23",), ("AU28", "AU17")),
        ("AU28", ("AU23", "AU24"), ("AU17",)),
    ],
)
def test_neighbours_are_hidden_or_absent(
    actions: ActionMap, shown: str, hidden: tuple[str, ...], absent: tuple[str, ...]
) -> None:
    intensity, occurrence = labels(actions, **{shown: 1.0})
    assert occurrence[shown] == 1 and intensity[shown] == 5
    for au in hidden:
        assert occurrence[au] == -1 and np.isnan(intensity[au]), au
        # What acts itself is scored all the same.
        assert labels(actions, **{shown: 1.0, au: 0.8})[1][au] == 1, au
    for au in absent:
        assert occurrence[au] == 0 and intensity[au] == 0, au


def test_sides_of_hidden_units_are_hidden_too(actions: ActionMap) -> None:
    _, occurrence = labels(actions, AU09=1.0, AU04=(0.6, 0.0))
    assert (occurrence["AU04"], occurrence["AU04_L"], occurrence["AU04_R"]) == (1, 1, -1)


@pytest.mark.parametrize(("seconds", "held", "blink"), [(0.2, 0, 1), (0.8, 1, 0)])
def test_closures_are_told_apart_by_their_duration(
    actions: ActionMap, seconds: float, held: int, blink: int
) -> None:
    frames = [{"AU43": share} for share in (0.2, 0.6, 0.95, 0.6)]
    performance = played(actions, frames)
    performance.closure_seconds[2] = seconds
    intensity, occurrence = labels_of(actions, performance)
    assert occurrence[:, COLUMN["AU43"]].tolist() == [0, -1, held, -1]
    assert occurrence[:, COLUMN["AU45"]].tolist() == [0, -1, blink, -1]
    assert occurrence[:, COLUMN["AU43_L"]].tolist() == occurrence[:, COLUMN["AU43"]].tolist()
    assert intensity[2, COLUMN["AU43"]] == pytest.approx(5 * held)
    assert intensity[2, COLUMN["AU45"]] == pytest.approx(5 * blink)


def test_a_wink_is_a_closure_of_one_side_however_short(actions: ActionMap) -> None:
    performance = played(actions, [{"AU43": (1.0, 0.1)}])
    performance.closure_seconds[0, 0] = 0.3
    _, occurrence = labels_of(actions, performance)
    assert [occurrence[0, COLUMN[au]] for au in ("AU43", "AU43_L", "AU43_R", "AU45")] == [1, 1, 0, 0]


def test_what_is_not_scored_beside_others_can_be_chosen(actions: ActionMap) -> None:
    _, occurrence = labels_of(actions, played(actions, [{"AU28": 1.0}]), {})
    assert occurrence[0, COLUMN["AU24"]] == 0
