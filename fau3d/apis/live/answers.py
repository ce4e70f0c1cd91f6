"""Answers for the newest frame, without waiting for those behind it."""

from bisect import bisect_left
from collections import deque
from collections.abc import Mapping

import numpy as np

from fau3d.apis.face_windows import Lane, Window, face_between
from fau3d.apis.neutral import NO_NEUTRALS, Neutrals, less_neutral, neutral_face
from fau3d.apis.results import FaceResult
from fau3d.apis.window_recognizer import WindowContext, WindowRecognizer
from fau3d.structures import FaceLandmarks

_LONGEST_GAP = 0.5  # seconds without a face after which what was before no longer counts


class RecentFace:
    """The last moments of one face, at the times of its frames.

    Args:
        seconds: How much is remembered.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._seen: deque[tuple[float, FaceLandmarks]] = deque()

    def push(self, time: float, face: FaceLandmarks) -> None:
        """Take the face of the newest frame."""
        if self._seen and not 0 < time - self._seen[-1][0] <= _LONGEST_GAP:
            self._seen.clear()
        self._seen.append((time, face))
        # One frame that is older than the memory stays, to draw the line to the next from.
        while len(self._seen) > 2 and self._seen[1][0] <= time - self._seconds:
            self._seen.popleft()

    def at(self, times: np.ndarray) -> list[FaceLandmarks]:
        """Give the face at some times, on straight lines between its frames.

        Args:
            times: Shape (N,), rising, seconds. Before the first frame remembered the face stood still.

        Returns:
            N faces.
        """
        stamps = [stamp for stamp, _ in self._seen]
        return [self._one(stamps, float(time)) for time in times]

    def _one(self, stamps: list[float], time: float) -> FaceLandmarks:
        place = min(bisect_left(stamps, time), len(stamps) - 1)  # of the first frame that is not before it
        end, after = self._seen[place]
        if place == 0 or time >= end:
            return after
        begin, before = self._seen[place - 1]
        face = face_between(before, after, (time - begin) / (end - begin))
        assert face is not None
        return face

    def all(self) -> list[FaceLandmarks]:
        """Give all that is remembered, in time order."""
        return [face for _, face in self._seen]

    def forgotten(self, time: float) -> bool:
        """Tell whether the face has been gone for too long to go on from."""
        return time - self._seen[-1][0] > _LONGEST_GAP


class LiveAnswers:
    """Answer the newest frame of every face.

    A finished video shows what was before a frame and after it. Live there is no after: the newest frame lies
    in the middle of its window, where answers are best, and the face is taken to stand still behind it. The
    window is drawn at the model's rate from the frames' true times, so dropped frames and slow cameras do not
    look like fast movements.

    Args:
        recognizer: The model.
        topology: Point set of the faces.
        fps: Rate of the source, in 1/s, for models that know none.
        every: Answer each K-th frame; those between keep the answer before.
        behind: Frames of the window behind the newest, in which the face stands still; half of it by default.

    Attributes:
        neutrals: How faces rest, which is taken away; see `rest`.

    Raises:
        ValueError: If `every` is below 1, or `behind` leaves no place for the newest frame.
    """

    def __init__(
        self,
        recognizer: WindowRecognizer,
        topology: str,
        fps: float,
        every: int = 1,
        behind: int | None = None,
    ) -> None:
        if every < 1:
            raise ValueError(f"every is {every}; wanted 1 or more")
        self._recognizer, self._topology, self._every = recognizer, topology, every
        self._rate = recognizer.fps or fps
        self._length = recognizer.window_length
        behind = self._length // 2 if behind is None else behind
        if not 0 <= behind < self._length:
            raise ValueError(
                f"behind is {behind}; wanted 0 to {self._length - 1}, the window's length less 1"
            )
        self._before = self._length - behind  # frames of the window up to and with the newest
        self._faces: dict[int, RecentFace] = {}
        self._answers: dict[int, np.ndarray] = {}
        self._frames = 0
        self.neutrals: Neutrals = NO_NEUTRALS

    def rest(self) -> int:
        """Take every face's last second for its rest; where there is one face, for whoever follows.

        Returns:
            How many faces there are.
        """
        found = {face_id: neutral_face(memory.all()) for face_id, memory in self._faces.items()}
        self.neutrals = next(iter(found.values())) if len(found) == 1 else found
        return len(found)

    def push(
        self, time: float, img_shape: tuple[int, int], faces: Mapping[int, FaceLandmarks]
    ) -> dict[int, FaceResult]:
        """Take the faces of the newest frame.

        Args:
            time: Of the frame, in seconds.
            img_shape: (height, width) in pixels.
            faces: By face id.

        Returns:
            By face id.
        """
        for face_id, face in faces.items():
            memory = self._faces.setdefault(face_id, RecentFace(self._before / self._rate))
            memory.push(time, face)
        due = self._frames % self._every == 0
        self._frames += 1
        asked = [face_id for face_id in faces if due or face_id not in self._answers]
        if asked:
            context = WindowContext("live", img_shape, self._rate, self._topology)
            values = self._recognizer.predict([self._window(face_id, time) for face_id in asked], context)
            newest = self._before - 1
            self._answers |= {face_id: rows[newest] for face_id, rows in zip(asked, values)}
        for gone in self._faces.keys() - faces.keys():
            self._answers.pop(gone, None)
            if self._faces[gone].forgotten(time):
                del self._faces[gone]
        return {
            face_id: self._recognizer.face_result(face, self._answers[face_id])
            for face_id, face in faces.items()
        }

    def _window(self, face_id: int, time: float) -> Window:
        times = time + np.arange(1 - self._before, 1) / self._rate
        seen = self._faces[face_id].at(times)
        shown = [less_neutral({face_id: face}, self.neutrals)[face_id] for face in seen]
        shown += [shown[-1]] * (self._length - self._before)
        lane = Lane(self._length, self._length)
        (window,) = [window for face in shown for window in lane.push(face)]
        return window
