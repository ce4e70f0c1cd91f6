"""The measured detector: what is put in comes out of the fit, and what is fitted can be drawn and kept."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fau3d.synthetic.corpus import CorpusConfig, set_stage
from fau3d.synthetic.detector import MeasuredDetector, load_detector
from fau3d.synthetic.detector_drift import leading_modes, persistence
from fau3d.synthetic.detector_fit import fit_detector
from fau3d.synthetic.looks import draw_look
from fau3d.synthetic.observation import GuessedDetector, PersonBias
from fau3d.synthetic.performance import Performance, resting_tone
from fau3d.synthetic.rendered import SeenPerson, Sighting
from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.residuals import FitOptions, fit_view, person_errors, tone_of
from fau3d.synthetic.rig import FaceRig, load_rig

SEQUENCES, FRAMES, PEOPLE, STEP = 2, 40, 40, 0.1
_OPTIONS = FitOptions(modes=(4, 4, 2, 8, 2), prior_frames=2.0)


@pytest.fixture(scope="module")
def tiny() -> FaceRig:
    """Twelve points, two identity modes, three shapes."""
    rng = np.random.default_rng(1)
    neutral = rng.uniform(-5, 5, (12, 3)).astype(np.float32)
    identities, expressions = rng.normal(0, 0.4, (2, 12, 3)), rng.normal(0, 0.6, (3, 12, 3))
    names = ("smile_L", "smile_R", "jawOpen")
    return FaceRig(neutral, identities.astype(np.float32), expressions.astype(np.float32), names, "tiny")


@pytest.fixture(scope="module")
def marks() -> FaceRig:
    """Landmarks on a head that keeps still."""
    rng = np.random.default_rng(2)
    neutral = rng.uniform(-6, 6, (68, 3)).astype(np.float32)
    return FaceRig(
        neutral, np.zeros((2, 68, 3)), np.zeros((3, 68, 3)), ("smile_L", "smile_R", "jawOpen"), "m"
    )


@pytest.fixture(scope="module")
def truth(tiny: FaceRig) -> MeasuredDetector:
    rng = np.random.default_rng(3)

    def field(size: float, *shape: int) -> np.ndarray:
        return rng.normal(0, size, (*shape, 12, 3)).astype(np.float32)

    return MeasuredDetector(
        topology="tiny",
        shape_names=tiny.expression_names,
        response=np.array([[0.5, 0.8, 0.2], [0.5, 0.8, 0.2], [0.9, 1.2, 0.4]]),
        response_modes=field(0, 1),
        response_weights=np.zeros((3, 1), np.float32),
        identity_response=np.full((2, 3), 0.6),
        mean=field(0.1),
        person=field(0.1, 1),
        sequence=field(0.05, 1),
        pose=field(0.3, 2),
        pose_person=field(0.0, 2, 1),
        drift=field(0.05, 2),
        jitter=np.full((12, 3), 0.002),
        persisting=0.8,
        memory=0.3,
        by_size=np.array((1.0, 0.0)),
        unsteadiness=0.0,
        lag=0.0,
        yaw_edges=np.array((0.0, 0.2, 0.4, np.pi)),
        lost=np.array([[0.0, 0.0, 0.0], [0.2, 0.2, 0.2]]),
        gross=np.zeros((2, 3)),
        lost_frames=2.0,
        occluded=0.5,
    )


def _seen(tiny: FaceRig, marks: FaceRig, truth: MeasuredDetector, number: int) -> SeenPerson:
    rng = np.random.default_rng([7, number])
    modes, bias = rng.normal(size=2), truth.draw_person(rng)
    scenes = [_sighting(rng, tiny, marks, truth, modes, bias) for _ in range(SEQUENCES + 1)]
    return SeenPerson(scenes[0], tuple(scenes[1:]), draw_look(rng), modes)


def _sighting(
    rng: np.random.Generator,
    tiny: FaceRig,
    marks: FaceRig,
    truth: MeasuredDetector,
    modes: np.ndarray,
    bias: PersonBias,
) -> Sighting:
    poses = rng.normal(0, 0.15, (FRAMES, 3))
    weights = rng.random((FRAMES, 3)).astype(np.float32)
    times = STEP * np.arange(FRAMES)
    seen_rig, scale, distance = truth.seen_rig(tiny), 8.0, rng.uniform(50, 120)
    faces = seen_rig.pose(seen_rig.face(modes), weights) + truth.errors(rng, times, poses, bias, scale)
    middle = np.array((0.0, *marks.neutral[:, 1:].mean(0)))
    pivot = middle + (0, -6, -8)
    turns = np.stack([rotation(*pose) for pose in poses])
    place = rng.uniform(20, 60, 2)

    def project(points: np.ndarray) -> np.ndarray:
        turned = np.einsum("tij,tvj->tvi", turns, points - pivot) + (0, -6, -8)
        plane = turned[..., :2] * (1, -1) / (1 - turned[..., 2:] / distance) * scale + place
        return np.concatenate([plane, -scale * turned[..., 2:] + 3.0], -1).astype(np.float32)

    still = np.zeros((FRAMES, 1, 2), np.float32)
    performance = Performance(weights, still, still[:, 0, 0], still[:, 0], False)
    true_marks = project(np.repeat(marks.neutral[None], FRAMES, 0))
    occluded = bool(rng.random() < 0.5)
    index = np.arange(FRAMES)
    return Sighting(project(faces), true_marks, poses, index, performance, 256, scale, 1 / STEP, occluded)


@pytest.fixture(scope="module")
def fitted(tiny: FaceRig, marks: FaceRig, truth: MeasuredDetector) -> MeasuredDetector:
    people = [
        person_errors(tiny, marks, _seen(tiny, marks, truth, number), np.zeros(3)) for number in range(PEOPLE)
    ]
    return fit_detector(tiny, people, _OPTIONS)


def _variance(modes: np.ndarray) -> float:
    return float((modes**2).sum())


def test_the_fit_finds_what_was_put_in(fitted: MeasuredDetector, truth: MeasuredDetector) -> None:
    # Depth has no zero of its own, so that what moves all points along z is not seen.
    plane = (..., slice(0, 2))
    np.testing.assert_allclose(fitted.response[plane], truth.response[plane], atol=0.08)
    np.testing.assert_allclose(fitted.identity_response[plane], truth.identity_response[plane], atol=0.2)
    assert np.abs(fitted.mean - truth.mean)[plane].mean() < 0.04
    assert np.abs(fitted.pose - truth.pose)[plane].mean() < 0.06
    assert _variance(fitted.person[plane]) == pytest.approx(_variance(truth.person[plane]), rel=0.5)
    assert _variance(fitted.sequence[plane]) == pytest.approx(_variance(truth.sequence[plane]), rel=0.5)
    assert _variance(fitted.drift[plane]) == pytest.approx(_variance(truth.drift[plane]), rel=0.3)
    assert fitted.persisting == pytest.approx(0.8, abs=0.12)
    assert fitted.memory == pytest.approx(0.3, rel=0.5)
    assert abs(fitted.lag) < 0.2
    # Losses do not depend on what the sighting says about occlusion here: a tenth of all frames.
    assert fitted.lost.mean() == pytest.approx(0.1, abs=0.06)


def test_depth_follows_too(fitted: MeasuredDetector, truth: MeasuredDetector) -> None:
    assert np.abs(fitted.response[:, 2] - truth.response[:, 2]).max() < 0.4


def test_the_fit_is_the_same_every_time(tiny: FaceRig, marks: FaceRig, truth: MeasuredDetector) -> None:
    people = [person_errors(tiny, marks, _seen(tiny, marks, truth, k), np.zeros(3)) for k in range(4)]
    first, second = fit_detector(tiny, people, _OPTIONS), fit_detector(tiny, people, _OPTIONS)
    np.testing.assert_array_equal(first.person, second.person)
    with pytest.raises(ValueError, match="render more"):
        fit_detector(tiny, people[:1])


def test_a_camera_is_found_from_known_points() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(-6, 6, (5, 20, 3))
    place = rng.normal(size=(5, 1, 2))
    seen = (truth[..., :2] / (1 - truth[..., 2:] / 60) + place) * (1, -1)
    nearness, found = fit_view(truth, seen)
    assert 1 / nearness == pytest.approx(60, rel=1e-3)
    np.testing.assert_allclose(found, place[:, 0], atol=1e-3)


def test_persistence_is_told_from_noise() -> None:
    rng = np.random.default_rng(0)
    covariances = np.zeros(5)
    for _ in range(3000):
        slow = np.zeros(24)
        slow[0] = rng.normal()
        for t in range(1, 24):
            slow[t] = 0.8 * slow[t - 1] + 0.6 * rng.normal()
        course = np.sqrt(0.7) * slow + np.sqrt(0.3) * rng.normal(size=24)
        course -= course.mean()
        covariances += [(course[lag:] * course[: 24 - lag]).mean() / 3000 for lag in range(5)]
    share, rho = persistence(covariances, 24)
    assert share == pytest.approx(0.7, abs=0.06) and rho == pytest.approx(0.8, abs=0.06)


def test_directions_without_variance_are_left_out() -> None:
    modes = leading_modes(np.diag([4.0, -1.0, 1.0]), 3)
    np.testing.assert_allclose(modes, [[2, 0, 0], [0, 0, 1]], atol=1e-6)


def test_a_detector_is_kept_on_disk(fitted: MeasuredDetector, tmp_path: Path) -> None:
    fitted.save(tmp_path / "detector.npz")
    again = load_detector(tmp_path / "detector.npz")
    assert again.shape_names == fitted.shape_names and again.memory == fitted.memory
    np.testing.assert_allclose(again.person, fitted.person, atol=1e-3)
    np.savez(tmp_path / "other.npz", a=np.zeros(1))
    with pytest.raises(ValueError, match="not a detector"):
        load_detector(tmp_path / "other.npz")
    with pytest.raises(FileNotFoundError, match="shipped"):
        load_detector("nose5")


def test_the_shipped_detector_is_small_and_draws_by_seed(rig: FaceRig, repo_root: Path) -> None:
    path = repo_root / "fau3d" / "synthetic" / "detector_mediapipe478.npz"
    assert path.stat().st_size < 300_000
    detector = load_detector("mediapipe478").select(np.arange(50), "fifty")
    times, poses = np.arange(60) / 30, np.zeros((60, 3))

    def draw(seed: int, scale: float) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return detector.errors(rng, times, poses, detector.draw_person(rng), scale)

    np.testing.assert_array_equal(draw(0, 8.0), draw(0, 8.0))
    assert draw(0, 8.0).shape == (60, 50, 3)
    assert np.nanstd(np.diff(draw(0, 3.0), axis=0)) > 1.2 * np.nanstd(np.diff(draw(0, 30.0), axis=0))
    with pytest.raises(ValueError, match="not the rig"):
        detector.seen_rig(rig)


def test_lost_faces_are_missing_frames(truth: MeasuredDetector) -> None:
    rng, blind = np.random.default_rng(0), replace(truth, occluded=1.0)
    person, poses = blind.draw_person(rng), np.zeros((50, 3))
    drawn = [blind.errors(rng, np.arange(50) / 25, poses, person, 8.0) for _ in range(40)]
    missing = np.isnan(np.concatenate(drawn)).all((1, 2)).mean()
    assert missing == pytest.approx(0.2, abs=0.08)


def test_a_corpus_takes_the_measured_detector_where_there_is_one(rig: FaceRig) -> None:
    measured = set_stage(rig, CorpusConfig(people=1))
    assert isinstance(measured.detector, MeasuredDetector) and measured.share == 0.5
    guessed = set_stage(rig, CorpusConfig(people=1, detector="guessed"))
    assert isinstance(guessed.detector, GuessedDetector) and guessed.share == 0.9
    assert isinstance(set_stage(load_rig("ibug68"), CorpusConfig(people=1)).detector, GuessedDetector)
    # Labels come from how the face moves, not from how that is seen.
    np.testing.assert_array_equal(measured.actions.lip_gap, guessed.actions.lip_gap)
    with pytest.raises(FileNotFoundError, match="no such detector"):
        set_stage(load_rig("ibug68"), CorpusConfig(people=1, detector="measured"))
    with pytest.raises(ValueError, match="detector is 'none'"):
        CorpusConfig(people=1, detector="none")


def test_resting_expressions_are_drawn_again_for_the_right_person_alone(
    tiny: FaceRig, marks: FaceRig, truth: MeasuredDetector
) -> None:
    recipe = {"seed": 5, "identity_spread": 1.15, "resting_spread": 1.0}
    rng = np.random.default_rng([5, 3])
    modes, look = rng.normal(0, 1.15, 2), draw_look(rng)
    person = replace(_seen(tiny, marks, truth, 0), modes=modes, look=look)
    rig = load_rig("mediapipe478")
    np.testing.assert_array_equal(tone_of(person, 3, rig, recipe), resting_tone(rng, rig, 1.0))
    with pytest.raises(ValueError, match="person 4: the recipe draws someone else"):
        tone_of(person, 4, rig, recipe)
