"""What `fau3d live` can look at: a camera, the address of a stream, a file played at its own rate."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from fau3d.io.video import CameraReader, Frame, VideoReader


class PlayedFile:
    """A video file that gives its frames no sooner than a player would show them.

    Args:
        path: The video.

    Attributes:
        path: The video.
        fps: Its rate, in 1/s.

    Raises:
        VideoError: If it cannot be read.
    """

    def __init__(self, path: str | Path) -> None:
        self._reader = VideoReader(path)
        self.path, self.fps = Path(path), self._reader.fps

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Yield frames when their time has come; see `VideoReader.frames`."""
        began: float | None = None
        for frame in self._reader.frames(start, stop, step):
            now = time.monotonic()
            began = now - frame.timestamp if began is None else began
            time.sleep(max(0.0, began + frame.timestamp - now))
            yield frame

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def __enter__(self) -> "PlayedFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_live(source: int | str | Path) -> AbstractContextManager[Any]:
    """Open what frames come from at their own pace.

    Args:
        source: A camera's number, the address of a stream (`rtsp://…`, `http://…`), or a video file.

    Returns:
        A context that gives a `FrameStream` and closes it.

    Raises:
        FileNotFoundError: If there is no such file.
        VideoError: If nothing can be read from it.
    """
    if isinstance(source, int) or "://" in str(source):
        return CameraReader(source if isinstance(source, int) else str(source))
    if not Path(source).is_file():
        raise FileNotFoundError(
            f"{source}: no such file; wanted a camera's number, a video file, or an address like rtsp://…"
        )
    return PlayedFile(source)
