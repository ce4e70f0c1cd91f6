"""Courses over time: bounds, smoothness, durations, and labels that speech does not fool."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fau3d.synthetic.actions import SYNTHETIC_AUS, action_map
from fau3d.synthetic.dynamics import Plan, blinks, draw_units, envelope, gaze, speech, wander
from fau3d.synthetic.labels import LABELLED_AUS, labels_of
from fau3d.synthetic.performance import CLOSED_LIDS, perform, resting_tone, run_seconds
from fau3d.synthetic.prototypes import EXCLUSIVE
from fau3d.synthetic.rig import FaceRig

TIMES = np.arange(96) / 30


def test_envelope_rises_holds_and_falls() -> None:
    times = np.linspace(-1, 4, 501)
    course = envelope(times, 0.0, 0.5, 1.0, 0.8)
    assert course.min() == 0 and course.max() == 1
    assert (course[times <= 0] == 0).all() and (course[times >= 2.3] < 1e-12).all()
    assert (course[(times >= 0.5) & (times <= 1.5)] == 1).all()
    assert course[np.argmin(np.abs(times - 0.25))] == pytest.approx(0.5)


@settings(max_examples=30, deadline=None)
@given(st.floats(-2, 3), st.floats(0.05, 1), st.floats(0, 3), st.floats(0.05, 2))
def test_envelope_stays_between_nothing_and_all(
    start: float, onset: float, apex: float, offset: float
) -> None:
    course = envelope(TIMES, start, onset, apex, offset)
    assert ((course >= 0) & (course <= 1)).all()


def test_wandering_is_smooth_and_of_unit_variance() -> None:
    rng = np.random.default_rng(0)
    courses = wander(rng, np.arange(3000) / 30, 60, 0.5)
    assert courses.std() == pytest.approx(1, abs=0.2)
    assert np.abs(np.diff(courses, axis=0)).mean() < 0.2


def test_blinks_are_short_and_close_the_lids() -> None:
    rng = np.random.default_rng(0)
    closed = np.stack([blinks(rng, TIMES, 0.5) for _ in range(50)])
    assert closed.max() > 0.9
    runs = [len(run) for row in closed > 0.5 for run in "".join("x" if v else " " for v in row).split()]
    assert np.median(runs) / 30 < 0.35


def test_blinks_are_labelled_as_blinks(rig: FaceRig) -> None:
    actions = action_map(rig)
    plan = Plan(quiet=1.0, speech=0.0, blinks_per_second=0.4)
    seen = 0
    for seed in range(60):
        performance = perform(np.random.default_rng(seed), rig, actions, TIMES, plan)
        _, occurrence = labels_of(actions, performance)
        lids, blink = (occurrence[:, LABELLED_AUS.index(au)] == 1 for au in ("AU43", "AU45"))
        seen += blink.any()
        # Two blinks may run into one another.
        assert lids.sum() <= 0.1 * max(blink.sum(), 1) + 20 and (performance.blink[blink] > 0.7).all()
    assert seen > 20


def test_gaze_stays_in_range() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        for course in gaze(rng, TIMES):
            assert np.abs(course).max() <= 1


def test_episodes_leave_out_what_no_face_can_do() -> None:
    rng = np.random.default_rng(0)
    for _ in range(500):
        units = draw_units(rng, Plan(prototypes=rng.random())).keys()
        for one, other in EXCLUSIVE:
            assert not (units & one and units & other)


def test_mixed_prototypes_bring_brows_and_mouths_together_that_no_prototype_does() -> None:
    def shares(mixed: float) -> np.ndarray:
        rng = np.random.default_rng(0)
        drawn = [draw_units(rng, Plan(prototypes=1.0, mixed=mixed)).keys() for _ in range(2000)]
        frowns = [units for units in drawn if "AU04" in units]
        return np.array([np.mean([au in units for units in frowns]) for au in ("AU12", "AU27")])

    assert shares(0.0)[0] == 0 and (shares(0.25) > shares(0.0)).all() and shares(1.0)[0] > 0.15


def test_no_unit_is_rare(rig: FaceRig) -> None:
    actions = action_map(rig)
    performances = [perform(np.random.default_rng([3, seed]), rig, actions, TIMES) for seed in range(400)]
    occurrence = np.concatenate([labels_of(actions, performance)[1] for performance in performances])
    shares = dict(zip(LABELLED_AUS, (occurrence == 1).mean(0)))
    assert min(shares.values()) > 0.03, min(shares, key=shares.__getitem__)
    # What nobody could tell is the exception.
    assert (occurrence == -1).mean(0).max() < 0.15


def test_units_of_an_episode_are_known_and_strong_enough() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        units = draw_units(rng, Plan())
        assert units and set(units) <= set(SYNTHETIC_AUS)
        assert all(0.1 < strength <= 1.1 for strength in units.values())


def test_speech_opens_jaw_and_lips_and_nothing_is_labelled_else(rig: FaceRig) -> None:
    actions = action_map(rig)
    plan = Plan(quiet=1.0, speech=1.0, blinks_per_second=0.0)
    mouths = ("AU25", "AU26", "AU27")
    others = [k for k, au in enumerate(LABELLED_AUS) if au not in mouths]
    opened = 0
    for seed in range(10):
        performance = perform(np.random.default_rng(seed), rig, actions, TIMES, plan)
        intensity, occurrence = labels_of(actions, performance)
        assert performance.talking and not intensity[:, others].any() and not occurrence[:, others].any()
        opened += (occurrence[:, LABELLED_AUS.index("AU25")] == 1).any()
    assert opened >= 6


def test_lips_meet_in_speech(rig: FaceRig) -> None:
    actions = action_map(rig)
    columns = {name: k for k, name in enumerate(rig.expression_names)}
    closings = 0
    for seed in range(20):
        weights = speech(np.random.default_rng(seed), np.arange(300) / 100, columns)
        gap = weights @ actions.lip_gap
        apart = np.flatnonzero(gap > 0.15)
        closings += len(apart) > 1 and (gap[apart[0] : apart[-1]] < 0.075).any()
    assert closings > 10


def test_speech_keeps_the_rhythm_of_syllables(rig: FaceRig) -> None:
    columns = {name: k for k, name in enumerate(rig.expression_names)}
    changes = []
    for seed in range(10):
        jaw = speech(np.random.default_rng(seed), np.arange(300) / 100, columns)[:, columns["jawOpen"]]
        if jaw.any():
            talking = np.ptp(np.flatnonzero(jaw)) / 100
            changes.append(((np.diff(np.sign(np.diff(jaw))) < 0).sum() + 1) / max(talking, 0.3))
    assert 1.5 < np.median(changes) < 12


def test_performances_repeat_by_seed_and_labels_stay_in_range(rig: FaceRig) -> None:
    actions = action_map(rig)
    first, again = (perform(np.random.default_rng(5), rig, actions, TIMES) for _ in range(2))
    np.testing.assert_array_equal(first.weights, again.weights)
    np.testing.assert_array_equal(first.activation, again.activation)
    for seed in range(20):
        performance = perform(np.random.default_rng(seed), rig, actions, TIMES)
        intensity, occurrence = labels_of(actions, performance)
        assert np.nanmin(intensity) >= 0 and np.nanmax(intensity) <= 5
        assert set(np.unique(occurrence)) <= {-1, 0, 1}
        # What is present is graded, at least as a trace.
        assert (intensity[occurrence == 1] >= 1 - 1e-5).all()


def test_runs_have_the_duration_of_the_whole_run() -> None:
    shown = np.array([[1, 0, 1, 1, 1, 0], [0, 0, 0, 0, 1, 1]], bool).T
    np.testing.assert_allclose(
        run_seconds(shown, 0.1).T, [[0.1, 0, 0.3, 0.3, 0.3, 0], [0, 0, 0, 0, 0.2, 0.2]], atol=1e-6
    )


def test_closures_cut_by_the_sequence_keep_their_duration(rig: FaceRig) -> None:
    actions = action_map(rig)
    plan = Plan(quiet=0.0, blinks_per_second=1.0)
    lids = SYNTHETIC_AUS.index("AU43")
    cut = []
    for seed in range(150):
        performance = perform(np.random.default_rng(seed), rig, actions, TIMES, plan)
        closed = actions.movement(performance.activation)[:, lids] >= CLOSED_LIDS
        np.testing.assert_array_equal(closed, performance.closure_seconds > 0)
        seen = run_seconds(closed, TIMES[1])
        assert (performance.closure_seconds >= seen - 1e-5).all()
        cut += [performance.closure_seconds[0, 0] - seen[0, 0]] if closed[0, 0] else []
    assert len(cut) > 3 and max(cut) > 0.3


def test_resting_tone_differs_between_people_and_is_nearly_symmetric(rig: FaceRig) -> None:
    tones = np.stack([resting_tone(np.random.default_rng(s), rig) for s in range(200)])
    left, right = (tones[:, rig.column(f"browDown_{side}")] for side in "LR")
    assert left.std() > 0.05 and np.corrcoef(left, right)[0, 1] > 0.8
    assert not tones[:, rig.column("jawOpen")].any()
