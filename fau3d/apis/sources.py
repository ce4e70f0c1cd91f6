"""Everything that frames can come from, behind one face: files, folders, arrays, iterators, cameras."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from fau3d.io.video import CameraReader, Frame, VideoReader


class FrameStream(Protocol):
    """What the analysis needs of a source; `VideoReader` and `CameraReader` are two."""

    fps: float

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Give frames in order."""


class FramesInMemory:
    """Frames from an array or an iterator.

    Args:
        images: Shape (T, H, W, 3) uint8 RGB, or an iterable of (H, W, 3) uint8 RGB or of `Frame`.
        fps: Their rate in 1/s.
    """

    def __init__(self, images: Iterable[Any], fps: float = 30.0) -> None:
        self._images = images
        self.fps = float(fps)

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Give frames in order; an iterator can be read once.

        Raises:
            ValueError: If a frame is not an (H, W, 3) uint8 image.
        """
        for number, image in enumerate(islice(self._images, start, stop, step)):
            if isinstance(image, Frame):
                yield image
                continue
            index = start + number * step
            yield Frame(index, index / self.fps, check_image(image, f"frame {index}"))


class Counted:
    """A stream that hands its frames on, and says how many have passed.

    Args:
        frames: The stream.
        tell: Called with their number, from the thread that reads.

    Attributes:
        fps, path, live: The stream's.
    """

    def __init__(self, frames: FrameStream, tell: Callable[[int], None]) -> None:
        self._stream, self._tell = frames, tell
        self.fps, self.path = frames.fps, getattr(frames, "path", None)
        self.live = getattr(frames, "live", False)

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Give frames in order."""
        for number, frame in enumerate(self._stream.frames(start, stop, step), start=1):
            yield frame
            self._tell(number)


class Interruptible:
    """A camera that ends, instead of the program, when the user presses Ctrl-C.

    Args:
        camera: The source.

    Attributes:
        stopped: Whether the user did.
    """

    live = True

    def __init__(self, camera: FrameStream) -> None:
        self._camera, self.stopped = camera, False
        self.fps, self.path = camera.fps, getattr(camera, "path", None)

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Give frames in order until the user stops it."""
        for frame in self._camera.frames(start, stop, step):
            if self.stopped:
                return
            yield frame

    def __enter__(self) -> "Interruptible":
        self._before = None
        if threading.current_thread() is threading.main_thread():  # signals are for no other
            self._before = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _stop(self, *_: object) -> None:
        self.stopped = True


def check_image(image: Any, name: str) -> np.ndarray:
    """Give an image back if it is RGB uint8.

    Args:
        image: What may be one.
        name: For the message.

    Raises:
        ValueError: If it is not an (H, W, 3) uint8 array.
    """
    found = np.asarray(image)
    if found.ndim != 3 or found.shape[2] != 3 or found.dtype != np.uint8 or not found.size:
        raise ValueError(
            f"{name} is an array of shape {found.shape} and type {found.dtype}; "
            "wanted (height, width, 3) uint8, RGB"
        )
    return found


def open_source(source: Any, fps: float = 30.0) -> AbstractContextManager[Any]:
    """Open whatever frames can come from.

    Args:
        source: A path (video, image, folder of images), a camera's number, an open `VideoReader`, an array
            (T, H, W, 3) or (H, W, 3), or an iterator of images.
        fps: Rate of arrays and iterators, which do not tell it.

    Returns:
        A context that gives a `FrameStream` and closes what it opened.

    Raises:
        ValueError: If the source is of none of these kinds.
        VideoError: If it cannot be read.
    """
    if isinstance(source, str | Path):
        return VideoReader(source)
    if isinstance(source, int):
        return CameraReader(source)
    if isinstance(source, np.ndarray):
        images = source[None] if source.ndim == 3 else source
        if images.ndim != 4 or not len(images):
            raise ValueError(
                f"an array of shape {source.shape} is no video; wanted (frames, height, width, 3) uint8"
            )
        return nullcontext(FramesInMemory(images, fps))
    if callable(getattr(source, "frames", None)):
        return nullcontext(source)
    if isinstance(source, Iterable):
        return nullcontext(FramesInMemory(source, fps))
    raise ValueError(
        f"cannot read frames from a {type(source).__name__}; wanted a path, a camera's number, an array, a "
        "reader or an iterator of images"
    )
