"""The curves of each face of a recording, gathered while its frames pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from fau3d.apis.results import FaceResult, FrameResult
from fau3d.functional.cover import covered_share
from fau3d.functional.eyes import eye_aspect_ratio
from fau3d.functional.geometry import similarity_from_points
from fau3d.synthetic.resting import canonical_face
from fau3d.topology import get_topology
from fau3d.topology.eyelids import eyelid_points

_LEAST_CONFIDENCE = 0.5
_SKIN = 468  # points of MediaPipe's that the canonical face has
_SETTLED = 256  # frames after which points are dropped
_MOST_TURNED = 45.0  # degrees: beyond, one half of the face is guessed rather than seen
_MOST_COVERED = 0.1  # of a face's outline by hands: fingertips at a cheek are less
INVALID_REASONS = ("no face", "low confidence", "turned away", "hand over the face")


@dataclass(frozen=True)
class FaceCurves:
    """One face over all frames of a recording.

    Attributes:
        face_id: Whose.
        frame: Shape (T,), int64: positions in the source.
        time: Shape (T,), seconds, rising.
        probability: Shape (T, A), float32; NaN where the frame is invalid.
        occurrence: Shape (T, A), int8: 1, 0, -1 where the frame is invalid.
        intensity: Shape (T, A), float32, 0 to 5, NaN where invalid; None where the model has no such output.
        eye_ratio: Shape (T, 2), float32: aspect ratios of the left and right eye.
        turned: Shape (T,), float32: degrees that the head is turned or nods; NaN where points have no depth.
        invalid: Shape (T,), int8: 0 = valid, else 1 + the place of the reason in `INVALID_REASONS`.
    """

    face_id: int
    frame: np.ndarray
    time: np.ndarray
    probability: np.ndarray
    occurrence: np.ndarray
    intensity: np.ndarray | None
    eye_ratio: np.ndarray
    turned: np.ndarray
    invalid: np.ndarray


@dataclass
class _Face:
    """One face's frames: the newest as they came, older ones as arrays of what is kept of them."""

    rows: list[int] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)
    lids: list[np.ndarray] = field(default_factory=list)
    rigid: list[np.ndarray] = field(default_factory=list)
    older: list[np.ndarray] = field(default_factory=list)
    looks: list[tuple[int, bool]] = field(default_factory=list)  # row, and whether a hand covered the face

    def covered(self, rows: np.ndarray) -> np.ndarray:
        """Tell of each row whether the look for hands nearest to it found the face covered."""
        if not self.looks:
            return np.zeros(len(rows), bool)
        at, covered = (np.array(values) for values in zip(*self.looks))
        after = np.clip(np.searchsorted(at, rows), 1, max(len(at) - 1, 1))
        before = after - 1
        after = np.minimum(after, len(at) - 1)
        return covered[np.where(rows - at[before] <= at[after] - rows, before, after)]

    def settle(self) -> None:
        """Keep of the newest frames: values, aspect ratios of both eyes, degrees turned; (N, V + 3)."""
        if self.values:
            ratio = eye_aspect_ratio(np.stack(self.lids), np.arange(12).reshape(2, 6))
            turned = _degrees_turned(np.stack(self.rigid))
            kept = np.concatenate([np.stack(self.values), ratio, turned[:, None]], axis=1)
            self.older.append(kept.astype(np.float32))
            for newest in (self.values, self.lids, self.rigid):
                newest.clear()


