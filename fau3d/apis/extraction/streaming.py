"""Landmarks of a video as it is read, in memory that does not grow with its length."""

import itertools
import queue
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from fau3d.extractors import FaceTracker, LandmarkExtractor
from fau3d.io.video import Frame
from fau3d.structures import FaceLandmarks

T = TypeVar("T")
SINGLE_FACE = ("largest", "most-present")
_PREFETCH_BYTES = 64 << 20


class FrameReader(Protocol):
    """What is read: a `VideoReader`, a `CameraReader`, or anything else with a stream of frames."""

    def frames(self) -> Iterator[Frame]:
        """Yield the frames in time order."""


def iter_landmarks(
    reader: FrameReader | Iterable[Frame],
    extractor: LandmarkExtractor,
    max_faces: int | None = None,
    tracker: FaceTracker | None = None,
    single_face: str | None = None,
    fps: float | None = None,
    ahead: int = 16,
) -> Iterator[tuple[Frame, dict[int, FaceLandmarks]]]:
    """Yield each frame with its faces, by identity.

    Frames are decoded ahead in a thread while the extractor works. A frame without a face is yielded too,
    with an empty dict. Extractor and tracker are reset first.

    Args:
        reader: Of the video; frames in time order.
        extractor: Finds the faces. Its own limit on faces holds before `max_faces` does.
        max_faces: Faces kept in one frame, those seen longest so far; all by default.
        tracker: Gives the identities; one with its defaults if left out.
        single_face: `largest` keeps the largest face of each frame, whoever it is, as identity 0.
        fps: Rate to which frames are thinned, by their true timestamps; all frames by default.
        ahead: Most frames decoded ahead, fewer where they are large, to stay within 64 MB; 0 decodes without
            a thread, which costs a tenth less work where no core is free for one.

    Yields:
        The frame, and its faces by identity (from 0).

    Raises:
        ValueError: If an option is out of range, or `single_face` cannot be told from a stream.
        VideoError: If the video cannot be read.
    """
    if single_face not in (None, "largest"):
        raise ValueError(
            f"single_face={single_face!r}: a stream can keep the 'largest' face only; extract_video knows "
            f"{', '.join(SINGLE_FACE)}"
        )
    if max_faces is not None and max_faces < 1:
        raise ValueError(f"max_faces is {max_faces}; wanted 1 or more")
    if ahead < 0:
        raise ValueError(f"ahead is {ahead}; wanted 0 or more")
    tracker = FaceTracker() if tracker is None else tracker
    extractor.reset()
    tracker.reset()
    frames: Iterator[Frame] = iter(reader.frames() if hasattr(reader, "frames") else reader)
    frames = frames if fps is None else resample(frames, fps)
    return _landmarks(frames, extractor, max_faces, tracker, single_face, ahead)


def _landmarks(
    frames: Iterator[Frame],
    extractor: LandmarkExtractor,
    max_faces: int | None,
    tracker: FaceTracker,
    single_face: str | None,
    ahead: int,
) -> Iterator[tuple[Frame, dict[int, FaceLandmarks]]]:
    seen: Counter[int] = Counter()
    decoded = prefetch(frames, ahead, _frame_bytes, _PREFETCH_BYTES) if ahead else frames
    try:
        while batch := list(itertools.islice(decoded, extractor.batch_size)):
            times = [frame.timestamp for frame in batch] if extractor.needs_timestamps else None
            images = [frame.image for frame in batch]
            found = extractor.extract(images) if times is None else extractor.extract(images, times)
            for frame, faces in zip(batch, found, strict=True):
                if single_face == "largest":
                    yield frame, {0: max(faces, key=_area)} if faces else {}
                    continue
                ids = tracker.update(faces, frame.timestamp)
                seen.update(ids)
                kept = sorted(zip(ids, faces, strict=True), key=lambda item: (-seen[item[0]], item[0]))
                yield frame, dict(sorted(kept[:max_faces], key=lambda item: item[0]))
    finally:
        if isinstance(decoded, _Prefetch):
            decoded.close()


