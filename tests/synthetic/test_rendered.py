"""People filmed and seen: the same by seed, whole on disk, turned to the front, annotated."""

from dataclasses import replace

import numpy as np
import pytest

from fau3d.io.annotation import load_annotations, save_annotations
from fau3d.synthetic.actions import action_map
from fau3d.synthetic.filming import Film
from fau3d.synthetic.looks import draw_look
from fau3d.synthetic.rendered import FilmSet, RenderConfig, film_person
from fau3d.synthetic.rendered_corpus import (
    Annotator,
    RestingShift,
    between,
    calm_face,
    mean_rest,
    rendered_metainfo,
)
from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.resting import (
    RESTING_FACES,
    align_similarity,
    canonical_face,
    canonical_offset,
)
from fau3d.synthetic.rig import load_rig
from fau3d.synthetic.scene import Scene, SceneRange, draw_scene, occlude, record
from fau3d.synthetic.seen_people import load_person, save_person

CONFIG = RenderConfig(sequences=2, frames=7, rest_frames=2, size=64)


@pytest.fixture(scope="module")
def stage(head):
    """The dome with the shapes of a rig, of which only the jaw moves it."""
    rig = load_rig("ibug68")
    shapes = np.zeros((len(rig.expression_names), *head.vertices.shape), np.float16)
    shapes[rig.column("jawOpen")] = head.expressions[2]
    dome = replace(head, expressions=shapes, expression_names=rig.expression_names)
    return FilmSet(Film(dome), rig, action_map(rig), CONFIG)


def canonical_478():
    face = canonical_face()
    return np.concatenate([face, np.repeat(face[[159, 386]].mean(0)[None], 10, 0)]).astype(np.float32)


def detect(images, stills):
    """An extractor that finds the same face in all pictures but the second."""
    face = canonical_478() * (1, -1, -1) + (32, 32, 0)
    return [None if k == 1 and not stills else face + image.mean() / 1000 for k, image in enumerate(images)]


@pytest.fixture(scope="module")
def person(stage):
    return film_person(stage, 3, detect)


def test_a_person_is_decided_by_seed_and_number(stage, person):
    again, other = film_person(stage, 3, detect), film_person(stage, 4, detect)
    for one, two in zip((person.rest, *person.sequences), (again.rest, *again.sequences)):
        np.testing.assert_array_equal(one.points, two.points)
        np.testing.assert_array_equal(one.performance.weights, two.performance.weights)
    assert again.look == person.look
    assert not np.array_equal(other.modes, person.modes)


def test_every_second_frame_is_rendered(person):
    sequence = person.sequences[0]
    assert sequence.index.tolist() == [0, 2, 4, 6]
    assert sequence.points.shape == (4, 478, 3)
    assert sequence.marks.shape == (4, 68, 3)
    assert len(sequence.performance.weights) == CONFIG.frames
    assert person.rest.index.tolist() == [0, 1]
    assert np.abs(person.rest.performance.activation).max() == 0


def test_a_person_comes_back_from_disk(person, tmp_path):
    path = tmp_path / "person00003.npz"
    save_person(path, person)
    back = load_person(path)
    np.testing.assert_array_equal(back.modes, person.modes)
    assert (back.look.tone, back.look.age) == (person.look.tone, person.look.age)
    assert len(back.sequences) == 2
    for one, two in zip((person.rest, *person.sequences), (back.rest, *back.sequences)):
        np.testing.assert_array_equal(one.points, two.points)
        np.testing.assert_array_equal(one.performance.activation, two.performance.activation)
        assert (one.size, one.scale, one.fps, one.occluded) == (two.size, two.scale, two.fps, two.occluded)


def test_a_broken_file_says_what_to_do(tmp_path):
    path = tmp_path / "person00001.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(ValueError, match="remove it, and it is rendered again"):
        load_person(path)


def test_points_lie_between_rendered_frames():
    points = np.array([0.0, 2.0, np.nan, 6.0])[:, None, None].repeat(2, 2)
    filled = between(points, np.array([0, 2, 4, 6]), 8)[:, 0, 0]
    np.testing.assert_array_equal(filled[[0, 1, 2, 6, 7]], [0, 1, 2, 6, 6])
    assert np.isnan(filled[[3, 4, 5]]).all()


def test_resting_faces_are_turned_to_the_front(person):
    face = canonical_478()
    poses = np.array([[0.3, 0.1, -0.2], [-0.2, 0.2, 0.1]], np.float32)
    points = np.stack([face @ rotation(*pose).T for pose in poses]) * 5 * (1, -1, -1) + (40, 30, 0)
    seen = replace(
        person, rest=replace(person.rest, points=points.astype(np.float32), poses=poses, scale=5.0)
    )
    rest = mean_rest([seen])
    apart = rest[:468] - align_similarity(canonical_face(), rest[:468])
    assert np.abs(apart).max() < 1e-3
    with pytest.raises(ValueError, match="no resting face"):
        mean_rest([])


@pytest.mark.parametrize(("topology", "points"), [("mediapipe91", 91), ("mediapipe478", 478), ("ibug68", 68)])
def test_annotations_of_people_are_read_back(stage, person, tmp_path, topology, points):
    offset = canonical_offset(canonical_478().astype(np.float64))
    annotator = Annotator(stage.actions, topology, offset, RestingShift("canonical", 0.5, 0.3))
    annotations = annotator.annotations(person, 3)
    assert [item["frame_dir"] for item in annotations] == ["person00003_00", "person00003_01"]
    names = [item["frame_dir"] for item in annotations]
    path = tmp_path / "all.pkl"
    save_annotations(
        path, {"train": names}, annotations, rendered_metainfo(topology, {}, RestingShift(), ["AU01"])
    )
    back = load_annotations(path).annotations[0]
    assert back["keypoint"].shape[:3] == (1, CONFIG.frames, points)
    seen = np.isfinite(back["keypoint"]).all((0, 2, 3))
    np.testing.assert_array_equal(back["keypoint_score"][0, :, 0] > 0, seen)


