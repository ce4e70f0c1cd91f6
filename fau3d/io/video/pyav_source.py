"""Reading videos with PyAV, FFmpeg's libraries: exact timestamps, rotation, damaged files."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.stream import Disposition
from av.video.reformatter import VideoReformatter

from fau3d.io.video.base import Frame, FrameSource, VideoError, VideoWarning

_FALLBACK_FPS = 25.0
_MAX_FAULTS = 16
_ADVICE = "play it with another program, or repair or re-encode it (ffmpeg -i BROKEN -c:v libx264 NEW.mp4)"


def open_container(path: Path) -> Any:
    """Open a file with FFmpeg's libraries.

    Raises:
        VideoError: If it is missing, empty, or not a format that FFmpeg knows.
    """
    if not path.is_file():
        raise VideoError(f"{path}: no such file; check the path")
    if path.stat().st_size == 0:
        raise VideoError(
            f"{path}: the file is empty (0 bytes), wanted a video; copy it again from its source"
        )
    try:
        return av.open(str(path), metadata_errors="replace")
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise VideoError(
            f"{path}: found no video that FFmpeg can open ({_reason(error)}); {_ADVICE}"
        ) from error


def picture_streams(container: Any) -> list[Any]:
    """Give the container's video streams in file order, cover pictures of audio files left out."""
    return [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


class PyAVSource(FrameSource):
    """A video read by PyAV.

    Opening it reads the packets' headers once (no decoding): that gives the number of frames and their true
    timestamps, whatever the container claims. Timestamps count from the first frame.

    Args:
        path: The video.
        stream: Which of the video streams, from 0 in file order.
        strict: Whether frames that cannot be decoded are an error at the end of a stream, not a warning.

    Raises:
        VideoError: If nothing can be decoded.
    """

    def __init__(self, path: Path, stream: int = 0, strict: bool = False) -> None:
        self._path = path
        self._stream_number = stream
        self._strict = strict
        # One converter for all frames: each frame's own would be built anew every time.
        self._reformatter = VideoReformatter()
        self._container, self._stream = self._open()
        try:
            self._read_index()
            self._read_first_frame()
        except BaseException:
            self._container.close()
            raise
        self._cursor: Iterator[tuple[int, Any]] | None = None
        self._next_index = 0

    def _open(self) -> tuple[Any, Any]:
        container = open_container(self._path)
        streams = picture_streams(container)
        if self._stream_number >= len(streams):
            kinds = sorted({s.type for s in container.streams}) or ["nothing"]
            container.close()
            if not streams:
                raise VideoError(f"{self._path}: no video stream, only {', '.join(kinds)}; name a video")
            raise VideoError(
                f"{self._path}: has {len(streams)} video streams, wanted "
                f"number {self._stream_number}; count from 0"
            )
        chosen = streams[self._stream_number]
        chosen.thread_type = "AUTO"
        return container, chosen

    def _read_index(self) -> None:
        container, stream = self._open()
        stamps: list[int | None] = []
        keys: list[tuple[int, int]] = []
        with container:
            for packet in _packets(container, stream):
                if packet.size and not packet.is_discard:
                    stamps.append(packet.pts)
                    if packet.is_keyframe and packet.pts is not None:
                        keys.append((packet.pts, packet.pts if packet.dts is None else packet.dts))
            self._declared = stream.frames
            is_avi = container.format.name == "avi"
        if not stamps:
            raise VideoError(f"{self._path}: the video stream holds no frames; {_ADVICE}")
        self._timed = None not in stamps and len(set(stamps)) == len(stamps)
        rate = float(self._stream.average_rate or self._stream.guessed_rate or _FALLBACK_FPS)
        if self._timed:
            self._pts = np.array(sorted(s for s in stamps if s is not None), dtype=np.int64)
            self._keys = np.array(sorted(keys), dtype=np.int64).reshape(-1, 2)
            self.timestamps = (self._pts - self._pts[0]) * float(self._stream.time_base)
            if is_avi:
                # AVI counts time in chunks; an empty one, which the demuxer passes over, says "the frame
                # before, once more". It is announced, but it is no loss.
                self._declared -= int(self._pts[-1] - self._pts[0]) + 1 - len(self._pts)
        else:
            self.timestamps = np.arange(len(stamps)) / rate
        self.fps = _mean_rate(self.timestamps, rate)

    def _read_first_frame(self) -> None:
        first = next(_decode(self._container, self._stream), None)
        if first is None:
            raise VideoError(f"{self._path}: none of {len(self)} frames can be decoded; {_ADVICE}")
        self._size = (first.width, first.height)
        self._turns = round(_rotation(first) / 90) % 4
        self.img_shape = (first.height, first.width) if self._turns % 2 == 0 else (first.width, first.height)

    def _numbered(self, container: Any, stream: Any, after: int = -1) -> Iterator[tuple[int, Any]]:
        """Decode on from where the container stands, each frame with its position in the video."""
        for frame in _decode(container, stream):
            index = after + 1
            if self._timed and frame.pts is not None:
                place = int(np.searchsorted(self._pts, frame.pts))
                if place < len(self._pts) and self._pts[place] == frame.pts:
                    index = place
            if after < index < len(self):
                after = index
                yield index, frame

    def _rgb(self, frame: Any) -> np.ndarray:
        width, height = self._size
        image = self._reformatter.reformat(frame, width, height, "rgb24").to_ndarray()
        return np.ascontiguousarray(np.rot90(image, self._turns)) if self._turns else image

    def image(self, index: int) -> np.ndarray:
        """Read the frame at a position in [0, T): shape (H, W, 3), uint8, RGB."""
        if self._cursor is None or not self._near(index):
            if not self._timed or index == 0:
                self._container.close()
                self._container, self._stream = self._open()
            self._cursor = self._numbered_from(self._container, self._stream, index)
        for found, frame in self._cursor:
            self._next_index = found + 1
            if found == index:
                return self._rgb(frame)
            if found > index:
                break
        self._cursor = None
        raise VideoError(f"{self._path}: frame {index} of {len(self)} cannot be decoded; {_ADVICE}")

    def _near(self, index: int) -> bool:
        """Whether decoding on gets to a frame sooner than going back to a key frame would."""
        if index <= self._next_index or not self._timed:
            return index >= self._next_index
        key = np.searchsorted(self._keys[:, 0], self._pts[index], side="right") - 1
        return key < 0 or self._keys[key, 0] <= self._pts[self._next_index]

    def _numbered_from(self, container: Any, stream: Any, index: int) -> Iterator[tuple[int, Any]]:
        """Decode on from a key frame at or before a position, each frame with its position."""
        if not self._timed or index == 0:
            yield from self._numbered(container, stream)
            return
        for target in self._seek_targets(index):
            container.seek(target, stream=stream, backward=True)
            frames = self._numbered(container, stream)
            first = next(frames, None)
            if first is not None and first[0] <= index:
                yield first
                yield from frames
                return
        container.seek(int(self._keys[0, 1]) if len(self._keys) else 0, stream=stream, backward=True)
        yield from self._numbered(container, stream)

    def _seek_targets(self, index: int) -> list[int]:
        """Where to seek for a frame, the likeliest first.

        Some formats (AVI) seek by the order of decoding and land on a key frame that is shown later than the
        frame that was asked for; then it takes the decoding time of an earlier one.
        """
        key = int(np.searchsorted(self._keys[:, 0], self._pts[index], side="right")) - 1
        earlier = [int(self._keys[k, 1]) for k in (key, key - 1) if k >= 0]
        return [int(self._pts[index]), *earlier]

    def stream(self, start: int, stop: int, step: int) -> Iterator[Frame]:
        """Yield the frames of `range(start, stop, step)` in order, holding only a few in memory.

        Warns:
            VideoWarning: At the end, if frames are missing (truncated or damaged file), with their number.

        Raises:
            VideoError: The same, where the source is strict.
        """
        container, stream = self._open()
        wanted = range(start, stop, step)
        seen = -1
        count = 0
        with container:
            for index, frame in self._numbered_from(container, stream, start):
                if index >= stop:
                    break
                if index in wanted:
                    seen = index
                    count += 1
                    yield Frame(index, float(self.timestamps[index]), self._rgb(frame))
                    if index + step >= stop:
                        break
        self._report(wanted, count, seen)

    def _report(self, wanted: range, count: int, last: int) -> None:
        lost = len(wanted) - count
        truncated = wanted.stop >= len(self) and self._declared > len(self)
        if not lost and not truncated:
            return
        total = max(self._declared, len(self))
        at_end = len([i for i in wanted if i > last])
        message = (
            f"{self._path}: the file is damaged or cut short: it announces {total} frames, {len(self)} are "
            f"in it, and {count} of the {len(wanted)} asked for could be decoded ({at_end} lost at the end); "
            f"what was read is good, its times are true; to get the rest, {_ADVICE}"
        )
        if self._strict:
            raise VideoError(message)
        warnings.warn(message, VideoWarning, stacklevel=3)

    def close(self) -> None:
        """Give the file back; afterwards nothing can be read."""
        self._cursor = None
        self._container.close()


def _rotation(frame: Any) -> float:
    """How far the display matrix turns the picture, in degrees counter-clockwise; 0 where there is none."""
    return float(getattr(frame, "rotation", 0) or 0)


def _mean_rate(timestamps: np.ndarray, announced: float) -> float:
    """The announced rate where the timestamps bear it out, else the mean of theirs."""
    if len(timestamps) < 2 or timestamps[-1] <= 0:
        return announced
    measured = (len(timestamps) - 1) / float(timestamps[-1])
    return announced if abs(measured - announced) <= 0.005 * measured else measured


def _packets(container: Any, stream: Any) -> Iterator[Any]:
    """Read packets to the end; over damaged places of the container a few times, not for ever."""
    for _ in range(_MAX_FAULTS):
        try:
            yield from container.demux(stream)
            return
        except av.error.EOFError:
            return
        except (av.error.FFmpegError, OSError):
            continue


def _decode(container: Any, stream: Any) -> Iterator[Any]:
    for packet in _packets(container, stream):
        try:
            frames = packet.decode()
        except av.error.FFmpegError:
            continue  # one damaged packet; the stream's end tells how many frames it cost
        yield from frames