def resample(frames: Iterable[Frame], fps: float) -> Iterator[Frame]:
    """Thin a stream to a lower rate: for each tick of that rate, the frame nearest in time.

    No frame is given twice, so a stream slower than `fps` stays as it is.

    Args:
        frames: In time order.
        fps: Ticks a second, counted from the first frame.

    Yields:
        The frames chosen, unchanged.

    Raises:
        ValueError: If the rate is not above 0.
    """
    if not fps > 0:
        raise ValueError(f"fps is {fps}; wanted a rate above 0")
    return _nearest(frames, 1.0 / fps)


def _nearest(frames: Iterable[Frame], period: float) -> Iterator[Frame]:
    previous: Frame | None = None
    start, tick = 0.0, 0
    for frame in frames:
        if previous is None:
            start = frame.timestamp
        else:
            # A previous frame is the nearest to a tick that lies on its side of the middle between the two.
            middle = (previous.timestamp + frame.timestamp) / 2
            if start + tick * period <= middle + 1e-9:
                yield previous
                while start + tick * period <= middle + 1e-9:
                    tick += 1
        previous = frame
    # No tick lies behind the last frame, but for the rounding of timestamps.
    if previous is not None and start + tick * period <= previous.timestamp + period / 100:
        yield previous


def prefetch(
    items: Iterable[T], ahead: int = 16, size: Any = None, max_bytes: int = _PREFETCH_BYTES
) -> "_Prefetch[T]":
    """Read an iterable ahead in a thread.

    Args:
        items: What is read. Its exceptions come out where its items would.
        ahead: Most items waiting, 1 or more.
        size: Gives an item's bytes; all waiting items stay within `max_bytes`, but for one.
        max_bytes: See `size`.

    Returns:
        An iterator with `close`, which stops the thread.
    """
    return _Prefetch(items, ahead, size, max_bytes)


class _Prefetch(Iterator[T]):
    def __init__(self, items: Iterable[T], ahead: int, size: Any, max_bytes: int) -> None:
        if ahead < 1:
            raise ValueError(f"ahead is {ahead}; wanted 1 or more")
        self._items = items
        self._size = size
        self._max_bytes = max_bytes
        self._queue: queue.Queue[tuple[bool, Any]] = queue.Queue(ahead)
        self._room = threading.Condition()
        self._waiting = 0
        self._stop = False
        self._done = False
        self._thread = threading.Thread(target=self._read, name="fau3d-prefetch", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        iterator = iter(self._items)
        try:
            for item in iterator:
                if not self._put(True, item):
                    return
            self._put(False, None)
        except BaseException as error:
            self._put(False, error)
        finally:
            if hasattr(iterator, "close"):
                iterator.close()

    def _put(self, is_item: bool, value: Any) -> bool:
        weight = self._size(value) if is_item and self._size else 0
        with self._room:
            full = lambda: self._waiting and self._waiting + weight > self._max_bytes  # noqa: E731
            self._room.wait_for(lambda: self._stop or not (self._queue.full() or full()))
            if self._stop:
                return False
            self._waiting += weight
            self._queue.put_nowait((is_item, value))
        return True

    def __iter__(self) -> "_Prefetch[T]":
        return self

    def __next__(self) -> T:
        if self._done:
            raise StopIteration
        is_item, value = self._queue.get()
        if is_item:
            with self._room:
                self._waiting -= self._size(value) if self._size else 0
                self._room.notify()
            return value
        self._done = True
        self._thread.join()
        if value is not None:
            raise value
        raise StopIteration

    def close(self) -> None:
        """Stop reading; what was read and not taken is dropped."""
        with self._room:
            self._stop = self._done = True
            self._room.notify()
        self._thread.join()


def _frame_bytes(frame: Frame) -> int:
    return frame.image.nbytes


def _area(face: FaceLandmarks) -> float:
    return float((face.box[2] - face.box[0]) * (face.box[3] - face.box[1]))


def mean_rate(timestamps: Sequence[float], fallback: float) -> float:
    """Give the frames a second of timestamps, or the fallback where they do not tell."""
    if len(timestamps) < 2 or timestamps[-1] <= timestamps[0]:
        return fallback
    return (len(timestamps) - 1) / (timestamps[-1] - timestamps[0])
