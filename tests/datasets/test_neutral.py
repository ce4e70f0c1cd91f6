"""A person's neutral face: guessed from the whole video, kept with the arrays, taken away from each clip."""

from collections.abc import Callable

import numpy as np
import pytest

from fau3d.datasets import FaceKeypointDataset
from fau3d.datasets import transforms as T
from fau3d.datasets.transforms.neutral import in_eye_distances, neutral_faces, steps_for_windows
from fau3d.topology import TOPOLOGIES, get_topology, resting_face

ALIGN = {"type": "AlignEyes"}
SUBTRACT = {"type": "SubtractNeutral"}
BOX, CENTRE = np.array([1.6, 2.4]), np.array([0.5, 0.3])
MOUTH = slice(48, 68)


def person(
    make_annotation: Callable, name: str, rest: np.ndarray, opening: np.ndarray, seed: int = 0, **more
) -> dict:
    """A video of `rest` (68, 2), eye distances, whose mouth goes down; the head moves, turns and grows."""
    frames = len(opening)
    faces = np.repeat(rest[None], frames, axis=0)
    faces[:, MOUTH, 1] += opening[:, None]
    rng = np.random.default_rng(seed)
    angle, size = rng.uniform(-0.3, 0.3, (frames, 1, 1)), rng.uniform(60, 90, (frames, 1, 1))
    turn = np.concatenate([np.cos(angle), -np.sin(angle), np.sin(angle), np.cos(angle)], 2)
    turned = np.einsum("tvc,tdc->tvd", faces, turn.reshape(-1, 2, 2))
    keypoint = size * turned + rng.uniform(150, 250, (frames, 1, 2))
    return make_annotation(name, frames, keypoint=keypoint[None].astype(np.float32), **more)


def own_rest(seed: int) -> np.ndarray:
    """The common face, changed everywhere but at the corners of the eyes, which are what aligns."""
    face = resting_face("ibug68") + np.random.default_rng(seed).normal(0, 0.03, (68, 2))
    corners = get_topology("ibug68").eye_corners
    face[corners] = resting_face("ibug68")[corners]
    return face


def departures(clip: np.ndarray) -> np.ndarray:
    """What is left of aligned frames (T, V, 2) less the common face, in eye distances."""
    return (clip - CENTRE) * BOX - resting_face("ibug68")


@pytest.mark.parametrize("name", [n for n in TOPOLOGIES if n != "wholebody133"])
def test_the_common_face_is_aligned_symmetric_and_the_rigs_own(name: str) -> None:
    from fau3d.synthetic.resting import photographed_face

    face, topology = resting_face(name), get_topology(name)
    np.testing.assert_allclose(in_eye_distances(face[None, None] * 100, name)[0, 0], face, atol=2e-4)
    assert face[topology.eye_corners[0], 0] == pytest.approx(0.5, abs=1e-3)
    np.testing.assert_allclose(face[topology.mirror_index] * [-1, 1], face, atol=3e-4)
    whole = photographed_face()[:, :2] * np.float32([1, -1])
    aligned = in_eye_distances(whole[None, None], "mediapipe478")[0, 0]
    # It may be measured anew without moving the common face, but they are faces of the same kind.
    assert np.abs(aligned - resting_face("mediapipe478")).max() < 0.05


def test_point_sets_without_a_common_face_are_named() -> None:
    with pytest.raises(ValueError, match="cannot be turned into 'wholebody133'"):
        resting_face("wholebody133")


def test_conversions_align_by_the_same_corners() -> None:
    for source in TOPOLOGIES.values():
        if source.to_ibug68 is not None:
            ibug = get_topology("ibug68").eye_corners
            np.testing.assert_array_equal(source.to_ibug68[ibug], source.eye_corners)


@pytest.mark.parametrize("smiling", [0.3, 0.6])
def test_the_least_expressive_frames_are_calmer_than_the_median(smiling: float) -> None:
    rng = np.random.default_rng(0)
    rest = own_rest(1)
    frames = np.repeat(rest[None], 400, axis=0) + rng.normal(0, 0.002, (400, 68, 2))
    amount = np.where(np.arange(400) < 400 * smiling, rng.uniform(0.5, 1, 400), 0)
    frames[:, MOUTH, 1] += 0.2 * amount[:, None]
    found = neutral_faces(frames.astype(np.float32))
    error = {kind: np.abs(face - rest).max() for kind, face in found.items()}
    assert error["least-expressive"] < 0.003 or smiling > 0.5
    # Of one who is seldom at rest nothing says so: the median is half of the smile.
    assert (error["median"] < 0.02) == (smiling < 0.5)


