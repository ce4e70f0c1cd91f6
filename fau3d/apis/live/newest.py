"""The newest frame of a source that does not wait."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from fau3d.apis.sources import FrameStream
from fau3d.io.video import Frame

_PATIENCE = 2.0  # seconds that a camera has to end its last read


class Captured(NamedTuple):
    """A frame and when it was there.

    Attributes:
        frame: As the source gave it.
        moment: Of `time.perf_counter` when it came out of the source, in seconds.
        dropped: Frames before it that were never given.
    """

    frame: Frame
    moment: float
    dropped: int


class NewestFrame:
    """Read a source in a thread and keep its newest frame only.

    Whoever takes frames late misses some, but never lags behind: a frame that is taken is the last that came.

    Args:
        source: Is read until it ends or the block does.
        stopped: Asked about every tenth of a second whether to end, also while the source gives nothing.
    """

    def __init__(self, source: FrameStream, stopped: Callable[[], bool] = lambda: False) -> None:
        self._source, self._stopped = source, stopped
        self._changed = threading.Condition()
        self._newest: Captured | None = None
        self._error: BaseException | None = None
        self._dropped = 0
        self._ended = self._closing = False
        self._thread = threading.Thread(target=self._read, name="fau3d-camera", daemon=True)

    def _read(self) -> None:
        error: BaseException | None = None
        try:
            for frame in self._source.frames():
                with self._changed:
                    if self._closing:
                        return
                    self._dropped += self._newest is not None
                    self._newest = Captured(frame, time.perf_counter(), self._dropped)
                    self._changed.notify()
        except BaseException as caught:
            error = caught
        finally:
            with self._changed:
                self._error, self._ended = error, True
                self._changed.notify()

    def __iter__(self) -> Iterator[Captured]:
        """Give the newest frame each time, until the source ends.

        Raises:
            Exception: What the source raised.
        """
        while True:
            with self._changed:
                while self._newest is None and not self._ended and not self._stopped():
                    self._changed.wait(0.1)
                captured, self._newest = self._newest, None
            if self._stopped():
                return
            if captured is None:
                if self._error is not None:
                    raise self._error
                return
            yield captured

    def __enter__(self) -> "NewestFrame":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closing = True
        self._thread.join(_PATIENCE)  # a stream that hangs is left to the end of the program
