"""What `analyze` writes of a video beyond its table: readings, their page, and diagrams below the overlay."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from fau3d.apis.hand_watch import HandWatch
from fau3d.apis.inferencer import AUInferencer
from fau3d.apis.outputs import OutputFolder
from fau3d.apis.reading import CurveCollector, FaceReading, read_face, write_readings
from fau3d.apis.reading.curves import FaceCurves
from fau3d.apis.reading.page import report_data
from fau3d.apis.reading.pairs import write_synchrony
from fau3d.apis.reading.parts import write_parts
from fau3d.apis.reading.pictures import write_pictures
from fau3d.apis.reading.smoothing import Smoothing
from fau3d.apis.reading.tiers import write_event_tiers
from fau3d.apis.results import FrameResult
from fau3d.apis.sources import FrameStream
from fau3d.extractors.hands import HandFinder
from fau3d.functional.events import Events
from fau3d.visualization.growing_timing import GrowingTiming
from fau3d.visualization.report_page import write_report_page

PAGE = "report.html"
_MOST_STRIPS = 3  # diagrams below an overlay: with more the video is mostly diagram


class VideoReport:
    """Gathers what the frames of a video say, and writes it when all have passed.

    Args:
        inferencer: Gives the results.
        name: Of the video, for people.
        smoothing: Of the curves, before they are read.
        folder: Where what is known of the frames waits on disk; by default where temporary files are kept.
    """

    def __init__(
        self,
        inferencer: AUInferencer,
        name: str,
        smoothing: Smoothing | None = None,
        folder: Path | None = None,
    ) -> None:
        self._inferencer, self.name, self._smoothing = inferencer, name, smoothing
        recognizer = inferencer.recognizer
        self._collector = CurveCollector(recognizer.au_names, recognizer.has_intensity, folder)
        self._watch: HandWatch | None = None
        self.notes: list[str] = []

    def watched(self, frames: FrameStream) -> FrameStream:
        """Give the stream that is to be analysed in place of the video's own: it is searched for hands."""
        try:
            self._watch = HandWatch(frames, HandFinder())
        except ImportError as error:
            self.notes.append(f"hands before faces are not told: {error}")
            return frames
        return self._watch

    def append(self, result: FrameResult) -> None:
        """Take the next frame."""
        self._collector.append(result, None if self._watch is None else self._watch.at(result.index))

    def close(self) -> None:
        """Stop looking for hands, and drop what was gathered."""
        self._collector.close()
        if self._watch is not None:
            self._watch.close()

    @cached_property
    def readings(self) -> list[FaceReading]:
        """One a face; asked for when all frames have passed."""
        recognizer = self._inferencer.recognizer
        found = [
            read_face(self._smoothed(curves), recognizer.au_names, recognizer.thresholds)
            for curves in self._collector.curves()
        ]
        if not found:
            self.notes.append(
                f"{self.name}: no face was seen in two frames or more: there is no reading and no page"
            )
        return found

    def _smoothed(self, curves: FaceCurves) -> FaceCurves:
        if self._smoothing is None:
            return curves
        try:
            smoothed = self._smoothing.apply(curves, self._inferencer.recognizer.thresholds)
        except ValueError as error:  # said of a video whose analysis is done: the rest is not lost
            self.notes.append(f"{self.name}: curves are not smoothed: {error}")
            self._smoothing = None
            return curves
        return smoothed

    def strips(self, fps: float) -> "Strips":
        """Give the diagrams that grow below the overlay."""
        return Strips(self.readings, fps)

    def events(self, au_name: str) -> dict[int, Events]:
        """Give the events of one unit by face id."""
        column = self._inferencer.recognizer.au_names.index(au_name)
        return {
            reading.curves.face_id: reading.events.select(reading.events.curve == column)
            for reading in self.readings
        }

    def pictures(self, folder: OutputFolder) -> list[Path]:
        """Write which units go together, and expressions over time."""
        return write_pictures(self.readings, folder, self.name)

    def write(
        self,
        folder: Path | OutputFolder,
        fps: float,
        img_shape: tuple[int, int],
        source: Path | None,
        overlay: Path | None,
        parts: pd.DataFrame | None = None,
    ) -> list[Path]:
        """Write tables, summary and page.

        Args:
            folder: Where they go.
            fps: Frames per second.
            img_shape: (height, width) of the source in pixels.
            source: The video's file; None where it is none.
            overlay: The video beside the page; None where there is none.
            parts: Named parts whose figures are wanted, see `read_parts`.

        Returns:
            The files.
        """
        model, extractor = self._inferencer.recognizer.name, self._inferencer.extractor.name
        rests = self._inferencer.rests()
        facts = {"source": self.name, "model": model, "extractor": extractor} | (
            {"rest": rests} if rests else {}
        )
        outputs = write_readings(self.readings, folder, facts)
        if not self.readings:
            return outputs
        if parts is not None:
            outputs += write_parts(self.readings, parts, folder)
        outputs += write_event_tiers(self.readings, folder, source)
        together, why_not = write_synchrony(self.readings, folder)
        outputs += together
        self.notes += why_not
        notes = [
            f"Landmarks by {extractor}, action units by {model}.",
            "A frame without a face, with one that the extractor is not sure of, or that is turned away by "
            "more than 45 degrees stays in the time axis without values"
            + (", and so does one in which hands cover about a tenth of the face." if self._watch else "."),
        ]
        notes += [f"{sentence[0].upper()}{sentence[1:]}." for sentence in rests]
        if self._smoothing is not None:
            notes.append(self._smoothing.sentence(self.readings[0].curves.time))
        video = None if overlay is None else overlay.name
        data = report_data(self.readings, self.name, video, fps, img_shape, model, notes)
        write_report_page(folder / PAGE, data)
        return [*outputs, folder / PAGE]


