"""Videos as they come: each gives its landmarks or a reason, and costs no other."""

from collections.abc import Callable, Iterator
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from fau3d.apis.extraction import ExtractionReport, extract_corpus, extract_video
from fau3d.extractors import MediaPipeExtractor
from fau3d.io.annotation import load_annotations
from fau3d.io.video import VideoReader, VideoWriter

pytest.importorskip("mediapipe")


@pytest.fixture(scope="module")
def faces(repo_root: Path) -> list[np.ndarray]:
    """Eight frames of a face, (360, 640, 3)."""
    with VideoReader(repo_root / "demo" / "face.mp4") as reader:
        return [frame.image for frame in reader.frames(stop=8)]


@pytest.fixture(scope="module")
def extractor() -> Iterator[MediaPipeExtractor]:
    with MediaPipeExtractor() as built:
        yield built


def write(path: Path, images: list[np.ndarray], times: list[float] | None = None) -> Path:
    with VideoWriter(path, fps=25) as writer:
        for i, image in enumerate(images):
            writer.write(image, None if times is None else times[i])
    return path


def write_audio(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def write_frameless(path: Path) -> Path:
    """A video stream without a frame, beside sound."""
    with av.open(str(path), "w", format="matroska") as container:
        video = container.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        stream = container.add_stream("aac", rate=16000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 16000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def cut(path: Path, source: Path, share: float) -> Path:
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


@pytest.fixture
def corpus(tmp_path: Path, faces: list[np.ndarray]) -> Path:
    """Bad videos with good ones between them."""
    folder = tmp_path / "Ordner mit ä und 顔"
    good = write(folder / "a good.mp4", faces[:3])
    write(folder / "ünï 顔.mp4", faces[:1])
    write(folder / "no face.mp4", [np.full((64, 64, 3), 90, np.uint8)] * 2)
    (folder / "empty.mp4").touch()
    (folder / "garbage.mkv").write_bytes(np.random.default_rng(0).bytes(5000))
    cut(folder / "headless.mp4", good, 0.5)
    write_audio(folder / "audio.mp4")
    write_frameless(folder / "frameless.mkv")
    return folder


def check(report: ExtractionReport, output: Path) -> None:
    assert sorted(report.done) == ["a good", "no face", "ünï 顔"]
    assert sorted(report.failed) == ["audio", "empty", "frameless", "garbage", "headless"]
    for video, reason in report.failed.items():
        assert video in reason, reason
        assert "Error:" not in reason, reason
    videos = {a["frame_dir"]: a for a in load_annotations(output).annotations}
    assert videos["a good"]["keypoint"].shape == (1, 3, 478, 3)
    assert np.isfinite(videos["a good"]["keypoint"]).all()
    assert np.isfinite(videos["ünï 顔"]["keypoint"]).all()
    assert np.isnan(videos["no face"]["keypoint"]).all()
    assert (videos["no face"]["keypoint_score"] == 0).all()


def test_bad_videos_are_rows_of_the_report_in_this_process(corpus: Path, tmp_path: Path) -> None:
    check(extract_corpus(corpus, tmp_path / "out.pkl", workers=0, progress=False), tmp_path / "out.pkl")


def test_bad_videos_are_rows_of_the_report_of_workers(corpus: Path, tmp_path: Path) -> None:
    check(extract_corpus(corpus, tmp_path / "out.pkl", workers=1, progress=False), tmp_path / "out.pkl")


def test_a_list_names_what_is_missing(tmp_path: Path, faces: list[np.ndarray]) -> None:
    write(tmp_path / "there.mp4", faces[:1])
    (tmp_path / "list.txt").write_text("there.mp4\nnot there.mp4\n", encoding="utf-8")
    report = extract_corpus(tmp_path / "list.txt", tmp_path / "out.pkl", workers=0, progress=False)
    assert report.done == ["there"]
    assert "no such file" in report.failed["not there"]


def test_a_truncated_video_keeps_what_is_in_it(tmp_path: Path, faces: list[np.ndarray]) -> None:
    """A stream of transport packets, cut in the middle, has no index to lose."""
    whole = write(tmp_path / "whole.mp4", faces * 4)
    with av.open(str(whole)) as source, av.open(str(tmp_path / "whole.ts"), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    (tmp_path / "in").mkdir()
    cut(tmp_path / "in" / "cut.ts", tmp_path / "whole.ts", 0.6)
    report = extract_corpus(tmp_path / "in", tmp_path / "out.pkl", workers=0, progress=False)
    (annotation,) = load_annotations(tmp_path / "out.pkl").annotations
    assert 1 <= annotation["total_frames"] < 32
    assert report.done == ["cut"]
    for reason, kept in report.damaged.values():
        assert "cut.ts" in reason
        assert 1 <= kept <= annotation["total_frames"]
        assert "cut" in (tmp_path / "failures.csv").read_text(encoding="utf-8")


Change = Callable[[np.ndarray], np.ndarray]
PORTRAIT: Change = lambda image: image[:, 240:600]  # noqa: E731
LARGE: Change = lambda image: cv2.resize(image, (3840, 2160))  # noqa: E731
GRAY: Change = lambda image: cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)  # noqa: E731


@pytest.mark.parametrize("change", [PORTRAIT, LARGE, GRAY], ids=["portrait", "4K", "gray"])
def test_all_kinds_of_pictures(
    tmp_path: Path, faces: list[np.ndarray], extractor: MediaPipeExtractor, change: Change
) -> None:
    images = [change(image) for image in faces[:2]]
    landmarks = extract_video(write(tmp_path / "video.mp4", images), extractor)
    assert landmarks.img_shape == images[0].shape[:2]
    assert landmarks.keypoint.shape == (1, 2, 478, 3)
    assert np.isfinite(landmarks.keypoint).all()


def test_a_video_of_one_frame(tmp_path: Path, faces: list[np.ndarray], extractor: MediaPipeExtractor) -> None:
    landmarks = extract_video(write(tmp_path / "one.mp4", faces[:1]), extractor)
    assert landmarks.keypoint.shape == (1, 1, 478, 3)
    assert landmarks.timestamp.tolist() == [0.0]
    assert landmarks.fps > 0


def test_a_video_of_one_gray_channel(
    tmp_path: Path, faces: list[np.ndarray], extractor: MediaPipeExtractor
) -> None:
    with av.open(str(tmp_path / "gray.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "gray"
        for image in faces[:2]:
            gray = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(gray, format="gray")))
        container.mux(stream.encode(None))
    assert np.isfinite(extract_video(tmp_path / "gray.mkv", extractor).keypoint).all()


def test_a_variable_rate_keeps_its_times(
    tmp_path: Path, faces: list[np.ndarray], extractor: MediaPipeExtractor
) -> None:
    times = [0.0, 0.04, 0.5, 0.52]
    landmarks = extract_video(write(tmp_path / "vfr.mp4", faces[:4], times), extractor)
    assert landmarks.timestamp == pytest.approx(times, abs=1e-3)
    assert (landmarks.confidence > 0).all()


def test_a_rotated_video_is_upright(
    tmp_path: Path, faces: list[np.ndarray], extractor: MediaPipeExtractor
) -> None:
    """Stored lying, with a flag that turns it back."""
    lying = write(tmp_path / "lying.mp4", [np.ascontiguousarray(np.rot90(image)) for image in faces[:3]])
    data = lying.read_bytes()
    upright = np.array([1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30], ">i4").tobytes()
    turned = np.array([0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30], ">i4").tobytes()
    at = data.index(upright, data.index(b"tkhd"))
    (tmp_path / "turned.mp4").write_bytes(data[:at] + turned + data[at + len(upright) :])
    landmarks = extract_video(tmp_path / "turned.mp4", extractor)
    wanted = extract_video(write(tmp_path / "upright.mp4", faces[:3]), extractor)
    assert landmarks.img_shape == (360, 640)
    assert landmarks.keypoint[0, ..., :2] == pytest.approx(wanted.keypoint[0, ..., :2], abs=8)


def test_many_faces(tmp_path: Path, faces: list[np.ndarray]) -> None:
    face = cv2.resize(faces[0][:, 250:610], (240, 240))
    crowd = np.vstack([np.hstack([face] * 3)] * 2)
    video = write(tmp_path / "crowd.mp4", [crowd] * 4)
    with MediaPipeExtractor(max_faces=8) as many:
        landmarks = extract_video(video, many)
        assert landmarks.keypoint.shape[:2] == (6, 4)
        assert (landmarks.confidence > 0).all()
        assert len(extract_video(video, many, max_faces=2).keypoint) == 2


def test_a_folder_of_images_is_a_video(
    tmp_path: Path, faces: list[np.ndarray], extractor: MediaPipeExtractor
) -> None:
    for i, image in enumerate(faces[:3]):
        cv2.imwrite(str(tmp_path / f"{i}.png"), image[..., ::-1])
    assert extract_video(tmp_path, extractor).keypoint.shape == (1, 3, 478, 3)
    assert extract_video(tmp_path / "0.png", extractor).keypoint.shape == (1, 1, 478, 3)
