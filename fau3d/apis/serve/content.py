"""What an upload is: told by its bytes, then by a decoder, never by its name.

The bytes come first because decoders follow more than they should: a text that calls itself a playlist would
make FFmpeg open other files. Only containers that hold their own pictures pass.
"""

from dataclasses import dataclass
from pathlib import Path

import av

from fau3d.apis.serve.settings import ServeSettings
from fau3d.io.video import VideoError, VideoReader

HEAD_BYTES = 512
"""As many of the first bytes as `kind_of` wants to see, where there are as many."""

_HEIF_BRANDS = (b"heic", b"heix", b"heif", b"mif1", b"msf1", b"avif", b"avis")


class RefusedUpload(Exception):
    """An upload that is not taken; the message is for the person who sent it."""


@dataclass(frozen=True)
class Kind:
    """A kind of file.

    Attributes:
        name: For people.
        suffix: That the stored file gets.
        image: Whether it is a still.
        word: In FFmpeg's name of a video's container, or of an image's codec.
    """

    name: str
    suffix: str
    image: bool
    word: str


_JPEG = Kind("JPEG image", ".jpg", True, "mjpeg")
_TIFF = Kind("TIFF image", ".tif", True, "tiff")
_MP4 = Kind("MP4 or QuickTime video", ".mp4", False, "mp4")
# Bytes at a place, and what begins so. Order matters nowhere: no two rows fit one file.
_MAGIC: tuple[tuple[int, bytes, Kind], ...] = (
    (0, b"\xff\xd8\xff", _JPEG),
    (0, b"\x89PNG\r\n\x1a\n", Kind("PNG image", ".png", True, "png")),
    (8, b"WEBPVP8", Kind("WebP image", ".webp", True, "webp")),
    (0, b"II*\x00", _TIFF),
    (0, b"MM\x00*", _TIFF),
    (4, b"ftyp", _MP4),
    (4, b"moov", _MP4),
    (4, b"wide", _MP4),
    (0, b"\x1a\x45\xdf\xa3", Kind("WebM or Matroska video", ".mkv", False, "matroska")),
    (8, b"AVI LIST", Kind("AVI video", ".avi", False, "avi")),
    (0, b"\x00\x00\x01\xba", Kind("MPEG video", ".mpg", False, "mpeg")),
    (0, b"OggS\x00", Kind("Ogg video", ".ogv", False, "ogg")),
    (0, b"GIF87a", Kind("GIF", ".gif", False, "gif")),
    (0, b"GIF89a", Kind("GIF", ".gif", False, "gif")),
)
_TRANSPORT = Kind("MPEG transport stream", ".ts", False, "mpegts")


def kind_of(head: bytes) -> Kind:
    """Tell a file's kind from its first bytes.

    Args:
        head: `HEAD_BYTES` of them, or the whole file where it is shorter.

    Raises:
        RefusedUpload: If it is neither video nor image.
    """
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        raise RefusedUpload(
            "This is a HEIF or AVIF photograph, which is not read here; save it as JPEG or PNG."
        )
    for place, magic, kind in _MAGIC:
        if head[place : place + len(magic)] == magic:
            return kind
    # A transport stream has a G at every 188th byte and nothing else to know it by.
    if len(head) > 376 and head[0] == head[188] == head[376] == 0x47:
        return _TRANSPORT
    raise RefusedUpload(
        "This file is neither a video nor an image that can be read, whatever its name says. "
        "MP4, MOV, WebM, MKV, AVI, JPEG, PNG, WebP and TIFF are read."
    )


def check_upload(path: Path, kind: Kind, settings: ServeSettings) -> None:
    """Make sure that a decoder takes a file for what its bytes say, and that it is within the limits.

    Args:
        path: The stored file.
        kind: By its first bytes.
        settings: The limits.

    Raises:
        RefusedUpload: If it is damaged, something else, or beyond a limit.
    """
    try:
        with av.open(str(path)) as container:
            streams = container.streams.video
            # FFmpeg goes by the suffix of some images, so what wraps them says nothing of their bytes.
            found = streams[0].codec_context.name if kind.image and streams else container.format.name
            sizes = [(stream.codec_context.width, stream.codec_context.height) for stream in streams]
    except (av.FFmpegError, ValueError) as error:
        raise RefusedUpload(f"This {kind.name} is damaged: it cannot be opened.") from error
    if kind.word not in found:
        raise RefusedUpload(f"This file begins like a {kind.name}, but a decoder takes it for {found!r}.")
    if not sizes or not all(sizes[0]):
        raise RefusedUpload(f"This {kind.name} holds no picture: there is sound only, or it is damaged.")
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    if width * height > settings.max_pixels:
        raise RefusedUpload(
            f"Its pictures have {width} x {height} pixels; "
            f"up to {settings.max_pixels / 1e6:g} million are taken."
        )
    if not kind.image:
        _check_length(path, kind, settings)


def _check_length(path: Path, kind: Kind, settings: ServeSettings) -> None:
    # The reader counts the frames that are there; a header may say anything of its length.
    try:
        with VideoReader(path) as reader:
            frames, seconds = len(reader), float(reader.timestamps[-1] - reader.timestamps[0])
    except (VideoError, IndexError) as error:
        raise RefusedUpload(f"This {kind.name} is damaged: no frame of it can be read.") from error
    if seconds > settings.max_seconds:
        raise RefusedUpload(
            f"This video takes {seconds:.0f} seconds; up to {settings.max_seconds:g} are taken. "
            "Cut it into parts."
        )
    if frames > settings.max_frames:
        raise RefusedUpload(
            f"This video has {frames} frames; up to {settings.max_frames} are taken. Cut it into parts."
        )
