"""Looks for hands in the frames that pass to an analysis, beside it."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from fau3d.apis.sources import FrameStream
from fau3d.extractors.hands import HandFinder
from fau3d.io.video import Frame

# A second. A hand takes longer than a third of one to come and go, and a look costs as much as two frames.
_LOOKS = 3.0
_WAITING = 2  # looks; pictures are large

Hands = list[np.ndarray]  # (21, 2) each, pixels


class HandWatch:
    """A stream that hands its frames on, and looks for hands in some of them in a thread of its own.

    Args:
        frames: The stream.
        finder: Finds hands; closed with the watch.

    Attributes:
        fps, path, live: The stream's.
    """

    def __init__(self, frames: FrameStream, finder: HandFinder) -> None:
        self._stream, self._finder = frames, finder
        self.fps, self.path = frames.fps, getattr(frames, "path", None)
        self.live = getattr(frames, "live", False)
        self._every = max(1, round(frames.fps / _LOOKS))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fau3d-hands")
        self._looks: dict[int, Future[Hands]] = {}

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Give frames in order."""
        waiting: deque[Future[Hands]] = deque()
        for number, frame in enumerate(self._stream.frames(start, stop, step)):
            if number % self._every == 0:
                if len(waiting) == _WAITING:
                    waiting.popleft().result()  # a slow search holds the stream up
                waiting.append(self._thread.submit(self._finder.find, frame.image))
                self._looks[frame.index] = waiting[-1]
            yield frame

    def at(self, index: int) -> Hands | None:
        """Give the hands of a frame that has passed, once; None where nobody looked.

        Args:
            index: Position in the source.
        """
        look = self._looks.pop(index, None)
        return None if look is None else look.result()

    def close(self) -> None:
        """Stop looking."""
        self._thread.shutdown(cancel_futures=True)
        self._finder.close()
