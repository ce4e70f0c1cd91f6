"""Videos to landmarks: streams, whole videos, rates, identities."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fau3d.apis.extraction import extract_video, iter_landmarks, prefetch, resample
from fau3d.extractors import LandmarkExtractor, MediaPipeExtractor
from fau3d.io.video import Frame, VideoReader, VideoWriter
from fau3d.structures import FaceLandmarks

PIXEL = np.zeros((1, 1, 3), np.uint8)


class ScriptedExtractor(LandmarkExtractor):
    """Finds the faces that a script names: for each image, (x, size) of each face."""

    topology = "ibug68"
    name = "script 1"

    def __init__(self, script: Sequence[Sequence[tuple[float, float]]], batch_size: int = 1) -> None:
        self.script = script
        self.batch_size = batch_size
        self.reset()

    def reset(self) -> None:
        self.position = 0

    def extract(
        self, images: Sequence[np.ndarray], timestamps: Sequence[float] | None = None
    ) -> list[list[FaceLandmarks]]:
        assert len(images) <= self.batch_size
        part = self.script[self.position : self.position + len(images)]
        self.position += len(images)
        return [[self.face(x, size) for x, size in faces] for faces in part]

    def face(self, x: float, size: float) -> FaceLandmarks:
        points = np.linspace((x, 0), (x + size, size), 68, dtype=np.float32)
        box = np.array([x, 0, x + size, size], np.float32)
        return FaceLandmarks(points, np.ones(68, np.float32), box, 0.9, self.topology)


def stream(times: Sequence[float]) -> list[Frame]:
    return [Frame(i, float(t), PIXEL) for i, t in enumerate(times)]


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Six gray frames at 10 frames a second."""
    path = tmp_path / "gray.mp4"
    with VideoWriter(path, fps=10) as writer:
        for _ in range(6):
            writer.write(np.full((32, 32, 3), 128, np.uint8))
    return path


@pytest.mark.parametrize("batch_size", [1, 4])
def test_every_frame_comes_with_its_faces(batch_size: int) -> None:
    extractor = ScriptedExtractor([[(0, 10)], [], [(50, 10), (1, 10)], [], [(2, 10)]], batch_size)
    for _ in range(2):
        found = list(iter_landmarks(stream(np.arange(5) / 25), extractor))
        assert [frame.index for frame, _ in found] == [0, 1, 2, 3, 4]
        assert [sorted(faces) for _, faces in found] == [[0], [], [0, 1], [], [0]]
        assert found[2][1][0].box[0] == 1


def test_of_many_faces_those_seen_longest_stay() -> None:
    extractor = ScriptedExtractor([[(0, 10)], [(50, 30), (0, 10)], [(50, 30), (0, 10), (90, 90)]])
    found = [faces for _, faces in iter_landmarks(stream([0, 0.1, 0.2]), extractor, max_faces=1)]
    assert [[(i, f.box[0]) for i, f in faces.items()] for faces in found] == [[(0, 0)], [(0, 0)], [(0, 0)]]


def test_the_largest_face_is_one_person() -> None:
    extractor = ScriptedExtractor([[(0, 10), (50, 30)], [], [(0, 40), (50, 30)]])
    found = [faces for _, faces in iter_landmarks(stream([0, 0.1, 0.2]), extractor, single_face="largest")]
    assert [[(i, f.box[0]) for i, f in faces.items()] for faces in found] == [[(0, 50)], [], [(0, 0)]]


def test_a_stream_cannot_tell_who_will_be_seen_most() -> None:
    with pytest.raises(ValueError, match="extract_video"):
        iter_landmarks([], ScriptedExtractor([]), single_face="most-present")


@pytest.mark.parametrize("options", [{"max_faces": 0}, {"fps": 0}, {"fps": -5.0}, {"fps": float("nan")}])
def test_options_out_of_range_are_named(options: dict) -> None:
    with pytest.raises(ValueError, match=next(iter(options))):
        iter_landmarks([], ScriptedExtractor([]), **options)


