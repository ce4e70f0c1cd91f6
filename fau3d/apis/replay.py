"""Landmarks that were found before, given out again: many models on one extraction."""

from collections.abc import Iterator, Sequence

import numpy as np

from fau3d.apis.sources import FramesInMemory
from fau3d.extractors import LandmarkExtractor
from fau3d.io.video import Frame
from fau3d.structures import FaceLandmarks, VideoLandmarks


class LandmarkReplay(LandmarkExtractor):
    """An extractor that looks at no image: it gives out the landmarks that `play` was handed.

    >>> replay = LandmarkReplay(landmarks.topology)
    >>> with AUInferencer("mine.pth", replay) as inferencer:
    ...     table = inferencer(replay.play(landmarks))

    Args:
        topology: Point set of the landmarks that will be played.
    """

    name = "landmarks found before"

    def __init__(self, topology: str) -> None:
        self.topology = topology
        self._faces: list[list[FaceLandmarks]] = []
        self._next = 0

    def play(self, landmarks: VideoLandmarks) -> FramesInMemory:
        """Give a source for `AUInferencer` whose frames hold these landmarks and no picture.

        Args:
            landmarks: Of one video. Frames in which nobody has a finite point show no face.

        Returns:
            The source, for one pass, with the frames' true positions, times and size.

        Raises:
            ValueError: If the points are of another topology.
        """
        if landmarks.topology != self.topology:
            raise ValueError(
                f"the landmarks are {landmarks.topology!r} points, but this replay was built for "
                f"{self.topology!r}; build one with LandmarkReplay({landmarks.topology!r})"
            )
        self._faces = [_faces_at(landmarks, row) for row in range(len(landmarks.frame_index))]
        self._next = 0
        return FramesInMemory(_empty_frames(landmarks), landmarks.fps)

    def extract(
        self, images: Sequence[np.ndarray], timestamps: Sequence[float] | None = None
    ) -> list[list[FaceLandmarks]]:
        """Give the faces of the next frames, one list for each image; see `LandmarkExtractor.extract`.

        Raises:
            ValueError: If more frames are asked for than are being played.
        """
        first, self._next = self._next, self._next + len(images)
        if self._next > len(self._faces):
            raise ValueError(
                f"frame {self._next - 1} was asked for, but {len(self._faces)} frames are being played; "
                "hand the inferencer what play() gives"
            )
        return self._faces[first : self._next]

    def reset(self) -> None:
        """Start again from the first frame."""
        self._next = 0


def _faces_at(landmarks: VideoLandmarks, row: int) -> list[FaceLandmarks]:
    return [
        FaceLandmarks(
            landmarks.keypoint[person, row],
            landmarks.keypoint_score[person, row],
            landmarks.box[person, row],
            float(landmarks.confidence[person, row]),
            landmarks.topology,
        )
        for person in range(len(landmarks.keypoint))
        if np.isfinite(landmarks.keypoint[person, row]).any()
    ]


def _empty_frames(landmarks: VideoLandmarks) -> Iterator[Frame]:
    blank = np.broadcast_to(np.uint8(0), (*landmarks.img_shape, 3))  # one byte, whatever its size
    for index, timestamp in zip(landmarks.frame_index, landmarks.timestamp):
        yield Frame(int(index), float(timestamp), blank)
