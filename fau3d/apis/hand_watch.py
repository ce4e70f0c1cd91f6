"""Looks for hands in the frames that pass to an analysis, beside it."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from fau3d.apis.sources import FrameStream
from fau3d.extractors.hands import HandFinder
from fau3d.io.video import Frame

# Looks a second. One costs as much as two frames, so most of them are kept for when there is a hand.
_LOOKS, _LOOKS_AT_HANDS = 1.0, 2.0

Hands = list[np.ndarray]  # (21, 2) each, pixels


class HandWatch:
    """A stream that hands its frames on, and looks for hands in some of them in a thread of its own.

    It looks once a second, and twice where the look before found a hand.

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
        self._often, self._seldom = (max(1, round(frames.fps / rate)) for rate in (_LOOKS_AT_HANDS, _LOOKS))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fau3d-hands")
        self._looks: dict[int, Future[Hands]] = {}

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Give frames in order."""
        last, since = None, self._seldom
        for frame in self._stream.frames(start, stop, step):
            # What the last look found is known by now, unless searching is slower than all else: then it is
            # waited for, so that the same video gets the same looks every time.
            due = since >= self._seldom or (since >= self._often and last is not None and bool(last.result()))
            if due:
                last, since = self._thread.submit(self._finder.find, frame.image), 0
                self._looks[frame.index] = last
            since += 1
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