class Strips:
    """Diagrams that grow below the frames of an overlay, one a face, for those seen longest.

    Args:
        readings: One a face, over all frames.
        fps: Frames per second.
    """

    def __init__(self, readings: Sequence[FaceReading], fps: float) -> None:
        longest = sorted(readings, key=lambda reading: -int((reading.curves.invalid != 1).sum()))
        chosen = sorted(longest[:_MOST_STRIPS], key=lambda reading: reading.curves.face_id)
        self._faces = [(reading, reading.expressions.labels()) for reading in chosen]
        self._named = {reading.curves.face_id: reading.expressions.labels() for reading in readings}
        self._fps, self._row = fps, 0
        self._strips: list[GrowingTiming] = []

    def expressions(self) -> dict[int, str]:
        """Give the names of the next frame's expressions, by face id."""
        return {face_id: str(labels[self._row]) for face_id, labels in self._named.items()}

    def below(self, picture: np.ndarray) -> np.ndarray:
        """Add the next frame's values and put the diagrams below its picture.

        Args:
            picture: Shape (H, W, 3), uint8 RGB, of the same size every time.

        Returns:
            Shape (H', W, 3), uint8 RGB.
        """
        if not self._strips:
            self._strips = [self._strip(reading, picture.shape[1]) for reading, _ in self._faces]
        for (reading, labels), strip in zip(self._faces, self._strips):
            curves, row = reading.curves, self._row
            known = curves.invalid[row] == 0
            strip.append(
                float(curves.time[row] - curves.time[0]),
                curves.probability[row] if known else None,
                curves.occurrence[row] if known else None,
                curves.intensity[row] if known and curves.intensity is not None else None,
                str(labels[row]),
            )
            picture = strip.below(picture)
        self._row += 1
        return picture

    def _strip(self, reading: FaceReading, width: int) -> GrowingTiming:
        time = reading.curves.time
        return GrowingTiming(
            reading.au_names,
            width,
            duration=float(time[-1] - time[0]) + 1 / self._fps,
            frame_seconds=1 / self._fps,
            title="" if len(self._faces) == 1 else f"face {reading.curves.face_id}",
        )
