"""Reading videos with decord."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fau3d.io.video.base import Frame, FrameSource, VideoError
from fau3d.io.video.pyav_source import PyAVSource, open_container, picture_streams


class DecordSource(FrameSource):
    """An upright video with one video stream, read by decord.

    Decord turns rotated videos wrongly (by 90 degrees it gives four channels of noise), chooses among several
    streams by itself, and stops at the first fault; such files are refused. Timestamps are those of
    `PyAVSource`, since decord keeps them in single precision.

    Args:
        path: The video.

    Raises:
        VideoError: If decord is missing, or cannot read this file rightly.
    """

    def __init__(self, path: Path) -> None:
        try:
            import decord
        except ImportError as error:
            raise VideoError(f"{path}: decord is not installed; use backend='pyav', or install it") from error
        with open_container(path) as container:
            if len(picture_streams(container)) > 1:
                raise VideoError(f"{path}: has several video streams; backend='pyav' lets you choose one")
        source = PyAVSource(path)
        source.close()
        if source._turns:
            raise VideoError(f"{path}: is stored rotated, which decord gets wrong; use backend='pyav'")
        self._path = path
        self.fps, self.img_shape, self.timestamps = source.fps, source.img_shape, source.timestamps
        decord.logging.set_level(decord.logging.QUIET)
        try:
            self._reader = decord.VideoReader(str(path), ctx=decord.cpu(0), num_threads=1)
            found = len(self._reader)
            shape = self._reader[0].shape
        except Exception as error:  # decord raises its own error, RuntimeError or IndexError
            raise VideoError(f"{path}: decord cannot read it ({error}); use backend='pyav'") from error
        if found != len(self) or shape != (*self.img_shape, 3):
            raise VideoError(
                f"{path}: decord finds {found} frames of shape {shape}, the file holds {len(self)} of "
                f"{(*self.img_shape, 3)}; use backend='pyav'"
            )

    def image(self, index: int) -> np.ndarray:
        """Read the frame at a position in [0, T): shape (H, W, 3), uint8, RGB."""
        try:
            return np.asarray(self._reader[index].asnumpy())
        except Exception as error:
            raise VideoError(
                f"{self._path}: decord cannot decode frame {index} ({error}); use backend='pyav'"
            ) from error

    def stream(self, start: int, stop: int, step: int) -> Iterator[Frame]:
        """Yield the frames of `range(start, stop, step)` in order, holding only a few in memory."""
        for index in range(start, stop, step):
            yield Frame(index, float(self.timestamps[index]), self.image(index))

    def close(self) -> None:
        """Give the file back; afterwards nothing can be read."""
        self._reader = None
