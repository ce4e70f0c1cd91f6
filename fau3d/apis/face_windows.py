"""Tracked faces in, overlapping windows out; window answers in, frame answers out, in bounded memory.

A face's run in view becomes lanes: one at the model's frame rate, several that take turns where the source
runs faster. Each lane is cut into windows exactly as a finished video would be, so that a stream and a file
give the same answers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from fau3d.apis.face_crops import CroppedFace
from fau3d.functional.smoothing import kernel_weights
from fau3d.functional.windows import window_weights
from fau3d.structures import FaceLandmarks


@dataclass(frozen=True, eq=False)
class Window:
    """T frames of one face, ready for the test pipeline.

    Attributes:
        keypoint: Shape (T, V, C), float32, pixels; NaN = not seen.
        score: Shape (T, V), float32.
        start: The window's first position in its lane.
        valid: Frames that are not padding; T where there is none.
        lane: Where the answers go.
        image: Shape (T, H, W, C), uint8: the faces' crops, black where there is none; None where the model
            reads points only.
    """

    keypoint: np.ndarray
    score: np.ndarray
    start: int
    valid: int
    lane: "Lane"
    image: np.ndarray | None = None

    @property
    def offset(self) -> int:
        """Frames of padding before the first valid one."""
        return (len(self.keypoint) - self.valid) // 2


class Lane:
    """The frames of one face at one frame rate, without a hole longer than the gap that its owner allows.

    Args:
        length: Frames T of a window.
        stride: Frames between the starts of two windows.
        smoothing: Radius in frames of the mean over time; 0 for none.
    """

    def __init__(self, length: int, stride: int, smoothing: int = 0) -> None:
        if not 1 <= stride <= length:
            raise ValueError(
                f"the stride between windows is {stride} frames; wanted 1 to {length}, a window's length"
            )
        self._length, self._stride = length, stride
        self._frames: list[FaceLandmarks | None] = []
        self._base = 0  # position of the first frame kept
        self._next = 0  # start of the next window
        self._seen = 0  # frames up to and with the last one that shows the face
        self._sums: dict[int, tuple[np.ndarray, float]] = {}
        self._weights = window_weights(length)
        self._final = 0
        self._waiting = 0
        self._closed = False
        self._kernel = kernel_weights(smoothing)

    def push(self, face: FaceLandmarks | None) -> list[Window]:
        """Take the next frame; give the window that it completes, if any.

        Args:
            face: The landmarks, or None where the face is not seen.

        Returns:
            No window or one.
        """
        self._frames.append(face)
        total = self._base + len(self._frames)
        if face is not None:
            self._seen = total
        if total < self._next + self._length:
            return []
        # Nobody waits for the answers of a window in which the face is never seen.
        windows = [self._window(self._next, self._length)] if self._seen > self._next else []
        # A last window that is shifted back starts after this one: what lies before is no longer needed.
        del self._frames[: self._next - self._base]
        self._base = self._next
        self._next += self._stride
        return windows

    def close(self) -> list[Window]:
        """End the lane at the last frame that shows the face; give the window that covers its end, if any."""
        self._closed = True
        if self._seen == 0 or (self._next and self._seen <= self._next - self._stride + self._length):
            windows = []
        elif self._seen <= self._length and not self._next:
            windows = [self._window(0, self._seen)]
        else:
            windows = [self._window(self._seen - self._length, self._length)]
        self._frames.clear()
        return windows

    def _window(self, start: int, valid: int) -> Window:
        frames = self._frames[start - self._base : start - self._base + valid]
        shape = next(face.points.shape for face in frames if face is not None)
        keypoint = np.full((self._length, *shape), np.nan, np.float32)
        score = np.zeros((self._length, shape[0]), np.float32)
        crop = next((face.crop for face in frames if isinstance(face, CroppedFace)), None)
        image = None if crop is None else np.zeros((self._length, *crop.shape), np.uint8)
        window = Window(keypoint, score, start, valid, self, image)
        first = window.offset
        for position, face in enumerate(frames, start=first):
            if face is not None:
                keypoint[position], score[position] = face.points, face.scores
            if image is not None and isinstance(face, CroppedFace):
                image[position] = face.crop
        # Too short a run, a single image above all, lies in the middle, where answers are best, and stands
        # still before and after.
        keypoint[:first], score[:first] = keypoint[first], score[first]
        last = first + valid - 1
        keypoint[last + 1 :], score[last + 1 :] = keypoint[last], score[last]
        if image is not None:
            image[:first], image[last + 1 :] = image[first], image[last]
        self._waiting += 1
        return window

    def add(self, window: Window, values: np.ndarray) -> None:
        """Take the model's answers for a window; windows come back in the order in which they were given.

        Args:
            window: One of this lane's.
            values: Shape (T, K): K values a frame.
        """
        answered = slice(window.offset, window.offset + window.valid)
        pairs = zip(values[answered], self._weights[answered])
        for position, (row, weight) in enumerate(pairs, start=window.start):
            total, weighed = self._sums.get(position, (0.0, 0.0))
            self._sums[position] = (total + weight * row, weighed + weight)
        self._waiting -= 1
        self._final = window.start

    def ready(self, position: int) -> bool:
        """Tell whether a frame's answer will not change any more."""
        if self._closed and not self._waiting:
            return True
        return position + len(self._kernel) // 2 < self._final

    def take(self, position: int) -> np.ndarray:
        """Give a frame's answer, the weighted mean over the windows that saw it, and forget what lies behind.

        Args:
            position: Frames are asked for in rising order.

        Returns:
            Shape (K,).
        """
        radius = len(self._kernel) // 2
        around = [
            (weight, self._sums[at])
            for at, weight in enumerate(self._kernel, start=position - radius)
            if at in self._sums
        ]
        for gone in [at for at in self._sums if at < position - radius]:
            del self._sums[gone]
        return sum(w * total / weighed for w, (total, weighed) in around) / sum(w for w, _ in around)


