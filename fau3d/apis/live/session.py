"""A live session: newest frame in, picture and result out."""

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from fau3d.apis.extraction import iter_landmarks
from fau3d.apis.flow import shown_faces
from fau3d.apis.inferencer import AUInferencer, source_name
from fau3d.apis.live.answers import LiveAnswers
from fau3d.apis.live.newest import Captured, NewestFrame
from fau3d.apis.live.statistics import LiveStatistics
from fau3d.apis.neutral import NO_NEUTRALS, NeutralSearch, check_neutral_fits
from fau3d.apis.pictures import draw_result, overlay_renderer
from fau3d.apis.results import FrameResult
from fau3d.apis.sources import FrameStream
from fau3d.io.video import Frame
from fau3d.visualization.palette import ORANGE, Colour, put_text

_WHITE: Colour = (255, 255, 255)
_GROUND: Colour = (24, 26, 30)


@dataclass(frozen=True)
class LiveFrame:
    """One answered frame.

    Attributes:
        result: Of the frame.
        image: Shape (H, W, 3), uint8, RGB: as the source gave it.
        drawn: Shape (H', W', 3), uint8, RGB: with landmarks, bars and the figures of the session; None where
            nobody looks.
    """

    result: FrameResult
    image: np.ndarray
    drawn: np.ndarray | None


class LiveSession:
    """Answer the newest frame of a source, again and again.

    >>> with open_live(0) as camera:
    ...     for shown in LiveSession(inferencer).run(camera):
    ...         print(shown.result.faces)

    Args:
        inferencer: Model and extractor.
        every: Answer each K-th frame; those between keep the answer before.
        panel: Show every unit, one-sided ones too, with its probability in percent.
        draw: Whether to make pictures.

    Attributes:
        statistics: Of the session so far.
        note: A word that is written on the pictures, such as that they are recorded.
    """

    def __init__(
        self,
        inferencer: AUInferencer,
        every: int = 1,
        panel: bool = False,
        draw: bool = True,
    ) -> None:
        self._inferencer, self._every = inferencer, every
        self._renderer = overlay_renderer(inferencer.recognizer.au_names, panel) if draw else None
        self.statistics = LiveStatistics()
        self.note = ""
        self._answers: LiveAnswers | None = None

    @property
    def at_rest(self) -> bool:
        """Whether how faces rest is taken away."""
        return self._answers is not None and bool(self._answers.neutrals)

    def toggle_rest(self) -> None:
        """Take the last second for how the faces in view rest; the next time, forget it.

        Raises:
            ValueError: If the model reads pictures.
        """
        if self._answers is None:
            return
        if self.at_rest:
            self._answers.neutrals = NO_NEUTRALS
        else:
            check_neutral_fits(
                NeutralSearch(), self._inferencer.recognizer, self._inferencer.extractor.topology, 1
            )
            self._answers.rest()

    def run(
        self, source: FrameStream, stopped: Callable[[], bool] = lambda: False
    ) -> Generator[LiveFrame, None, None]:
        """Answer frames until the source ends.

        Args:
            source: Gives frames at their own pace.
            stopped: Asked whether to end.

        Yields:
            One frame at a time, always the newest there was.
        """
        recognizer, extractor = self._inferencer.recognizer, self._inferencer.extractor
        extractor.batch_size = 1  # the newest frame waits for no other
        name = source_name(source)
        with NewestFrame(source, stopped) as newest:
            taken: list[Captured] = []
            answers = LiveAnswers(recognizer, extractor.topology, source.fps, self._every)
            self._answers = answers
            landmarks = iter_landmarks(_noted(newest, taken), extractor, self._inferencer.max_faces, ahead=0)
            for frame, img_shape, faces in shown_faces(landmarks, True, recognizer.cropper):
                found = answers.push(frame.timestamp, img_shape, faces)
                result = FrameResult(frame.index, frame.timestamp, found, None, name)
                captured = taken.pop()
                drawn = None if self._renderer is None else self._draw(frame.image, result)
                self.statistics.add(captured.moment, time.perf_counter(), captured.dropped)
                yield LiveFrame(result, frame.image, drawn)

    def _draw(self, image: np.ndarray, result: FrameResult) -> np.ndarray:
        assert self._renderer is not None
        drawn = draw_result(self._renderer, image, result)
        text = min(max(9, round(drawn.shape[0] / 26)), 64)
        strip = drawn[: 2 * text]
        cv2.addWeighted(strip, 0.4, np.full_like(strip, _GROUND), 0.6, 0, dst=strip)
        put_text(drawn, self.statistics.line(), (text // 2, text // 2), text, _WHITE)
        if self.note:
            put_text(drawn, self.note, (drawn.shape[1] // 2, text // 2), text, ORANGE)
        return drawn


def _noted(newest: NewestFrame, taken: list[Captured]) -> Iterator[Frame]:
    """Give the frames, and leave what else is known of the one under way with the caller."""
    for captured in newest:
        taken.append(captured)
        yield captured.frame
