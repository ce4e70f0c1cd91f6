"""Reading and writing videos."""

import tracemalloc
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from fau3d.io.video import (
    CameraReader,
    VideoError,
    VideoReader,
    VideoWarning,
    VideoWriter,
    list_videos,
    read_image,
)
from fau3d.io.video import reader as reader_module

BACKENDS = ("pyav", "decord")


def means(images: list[np.ndarray]) -> np.ndarray:
    return np.array([image.mean() for image in images])


@pytest.mark.parametrize("backend", BACKENDS)
def test_frames_by_position_and_as_a_stream(make_video: Callable[..., Path], backend: str) -> None:
    levels = [10 + 5 * i for i in range(40)]
    with VideoReader(make_video(levels=levels), backend) as reader:
        assert (len(reader), reader.fps, reader.img_shape, reader.backend) == (40, 25.0, (48, 64), backend)
        frames = list(reader.frames())
        assert [f.index for f in frames] == list(range(40))
        np.testing.assert_allclose([f.timestamp for f in frames], np.arange(40) / 25, atol=1e-6)
        np.testing.assert_allclose(means([f.image for f in frames]), levels, atol=2)
        assert frames[0].image.shape == (48, 64, 3) and frames[0].image.dtype == np.uint8
        for place in (7, 8, 30, 29, 0, 39, 12, -1, -40):
            np.testing.assert_array_equal(reader[place], frames[place].image)
        assert [f.index for f in reader.frames(5, 30, 7)] == [5, 12, 19, 26]
        np.testing.assert_array_equal(next(reader.frames(26)).image, frames[26].image)
        assert list(reader.frames(40)) == [] and list(reader.frames(9, 3)) == []
        with pytest.raises(IndexError, match="frame 40 asked for, but there are 40"):
            reader[40]
        with pytest.raises(ValueError, match="step"):
            next(reader.frames(step=0))


@pytest.mark.parametrize("backend", BACKENDS)
def test_variable_rate_keeps_its_times(make_video: Callable[..., Path], backend: str) -> None:
    times = [0, 40, 50, 200, 210, 500, 501, 900]
    with VideoReader(make_video(levels=list(range(20, 180, 20)), milliseconds=times), backend) as reader:
        np.testing.assert_allclose(reader.timestamps, np.array(times) / 1000, atol=1e-4)
        np.testing.assert_allclose(reader.fps, 7 / 0.9, rtol=1e-3)
        np.testing.assert_allclose(means([reader[5]]), [120], atol=2)


def test_times_count_from_the_first_frame(make_video: Callable[..., Path]) -> None:
    with VideoReader(make_video("late.mkv", milliseconds=[1500 + 40 * i for i in range(10)])) as reader:
        np.testing.assert_allclose(reader.timestamps, np.arange(10) / 25, atol=1e-3)
        assert reader.fps == pytest.approx(25, rel=0.01)


