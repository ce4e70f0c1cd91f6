"""A person's neutral face, and landmarks with the common face in its place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from fau3d.datasets.transforms.neutral import in_eye_distances, neutral_faces
from fau3d.structures import FaceLandmarks
from fau3d.topology import get_topology, resting_face

# Measured (`benchmarks/known_rest.py`): no resting face is seen exactly, one in another recording less so.
KNOWN_SHARE, GIVEN_SHARE = 0.75, 0.5


@dataclass(frozen=True)
class NeutralFace:
    """How one person's face rests.

    Attributes:
        points: Shape (V, 2), float32: distances between the outer eye corners, from the middle of the eyes;
            NaN where a point was never seen.
        topology: Its point set.
        share: How much of its departure from the common resting face is taken away, in [0, 1].
        seconds: Times of the frames that it was seen in; empty where it was given.
    """

    points: np.ndarray
    topology: str
    share: float = KNOWN_SHARE
    seconds: tuple[float, ...] = ()

    def __str__(self) -> str:
        times = f" of {self.seconds[0]:.1f} to {self.seconds[-1]:.1f} s" if self.seconds else ""
        counted = f"{len(self.seconds)} frames{times} are" if self.seconds else "a given face is"
        return f"{counted} taken for rest, {self.share:.0%} of which is taken away"

    def taken_from(self, face: FaceLandmarks) -> FaceLandmarks:
        """Give a face as if this person rested as the common face does; its z stays.

        Raises:
            ValueError: If the face has other points.
        """
        if face.topology != self.topology:
            raise ValueError(
                f"the neutral face has {self.topology!r} points and the frame {face.topology!r} points; "
                "find both with one extractor"
            )
        shift = np.nan_to_num(np.float32(self.share) * (resting_face(self.topology) - self.points))
        corners = face.points[get_topology(face.topology).eye_corners, :2]
        # As in AlignEyes: the eyes' middles give the direction, the outer corners the unit.
        line = corners[:2].mean(0) - corners[2:].mean(0)
        if not np.isfinite(line).all() or not line.any():
            return face
        x = np.hypot(*(corners[0] - corners[3])) * line / np.hypot(*line)
        points = face.points.copy()
        points[:, :2] += shift @ np.array([x, (-x[1], x[0])], np.float32)
        return replace(face, points=points)


def neutral_face(
    faces: Sequence[FaceLandmarks], share: float = KNOWN_SHARE, seconds: Sequence[float] = ()
) -> NeutralFace:
    """Take the median of frames in which a face rests.

    Args:
        faces: One or more, of one person and one point set.
        share: See `NeutralFace`.
        seconds: When they were seen.

    Raises:
        ValueError: If there is none, or the point set has no common resting face.
    """
    if not faces:
        raise ValueError("there is no face to take a neutral face from")
    topology = faces[0].topology
    resting_face(topology)
    keypoint = np.stack([face.points for face in faces])[None]
    points = neutral_faces(in_eye_distances(keypoint, topology)[0])["median"]
    return NeutralFace(points, topology, share, tuple(seconds))


# By face id, or one for everybody.
Neutrals = Mapping[int, NeutralFace] | NeutralFace
NO_NEUTRALS: Mapping[int, NeutralFace] = MappingProxyType({})


def less_neutral(faces: Mapping[int, FaceLandmarks], neutrals: Neutrals) -> Mapping[int, FaceLandmarks]:
    """Take from each face how it rests; one of which that is not known stays as it is.

    Args:
        faces: Of one frame, by face id.
        neutrals: By face id, or one for all.
    """
    if isinstance(neutrals, NeutralFace):
        return {face_id: neutrals.taken_from(face) for face_id, face in faces.items()}
    return {
        face_id: neutrals[face_id].taken_from(face) if face_id in neutrals else face
        for face_id, face in faces.items()
    }
