"""What was found in each frame, kept on disk until the whole video is known."""

from array import array
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from fau3d.apis.float_file import FloatFile
from fau3d.apis.results import FaceResult, FrameResult
from fau3d.structures import FaceLandmarks


class FrameSpool:
    """Takes results and gives them back later, without images.

    A face of 478 points takes 8 KB a frame, an hour of video 0.7 GB: they go to a nameless file that is gone
    with the block.

    Args:
        folder: Where the file lies; it is made. By default where the system keeps temporary files.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = FloatFile(folder)
        self._index, self._time, self._ids = array("q"), array("d"), array("q")
        self._faces = array("q")  # in each frame
        self._like: FaceResult | None = None
        self._source = ""

    def __len__(self) -> int:
        """Give the number of frames."""
        return len(self._index)

    def append(self, result: FrameResult) -> None:
        """Take the next frame; all are of one source, and all faces have the same points and units."""
        for face in result.faces.values():
            self._like = self._like or face
            strength = [] if face.intensity is None else [face.intensity]
            marks = face.landmarks
            where = [marks.points.ravel(), marks.scores, marks.box, np.array([marks.confidence])]
            parts = [*where, face.probability, face.occurrence, *strength]
            self._file.append(np.concatenate(parts))
        self._index.append(result.index)
        self._time.append(result.timestamp)
        self._faces.append(len(result.faces))
        self._ids.extend(result.faces)
        self._source = result.source

    def results(self) -> Iterator[FrameResult]:
        """Yield the frames in their order."""
        done = 0
        for index, timestamp, count in zip(self._index, self._time, self._faces):
            faces = {self._ids[place]: self.face(place) for place in range(done, done + count)}
            yield FrameResult(index, timestamp, faces, source=self._source)
            done += count

    def face(self, place: int) -> FaceResult:
        """Give one face.

        Args:
            place: How many faces came before it, in all frames.
        """
        assert self._like is not None
        marks, units = self._like.landmarks, len(self._like.probability)
        strong = 0 if self._like.intensity is None else units
        sizes = [marks.points.size, len(marks.points), 4, 1, units, units, strong]
        values = self._file.read(place * sum(sizes), sum(sizes))
        points, scores, box, confidence, *answers = np.split(values, np.cumsum(sizes)[:-1])
        landmarks = FaceLandmarks(
            points.reshape(marks.points.shape), scores, box, float(confidence[0]), marks.topology
        )
        probability, occurrence, strength = (answer.astype(np.float64) for answer in answers)
        return FaceResult(landmarks, probability, occurrence, strength if strong else None)

    def __enter__(self) -> "FrameSpool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
