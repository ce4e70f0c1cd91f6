"""Poses, cameras and the errors of a detector."""

import numpy as np
import pytest

from fau3d.synthetic.observation import (
    DetectorNoise,
    GuessedDetector,
    HeadMotion,
    SmoothField,
    draw_camera,
    head_poses,
    project_heads,
)
from fau3d.synthetic.rendering import Camera
from fau3d.synthetic.rig import FaceRig

TIMES = np.arange(96) / 30


@pytest.fixture(scope="module")
def smooth(rig: FaceRig) -> SmoothField:
    return SmoothField(rig.neutral, 2.0)


def test_fields_have_unit_variance_and_are_smooth(rig: FaceRig, smooth: SmoothField) -> None:
    rng = np.random.default_rng(0)
    fields = np.stack([smooth.draw(rng) for _ in range(60)])
    assert fields.std() == pytest.approx(1, abs=0.1)
    near = np.abs(fields[:, 13] - fields[:, 14]).mean()
    assert near < 0.4 * np.abs(fields[:, 13] - fields[:, 10]).mean()
    wandering = smooth.draw_wandering(rng, TIMES, 0.5)
    assert wandering.shape == (96, rig.num_points, 3)
    assert np.abs(np.diff(wandering, axis=0)).mean() < 0.3


def test_poses_stay_in_view() -> None:
    rng = np.random.default_rng(0)
    poses = np.concatenate([head_poses(rng, TIMES, HeadMotion()) for _ in range(50)])
    assert np.abs(poses).max() <= 0.7
    assert 0.1 < poses[:, 0].std() < 0.4
    assert poses[:, 0].std() > poses[:, 2].std()


def test_a_frontal_head_keeps_its_sides(rig: FaceRig) -> None:
    camera = Camera(80.0, 1500.0, (480, 640), tuple(rig.neutral.mean(0)))
    points = project_heads(rig.neutral[None], np.zeros((1, 3)), camera, np.zeros((1, 2)))[0]
    # The subject's left eye lies right in the image; y runs down; the nose's tip has the least z.
    assert points[263, 0] > points[33, 0] and points[152, 1] > points[10, 1]
    assert points[:, 2].argmin() in (1, 4) and abs(points[:, 2].mean()) < 1e-2


def test_turning_to_the_left_shows_the_right_cheek(rig: FaceRig) -> None:
    camera = Camera(80.0, 1500.0, (480, 640), tuple(rig.neutral.mean(0)))
    poses = np.array([[0.0, 0, 0], [0.4, 0, 0]])
    front, turned = project_heads(rig.neutral[None].repeat(2, 0), poses, camera, np.zeros((2, 2)))

    def left_share(face: np.ndarray) -> float:
        return float((face[263, 0] - face[1, 0]) / (face[263, 0] - face[33, 0]))

    assert left_share(turned) < left_share(front) - 0.1


def test_errors_have_the_size_that_was_asked_for(rig: FaceRig) -> None:
    rng = np.random.default_rng(0)
    poses = np.zeros((96, 3))

    def guess(**sizes: float) -> GuessedDetector:
        quiet = {"person": 0.0, "sequence": 0.0, "pose": 0.0, "drift": 0.0, "jitter": 0.0}
        return GuessedDetector(rig.neutral, DetectorNoise(**{**quiet, **sizes}))

    quiet = guess()
    nobody = quiet.draw_person(rng)
    assert not quiet.errors(rng, TIMES, poses, nobody, 5.0).any()
    jittery = guess(jitter=0.02)
    sizes = [jittery.errors(rng, TIMES, poses, nobody, 5.0).std() for _ in range(40)]
    assert np.mean(sizes) == pytest.approx(0.02, rel=0.35)
    personal = guess(person=0.1)
    person = personal.draw_person(rng)
    assert person.still.std() == pytest.approx(0.1, rel=0.5)
    errors = personal.errors(rng, TIMES, poses, person, 5.0)
    np.testing.assert_allclose(errors, np.broadcast_to(person.still, errors.shape), atol=1e-6)


def test_cameras_see_faces_of_sensible_size(rig: FaceRig) -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        camera = draw_camera(rng, rig, (480, 640))
        height = np.ptp(camera.project(rig.neutral)[:, 1])
        assert 480 / 8 < height < 480
