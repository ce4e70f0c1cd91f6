"""The frames of one source on their way from landmarks to answers, in bounded memory."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from fau3d.apis.face_crops import Cropper
from fau3d.apis.face_windows import FaceTimelines, Lane, Window
from fau3d.apis.neutral import NO_NEUTRALS, Neutrals, less_neutral
from fau3d.apis.results import NO_IMAGE, FrameResult
from fau3d.apis.window_recognizer import WindowContext, WindowRecognizer
from fau3d.io.video import Frame, VideoError
from fau3d.structures import FaceLandmarks


@dataclass(frozen=True)
class FlowSettings:
    """How the frames of one source are answered.

    Attributes:
        fps: Frame rate of the source, in 1/s.
        stride: Frames between two windows.
        batch_size: Windows answered together.
        smoothing: Radius in frames of a mean over time.
    """

    fps: float
    stride: int
    batch_size: int
    smoothing: int


class Flow:
    """The frames of one source on their way: those that wait, and the windows that will answer them.

    Args:
        recognizer: Answers the windows.
        topology: Point set of the landmarks.
        name: Of the source.
        settings: How it is answered.
        neutrals: How faces rest; of others nothing is taken away.
    """

    def __init__(
        self,
        recognizer: WindowRecognizer,
        topology: str,
        name: str,
        settings: FlowSettings,
        neutrals: Neutrals = NO_NEUTRALS,
    ) -> None:
        self._recognizer, self._topology, self._name = recognizer, topology, name
        self._neutrals = neutrals
        self._batch_size = settings.batch_size
        interval, fill = recognizer.interval(settings.fps), recognizer.fill(settings.fps)
        self._fps = settings.fps * fill / interval
        self._timelines = FaceTimelines(
            recognizer.window_length,
            settings.stride,
            interval,
            max_gap=max(1, settings.stride * interval // fill),
            smoothing=settings.smoothing,
            fill=fill,
        )
        self._waiting: list[Window] = []
        self._pending: deque[tuple[Frame, dict[int, tuple[FaceLandmarks, Lane, int]]]] = deque()
        self._context: WindowContext | None = None

    def push(
        self, frame: Frame, img_shape: tuple[int, int], faces: Mapping[int, FaceLandmarks]
    ) -> Iterator[FrameResult]:
        """Take the next frame; give those that are finished."""
        if self._context is None or self._context.img_shape != img_shape:
            self._answer(0)
            self._context = WindowContext(self._name, img_shape, self._fps, self._topology)
        windows, slots = self._timelines.push(less_neutral(faces, self._neutrals))
        self._pending.append((frame, {i: (faces[i], *slot) for i, slot in slots.items()}))
        self._waiting += windows
        self._answer(self._batch_size)
        yield from self._ready()

    def finish(self) -> Iterator[FrameResult]:
        """End the source; give the frames that are left.

        Raises:
            VideoError: If there was no frame.
        """
        if self._context is None:
            raise VideoError(
                f"{self._name}: holds no frame that can be read; check the file with a video player"
            )
        self._waiting += self._timelines.finish()
        self._answer(0)
        yield from self._ready()

    def _answer(self, at_least: int) -> None:
        """Answer batches of windows while there are `at_least` of them."""
        while self._waiting and len(self._waiting) >= at_least:
            assert self._context is not None
            batch, self._waiting = self._waiting[: self._batch_size], self._waiting[self._batch_size :]
            for window, values in zip(batch, self._recognizer.predict(batch, self._context)):
                window.lane.add(window, values)

    def _ready(self) -> Iterator[FrameResult]:
        while self._pending and all(lane.ready(at) for _, lane, at in self._pending[0][1].values()):
            frame, faces = self._pending.popleft()
            answers = {
                i: self._recognizer.face_result(face, lane.take(at)) for i, (face, lane, at) in faces.items()
            }
            image = frame.image if frame.image.size else None
            yield FrameResult(frame.index, frame.timestamp, answers, image, self._name)


def shown_faces(
    items: Iterable[tuple[Frame, Mapping[int, FaceLandmarks]]], keep: bool, cropper: Cropper | None
) -> Iterator[tuple[Frame, tuple[int, int], Mapping[int, FaceLandmarks]]]:
    """Cut out what the model sees, and let images go where the landmarks are made: none waits in a queue."""
    for frame, faces in items:
        height, width = frame.image.shape[:2]
        if cropper is not None:
            faces = {face_id: cropper(frame.image, face) for face_id, face in faces.items()}
        yield frame if keep else frame._replace(image=NO_IMAGE), (height, width), faces