@dataclass(eq=False)
class _Run:
    """One face, from when it appears until it has been gone for too long."""

    lanes: list[Lane]
    frames: int = 0
    gap: int = 0
    last: FaceLandmarks | None = None


class FaceTimelines:
    """Sort the faces of a stream of frames into lanes.

    Args:
        length: Frames T of a window.
        stride: Frames between the starts of two windows.
        interval: Source frames for one frame of the model: 2 for a 60 Hz source and a 30 Hz model.
        max_gap: Frames for which a face may be missing before its run ends.
        smoothing: Radius in frames of the mean over time; 0 for none.
        fill: Frames of the model for one source frame: 2 for a 12 Hz source and a 25 Hz model. What lies
            between two frames is drawn in a straight line.

    Raises:
        ValueError: If both `interval` and `fill` are above 1.
    """

    def __init__(
        self,
        length: int,
        stride: int,
        interval: int = 1,
        max_gap: int = 12,
        smoothing: int = 0,
        fill: int = 1,
    ) -> None:
        if interval > 1 and fill > 1:
            raise ValueError(
                f"interval is {interval} and fill {fill}; a source is faster or slower, not both"
            )
        self._new_lane = lambda: Lane(length, stride, smoothing * fill)
        self._interval, self._max_gap, self._fill = interval, max_gap, fill
        self._runs: dict[int, _Run] = {}

    def push(self, faces: Mapping[int, FaceLandmarks]) -> tuple[list[Window], dict[int, tuple[Lane, int]]]:
        """Take the faces of the next frame.

        Args:
            faces: Landmarks by face id.

        Returns:
            Windows that are complete, and for each face the lane and position where its answer will be.
        """
        windows: list[Window] = []
        slots: dict[int, tuple[Lane, int]] = {}
        for face_id in faces:
            if face_id not in self._runs:
                self._runs[face_id] = _Run([self._new_lane() for _ in range(self._interval)])
        for face_id, run in list(self._runs.items()):
            face = faces.get(face_id)
            lane = run.lanes[run.frames % self._interval]
            if face is not None:
                slots[face_id] = (lane, run.frames * self._fill // self._interval)
            between = [face_between(run.last, face, step / self._fill) for step in range(1, self._fill)]
            added = [*(between if run.frames else []), face]
            run.last = face
            run.gap = 0 if face is not None else run.gap + 1
            run.frames += 1
            if run.gap > self._max_gap:
                windows += self._close(face_id)
            else:
                windows += [window for shown in added for window in lane.push(shown)]
        return windows, slots

    def finish(self) -> list[Window]:
        """End every run; give the windows that cover their ends."""
        return [window for face_id in list(self._runs) for window in self._close(face_id)]

    def _close(self, face_id: int) -> list[Window]:
        return [window for lane in self._runs.pop(face_id).lanes for window in lane.close()]


def face_between(
    before: FaceLandmarks | None, after: FaceLandmarks | None, share: float
) -> FaceLandmarks | None:
    """Give the face a share of the way from one frame to the next; None where one of them has none.

    Args:
        before: The face in one frame.
        after: In a later one.
        share: Of the way, in [0, 1].
    """
    if before is None or after is None:
        return None
    return replace(
        before,
        points=before.points + np.float32(share) * (after.points - before.points),
        scores=np.minimum(before.scores, after.scores),
        box=before.box + np.float32(share) * (after.box - before.box),
    )
