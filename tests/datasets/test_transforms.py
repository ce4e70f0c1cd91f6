"""Properties of the transforms on keypoints."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from mmengine.dataset import Compose

from fau3d.datasets import transforms as T
from fau3d.facs import get_au_set
from fau3d.topology import get_topology

AU_NAMES = ("AU01", "AU12_L", "AU12_R")


def make_clip(frames: int = 20, topology: str = "ibug68", channels: int = 2, seed: int = 0, **more) -> dict:
    rng = np.random.default_rng(seed)
    points = get_topology(topology).num_points
    keypoint = rng.uniform(100, 300, (1, 1, points, channels)) + rng.normal(
        0, 1, (1, frames, points, channels)
    )
    clip = {
        "keypoint": keypoint.astype(np.float32),
        "keypoint_score": rng.uniform(0.5, 1, (1, frames, points)).astype(np.float32),
        "au_occurrence": rng.integers(-1, 2, (frames, 3)).astype(np.int8),
        "au_intensity": rng.uniform(0, 5, (frames, 3)).astype(np.float32),
        "frame_inds": np.arange(frames),
        "frame_index": np.arange(frames) * 2,
        "frame_dir": "clip",
        "total_frames": frames,
        "img_shape": (480, 640),
        "topology": topology,
        "au_names": AU_NAMES,
        "person": 0,
        "space": "pixel",
        "rng": np.random.default_rng(seed + 1),
    }
    return {**clip, **more}


def with_holes(clip: dict) -> dict:
    """Lose the face for some frames, a point for the whole clip, and a point for one frame."""
    for frames, points in ((slice(3, 6), slice(None)), (slice(None), 7), (10, 11)):
        clip["keypoint"][0, frames, points] = np.nan
        clip["keypoint_score"][0, frames, points] = 0
    return clip


def freeze(clip: dict) -> dict:
    """Make all arrays read-only, as views of a file are."""
    for value in clip.values():
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return clip


ALL = {
    "SelectPoints": lambda: T.SelectPoints("mediapipe91"),
    "ConvertTopology": lambda: T.ConvertTopology("ibug68"),
    "FaceCrop": lambda: T.FaceCrop(),
    "FaceCrop frame": lambda: T.FaceCrop(mode="frame"),
    "FaceCrop level": lambda: T.FaceCrop(level_eyes=True),
    "FaceCrop frame level": lambda: T.FaceCrop(mode="frame", level_eyes=True),
    "AlignEyes": lambda: T.AlignEyes(),
    "AlignEyes clip": lambda: T.AlignEyes(mode="clip"),
    "SubtractNeutral": lambda: Compose([T.AlignEyes(), T.SubtractNeutral(of="clip")]),
    "RandomAffine": lambda: T.RandomAffine(aspect=0.1, shear=5),
    "MirrorFace": lambda: T.MirrorFace(1.0),
    "JitterKeypoints": lambda: T.JitterKeypoints(),
    "DropPoints": lambda: T.DropPoints(1.0, 0.5, 0.2),
    "MaskLowScores": lambda: T.MaskLowScores(0.7),
    "TemporalCrop": lambda: T.TemporalCrop(8),
    "TemporalSpeed": lambda: T.TemporalSpeed(12),
    "TemporalDrop": lambda: T.TemporalDrop(1.0),
    "HoldFrame": lambda: T.HoldFrame(1.0),
    "FillMissing": lambda: T.FillMissing(),
    "FillMissing interpolate": lambda: T.FillMissing("interpolate"),
}


@pytest.mark.parametrize("channels", [2, 3])
@pytest.mark.parametrize("name", ALL)
def test_missing_stays_missing_and_inputs_are_left_alone(name: str, channels: int) -> None:
    space = "unit" if name in ("RandomAffine", "JitterKeypoints") else "pixel"
    clip = freeze(with_holes(make_clip(topology="mediapipe478", channels=channels, space=space)))
    before = {key: value.copy() for key, value in clip.items() if isinstance(value, np.ndarray)}
    arrays = {key: clip[key] for key in before}
    results = ALL[name]()(dict(clip))
    for key, array in arrays.items():
        np.testing.assert_array_equal(array, before[key])
    keypoint, score = results["keypoint"], results["keypoint_score"]
    assert keypoint.dtype == score.dtype == np.float32
    assert keypoint.shape[:3] == score.shape
    assert keypoint.shape[3] == channels
    missing = np.isnan(keypoint[..., :2]).any(-1)
    np.testing.assert_array_equal(missing, np.isnan(keypoint).all(-1))
    if name.startswith("FillMissing"):
        assert not missing.any()
        assert (score == 0).any()
    else:
        np.testing.assert_array_equal(missing, score == 0)
        assert missing.any()
        assert not missing.all()
    frames = keypoint.shape[1]
    for key in ("au_occurrence", "au_intensity", "frame_inds", "frame_index"):
        assert len(results[key]) == frames


@pytest.mark.parametrize("name", [n for n in ALL if n != "SelectPoints"])
def test_a_clip_without_a_face_passes(name: str) -> None:
    clip = make_clip(space="unit" if name in ("RandomAffine", "JitterKeypoints") else "pixel")
    clip["keypoint"][:] = np.nan
    clip["keypoint_score"][:] = 0
    results = T.FillMissing()(ALL[name]()(clip))
    results["space"] = "unit"
    packed = T.PackFaceInputs()(results)
    assert not torch.isnan(packed["inputs"]["keypoint"]).any()
    assert packed["inputs"]["keypoint_score"].sum() == 0


@given(st.integers(0, 10**6), st.sampled_from(["ibug68", "mediapipe478", "mediapipe91", "wholebody133"]))
@settings(max_examples=20, deadline=None)
def test_mirroring_twice_is_nothing(seed: int, topology: str) -> None:
    for crop in (False, True):
        clip = with_holes(make_clip(topology=topology, seed=seed))
        if crop:
            clip = T.FaceCrop()(clip)
        once = T.MirrorFace(1.0)(dict(clip))
        assert not np.array_equal(once["keypoint"], clip["keypoint"], equal_nan=True)
        twice = T.MirrorFace(1.0)(dict(once))
        np.testing.assert_allclose(twice["keypoint"], clip["keypoint"], rtol=0, atol=1e-4)
        for key in ("keypoint_score", "au_occurrence", "au_intensity"):
            np.testing.assert_array_equal(twice[key], clip[key])


def test_mirroring_swaps_points_and_sided_units() -> None:
    clip = make_clip()
    mirrored = T.MirrorFace(1.0)(dict(clip))
    right_mouth, left_mouth = 48, 54  # the corners in iBUG's order
    np.testing.assert_allclose(
        mirrored["keypoint"][0, :, left_mouth, 0], 639 - clip["keypoint"][0, :, right_mouth, 0], rtol=1e-6
    )
    np.testing.assert_array_equal(
        mirrored["keypoint_score"][0, :, left_mouth], clip["keypoint_score"][0, :, right_mouth]
    )
    for key in ("au_occurrence", "au_intensity"):
        np.testing.assert_array_equal(mirrored[key], clip[key][:, [0, 2, 1]])


def test_mirroring_swaps_every_sided_unit_of_the_synthetic_corpus() -> None:
    names = get_au_set("synthetic41")
    labels = np.tile(np.arange(41), (5, 1))
    clip = make_clip(5, au_names=names, au_occurrence=labels, au_intensity=labels.astype(np.float32))
    mirrored = T.MirrorFace(1.0)(dict(clip))
    for key in ("au_occurrence", "au_intensity"):
        took = [names[int(column)] for column in mirrored[key][0]]
        assert took[:25] == list(names[:25])
        assert took[25:] == [name[:-1] + {"L": "R", "R": "L"}[name[-1]] for name in names[25:]]


def test_mirroring_and_cropping_commute() -> None:
    clip = with_holes(make_clip())
    one = T.FaceCrop()(T.MirrorFace(1.0)(dict(clip)))["keypoint"]
    other = T.MirrorFace(1.0)(T.FaceCrop()(dict(clip)))["keypoint"]
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_crop_holds_the_face_with_its_margin() -> None:
    clip = make_clip()
    low, high = clip["keypoint"].min((1, 2)), clip["keypoint"].max((1, 2))
    results = T.FaceCrop(margin=0.25)(clip)
    unit = results["keypoint"]
    longer = int((high - low).argmax())
    assert unit[..., longer].min() == pytest.approx(0.25 / 1.5, abs=1e-5)
    assert unit[..., longer].max() == pytest.approx(1.25 / 1.5, abs=1e-5)
    np.testing.assert_allclose(unit.min((1, 2)) + unit.max((1, 2)), 1, atol=1e-5)
    np.testing.assert_allclose(
        results["crop"][0, 0, :3], [*(low + high)[0] / 2, 1.5 * (high - low).max()], rtol=1e-5
    )


@given(st.floats(0.2, 5), st.floats(-500, 500), st.floats(-500, 500))
@settings(max_examples=25, deadline=None)
def test_the_crop_does_not_see_place_and_size(scale: float, x: float, y: float) -> None:
    clip = make_clip()
    moved = dict(clip, keypoint=(clip["keypoint"] * scale + [x, y]).astype(np.float32))
    expected = T.FaceCrop()(dict(clip))["keypoint"]
    np.testing.assert_allclose(T.FaceCrop()(moved)["keypoint"], expected, atol=2e-3)


def test_one_crop_a_clip_keeps_the_motion_that_one_a_frame_takes() -> None:
    clip = make_clip()
    clip["keypoint"][:] = clip["keypoint"][:, :1] + np.arange(20, dtype=np.float32)[None, :, None, None]
    assert np.ptp(T.FaceCrop(mode="clip")(dict(clip))["keypoint"][0, :, 0, 0]) > 0.05
    assert np.ptp(T.FaceCrop(mode="frame")(dict(clip))["keypoint"][0, :, 0, 0]) < 1e-5


@pytest.mark.parametrize("mode", ["clip", "frame"])
@pytest.mark.parametrize("degrees", [-25, 0, 40])
def test_levelled_eyes_are_level(mode: str, degrees: float) -> None:
    clip = make_clip()
    corners = np.asarray(get_topology("ibug68").eye_corners)
    clip["keypoint"][:, :, corners] = np.array([[330, 200], [290, 200], [210, 200], [250, 200]], np.float32)
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
    straight = T.FaceCrop(mode=mode, level_eyes=True)(dict(clip))["keypoint"]
    turned = T.FaceCrop(mode=mode, level_eyes=True)(dict(clip, keypoint=clip["keypoint"] @ turn.T))
    eyes = turned["keypoint"][:, :, corners]
    np.testing.assert_allclose(eyes[..., 1], eyes[..., :1, 1].repeat(4, -1), atol=1e-4)
    assert (eyes[:, :, 0, 0] > eyes[:, :, 2, 0]).all()
    np.testing.assert_allclose(turned["keypoint"], straight, atol=1e-4)
    np.testing.assert_allclose(turned["crop"][..., 3], angle, atol=1e-4)


def test_affine_maps_are_affine_and_commute_with_selection() -> None:
    clip = T.FaceCrop()(with_holes(make_clip(topology="mediapipe478")))
    affine, select = T.RandomAffine(shear=5, aspect=0.2), T.SelectPoints("mediapipe91")
    one = select(affine(dict(clip, rng=np.random.default_rng(4))))["keypoint"]
    other = affine(select(dict(clip, rng=np.random.default_rng(4))))["keypoint"]
    np.testing.assert_array_equal(one, other)
    middle = (one[:, :, :-1] + one[:, :, 1:]) / 2
    before = select(dict(clip))["keypoint"]
    averaged = dict(clip, keypoint=(before[:, :, :-1] + before[:, :, 1:]) / 2, rng=np.random.default_rng(4))
    np.testing.assert_allclose(affine(averaged)["keypoint"], middle, atol=1e-5)


def test_an_affine_map_without_freedom_is_nothing() -> None:
    clip = T.FaceCrop()(make_clip())
    still = T.RandomAffine(0, (1, 1), 0, 0, 0)(dict(clip))["keypoint"]
    np.testing.assert_allclose(still, clip["keypoint"], atol=1e-6)


def test_a_turn_is_rigid_also_in_a_tall_box() -> None:
    clip = T.FaceCrop()(make_clip())
    tall = dict(clip, keypoint=clip["keypoint"] * np.float32([1, 0.5]), crop_aspect=2.0)
    turn = T.RandomAffine(rotate=40, scale=(1, 1), shift=0)

    def distances(results: dict, aspect: float) -> np.ndarray:
        points = results["keypoint"][0, 0] * [1, aspect]
        return np.linalg.norm(points[:, None] - points, axis=-1)

    np.testing.assert_allclose(distances(turn(dict(tall)), 2), distances(clip, 1), atol=1e-5)
    np.testing.assert_allclose(distances(turn(dict(clip)), 1), distances(clip, 1), atol=1e-5)


def test_affine_maps_stay_within_their_bounds() -> None:
    clip = T.FaceCrop()(make_clip(frames=2))
    affine = T.RandomAffine(rotate=20, scale=(0.8, 1.2), shift=0.1)
    for _ in range(50):
        matrix, shift = affine.draw(clip["rng"])
        assert 0.8 - 1e-5 <= np.sqrt(np.linalg.det(matrix)) <= 1.2 + 1e-5
        assert abs(np.rad2deg(np.arctan2(matrix[1, 0], matrix[0, 0]))) <= 20.001
        assert np.abs(shift).max() <= 0.1


def test_jitter_has_the_size_and_memory_it_is_told() -> None:
    clip = T.FaceCrop()(make_clip(frames=200))
    moves = {}
    for kind in ("noise", "drift", "bias"):
        only = {"noise": 0.0, "drift": 0.0, "bias": 0.0, kind: 0.01}
        samples = [
            T.JitterKeypoints(**only)(dict(clip, rng=np.random.default_rng(i)))["keypoint"] - clip["keypoint"]
            for i in range(20)
        ]
        moves[kind] = np.stack(samples)
    for kind in ("noise", "drift"):
        assert 0.003 < moves[kind].std() < 0.008  # a share of 0 to 1 of 0.01, root mean square 0.0058

    def memory(move: np.ndarray) -> float:
        return float(np.corrcoef(move[:, :, :-1].ravel(), move[:, :, 1:].ravel())[0, 1])

    assert abs(memory(moves["noise"])) < 0.05
    assert 0.85 < memory(moves["drift"]) < 0.95
    np.testing.assert_allclose(np.ptp(moves["bias"], axis=2), 0, atol=1e-6)


def test_speed_takes_labels_along() -> None:
    clip = make_clip(frames=40)
    clip["keypoint"][..., 0] = np.arange(40)[None, :, None]
    clip["au_intensity"][:] = np.arange(40)[:, None]
    for seed in range(10):
        results = T.TemporalSpeed(24, (0.7, 1.6))(dict(clip, rng=np.random.default_rng(seed)))
        time = results["keypoint"][0, :, 0, 0]
        assert results["keypoint"].shape[1] == 24
        steps = np.diff(time)
        np.testing.assert_allclose(steps, steps[0], atol=1e-3)
        assert 0.69 < steps[0] < 1.61
        assert np.abs(results["au_intensity"][:, 0] - time).max() <= 0.5 + 1e-4
        np.testing.assert_array_equal(results["frame_inds"], results["au_intensity"][:, 0])


def test_speed_one_of_the_same_length_is_nothing() -> None:
    clip = with_holes(make_clip())
    results = T.TemporalSpeed(20, prob=0.0)(dict(clip))
    for key in ("keypoint", "keypoint_score", "au_occurrence", "frame_inds"):
        np.testing.assert_array_equal(results[key], clip[key])


def test_crops_in_time() -> None:
    clip = make_clip()
    assert T.TemporalCrop(8, random=False)(dict(clip))["frame_inds"].tolist() == list(range(6, 14))
    assert T.TemporalCrop(30)(dict(clip))["keypoint"].shape[1] == 20


def test_a_held_frame_stands_still_with_its_labels() -> None:
    for seed in range(10):
        clip = freeze(with_holes(make_clip(seed=seed)))
        held = T.HoldFrame(1.0)(dict(clip))
        frame = int(held["frame_inds"][0])
        assert frame not in (3, 4, 5), "the face is lost there"
        for key in ("keypoint", "keypoint_score"):
            np.testing.assert_array_equal(held[key], np.repeat(clip[key][:, [frame]], 20, 1))
        for key in ("au_occurrence", "au_intensity", "frame_index"):
            np.testing.assert_array_equal(held[key], np.repeat(clip[key][[frame]], 20, 0))
    clip = make_clip()
    assert T.HoldFrame(0.0)(dict(clip))["keypoint"] is clip["keypoint"]


def test_a_held_blink_is_a_closure() -> None:
    names = ("AU12", "AU43", "AU45", "AU43_L", "AU43_R")
    occurrence = np.tile(np.array([1, 0, 1, 0, 0], np.int8), (6, 1))
    intensity = occurrence * np.float32(4)
    clip = make_clip(6, au_names=names, au_occurrence=occurrence, au_intensity=intensity)
    held = T.HoldFrame(1.0)(dict(clip))
    assert (held["au_occurrence"] == (1, 1, 0, 1, 1)).all()
    assert (held["au_intensity"] == (4, 4, 0, 4, 4)).all()
    assert (occurrence == (1, 0, 1, 0, 0)).all(), "the dataset's labels stay"
    unknown = {**clip, "au_occurrence": np.where(np.arange(5) == 2, -1, occurrence)}
    assert (T.HoldFrame(1.0)(unknown)["au_occurrence"] == (1, 0, -1, 0, 0)).all()
    without = make_clip(6)
    assert set(np.unique(T.HoldFrame(1.0)(dict(without))["au_occurrence"])) <= {-1, 0, 1}


def test_filling_bridges_short_gaps_only() -> None:
    clip = make_clip()
    clip["keypoint"][0, :, 0, 0] = np.arange(20)
    for frames in (slice(0, 2), slice(4, 7), slice(10, 16)):
        clip["keypoint"][0, frames, 0] = np.nan
        clip["keypoint_score"][0, frames, 0] = 0
    results = T.FillMissing("interpolate", max_gap=3)(clip)
    expected = np.arange(20.0)
    expected[[0, 1, *range(10, 16)]] = 0
    np.testing.assert_allclose(results["keypoint"][0, :, 0, 0], expected, atol=1e-5)
    assert (results["keypoint_score"][0, 4:7, 0] >= 0.5).all()
    assert (results["keypoint_score"][0, 10:16, 0] == 0).all()


def test_packing() -> None:
    clip = T.FillMissing()(T.FaceCrop()(with_holes(make_clip(channels=3))))
    packed = T.PackFaceInputs()(clip)
    sample = packed["data_samples"]
    assert packed["inputs"]["keypoint"].shape == (1, 20, 68, 2)
    assert packed["inputs"]["keypoint"].dtype == packed["inputs"]["keypoint_score"].dtype == torch.float32
    assert sample.gt_occurrence.dtype == torch.int8
    assert sample.gt_intensity.shape == (20, 3)
    assert (sample.frame_dir, sample.total_frames, sample.person) == ("clip", 20, 0)
    np.testing.assert_array_equal(sample.frame_inds, np.arange(20))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: T.PackFaceInputs()(make_clip()), "in pixels; put FaceCrop before"),
        (lambda: T.PackFaceInputs()(T.FaceCrop()(with_holes(make_clip()))), "put FillMissing before"),
        (lambda: T.RandomAffine()(make_clip()), "RandomAffine works in"),
        (lambda: T.JitterKeypoints()(make_clip()), "JitterKeypoints works in"),
        (lambda: T.SelectPoints("mediapipe91")(make_clip()), "clip: has points of 'ibug68'"),
        (lambda: T.SelectPoints("ibug68"), "is not a subset"),
        (lambda: T.ConvertTopology("mediapipe478")(make_clip()), "no conversion from 'ibug68'"),
        (lambda: T.FaceCrop(mode="video"), "known"),
        (lambda: T.FaceCrop(margin=-0.6), "margin"),
        (lambda: T.MirrorFace(1.5), "prob is 1.5"),
        (lambda: T.RandomAffine(scale=(2, 1)), "scale"),
        (lambda: T.JitterKeypoints(correlation=1), "correlation"),
        (lambda: T.DropPoints(max_span=3), "max_span is 3"),
        (lambda: T.MaskLowScores(2), "threshold is 2"),
        (lambda: T.FillMissing("guess"), "known"),
        (lambda: T.TemporalCrop(0), "at least 1"),
        (lambda: T.TemporalSpeed(4, (2, 1)), "slowest, fastest"),
        (lambda: T.TemporalDrop(2), "prob is 2"),
        (lambda: T.HoldFrame(-1), "prob is -1"),
    ],
)
def test_misuse_is_named(make: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