def test_persons_are_ordered_by_presence_and_gaps_are_missing(video: Path) -> None:
    script = [[(0, 9), (50, 9)], [(50, 9)], [], [(50, 9), (0, 9)], [(50, 9)], [(20, 9)]]
    landmarks = extract_video(video, ScriptedExtractor(script))
    assert landmarks.keypoint.shape == (3, 6, 68, 2)
    assert landmarks.box[0, :, 0] == pytest.approx([50, 50, np.nan, 50, 50, np.nan], nan_ok=True)
    assert landmarks.box[1, :, 0] == pytest.approx([0, np.nan, np.nan, 0, np.nan, np.nan], nan_ok=True)
    assert (landmarks.keypoint_score[0, :, 0] == [1, 1, 0, 1, 1, 0]).all()
    assert np.isnan(landmarks.keypoint[0, [2, 5]]).all()
    assert landmarks.confidence[0] == pytest.approx([0.9, 0.9, 0, 0.9, 0.9, 0])
    assert landmarks.timestamp == pytest.approx(np.arange(6) / 10)
    assert (landmarks.frame_index == np.arange(6)).all()
    assert (landmarks.fps, landmarks.img_shape, landmarks.extractor) == (10, (32, 32), "script 1")


@pytest.mark.parametrize(
    ("options", "first_x"),
    [
        ({"max_faces": 1}, [0, 0, 0]),
        ({"single_face": "most-present"}, [0, 0, 0]),
        ({"single_face": "largest"}, [0, 90, 0]),
    ],
)
def test_one_person_of_several(video: Path, options: dict, first_x: list[float]) -> None:
    script = [[(0, 9)], [(0, 9), (90, 20)], [(0, 9)], [], [], []]
    landmarks = extract_video(video, ScriptedExtractor(script), **options)
    assert len(landmarks.keypoint) == 1
    assert (landmarks.box[0, :3, 0] == first_x).all()


def test_a_video_without_a_face_keeps_its_frames(video: Path) -> None:
    landmarks = extract_video(video, ScriptedExtractor([[]] * 6))
    assert landmarks.keypoint.shape == (0, 6, 68, 2)
    assert len(landmarks.timestamp) == 6


def test_frames_are_thinned_by_their_true_times(tmp_path: Path) -> None:
    """A rate that varies: 10 frames a second, then 2."""
    times = [0, 0.1, 0.2, 0.3, 0.4, 0.9, 1.4]
    with VideoWriter(tmp_path / "vfr.mp4", fps=10) as writer:
        for time in times:
            writer.write(np.full((32, 32, 3), 128, np.uint8), time)
    every = extract_video(tmp_path / "vfr.mp4", ScriptedExtractor([[(0, 9)]] * 7))
    assert every.timestamp == pytest.approx(times, abs=1e-4)
    thinned = extract_video(tmp_path / "vfr.mp4", ScriptedExtractor([[(0, 9)]] * 7), fps=5)
    assert thinned.frame_index.tolist() == [0, 2, 4, 5, 6]
    assert thinned.timestamp == pytest.approx([0, 0.2, 0.4, 0.9, 1.4], abs=1e-4)


