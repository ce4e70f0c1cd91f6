"""The sound of a video on a picture that was made from it."""

import heapq
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import Any

import av

from fau3d.io.atomic import atomic_path
from fau3d.io.video.base import VideoError
from fau3d.io.video.pyav_source import _decode, _packets, open_container, picture_streams

# A picture stream's first frame is among its first packets, whatever the order of decoding.
_FIRST_PACKETS = 64
# Coders of sound want a little of what lies before a cut to be right behind it.
_LEAD_IN = 0.1
_FALLBACK_CODEC, _FALLBACK_RATE = "aac", 48_000


@dataclass(frozen=True)
class CopiedSound:
    """What `copy_sound` did.

    Attributes:
        codecs: Of the sound streams that were copied as they are, in file order.
        encoded: Codecs of those that the container does not allow, which were encoded anew.
        reason: Why there is no sound; empty where there is some. Then no file was written.
    """

    codecs: tuple[str, ...] = ()
    encoded: tuple[str, ...] = ()
    reason: str = ""

    @property
    def copied(self) -> bool:
        """Whether the output was written."""
        return not self.reason


def copy_sound(
    source_video: str | os.PathLike[str],
    silent_video: str | os.PathLike[str],
    output: str | os.PathLike[str],
    stream: int = 0,
) -> CopiedSound:
    """Join the pictures of one file and the sound of another, from which those pictures were made.

    Neither is decoded where the container of the output allows the sound's codec; other sound is encoded as
    AAC. Time 0 of the silent video is the first picture of the source: sound before it and behind the last
    picture is left out, and sound that starts late stays late. The output appears when it is complete.

    Args:
        source_video: Has the sound; all its streams are taken.
        silent_video: Has the pictures, their times counted from the source's first picture.
        output: Where the file shall be; may be `silent_video`, which is then replaced.
        stream: Which of the source's video streams the pictures were made from.

    Returns:
        What was done. Without sound in the source nothing is written, and `reason` says so.

    Raises:
        VideoError: If a file cannot be read, or the output is the source.
    """
    source_video, silent_video, output = Path(source_video), Path(silent_video), Path(output)
    if output.resolve() == source_video.resolve():
        raise VideoError(f"{output}: is the source of the sound, which would be lost; name another output")
    with open_container(source_video) as source:
        sounds = [k for k, sound in enumerate(source.streams.audio) if sound.codec_context is not None]
    if not sounds:
        return CopiedSound(reason=f"{source_video}: holds no sound")
    start, end = _first_picture(source_video, stream), _end_of(silent_video)
    # Both are closed before the output takes its name, which may be that of one of them.
    with atomic_path(output) as temporary, open_container(silent_video) as silent:
        try:
            return _join(source_video, sounds, silent, temporary, start, end)
        except av.error.FFmpegError as error:
            raise VideoError(
                f"{output}: the sound of {source_video} could not be joined to {silent_video} ({error}); "
                f"keep the silent video, or try with another program"
            ) from error


def _pictures(container: Any, path: Path, number: int) -> Any:
    streams = picture_streams(container)
    if number >= len(streams):
        raise VideoError(
            f"{path}: has {len(streams)} video streams, wanted number {number}, counted from 0; name a video"
        )
    return streams[number]


def _first_picture(path: Path, number: int) -> float:
    """Find when a file shows its first picture, in seconds of its own clock."""
    with open_container(path) as container:
        stream = _pictures(container, path, number)
        packets = islice(_packets(container, stream), _FIRST_PACKETS)
        times = [p.pts for p in packets if p.size and not p.is_discard and p.pts is not None]
        return float(min(times) * stream.time_base) if times else 0.0


def _end_of(path: Path) -> float:
    """Find when the last picture of a file ends, in seconds."""
    with open_container(path) as container:
        stream = _pictures(container, path, 0)
        ends = [p.pts + (p.duration or 0) for p in _packets(container, stream) if p.pts is not None]
        return float(max(ends) * stream.time_base) if ends else 0.0


def _join(
    source: Path, sounds: list[int], silent: Any, target: Path, start: float, end: float
) -> CopiedSound:
    """Write pictures and sound in the order of their times."""
    options = {"movflags": "+faststart"} if target.suffix.lower() in (".mp4", ".m4v", ".mov") else {}
    picture = picture_streams(silent)[0]
    copied, encoded = [], []
    with ExitStack() as stack:
        container = stack.enter_context(av.open(str(target), "w", options=options))
        shown = container.add_stream_from_template(picture)
        queues = [_copied_packets(silent, picture, shown, 0.0, float("inf"))]
        for number in sounds:
            # Each stream has a reader of its own, so that one that lies far behind does not fill the memory.
            reader = stack.enter_context(open_container(source))
            own = reader.streams.audio[number]
            codec = own.codec_context.codec.canonical_name
            if codec in container.supported_codecs:
                copied.append(codec)
                heard: Any = container.add_stream_from_template(own)
                queues.append(_copied_packets(reader, own, heard, start, end))
            else:
                encoded.append(codec)
                heard = container.add_stream(_FALLBACK_CODEC, rate=own.rate or _FALLBACK_RATE)
                heard.layout = "mono" if own.channels == 1 else "stereo"
                queues.append(_encoded_packets(reader, own, heard, start, end))
        container.start_encoding()
        for _, packet in heapq.merge(*queues, key=lambda item: item[0]):
            container.mux(packet)
    return CopiedSound(tuple(copied), tuple(encoded))


def _copied_packets(
    reader: Any, stream: Any, target: Any, start: float, end: float
) -> Iterator[tuple[float, Any]]:
    """Yield packets for a stream, by the time of decoding, moved so that `start` is 0."""
    shift = round(start / stream.time_base)
    for packet in _packets(reader, stream):
        decoded = packet.pts if packet.dts is None else packet.dts
        if decoded is None:
            continue  # the empty packet at the end
        shown = decoded if packet.pts is None else packet.pts
        packet.pts, packet.dts = shown - shift, decoded - shift
        begins = float(packet.pts * stream.time_base)
        if stream.type == "audio":
            if begins >= end:
                return
            if begins < -_LEAD_IN:
                continue
        packet.stream = target
        yield float(packet.dts * stream.time_base), packet


def _encoded_packets(
    reader: Any, stream: Any, target: Any, start: float, end: float
) -> Iterator[tuple[float, Any]]:
    """Decode a stream and yield it encoded for another, by time, moved so that `start` is 0."""
    now = 0.0
    for frame in chain(_frames_between(reader, stream, start, end), [None]):
        for packet in target.encode(frame):
            if packet.dts is not None:
                now = float(packet.dts * packet.time_base)
            yield now, packet


def _frames_between(reader: Any, stream: Any, start: float, end: float) -> Iterator[Any]:
    """Yield decoded pieces of sound that lie between two times, which count from `start` from then on."""
    for frame in _decode(reader, stream):
        if frame.pts is None:
            continue
        begins = frame.time - start
        if begins >= end:
            return
        if begins + frame.samples / frame.sample_rate > 0:
            frame.pts, frame.time_base = round(begins * frame.sample_rate), Fraction(1, frame.sample_rate)
            yield frame
