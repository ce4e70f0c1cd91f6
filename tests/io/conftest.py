"""Small videos and annotation files, made on the spot."""

import struct
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fau3d.io.annotation import AnnotationFile

_TURNS = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


@pytest.fixture
def make_video(tmp_path: Path) -> Callable[..., Path]:
    """Write a video whose frame i is gray of level `levels[i]`, red in its top left quarter if asked."""

    def make(
        name: str = "video.mp4",
        levels: list[int] | None = None,
        size: tuple[int, int] = (48, 64),
        milliseconds: list[int] | None = None,
        codec: str = "libx264",
        pix_fmt: str = "yuv420p",
        red_corner: bool = False,
        gop: int = 12,
        options: dict[str, str] | None = None,
    ) -> Path:
        levels = [20 + 10 * i for i in range(10)] if levels is None else levels
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=25)
            stream.height, stream.width, stream.pix_fmt, stream.gop_size = *size, pix_fmt, gop
            stream.options = options or {}
            base = Fraction(1, 25) if milliseconds is None else Fraction(1, 1000)
            if milliseconds is not None:
                stream.codec_context.time_base = base
            for place, level in enumerate(levels):
                image = np.full((*size, 3), level, np.uint8)
                if red_corner:
                    image[: size[0] // 2, : size[1] // 2] = (250, 0, 0)
                frame = av.VideoFrame.from_ndarray(image, "rgb24")
                frame.pts, frame.time_base = place if milliseconds is None else milliseconds[place], base
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path

    return make


@pytest.fixture
def rotate() -> Callable[[Path, int], Path]:
    """Set the rotation flag of an MP4 file: its picture shall be turned clockwise by so many degrees."""

    def turn(path: Path, degrees: int) -> Path:
        data = bytearray(path.read_bytes())
        header = data.find(b"tkhd")
        matrix = header + 8 + (20 if data[header + 4] == 0 else 32) + 16
        a, b, c, d = (65536 * v for v in _TURNS[degrees])
        data[matrix : matrix + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
        path.write_bytes(bytes(data))
        return path

    return turn


@pytest.fixture
def good_file() -> AnnotationFile:
    """Three videos of two subjects, 68 points, two units; the second frame shows no face."""
    random = np.random.default_rng(0)
    annotations = []
    for place, (subject, length) in enumerate([("S1", 6), ("S1", 9), ("S2", 12)]):
        keypoint = random.uniform(10, 90, (1, length, 68, 2)).astype(np.float32)
        score = np.ones((1, length, 68), np.float32)
        keypoint[:, 1], score[:, 1] = np.nan, 0
        occurrence = np.zeros((length, 2), np.int8)
        occurrence[:3, 0], occurrence[1, :] = 1, -1
        intensity = np.where(occurrence < 0, np.nan, occurrence * 2.0).astype(np.float32)
        annotations.append(
            {
                "frame_dir": f"video{place}",
                "total_frames": length,
                "img_shape": (100, 120),
                "original_shape": (100, 120),
                "keypoint": keypoint,
                "keypoint_score": score,
                "au_occurrence": occurrence,
                "au_intensity": intensity,
                "frame_index": np.arange(length),
                "fps": 25.0,
                "subject": subject,
            }
        )
    metainfo = {
        "topology": "ibug68",
        "au_names": ["AU01", "AU12"],
        "label_type": "occurrence",
        "extractor": "test 1",
    }
    split = {"fold1_train": ["video0", "video1"], "fold1_test": ["video2"]}
    return AnnotationFile(split, annotations, metainfo)