def test_points_and_frames_that_are_missing_are_left_out() -> None:
    faces = np.repeat(own_rest(1)[None], 20, axis=0).astype(np.float32)
    faces += np.arange(20, dtype=np.float32)[:, None, None] / 1000
    holes = faces.copy()
    holes[:10, 5], holes[:, 7], holes[3] = np.nan, np.nan, np.nan
    for kind, face in neutral_faces(holes).items():
        assert np.isnan(face[7]).all()
        assert np.isfinite(np.delete(face, 7, axis=0)).all()
        if kind == "median":
            np.testing.assert_allclose(face[5], np.median(faces[10:, 5], axis=0))
    assert np.isnan(neutral_faces(np.full((4, 68, 2), np.nan, np.float32))["median"]).all()
    assert np.isnan(neutral_faces(faces[:0])["least-expressive"]).all()


@pytest.mark.parametrize("kind", ["median", "least-expressive", "given"])
def test_what_is_left_is_the_common_face_and_the_departure(
    write_file: Callable, make_annotation: Callable, kind: str
) -> None:
    opening = np.zeros(100)
    opening[60:90] = 0.15
    videos = []
    for seed, name in ((1, "a"), (2, "b")):
        rest = own_rest(seed)
        videos.append(person(make_annotation, name, rest, opening, seed))
        videos[-1]["neutral_keypoint"] = (rest * 50 + 300)[None].astype(np.float32)
    pipeline = [ALIGN, {**SUBTRACT, "neutral": kind}]
    dataset = FaceKeypointDataset(write_file(videos), pipeline, clip={"length": 100}, test_mode=True)
    for item in (dataset[0], dataset[1]):
        left = departures(item["keypoint"][0])
        # Two people who rest differently are the same face afterwards; the clip knows all of the video.
        np.testing.assert_allclose(left[60:90, MOUTH, 1], 0.15, atol=2e-3)
        np.testing.assert_allclose(left[:60], 0, atol=2e-3)
    short = FaceKeypointDataset(
        write_file(videos), pipeline, clip={"length": 10, "stride": 10}, test_mode=True
    )
    np.testing.assert_allclose(departures(short[7]["keypoint"][0])[:, MOUTH, 1], 0.15, atol=2e-3)


def test_points_may_be_chosen_between_reading_and_taking_away(
    write_file: Callable, make_annotation: Callable
) -> None:
    path = write_file([make_annotation("a", 30, points=478)], topology="mediapipe478")
    for chosen, number in (("mediapipe91", 91), ("ibug68", 68)):
        step = {"type": "SelectPoints" if number == 91 else "ConvertTopology", "topology": chosen}
        dataset = FaceKeypointDataset(path, [step, ALIGN, SUBTRACT], clip={"length": 30}, test_mode=True)
        keypoint = dataset[0]["keypoint"]
        assert keypoint.shape[2] == number
        middle = np.median((keypoint[0] - CENTRE) * BOX, axis=0)
        assert np.abs(middle - resting_face(chosen)).max() < 0.05


def test_a_video_without_a_face_stays_as_it_is(write_file: Callable, make_annotation: Callable) -> None:
    nobody, seen = make_annotation("nobody", 8, persons=0), make_annotation("b", 8)
    seen["keypoint"][0, 3], seen["keypoint_score"][0, 3] = np.nan, 0
    dataset = FaceKeypointDataset(
        write_file([nobody, seen]), [ALIGN, SUBTRACT], clip={"length": 8}, test_mode=True
    )
    assert np.isnan(dataset[0]["keypoint"]).all()
    item = dataset[1]
    np.testing.assert_array_equal(np.isnan(item["keypoint"]).any((0, 2, 3)), np.arange(8) == 3)
    np.testing.assert_array_equal(item["keypoint_score"][0].max(1) == 0, np.arange(8) == 3)


def test_everybody_in_a_video_has_a_rest_of_their_own(
    write_file: Callable, make_annotation: Callable
) -> None:
    videos = [make_annotation("a", 6), make_annotation("b", 12, persons=2, seed=3)]
    clip = {"length": 12, "person": "all"}
    dataset = FaceKeypointDataset(write_file(videos), [ALIGN, SUBTRACT], clip=clip, test_mode=True)
    for item, (video, who) in zip((dataset[i] for i in range(3)), ((0, 0), (1, 0), (1, 1))):
        faces = in_eye_distances(videos[video]["keypoint"][[who]], "ibug68")[0]
        rest = neutral_faces(faces)["least-expressive"]
        np.testing.assert_allclose(item["neutral"], rest, atol=1e-5)
        left = departures(item["keypoint"][0, : len(faces)])
        np.testing.assert_allclose(left, faces - rest, atol=1e-4)


def test_prob_is_the_share_of_clips(ann_file: str) -> None:
    pipeline = [ALIGN, {**SUBTRACT, "prob": 0.3}]
    dataset = FaceKeypointDataset(ann_file, pipeline, clip={"length": 10}, clips_per_epoch=200)
    plain = FaceKeypointDataset(ann_file, [ALIGN], clip={"length": 10}, clips_per_epoch=200)
    changed = [
        not np.array_equal(dataset.prepare_data(i, 0)["keypoint"], plain.prepare_data(i, 0)["keypoint"])
        for i in range(200)
    ]
    assert 0.2 < np.mean(changed) < 0.4


