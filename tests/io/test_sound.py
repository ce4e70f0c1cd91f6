"""Sound of one file behind the pictures of another: it is heard when it was heard before."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fau3d.io.video import VideoError, VideoReader, VideoWriter, copy_sound

RATE = 48_000


def write_source(
    path: Path,
    codec: str = "aac",
    times: np.ndarray | None = None,
    sound_starts: float = 0.0,
    click: float = 1.2,
    streams: int = 1,
    seconds: float = 2.0,
) -> Path:
    """Write pictures at given seconds, and a silence from `sound_starts` on with a loud 50 ms at `click`."""
    times = np.arange(50) / 25 if times is None else times
    samples = np.zeros(int(seconds * RATE) // 1024 * 1024, np.float32)
    at = int((click - sound_starts) * RATE)
    samples[at : at + RATE // 20] = 0.8 * np.sin(np.arange(RATE // 20) * 0.15)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.height, video.width, video.pix_fmt = 48, 64, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        sounds = [container.add_stream(codec, rate=RATE, layout="mono") for _ in range(streams)]
        for place, seconds_ in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 40 + place, np.uint8), "rgb24")
            frame.pts, frame.time_base = round(1000 * seconds_), Fraction(1, 1000)
            container.mux(video.encode(frame))
        container.mux(video.encode())
        for sound in sounds:
            for first in range(0, len(samples), 1024):
                piece = av.AudioFrame.from_ndarray(samples[None, first : first + 1024], "fltp", layout="mono")
                piece.sample_rate, piece.time_base = RATE, Fraction(1, RATE)
                piece.pts = first + round(sound_starts * RATE)
                container.mux(sound.encode(piece))
            container.mux(sound.encode())
    return path


def overlay_of(source: Path, path: Path, frames: int | None = None) -> Path:
    with VideoReader(source) as reader, VideoWriter(path, reader.fps) as writer:
        for frame in reader.frames(stop=frames):
            writer.write(frame.image, frame.timestamp)
    return path


def click_time(path: Path, stream: int = 0) -> float:
    """Find the loud place, in seconds after the first picture."""
    with av.open(str(path)) as container:
        first = next(container.decode(video=0)).time
    with av.open(str(path)) as container:
        for frame in container.decode(container.streams.audio[stream]):
            loud = np.abs(frame.to_ndarray().astype(np.float64)).reshape(-1)
            scale = 32768 if frame.format.name.startswith("s16") else 1
            above = np.flatnonzero(loud > 0.3 * scale)
            if len(above):
                return frame.time + above[0] / frame.sample_rate - first
    return float("nan")


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size]


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "aac"), ("b.mkv", "flac"), ("c.mov", "pcm_s16le")])
def test_sound_is_copied_as_it_is(name: str, codec: str, tmp_path: Path) -> None:
    source = write_source(tmp_path / name, codec)
    silent = overlay_of(source, tmp_path / "silent.mp4")
    done = copy_sound(source, silent, tmp_path / "out.mp4")
    assert done.copied and done.codecs == (codec,) and not done.encoded
    own, theirs = packets(tmp_path / "out.mp4"), packets(source)
    assert len(own) >= len(theirs) - 3 and set(own) <= set(theirs)
    assert click_time(tmp_path / "out.mp4") == pytest.approx(click_time(source), abs=0.005)
    with VideoReader(tmp_path / "out.mp4") as new, VideoReader(source) as old:
        np.testing.assert_allclose(new.timestamps, old.timestamps, atol=1e-3)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([name, "silent.mp4", "out.mp4"])


@pytest.mark.parametrize(
    ("name", "pictures", "sound"), [("a.mkv", 1.0, 0.5), ("a.mp4", 0.5, 1.0), ("b.mkv", 3.0, 0.0)]
)
def test_offsets_and_a_variable_rate_are_kept(
    name: str, pictures: float, sound: float, tmp_path: Path
) -> None:
    steps = np.cumsum([0, 40, 10, 150, 10, 290, 1, 399, 40, 40, 700]) / 1000
    source = write_source(
        tmp_path / name, "aac", steps + pictures, sound, pictures + 0.6, seconds=pictures + 2.5 - sound
    )
    silent = overlay_of(source, tmp_path / "silent.mp4")
    copy_sound(source, silent, silent)
    assert click_time(silent) == pytest.approx(0.6, abs=0.03)
    with VideoReader(silent) as reader:
        np.testing.assert_allclose(reader.timestamps, steps, atol=1e-3)


def test_sound_ends_with_the_pictures(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a.mp4", seconds=4.0)
    silent = overlay_of(source, tmp_path / "silent.mp4", frames=10)
    copy_sound(source, silent, tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as container:
        sound = container.streams.audio[0]
        assert float(sound.duration * sound.time_base) < 0.5


def test_what_a_container_does_not_allow_is_encoded(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a.mov", "pcm_mulaw")
    silent = overlay_of(source, tmp_path / "silent.mp4")
    done = copy_sound(source, silent, tmp_path / "out.mp4")
    assert done.codecs == () and done.encoded == ("pcm_mulaw",)
    assert click_time(tmp_path / "out.mp4") == pytest.approx(click_time(source), abs=0.05)


def test_every_sound_stream_comes_along(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a.mkv", streams=2)
    done = copy_sound(source, overlay_of(source, tmp_path / "silent.mp4"), tmp_path / "out.mp4")
    assert done.codecs == ("aac", "aac")
    assert click_time(tmp_path / "out.mp4", 1) == pytest.approx(1.2, abs=0.03)


def test_without_sound_nothing_is_written(make_video: Callable[..., Path], tmp_path: Path) -> None:
    source = make_video()
    silent = overlay_of(source, tmp_path / "silent.mp4")
    before = silent.read_bytes()
    done = copy_sound(source, silent, tmp_path / "out.mp4")
    assert not done.copied and "holds no sound" in done.reason
    assert not (tmp_path / "out.mp4").exists() and silent.read_bytes() == before


def test_the_source_is_not_overwritten(tmp_path: Path, make_video: Callable[..., Path]) -> None:
    source = write_source(tmp_path / "a.mp4")
    with pytest.raises(VideoError, match="is the source of the sound"):
        copy_sound(source, make_video(), source)
    with pytest.raises(VideoError, match="has 1 video streams, wanted number 1"):
        copy_sound(source, make_video(), tmp_path / "out.mp4", stream=1)


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    source = write_source(tmp_path / "a.mp4")
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    (tmp_path / "out.mp4").write_bytes(b"old")
    with pytest.raises(VideoError, match=r"broken\.mp4"):
        copy_sound(source, tmp_path / "broken.mp4", tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == b"old"
    assert not list(tmp_path.glob(".*"))