def test_frames_that_a_reader_leaves_out_are_missing_rows(
    video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = VideoReader.frames

    def damaged(self: VideoReader) -> Iterator[Frame]:
        return (frame for frame in whole(self) if frame.index not in (0, 3))

    monkeypatch.setattr(VideoReader, "frames", damaged)
    landmarks = extract_video(video, ScriptedExtractor([[(0, 9)]] * 6))
    assert landmarks.frame_index.tolist() == [0, 1, 2, 3, 4, 5]
    assert landmarks.timestamp == pytest.approx(np.arange(6) / 10)
    assert (landmarks.keypoint_score[0, :, 0] == [0, 1, 1, 0, 1, 1]).all()


@given(
    st.lists(st.floats(0.001, 0.5), max_size=60),
    st.floats(0.5, 60),
)
def test_thinning_takes_the_nearest_frame_of_each_tick(steps: list[float], fps: float) -> None:
    frames = stream([0.0, *np.cumsum(steps)])
    times = np.array([frame.timestamp for frame in frames])
    chosen = [frame.index for frame in resample(frames, fps)]
    assert chosen == sorted(set(chosen))
    ticks = np.arange(0, times[-1], 1 / fps)
    distance = np.abs(times[:, None] - ticks[None])
    best = distance.min(axis=0)
    for column in range(len(ticks)):
        nearest = np.flatnonzero(distance[:, column] <= best[column] + 1e-6)
        assert set(nearest) & set(chosen)


def test_a_slower_stream_stays_as_it_is() -> None:
    frames = stream(np.arange(10) / 10)
    assert list(resample(frames, 30)) == frames
    assert list(resample([], 30)) == []


def test_reading_ahead_is_bounded_and_passes_errors_on() -> None:
    taken = []

    def source() -> Iterator[int]:
        for i in range(100):
            taken.append(i)
            yield i
        raise OSError("the disk")

    ahead = prefetch(source(), ahead=4)
    assert next(ahead) == 0
    assert len(taken) <= 7
    assert [next(ahead) for _ in range(99)] == list(range(1, 100))
    with pytest.raises(OSError, match="the disk"):
        next(ahead)
    with pytest.raises(StopIteration):
        next(ahead)


def test_reading_ahead_is_bounded_in_bytes() -> None:
    started = threading.active_count()
    ahead = prefetch(iter(range(1000)), ahead=100, size=lambda _: 40, max_bytes=100)
    assert next(ahead) == 0
    assert ahead._waiting <= 100
    ahead.close()
    assert threading.active_count() == started


def test_a_stream_that_is_left_early_stops_its_thread(video: Path) -> None:
    started = threading.active_count()
    with VideoReader(video) as reader:
        found = iter_landmarks(reader, ScriptedExtractor([[]] * 6), ahead=1)
        next(found)
        found.close()
    assert threading.active_count() == started


def test_two_speakers_are_two_persons(clips_dir: Path) -> None:
    pytest.importorskip("mediapipe")
    with MediaPipeExtractor(max_faces=4) as extractor:
        clip = clips_dir / "grid_two_speakers_multi_face.mp4"
        landmarks = extract_video(clip, extractor)
        assert landmarks.keypoint.shape == (2, 75, 478, 3)
        assert (landmarks.keypoint_score == 1).all()
        left, right = sorted(np.nanmean(landmarks.keypoint[..., 0], axis=(1, 2)))
        assert left < 360 < right
        one = extract_video(
            clips_dir / "grid_two_speakers_multi_face.mp4", extractor, single_face="most-present"
        )
        assert one.keypoint.shape == (1, 75, 478, 3)


def test_nobody_is_found_where_nobody_is(clips_dir: Path) -> None:
    pytest.importorskip("mediapipe")
    landmarks = extract_video(clips_dir / "nasa_no_face.mp4")
    assert landmarks.keypoint.shape == (0, 325, 478, 3)


def test_a_face_that_leaves_and_returns(clips_dir: Path, tmp_path: Path) -> None:
    """The right one of two speakers is painted over for 0.4 s, then both are."""
    pytest.importorskip("mediapipe")
    clip = clips_dir / "grid_two_speakers_multi_face.mp4"
    with VideoReader(clip) as reader, VideoWriter(tmp_path / "leaves.mp4", fps=25) as writer:
        for frame in reader.frames(stop=50):
            image = frame.image.copy()
            if 10 <= frame.index < 20:
                image[:, 360:] = 90
            if 30 <= frame.index < 35:
                image[:] = 90
            writer.write(image)
    with MediaPipeExtractor(max_faces=2) as extractor:
        landmarks = extract_video(tmp_path / "leaves.mp4", extractor)
    seen = landmarks.confidence > 0
    assert len(seen) == 2
    left, right = seen if np.nanmean(landmarks.box[0, :, 0]) < 360 else seen[::-1]
    expected = np.ones(50, bool)
    expected[30:35] = False
    assert (left == expected).all()
    expected[10:20] = False
    assert (right == expected).all()
