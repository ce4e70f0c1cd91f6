"""Reading a camera, or a stream that OpenCV can open."""

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import cv2

from fau3d.io.video.base import Frame, VideoError


class CameraReader:
    """Frames of a camera as they come, with the interface of `VideoReader` as far as a camera has it.

    A camera has no length; its timestamps are the moments at which the frames were taken over.

    Args:
        source: A camera's number (0 is the first), or the address of a stream that OpenCV opens.

    Attributes:
        fps: What the camera announces, in 1/s; 30 where it announces nothing.
        img_shape: (height, width) in pixels.

    Raises:
        VideoError: If OpenCV finds no such camera, or it gives no picture.
    """

    def __init__(self, source: int | str = 0) -> None:
        self.path = source
        self.backend = "opencv"
        self._capture = cv2.VideoCapture(source)
        self._first: Any = self._capture.read()[1] if self._capture.isOpened() else None
        if self._first is None:
            self._capture.release()
            raise VideoError(
                f"camera {source}: OpenCV finds none that gives a picture; name another number or a file"
            )
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = float(fps) if 1 <= fps <= 1000 else 30.0
        height, width = self._first.shape[:2]
        self.img_shape = (height, width)

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Yield frames until the camera ends, or `stop` is reached; see `VideoReader.frames`."""
        began = time.monotonic()
        picture, index = self._first, 0
        while picture is not None and (stop is None or index < stop):
            if index >= start and (index - start) % step == 0:
                yield Frame(index, time.monotonic() - began, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            good, picture = self._capture.read()
            picture = picture if good else None
            index += 1

    def close(self) -> None:
        """Let the camera go."""
        self._capture.release()

    def __enter__(self) -> "CameraReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