class CurveCollector:
    """Keeps what readings need of each frame: some hundred numbers a face, no pictures and no landmarks.

    A frame is invalid where no face was found, where the extractor's confidence is below 0.5, where the head
    is turned or nods by more than 45 degrees, or where hands cover a tenth of the face's outline, since
    MediaPipe guesses what they hide and stays sure. Hands are looked for in some frames only; in between, the
    nearest look counts.

    Args:
        au_names: Units of the results.
        intensity: Whether they hold intensities.
    """

    def __init__(self, au_names: Sequence[str], intensity: bool) -> None:
        self.au_names, self._intensity = tuple(au_names), intensity
        self._frames: list[tuple[int, float]] = []
        self._faces: dict[int, _Face] = {}

    def append(self, result: FrameResult, hands: Sequence[np.ndarray] | None = None) -> None:
        """Take the next frame.

        Args:
            result: The frame.
            hands: Hands in it, shape (N, 2) each, pixels; None where nobody looked.
        """
        row = len(self._frames)
        self._frames.append((result.index, result.timestamp))
        for face_id, face in result.faces.items():
            kept = self._faces.setdefault(face_id, _Face())
            kept.rows.append(row)
            kept.values.append(self._row(face))
            lids, rigid = _points_of(face.landmarks.topology)
            points = face.landmarks.points
            if hands is not None:
                kept.looks.append((row, covered_share(points[:, :2], hands) >= _MOST_COVERED))
            kept.lids.append(points[lids, :2])
            kept.rigid.append(points[rigid] if points.shape[1] == 3 else points[:0])
            if len(kept.values) == _SETTLED:
                kept.settle()

    def _row(self, face: FaceResult) -> np.ndarray:
        strength = [face.intensity] if self._intensity and face.intensity is not None else []
        confidence = [face.landmarks.confidence]
        return np.concatenate([face.probability, face.occurrence, *strength, confidence]).astype(np.float32)

    def curves(self) -> list[FaceCurves]:
        """Give the faces by id; those seen in fewer than two frames have no curves."""
        frame = np.array([index for index, _ in self._frames], np.int64)
        time = np.array([seconds for _, seconds in self._frames], np.float64)
        return [
            self._face_curves(face_id, face, frame, time)
            for face_id, face in sorted(self._faces.items())
            if len(face.rows) > 1
        ]

    def _face_curves(self, face_id: int, face: _Face, frame: np.ndarray, time: np.ndarray) -> FaceCurves:
        total, units = len(frame), len(self.au_names)
        face.settle()
        stacked = np.concatenate(face.older)
        known = np.full((total, stacked.shape[1]), np.nan, np.float32)
        known[face.rows] = stacked
        values, ratio, turned = known[:, :-3], known[:, -3:-1], known[:, -1]
        invalid = np.zeros(total, np.int8)
        invalid[face.covered(np.arange(total))] = 4
        with np.errstate(invalid="ignore"):
            invalid[turned > _MOST_TURNED] = 3
            invalid[values[:, -1] < _LEAST_CONFIDENCE] = 2
        invalid[np.isnan(values[:, -1])] = 1
        values[invalid > 0], ratio[invalid > 0] = np.nan, np.nan
        occurrence = np.where(np.isnan(values[:, units : 2 * units]), -1, values[:, units : 2 * units])
        return FaceCurves(
            face_id=face_id,
            frame=frame,
            time=time,
            probability=values[:, :units],
            occurrence=occurrence.astype(np.int8),
            intensity=values[:, 2 * units : 3 * units] if self._intensity else None,
            eye_ratio=ratio,
            turned=turned,
            invalid=invalid,
        )


@lru_cache
def _front() -> np.ndarray:
    """Give the points by which a head's pose is found, of a face that looks ahead, (R, 3)."""
    return canonical_face()[_points_of("mediapipe478")[1]]


@lru_cache
def _points_of(topology: str) -> tuple[np.ndarray, np.ndarray]:
    """Give which points are kept: of the lids (12,), and those of `_front`, where a pose can be found."""
    known = get_topology(topology)
    rigid = known.rigid[known.rigid < _SKIN] if topology == "mediapipe478" else np.zeros(0, np.int64)
    return eyelid_points(topology).ravel(), rigid


def _degrees_turned(rigid: np.ndarray) -> np.ndarray:
    """Give the angle between the way a face looks and the way to the camera, degrees, of (N, R, 3)."""
    if rigid.shape[1] == 0:
        return np.full(len(rigid), np.nan)
    linear = similarity_from_points(_front(), rigid * np.array([1.0, -1.0, -1.0]))[..., :3]
    ahead = linear[..., 2]  # where the face's own axis out of the face comes to point
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.degrees(np.arccos(np.clip(ahead[..., 2] / np.linalg.norm(ahead, axis=-1), -1.0, 1.0)))
