"""Identities that stay with their faces from frame to frame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fau3d.functional.assignment import best_pairs, box_overlap, point_distance
from fau3d.structures import FaceLandmarks


@dataclass
class _Track:
    """A face as it was seen last."""

    face_id: int
    face: FaceLandmarks
    timestamp: float


class FaceTracker:
    """Gives each face of a video an identity by where it is.

    The faces of a frame are paired with those seen before by linear assignment, on box overlap and landmark
    distance. A face that is away is waited for where it was last seen, and taken for the same if it comes
    back there within `max_gap_seconds`; the radius in which it may come back grows with the time. One that
    stays away longer gets a new identity: position is all that is compared, nobody's looks are.

    Args:
        max_gap_seconds: Longest absence after which a face keeps its identity.
        min_overlap: Least intersection over union of the boxes of one face in two frames, in [0, 1].
        max_distance: Greatest mean distance of its points, in face sizes. One of the two must hold for a
            pair.
        max_speed: Face sizes a second that an absent face may have moved on.

    Raises:
        ValueError: If the gap is negative.
    """

    def __init__(
        self,
        max_gap_seconds: float = 1.0,
        min_overlap: float = 0.2,
        max_distance: float = 0.5,
        max_speed: float = 0.5,
    ) -> None:
        if max_gap_seconds < 0:
            raise ValueError(f"max_gap_seconds is {max_gap_seconds}; wanted 0 or more")
        self.max_gap_seconds = max_gap_seconds
        self.min_overlap = min_overlap
        self.max_distance = max_distance
        self.max_speed = max_speed
        self._tracks: list[_Track] = []
        self._next_id = 0
        self._timestamp = -np.inf

    def reset(self) -> None:
        """Forget all faces; identities count from 0 again."""
        self._tracks, self._next_id, self._timestamp = [], 0, -np.inf

    def update(self, faces: Sequence[FaceLandmarks], timestamp: float) -> list[int]:
        """Give the faces of the next frame their identities.

        Args:
            faces: Of one frame, all of one topology.
            timestamp: Of the frame, in seconds; not before that of the last call.

        Returns:
            One identity for each face, from 0, in the order of the faces.

        Raises:
            ValueError: If time runs backwards.
        """
        if timestamp < self._timestamp:
            raise ValueError(
                f"timestamp {timestamp:.3f} s comes after {self._timestamp:.3f} s; frames come in time "
                "order; call reset() before another video"
            )
        # Half a millisecond forgives the rounding of timestamps in containers.
        limit = self.max_gap_seconds + 5e-4
        # However slow the frames come, those of the frame just before are never too old.
        self._tracks = [
            t for t in self._tracks if timestamp - t.timestamp <= limit or t.timestamp == self._timestamp
        ]
        self._timestamp = timestamp
        owner = {column: row for row, column in self._pairs(faces, timestamp)}
        ids = []
        tracks = self._tracks.copy()
        for index, face in enumerate(faces):
            if index in owner:
                track = tracks[owner[index]]
                track.face, track.timestamp = face, timestamp
            else:
                track = _Track(self._next_id, face, timestamp)
                self._next_id += 1
                self._tracks.append(track)
            ids.append(track.face_id)
        return ids

    def _pairs(self, faces: Sequence[FaceLandmarks], timestamp: float) -> list[tuple[int, int]]:
        if not faces or not self._tracks:
            return []
        old = [track.face for track in self._tracks]
        overlap = box_overlap(np.array([f.box for f in old], float), np.array([f.box for f in faces], float))
        distance = point_distance([f.points for f in old], [f.points for f in faces])
        away = np.array([timestamp - track.timestamp for track in self._tracks])[:, None]
        reach = self.max_distance + self.max_speed * away
        allowed = (overlap >= self.min_overlap) | (distance <= reach)
        # The second term lets a face that was here in the last frame win over one that has been away.
        cost = (1 - overlap) + np.minimum(distance, 2.0) + 0.1 * np.minimum(away, 1.0)
        return best_pairs(cost, allowed)