def test_neutrals_are_read_only_where_they_are_wanted(ann_file: str) -> None:
    assert "neutral" not in FaceKeypointDataset(ann_file, [ALIGN], clip={"length": 10})[0]


def test_the_common_face_may_be_named_in_the_config(ann_file: str) -> None:
    common = np.full((68, 2), 0.25).tolist()
    pipeline = [ALIGN, {**SUBTRACT, "neutral": "median", "common": common}]
    dataset = FaceKeypointDataset(ann_file, pipeline, split="test", clip={"length": 75}, test_mode=True)
    middle = np.median((dataset[0]["keypoint"][0] - CENTRE) * BOX, axis=0)
    np.testing.assert_allclose(middle, 0.25, atol=1e-4)
    wrong = FaceKeypointDataset(ann_file, [ALIGN, {**SUBTRACT, "common": common[:5]}], clip={"length": 9})
    with pytest.raises(RuntimeError, match=r"common has 5 points, but the clip has 68"):
        wrong[0]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([SUBTRACT], "comes after nothing; wanted right after AlignEyes"),
        ([{"type": "FaceCrop"}, SUBTRACT], "comes after FaceCrop"),
        ([ALIGN, {"type": "RandomAffine"}, SUBTRACT], "comes after RandomAffine"),
        ([{"type": "AlignEyes", "mode": "clip"}, SUBTRACT], "mode='frame'"),
        ([{"type": "MirrorFace"}, ALIGN, SUBTRACT], "MirrorFace comes before"),
        ([ALIGN, {**SUBTRACT, "neutral": "mean"}], "neutral is 'mean'; known"),
        ([ALIGN, {**SUBTRACT, "of": "frame"}], "of is 'frame'"),
        ([ALIGN, {**SUBTRACT, "neutral": "given", "of": "clip"}], "'video' alone"),
        ([ALIGN, {**SUBTRACT, "prob": 2}], "wanted a probability"),
        ([ALIGN, {**SUBTRACT, "common": "mean"}], "common is 'mean'"),
        ([ALIGN, {**SUBTRACT, "common": [1.0, 2.0]}], "one pair"),
        ([ALIGN, {**SUBTRACT, "neutral": "given"}], "neutral_keypoint'?, which 3 of 3 annotations"),
    ],
)
def test_what_does_not_fit_is_named_at_the_start(ann_file: str, steps: list[dict], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        FaceKeypointDataset(ann_file, steps)


def test_a_given_face_of_the_wrong_shape_is_named(write_file: Callable, make_annotation: Callable) -> None:
    video = make_annotation("a", 5, neutral_keypoint=np.zeros((68, 2), np.float32))
    with pytest.raises(ValueError, match=r"a: neutral_keypoint has shape \(68, 2\); wanted \(1, 68, 2\)"):
        FaceKeypointDataset(write_file([video]))


def test_a_clip_has_its_own_neutral_where_nothing_else_is_known(ann_file: str) -> None:
    clip = T.AlignEyes()(FaceKeypointDataset(ann_file, clip={"length": 30}, test_mode=True).get_data_info(0))
    with pytest.raises(ValueError, match="set of='clip'"):
        T.SubtractNeutral()(dict(clip))
    left = T.SubtractNeutral("median", of="clip")(dict(clip))["keypoint"][0]
    np.testing.assert_allclose(np.median(departures(left), axis=0), 0, atol=1e-4)
    clip.pop("eye_frame")
    with pytest.raises(ValueError, match="put AlignEyes before it"):
        T.SubtractNeutral(of="clip")(clip)


def test_inference_takes_the_windows_neutral_leaves_augmentation_out_or_refuses() -> None:
    pack = {"type": "PackFaceInputs"}
    assert steps_for_windows([ALIGN, {**SUBTRACT, "prob": 0.5}, pack], 48, "m.pth") == [ALIGN, pack]
    assert steps_for_windows([ALIGN, SUBTRACT, pack], 48, "m.pth")[1] == {**SUBTRACT, "of": "clip"}
    with pytest.raises(ValueError, match=r"m\.pth: .*is given with each video"):
        steps_for_windows([ALIGN, {**SUBTRACT, "neutral": "given"}], 48, "m.pth")
    with pytest.raises(ValueError, match="the one frame that it is asked of"):
        steps_for_windows([ALIGN, SUBTRACT], 1, "m.pth")


def test_an_augmentation_leaves_videos_without_a_given_face_as_they_are(tiny_corpus):
    """`tiny_corpus` has no `neutral_keypoint`."""

    def clip(prob):
        steps = [{"type": "AlignEyes"}]
        steps += [] if prob is None else [{"type": "SubtractNeutral", "neutral": "given", "prob": prob}]
        dataset = FaceKeypointDataset(tiny_corpus, pipeline=steps, clip={"length": 4}, test_mode=True)
        return [dataset[i]["keypoint"] for i in range(4)]

    for plain, augmented in zip(clip(None), clip(0.99)):
        np.testing.assert_array_equal(plain, augmented)
    with pytest.raises(ValueError, match="'neutral_keypoint', which 10 of 10"):
        clip(1.0)