@pytest.mark.parametrize(("degrees", "corner"), [(90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_rotation_flags_are_followed(
    make_video: Callable[..., Path], rotate: Callable[..., Path], degrees: int, corner: tuple[int, int]
) -> None:
    path = rotate(make_video(red_corner=True), degrees)
    with VideoReader(path) as reader:
        shape = (64, 48) if degrees != 180 else (48, 64)
        assert reader.img_shape == shape
        for image in (reader[3], next(reader.frames()).image):
            assert image.shape == (*shape, 3) and image.flags.c_contiguous
            y, x = (4 if c == 0 else -4 for c in corner)
            assert image[y, x, 0] > 200 and image[y, x, 1] < 60
    with pytest.raises(VideoError, match=r"stored rotated.*pyav"):
        VideoReader(path, "decord")


@pytest.mark.parametrize(
    "name", ["pexels_wolfganglanger_expressions_occlusion.mp4", "grid_brbk7n_talking.mp4"]
)
def test_backends_agree_on_real_clips(clips_dir: Path, name: str) -> None:
    with VideoReader(clips_dir / name, "pyav") as ours, VideoReader(clips_dir / name, "decord") as theirs:
        assert len(ours) == len(theirs)
        for place in (0, 1, 40, 13):
            # the libraries' colour conversions round differently
            assert np.abs(ours[place].astype(int) - theirs[place]).mean() < 2


def test_first_of_two_video_streams(clips_dir: Path) -> None:
    path = clips_dir / "nasa_no_face.mp4"
    with VideoReader(path) as reader:
        assert (len(reader), reader.img_shape, reader.fps) == (325, (180, 320), 25.0)
        assert next(reader.frames(300)).image.shape == (180, 320, 3)
    with VideoReader(path, stream=1) as reader:
        assert (len(reader), reader.img_shape) == (390, (270, 480))
    with pytest.raises(VideoError, match="has 2 video streams"):
        VideoReader(path, stream=2)
    with pytest.raises(VideoError, match="several video streams"):
        VideoReader(path, "decord")


@pytest.mark.parametrize("size", [(2160, 3840), (64, 36), (2, 2)], ids=["4K", "portrait", "tiny"])
def test_sizes(make_video: Callable[..., Path], size: tuple[int, int]) -> None:
    with VideoReader(make_video(levels=[50, 90], size=size)) as reader:
        assert [f.image.shape for f in reader.frames()] == [(*size, 3)] * 2


def test_one_frame(make_video: Callable[..., Path]) -> None:
    with VideoReader(make_video(levels=[77])) as reader:
        assert len(reader) == 1 and reader.fps > 0 and reader.timestamps.tolist() == [0.0]
        assert reader[0].mean() == pytest.approx(77, abs=2)


def test_gray_video(make_video: Callable[..., Path]) -> None:
    with VideoReader(make_video("gray.mkv", codec="ffv1", pix_fmt="gray")) as reader:
        assert reader[4].shape == (48, 64, 3)
        assert np.ptp(reader[4].astype(int), axis=2).max() <= 1


@pytest.mark.parametrize(
    ("name", "codec"),
    [("old.avi", "mpeg4"), ("web.webm", "libvpx-vp9"), ("raw.h264", "libx264"), ("a.mpg", "mpeg2video")],
)
def test_other_containers(make_video: Callable[..., Path], name: str, codec: str) -> None:
    levels = [20 + 10 * i for i in range(12)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with VideoReader(make_video(name, levels=levels, codec=codec)) as reader:
            frames = list(reader.frames())
            assert [f.index for f in frames] == list(range(12))
            np.testing.assert_allclose(means([f.image for f in frames]), levels, atol=4)
            np.testing.assert_allclose(means([reader[i] for i in (9, 3, 4)]), [110, 50, 60], atol=4)


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("b.avi", "mpeg4", {"bf": "2"}),
        ("open.mp4", "libx264", {"x264-params": "open-gop=1:bframes=3:keyint=10"}),
        ("open.ts", "libx264", {"x264-params": "open-gop=1:bframes=3:keyint=10"}),
        ("hidden.webm", "libvpx", {"auto-alt-ref": "1", "lag-in-frames": "16"}),
    ],
)
def test_frames_coded_in_another_order(
    make_video: Callable[..., Path], name: str, codec: str, options: dict[str, str]
) -> None:
    levels = [10 + 4 * i for i in range(50)]
    with VideoReader(make_video(name, levels=levels, codec=codec, gop=10, options=options)) as reader:
        images = [f.image for f in reader.frames()]
        np.testing.assert_allclose(means(images), levels, atol=8)
        for place in (*range(49, 0, -3), 20, 45, 0, 1):
            np.testing.assert_array_equal(reader[place], images[place])
            first = next(reader.frames(place))
            assert first.index == place
            np.testing.assert_array_equal(first.image, images[place])


def test_names_with_spaces_and_letters_of_all_kinds(make_video: Callable[..., Path]) -> None:
    path = make_video("été 測試 – clip.mp4")
    for backend in BACKENDS:
        with VideoReader(path, backend) as reader:
            assert len(list(reader.frames())) == 10
    with VideoWriter(path.with_name("größe ü.mp4"), 25, (48, 64)) as writer:
        writer.write(np.zeros((48, 64, 3), np.uint8))
    assert path.with_name("größe ü.mp4").is_file()


def test_truncated_video_gives_its_frames_and_says_so(clips_dir: Path, tmp_path: Path) -> None:
    whole = (clips_dir / "pexels_wolfganglanger_expressions_occlusion.mp4").read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) // 2])
    with (
        VideoReader(cut) as reader,
        pytest.warns(VideoWarning, match=r"cut\.mp4.*announces 472 frames, 228 are"),
    ):
        count = len(list(reader.frames()))
    assert count == 228 == len(reader)
    frames = []
    with VideoReader(cut, strict=True) as reader, pytest.raises(VideoError, match="announces 472"):
        frames += [f.index for f in reader.frames()]
    with VideoReader(cut) as reader:  # what is asked for is whole: nothing to say
        assert len(list(reader.frames(0, 20))) == 20


def test_damage_in_the_middle_does_not_shift_the_rest(make_video: Callable[..., Path]) -> None:
    levels = [20 + 4 * i for i in range(48)]
    path = make_video("hit.mkv", levels=levels, codec="ffv1", gop=1)
    with av.open(str(path)) as container:
        victim = [bytes(packet) for packet in container.demux(video=0)][20]
    path.write_bytes(path.read_bytes().replace(victim, bytes(len(victim))))
    with VideoReader(path) as reader, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frames = list(reader.frames())
    right = [abs(f.image.mean() - levels[f.index]) < 3 for f in frames]
    assert frames[-1].index == 47 and sum(right) >= 47
    assert len(frames) == 48 or "47 of the 48 asked for could be decoded" in str(caught[0].message)


def test_bad_files(tmp_path: Path, make_video: Callable[..., Path]) -> None:
    with pytest.raises(VideoError, match=r"gone\.mp4: no such file"):
        VideoReader(tmp_path / "gone.mp4")
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(VideoError, match=r"empty\.mp4: the file is empty"):
        VideoReader(tmp_path / "empty.mp4")
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    with pytest.raises(VideoError, match=r"noise\.mp4: .*re-encode"):
        VideoReader(tmp_path / "noise.mp4")
    (tmp_path / "text.mp4").write_text("not a video " * 50)
    with pytest.raises(VideoError, match=r"text\.mp4"):
        VideoReader(tmp_path / "text.mp4")
    header_only = make_video("short.mp4")
    data = header_only.read_bytes()
    header_only.write_bytes(data[: data.find(b"mdat") + 4])
    with pytest.raises(VideoError, match=r"short\.mp4"):
        VideoReader(header_only)
    with pytest.raises(ValueError, match="unknown backend 'opencv'; known"):
        VideoReader(make_video(), "opencv")


def test_sound_without_pictures(tmp_path: Path) -> None:
    path = tmp_path / "sound.m4a"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        frame.sample_rate = 16000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(VideoError, match=r"sound\.m4a: no video stream, only audio; name a video"):
        VideoReader(path)


def test_video_stream_without_frames(tmp_path: Path) -> None:
    path = tmp_path / "nothing.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        container.start_encoding()
    with pytest.raises(VideoError, match=r"nothing\.mkv"):
        VideoReader(path)


def test_auto_falls_back(make_video: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_video()

    class Failing:
        def __init__(self, path: Path, *others: object) -> None:
            raise VideoError(f"{path}: cannot")

    monkeypatch.setattr(reader_module, "PyAVSource", Failing)
    with VideoReader(path) as reader:
        assert reader.backend == "decord" and len(list(reader.frames())) == 10
    monkeypatch.setattr(reader_module, "DecordSource", Failing)
    with pytest.raises(VideoError, match="cannot"):
        VideoReader(path)


def test_decord_missing(make_video: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "decord", None)
    with pytest.raises(VideoError, match="decord is not installed; use backend='pyav'"):
        VideoReader(make_video(), "decord")
    with VideoReader(make_video()) as reader:
        assert reader.backend == "pyav"


def test_memory_does_not_grow_with_length(make_video: Callable[..., Path]) -> None:
    path = make_video(levels=[i % 200 for i in range(600)], size=(240, 320))
    with VideoReader(path) as reader:
        tracemalloc.start()
        for _frame in reader.frames():
            pass
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10 * 240 * 320 * 3


# ---------------------------------------------------------------- images


def test_folder_of_images_in_natural_order(tmp_path: Path) -> None:
    for number in (1, 2, 10, 9):
        cv2.imwrite(str(tmp_path / f"f_{number}.png"), np.full((20, 30, 3), number * 10, np.uint8))
    (tmp_path / "notes.txt").write_text("x")
    with VideoReader(tmp_path, fps=10) as reader:
        assert reader.frame_paths is not None and [p.stem for p in reader.frame_paths] == [
            "f_1",
            "f_2",
            "f_9",
            "f_10",
        ]
        assert (len(reader), reader.img_shape, reader.backend) == (4, (20, 30), "images")
        assert [(f.index, f.timestamp, int(f.image.mean())) for f in reader.frames(1)] == [
            (1, 0.1, 20),
            (2, 0.2, 90),
            (3, 0.3, 100),
        ]


def test_images_of_several_sizes(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "a.png"), np.zeros((20, 30, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "b.png"), np.zeros((25, 30, 3), np.uint8))
    with VideoReader(tmp_path) as reader, pytest.raises(VideoError, match=r"b\.png: is 30x25.*30x20.*stills"):
        list(reader.frames())
    with VideoReader(tmp_path, same_size=False) as reader:
        assert [f.image.shape[:2] for f in reader.frames()] == [(20, 30), (25, 30)]


def test_folder_without_images(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="holds no images"):
        VideoReader(tmp_path)
    with pytest.raises(VideoError, match="is a folder"):
        VideoReader(tmp_path, "pyav")


@pytest.mark.parametrize(
    "image",
    [
        np.full((8, 9), 128, np.uint8),
        np.full((8, 9), 128 * 257, np.uint16),
        np.full((8, 9, 3), 128 * 257, np.uint16),
        np.dstack([np.full((8, 9, 3), 128, np.uint8), np.full((8, 9), 255, np.uint8)]),
    ],
    ids=["gray", "gray16", "rgb16", "opaque"],
)
def test_kinds_of_images(tmp_path: Path, image: np.ndarray) -> None:
    path = tmp_path / "ä image.png"
    path.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    found = read_image(path)
    assert found.shape == (8, 9, 3) and found.dtype == np.uint8
    np.testing.assert_allclose(found, 128, atol=1)


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    image = np.zeros((4, 4, 4), np.uint8)
    image[:2, :, 3] = 255  # opaque black above, nothing below
    cv2.imwrite(str(tmp_path / "a.png"), image)
    found = read_image(tmp_path / "a.png")
    assert (found[:2] == 0).all() and (found[2:] == 255).all()


def test_exif_rotation(tmp_path: Path) -> None:
    from PIL import Image

    image = np.zeros((20, 40, 3), np.uint8)
    image[:10, :20] = (250, 0, 0)
    exif = Image.Exif()
    exif[274] = 6  # turn clockwise by 90 degrees to see it upright
    Image.fromarray(image).save(tmp_path / "a.jpg", exif=exif, quality=95)
    found = read_image(tmp_path / "a.jpg")
    assert found.shape == (40, 20, 3)
    assert found[4, -4, 0] > 200 and found[4, 4, 0] < 60


def test_broken_image(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff broken")
    with pytest.raises(VideoError, match=r"a\.jpg: .* no image"):
        VideoReader(tmp_path / "a.jpg")
    (tmp_path / "b.png").touch()
    with pytest.raises(VideoError, match=r"b\.png: 0 bytes"):
        read_image(tmp_path / "b.png")


def test_list_videos(tmp_path: Path) -> None:
    for name in ("b10.mp4", "b9.MOV", "x.txt", ".hidden.mp4", "sub/c.avi"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [p.name for p in list_videos(tmp_path)] == ["b9.MOV", "b10.mp4"]
    assert [p.name for p in list_videos(tmp_path, recursive=True)] == ["b9.MOV", "b10.mp4", "c.avi"]


# ---------------------------------------------------------------- camera


def test_camera(make_video: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_video()  # OpenCV reads a file as it would a camera
    with CameraReader(str(path)) as camera:
        assert camera.img_shape == (48, 64) and camera.fps == 25.0
        frames = list(camera.frames(stop=4))
    assert [f.index for f in frames] == [0, 1, 2, 3]
    np.testing.assert_allclose(means([f.image for f in frames]), [20, 30, 40, 50], atol=2)
    assert all(a.timestamp < b.timestamp for a, b in pairwise(frames))
    monkeypatch.setenv("OPENCV_LOG_LEVEL", "OFF")
    with pytest.raises(VideoError, match="camera 97"):
        CameraReader(97)


# ---------------------------------------------------------------- writing


def test_writer_and_reader_agree(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "out.mp4"
    with VideoWriter(path, 24000 / 1001, (51, 65)) as writer:
        for level in range(0, 250, 25):
            writer.write(np.full((51, 65, 3), level, np.uint8))
        assert not path.exists()
    assert [p.name for p in path.parent.iterdir()] == ["out.mp4"]
    with VideoReader(path) as reader:
        assert (len(reader), reader.img_shape) == (10, (52, 66))  # H.264 has even sizes only
        assert reader.fps == pytest.approx(24000 / 1001)
        np.testing.assert_allclose(means([f.image for f in reader.frames()]), range(0, 250, 25), atol=3)


def test_writer_keeps_times(tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.1, 0.11, 0.5]
    with VideoWriter(tmp_path / "a.mp4", 25) as writer:
        for time in times:
            writer.write(np.zeros((16, 16, 3), np.uint8), time)
    with VideoReader(tmp_path / "a.mp4") as reader:
        np.testing.assert_allclose(reader.timestamps, times, atol=1e-4)


def test_writer_leaves_nothing_half_done(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="stop"), VideoWriter(path, 25) as writer:
        writer.write(np.zeros((16, 16, 3), np.uint8))
        raise RuntimeError("stop")
    assert path.read_text() == "old" and [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    with pytest.raises(VideoError, match="no frame was given"), VideoWriter(path, 25):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]


def test_writer_refuses_other_shapes(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", 25) as writer:
        writer.write(np.zeros((16, 18, 3), np.uint8))
        with pytest.raises(VideoError, match=r"frame 1 has shape \(18, 16, 3\).*\(16, 18, 3\)"):
            writer.write(np.zeros((18, 16, 3), np.uint8))
        with pytest.raises(VideoError, match="float32"):
            writer.write(np.zeros((16, 18, 3), np.float32))
    with pytest.raises(VideoError, match="0 frames per second"):
        VideoWriter(tmp_path / "b.mp4", 0)


def test_empty_chunks_of_avi_repeat_frames_and_are_no_damage(tmp_path):
    path = tmp_path / "dropped.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuvj420p"
        for number in (0, 1, 2, 5, 6, 9):  # the muxer fills gaps with empty chunks
            frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), 20 * number, np.uint8), "rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with VideoReader(path, backend="pyav") as reader:
            assert [f.timestamp for f in reader.frames()] == pytest.approx([0, 0.04, 0.08, 0.2, 0.24, 0.36])
