"""Eyes: the ratio of drawn lids, levels, blinks of known number and length, and real faces."""

import csv

import numpy as np
import pytest

from fau3d.functional.eyes import (
    EyeLevels,
    calibrate_eyes,
    eye_aspect_ratio,
    eye_openness,
    find_closures,
    join_closure,
    join_eyes,
    perclos,
)

N = np.nan
LIDS = np.arange(12).reshape(2, 6)
RATE = 25


def drawn(height: float) -> np.ndarray:
    eye = np.array([[0, 0], [1, height / 2], [2, height / 2], [3, 0], [2, -height / 2], [1, -height / 2]])
    return np.concatenate([eye, eye * 2 + 10])


def curve(*parts: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Give closure and times of parts (frames, closure)."""
    closure = np.concatenate([np.full(int(count), value) for count, value in parts])
    return closure, np.arange(len(closure)) / RATE


def test_ratio_of_drawn_eyes_at_any_size_and_turn():
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    np.testing.assert_allclose(eye_aspect_ratio(drawn(0.9) @ turn, LIDS), 0.3)
    points = np.stack([drawn(0.9), drawn(0.3), np.full((12, 2), N), np.zeros((12, 2))])
    points[1, 7] = N
    expected = [[0.3, 0.3], [0.1, N], [N, N], [N, N]]
    np.testing.assert_allclose(eye_aspect_ratio(points, LIDS), expected)
    deep = np.concatenate([drawn(0.9), np.zeros((12, 1))], axis=1)
    np.testing.assert_allclose(eye_aspect_ratio(deep, LIDS), 0.3)


def test_levels_are_found_below_wide_and_among_closed_frames():
    rng = np.random.default_rng(0)
    ratio = np.concatenate([np.full(500, 0.3), np.full(200, 0.05), np.full(30, 0.5), [N, N]])
    ratio = np.stack([ratio + 0.005 * rng.standard_normal(len(ratio)), np.full(len(ratio), 0.25)], 1)
    levels = calibrate_eyes(ratio)
    np.testing.assert_allclose(levels.opened, [0.3, 0.25], atol=0.01)
    np.testing.assert_allclose(levels.closed, [0.05, 0.05], atol=0.01)
    assert levels.closed_seen.tolist() == [True, False]
    openness = eye_openness(ratio, levels)
    assert np.nanmin(openness) == 0 and np.nanmax(openness) == 1 and np.isnan(openness[-1, 0])
    assert np.nanmax(eye_openness(ratio, levels, clip=False)) > 1.5


def test_an_eye_never_seen_has_no_levels_and_both_eyes_are_joined():
    ratio = np.array([[0.3, N], [0.3, N], [N, N]])
    levels = calibrate_eyes(ratio)
    assert np.isnan(levels.opened[1])
    np.testing.assert_allclose(join_eyes(eye_openness(ratio, levels)), [1, 1, N])
    np.testing.assert_allclose(join_eyes(np.array([[1.0, 0.5], [N, 0.5]])), [0.75, 0.5])


def test_eyes_that_never_open_are_closed_and_the_levels_say_so():
    ratio = np.tile([0.05, 0.3], (50, 1))
    levels = calibrate_eyes(ratio)
    assert levels.open_seen.tolist() == [False, True] and levels.closed_seen.tolist() == [True, False]
    np.testing.assert_allclose(eye_openness(ratio, levels), np.tile([0.0, 1.0], (50, 1)))


def test_blinks_and_closures_are_told_apart_by_length():
    closure, times = curve((100, 0), (5, 1), (100, 0), (12, 1), (100, 0), (13, 1), (100, 0))
    found = find_closures(closure, times)
    assert found.events.duration == pytest.approx([0.2, 0.48, 0.52])
    assert found.blink.tolist() == [True, True, False] and found.long.tolist() == [False, False, True]
    assert found.blinks_per_minute == pytest.approx(2 / (430 / RATE / 60))
    np.testing.assert_array_equal(found.closed, closure)


def test_a_short_fall_is_an_incomplete_blink_and_shows_no_closed_eyes():
    closure, times = curve((60, 0), (3, 0.45), (60, 0), (60, 0.45), (60, 0), (4, 0.2), (60, 0))
    found = find_closures(closure, times)
    assert found.events.onset_frame.tolist() == [60] and found.incomplete.all() and found.blink.all()
    assert not found.closed.any()
    assert len(find_closures(closure, times, fall=None).events) == 0


def test_what_is_cut_off_is_no_blink():
    closure, times = curve((3, 1), (50, 0), (3, 1), (10, N), (50, 0), (20, 1))
    found = find_closures(closure, times)
    assert found.blink.sum() == 0 and found.long.tolist() == [False, False, True]
    assert (found.closed == -1).sum() == 10
    seen = 126 / RATE / 60
    closure[25:28] = 1
    assert find_closures(closure, times).blinks_per_minute == pytest.approx(1 / seen)
    assert np.isnan(find_closures(np.full(5, N), np.arange(5.0)).blinks_per_minute)


def test_perclos_over_all_and_in_windows():
    closure, times = curve((50, 0), (25, 0.85), (25, 0.75), (50, N), (50, 1))
    assert perclos(closure, times) == pytest.approx(75 / 150)
    windowed = perclos(closure, times, window=2.0)
    assert np.isnan(windowed[:49]).all() and windowed[49] == 0
    assert windowed[99] == pytest.approx(0.5)
    assert np.isnan(windowed[130]) and windowed[-1] == 1
    assert np.isnan(perclos(np.full(4, N), np.arange(4.0)))


def test_lids_and_model_are_joined():
    openness = np.array([0.0, 1.0, N, 0.5, N])
    unit43, unit45 = np.array([0.9, 0.1, 0.8, N, N]), np.array([0.2, 0.3, N, N, N])
    np.testing.assert_allclose(join_closure(openness, unit43, unit45), [0.95, 0.15, 0.8, 0.5, N])
    np.testing.assert_allclose(join_closure(openness), 1 - openness)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: eye_aspect_ratio(np.zeros((12, 4)), LIDS), r"wanted \(\.\.\., V, 2 or 3\)"),
        (lambda: calibrate_eyes(np.zeros((3, 1))), r"shape \(3, 1\); wanted \(T, 2\)"),
        (lambda: calibrate_eyes(np.zeros((3, 2)), 1.0), "quantile of open eyes is 1.0"),
        (lambda: join_closure(np.ones(2), np.array([1, 3.0])), "divide intensities by 5"),
        (lambda: join_closure(np.ones(2), np.ones(3)), r"shape \(3,\) with openness of shape \(2,\)"),
        (lambda: perclos(np.zeros(3), np.arange(3), window=0), "the window is 0 s"),
        (lambda: eye_openness(np.zeros(3), EyeLevels(*np.ones((4, 2)))), "wanted"),
    ],
)
def test_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_eyes_of_the_demo_clip_against_its_coding(repo_root):
    """The ratios that MediaPipe's points give, kept as numbers; the blinks were seen in the pictures."""
    path = repo_root / "tests/functional/eyes_of_the_demo.csv"
    times, *ratio = np.loadtxt(path, delimiter=",", skiprows=1).T
    ratio = np.stack(ratio, 1)
    found = find_closures(1 - join_eyes(eye_openness(ratio, calibrate_eyes(ratio), clip=False)), times)
    assert found.events.onset_frame[found.blink].tolist() == [153, 202, 248, 288, 386, 425]
    with (repo_root / "demo/face_coding.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["unit"] == "AU43"]
    assert len(rows) == 2
    for row in rows:
        frames = np.arange(int(row["first_frame"]), int(row["last_frame"]) + 1, 10)
        np.testing.assert_array_equal(found.closed[frames], int(row["value"]))


def test_the_one_blink_of_a_talker(clips_dir):
    from fau3d.apis.extraction import extract_video
    from fau3d.topology import eyelid_points

    video = extract_video(clips_dir / "grid_brbk7n_talking.mp4")
    ratio = eye_aspect_ratio(video.keypoint[0], eyelid_points(video.topology))
    closure = 1 - join_eyes(eye_openness(ratio, calibrate_eyes(ratio), clip=False))
    found = find_closures(closure, video.timestamp)
    assert found.blink.sum() == 1 and len(found.events) == 1
    assert 19 <= found.events.onset_frame[0] <= 22 and 0.08 <= found.events.duration[0] <= 0.24
