"""One reader for videos, images and folders of images."""

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from fau3d.io.video.base import Frame, FrameSource, VideoError
from fau3d.io.video.decord_source import DecordSource
from fau3d.io.video.image_source import ImageSource, is_image, list_images
from fau3d.io.video.pyav_source import PyAVSource

BACKENDS = ("auto", "pyav", "decord", "images")


class VideoReader:
    """Frames of a video, an image or a folder of images, by position and as a stream.

    Frames are upright (rotation flags are followed) and count from 0; timestamps are the file's own, counted
    from its first frame, so a variable frame rate stays variable. Memory does not grow with the length.

    >>> with VideoReader("face.mp4") as reader:
    ...     for frame in reader.frames():
    ...         print(frame.index, frame.timestamp, frame.image.shape)

    Args:
        source: A video, an image, or a folder of images (taken in natural order: 2 before 10).
        backend: `auto`, `pyav`, `decord` or `images`. `auto` reads images as images and videos with PyAV, and
            tries decord where PyAV finds nothing it can decode.
        stream: Which of a file's video streams, from 0 in file order.
        fps: Rate of a folder of images, in 1/s.
        same_size: Whether all images of a folder must have one size.
        strict: Whether a damaged or cut video ends in a `VideoError` after its last good frame,
            instead of a warning.

    Attributes:
        path: The source.
        fps: Mean frame rate, in 1/s.
        img_shape: (height, width) in pixels, after rotation.
        timestamps: Shape (T,), float64 seconds since the first frame.
        backend: The one in use.

    Raises:
        VideoError: If nothing can be read.
        ValueError: If the backend is unknown.
    """

    def __init__(
        self,
        source: str | os.PathLike[str],
        backend: str = "auto",
        *,
        stream: int = 0,
        fps: float = 25.0,
        same_size: bool = True,
        strict: bool = False,
    ) -> None:
        if backend not in BACKENDS:
            raise ValueError(f"unknown backend {backend!r}; known: {list(BACKENDS)}")
        self.path = Path(source)
        if not self.path.exists():
            raise VideoError(f"{self.path}: no such file or folder; check the path")
        if backend == "auto" and (self.path.is_dir() or is_image(self.path)):
            backend = "images"
        self.backend = "pyav" if backend == "auto" else backend
        if backend == "images":
            self._source: FrameSource = ImageSource(self._image_paths(), fps, same_size)
        elif self.path.is_dir():
            raise VideoError(f"{self.path}: is a folder, which backend {backend!r} cannot read; use 'images'")
        elif backend == "decord":
            self._source = DecordSource(self.path)
        elif backend == "pyav":
            self._source = PyAVSource(self.path, stream, strict)
        else:
            self._source = self._first_that_works(stream, strict)
        self.fps = self._source.fps
        self.img_shape = self._source.img_shape
        self.timestamps = self._source.timestamps

    def _image_paths(self) -> list[Path]:
        if not self.path.is_dir():
            return [self.path]
        images = list_images(self.path)
        if not images:
            raise VideoError(f"{self.path}: the folder holds no images; name a folder of PNG, JPEG … files")
        return images

    def _first_that_works(self, stream: int, strict: bool) -> FrameSource:
        try:
            return PyAVSource(self.path, stream, strict)
        except VideoError as error:
            try:
                source = DecordSource(self.path)
            except VideoError:
                raise error from None
            self.backend = "decord"
            return source

    @property
    def frame_paths(self) -> list[Path] | None:
        """The images' paths, in order; None for a video."""
        return list(self._source.paths) if isinstance(self._source, ImageSource) else None

    def __len__(self) -> int:
        return len(self._source)

    def __getitem__(self, index: int) -> np.ndarray:
        """Read one frame.

        Args:
            index: Position in [-T, T).

        Returns:
            Shape (H, W, 3), uint8, RGB.

        Raises:
            IndexError: If there is no such position.
            VideoError: If that frame is damaged.
        """
        place = int(index) + (len(self) if index < 0 else 0)
        if not 0 <= place < len(self):
            raise IndexError(f"{self.path}: frame {index} asked for, but there are {len(self)}")
        return self._source.image(place)

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Yield frames in order, holding only a few in memory.

        Frames that a damaged file does not give are left out (the others keep their index and timestamp), and
        a `VideoWarning` after the last one says how many; `strict` makes that a `VideoError`.

        Args:
            start: First position, >= 0.
            stop: Position after the last; the end by default.
            step: Every how many frames, >= 1.

        Raises:
            ValueError: If start or step are out of range.
        """
        if start < 0 or step < 1:
            raise ValueError(f"wanted start >= 0 and step >= 1, found start={start}, step={step}")
        end = len(self) if stop is None else min(stop, len(self))
        if start < end:
            yield from self._source.stream(start, end, step)

    def close(self) -> None:
        """Give the file back; afterwards nothing can be read."""
        self._source.close()

    def __enter__(self) -> "VideoReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
