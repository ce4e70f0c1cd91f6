"""What an overlay draws of each frame, kept on disk until the whole video is known."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from fau3d.apis.results import FaceResult, FrameResult
from fau3d.structures import FaceLandmarks


class FrameSpool:
    """Takes results and gives them back later, without images and boxes.

    A face of 478 points takes 6 KB a frame, an hour of video 0.7 GB: they go to a nameless file that is gone
    with the block, even where the program is killed.

    Args:
        folder: Where the file lies; it is made.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._frames: list[tuple[int, float, str, tuple[int, ...]]] = []
        self._like: FaceResult | None = None

    def __len__(self) -> int:
        """Give the number of frames."""
        return len(self._frames)

    def append(self, result: FrameResult) -> None:
        """Take the next frame; all faces have the same points and units."""
        for face in result.faces.values():
            self._like = self._like or face
            strength = [] if face.intensity is None else [face.intensity]
            parts = [face.landmarks.points.ravel(), face.probability, face.occurrence, *strength]
            self._file.write(np.concatenate(parts).astype("<f4").tobytes())
        self._frames.append((result.index, result.timestamp, result.source, tuple(result.faces)))

    def results(self) -> Iterator[FrameResult]:
        """Yield the frames in their order."""
        self._file.seek(0)
        for index, timestamp, source, face_ids in self._frames:
            yield FrameResult(index, timestamp, {i: self._face() for i in face_ids}, source=source)

    def _face(self) -> FaceResult:
        assert self._like is not None
        marks, units = self._like.landmarks, len(self._like.probability)
        sizes = [marks.points.size, units, units, 0 if self._like.intensity is None else units]
        values = np.frombuffer(self._file.read(4 * sum(sizes)), "<f4")
        points, probability, occurrence, strength = np.split(values, np.cumsum(sizes)[:-1])
        landmarks = FaceLandmarks(
            points.reshape(marks.points.shape),
            np.ones(len(marks.points), np.float32),
            np.full(4, np.nan, np.float32),
            float("nan"),
            marks.topology,
        )
        return FaceResult(
            landmarks,
            probability.astype(np.float64),
            occurrence.astype(np.float64),
            strength.astype(np.float64) if sizes[3] else None,
        )

    def __enter__(self) -> "FrameSpool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
