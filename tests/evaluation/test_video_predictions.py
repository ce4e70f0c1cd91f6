import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fau3d.evaluation import WindowPrediction, merge_windows, videos_digest
from fau3d.functional.windows import window_weights

FRAMES, UNITS = 23, 3


def windows(seed=0, length=8, stride=3):
    rng = np.random.default_rng(seed)
    made = []
    for video, person in (("b", 0), ("a", 0), ("a", 1)):
        truth = rng.integers(-1, 2, (FRAMES, UNITS)).astype(np.int8)
        for start in range(0, FRAMES, stride):
            inds = np.arange(start, start + length)
            inds[inds >= FRAMES] = -1
            made.append(
                WindowPrediction(
                    frame_dir=video,
                    person=person,
                    frame_inds=inds,
                    pred_occurrence=rng.random((length, UNITS), np.float32),
                    gt_occurrence=np.where(inds[:, None] < 0, -1, truth[inds]).astype(np.int8),
                )
            )
    return made


@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 20), max_size=4))
@settings(max_examples=30, deadline=None)
def test_order_and_duplicates_change_nothing(random, again):
    expected = merge_windows(windows())
    shuffled = windows()
    shuffled += [shuffled[index] for index in again]
    random.shuffle(shuffled)
    for one, other in zip(expected, merge_windows(shuffled), strict=True):
        assert one.keys() == other.keys()
        for key in one:
            np.testing.assert_array_equal(one[key], other[key])


def test_each_frame_is_the_weighted_mean_of_its_windows():
    made = windows()
    merged = merge_windows(made)
    assert [(face["frame_dir"], face["person"]) for face in merged] == [("a", 0), ("a", 1), ("b", 0)]
    face = merged[2]
    np.testing.assert_array_equal(face["frame_index"], np.arange(FRAMES))
    covering = [w for w in made if w.frame_dir == "b" and 10 in w.frame_inds]
    places = [list(w.frame_inds).index(10) for w in covering]
    weights = [window_weights(len(w.frame_inds))[place] for w, place in zip(covering, places)]
    mean = np.average([w.pred_occurrence[p] for w, p in zip(covering, places)], 0, weights)
    np.testing.assert_allclose(face["pred_occurrence"][10], mean, atol=6e-6)
    assert "pred_intensity" not in face


def test_noise_below_the_rounding_changes_nothing():
    noisy = [
        WindowPrediction(
            w.frame_dir, w.person, w.frame_inds, w.pred_occurrence + np.float32(1e-8), w.gt_occurrence
        )
        for w in windows()
    ]
    for one, other in zip(merge_windows(windows()), merge_windows(noisy), strict=True):
        assert np.abs(one["pred_occurrence"] - other["pred_occurrence"]).max() <= 1.1e-5


def test_one_frame_repeated():
    inds = np.full(4, 6)
    window = WindowPrediction("v", 0, inds, np.full((4, 1), 0.25, np.float32), np.ones((4, 1), np.int8))
    (face,) = merge_windows([window])
    assert face["frame_index"].tolist() == [6]
    assert face["pred_occurrence"].tolist() == [[0.25]]


def test_faults_name_the_video():
    good = windows()[0]
    bad = good.pred_occurrence.copy()
    bad[0, 0] = np.nan
    with pytest.raises(ValueError, match="b: pred_occurrence holds NaN"):
        merge_windows([WindowPrediction("b", 0, good.frame_inds, bad, good.gt_occurrence)])
    with pytest.raises(ValueError, match="b: gt_occurrence has shape"):
        merge_windows([WindowPrediction("b", 0, good.frame_inds, good.pred_occurrence, bad[:3])])


def test_digest_is_of_the_videos_alone():
    merged = merge_windows(windows())
    assert videos_digest(merged) == videos_digest(merged[::-1])
    assert videos_digest(merged) != videos_digest(merged[:2])