@pytest.mark.parametrize(("topology", "share"), [("mediapipe478", 1.0), ("ibug68", 1.0), ("ibug68", 0.5)])
def test_seen_and_true_points_are_moved_alike(stage, person, topology, share):
    """A way of 1 cm up along the head; of 68 points one sequence is seen, the next one true."""
    up = np.zeros((478, 3))
    up[:, 1] = 1
    as_is, moved = (
        Annotator(stage.actions, topology, up, RestingShift(share=how_far)).annotations(person, 3)
        for how_far in (0.0, share)
    )
    assert len(moved) == 2
    for before, after, sighting in zip(as_is, moved, person.sequences):
        found = np.isfinite(before["keypoint"]).all((0, 2, 3))[sighting.index]
        way = (after["keypoint"] - before["keypoint"])[0, sighting.index]
        axes = np.stack([rotation(*pose)[:, 1] for pose in sighting.poses]) * (1, -1, -1)
        wanted = np.broadcast_to(share * sighting.scale * axes[:, None, : way.shape[-1]], way.shape)
        np.testing.assert_allclose(way[found], wanted[found], atol=1e-3)
        assert found.sum() >= 3


def test_every_second_sequence_of_68_points_is_the_truth(stage, person):
    annotations = Annotator(stage.actions, "ibug68", np.zeros((478, 3)), RestingShift(share=0.0)).annotations(
        person, 3
    )
    # The extractor of these tests misses the second picture; the truth misses none.
    complete = [bool(np.isfinite(item["keypoint"]).all()) for item in annotations]
    assert complete == [True, False]


def test_a_face_at_rest_is_the_mean_of_calm_frames_laid_over_each_other():
    rng = np.random.default_rng(0)
    corners = np.arange(4)
    face = rng.normal(0, 10, (8, 3)).astype(np.float32)
    intensity = np.full((20, 2), 3.0)
    intensity[[4, 11]] = [[0.0, np.nan], [0.0, 0.2]]
    keypoint = rng.normal(0, 50, (20, 8, 3)).astype(np.float32)
    keypoint[4] = face
    # The same face elsewhere, larger and tilted by a quarter turn; and one that is calm, but not seen.
    keypoint[11] = 2 * face[:, [1, 0, 2]] * (-1, 1, 1) + (100, 50, 0)
    unseen = {"keypoint": np.full((1, 1, 8, 3), np.nan, np.float32), "au_intensity": np.zeros((1, 2))}
    calm = calm_face([{"keypoint": keypoint[None], "au_intensity": intensity}, unseen], corners)
    np.testing.assert_allclose(calm, face, atol=1e-3)
    assert np.isnan(calm_face([unseen], corners)).all()


def test_people_go_their_own_share_of_the_way():
    shift = RestingShift(share=0.5, spread=0.3, seed=2)
    shares = [shift.share_of(number) for number in range(400)]
    assert shares == [shift.share_of(number) for number in range(400)]
    assert shares[3] != RestingShift(share=0.5, spread=0.3, seed=3).share_of(3)
    assert np.mean(shares) == pytest.approx(0.5, abs=0.05)
    assert np.std(shares) == pytest.approx(0.3, abs=0.05)
    assert {RestingShift(share=0.7).share_of(number) for number in range(5)} == {0.7}
    assert RestingShift().face in RESTING_FACES


def test_an_unknown_topology_is_refused(stage):
    with pytest.raises(ValueError, match="wholebody133"):
        Annotator(stage.actions, "wholebody133", np.zeros((478, 3)), RestingShift())


def scene(**changes) -> Scene:
    drawn = draw_scene(np.random.default_rng(0), SceneRange(occluded=0, small=0, blurred=0, gray=0), 64)
    return replace(drawn, **changes)


def test_cameras_record_what_they_are_told_to():
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    rng = np.random.default_rng(1)
    assert record(rng, image, scene(shrink=0.5)).shape == (32, 32, 3)
    gray = record(rng, image, scene(gray=True)).astype(int)
    assert np.abs(gray - gray[..., :1]).max() <= 2
    assert record(rng, image, scene(blur=3.0)).std() < record(rng, image, scene(blur=0.0)).std()


@pytest.mark.parametrize("kind", ["hand", "bar", "cap", "glasses"])
def test_occluders_come_before_the_face(kind):
    turn = np.linspace(0, 2 * np.pi, 68, endpoint=False)
    marks = 32 + 14 * np.stack([np.cos(turn), np.sin(turn)], -1)
    changed = []
    for at in np.linspace(0, 1, 6):
        image = np.full((64, 64, 3), 7, np.uint8)
        occlude(image, marks, scene(occluder=kind, occluder_seed=5), np.array([200.0, 150, 120]), at)
        changed.append((image != 7).any(-1).mean())
    assert max(changed) > 0
    assert max(changed) < 0.9
    image = np.full((64, 64, 3), 7, np.uint8)
    occlude(image, marks, scene(occluder=""), np.zeros(3), 0.5)
    assert (image == 7).all()


def test_looks_span_light_and_dark():
    looks = [draw_look(np.random.default_rng(k)) for k in range(40)]
    tones = [look.tone for look in looks]
    brightness = [np.mean(look.paint.skin) for look in looks]
    assert min(tones) < 0.2 and max(tones) > 0.8
    assert np.corrcoef(tones, brightness)[0, 1] < -0.9
    assert all(np.mean(look.paint.brows) < 0.8 * np.mean(look.paint.skin) for look in looks)
