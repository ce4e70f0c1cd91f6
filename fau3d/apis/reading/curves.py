"""The curves of each face of a recording, gathered while its frames pass."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from fau3d.apis.float_file import FloatFile
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
_MOST_COVERED = 0.07  # of the outline of a face by that of joints; with its flesh a hand covers about a tenth
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
    """One face's frames: the newest as they came, and where in the file lies what is kept of older ones."""

    rows: array = field(default_factory=lambda: array("q"))
    values: list[np.ndarray] = field(default_factory=list)
    lids: list[np.ndarray] = field(default_factory=list)
    rigid: list[np.ndarray] = field(default_factory=list)
    blocks: list[tuple[int, int]] = field(default_factory=list)  # place in the file, rows
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

    def settle(self, kept: FloatFile) -> None:
        """Keep of the newest frames: values, aspect ratios of both eyes, degrees turned; (N, V + 3)."""
        if self.values:
            ratio = eye_aspect_ratio(np.stack(self.lids), np.arange(12).reshape(2, 6))
            turned = _degrees_turned(np.stack(self.rigid))
            rows = np.concatenate([np.stack(self.values), ratio, turned[:, None]], axis=1)
            self.blocks.append((kept.append(rows), len(rows)))
            for newest in (self.values, self.lids, self.rigid):
                newest.clear()

    def settled(self, kept: FloatFile, width: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield places of frames, and what was kept of them, (N, width), block by block."""
        rows, done = np.array(self.rows, np.int64), 0
        for place, count in self.blocks:
            yield rows[done : done + count], kept.read(place, count * width).reshape(count, width)
            done += count


class CurveCollector:
    """Keeps what readings need of each frame: some hundred numbers a face, no pictures and no landmarks.

    The numbers wait on disk, so that an hour needs hardly more memory than a minute while its frames pass.

    A frame is invalid where no face was found, where the extractor's confidence is below 0.5, where the head
    is turned or nods by more than 45 degrees, or where hands cover about a tenth of the face's outline, since
    MediaPipe guesses what they hide and stays sure. Hands are looked for in some frames only; in between, the
    nearest look counts.

    Args:
        au_names: Units of the results.
        intensity: Whether they hold intensities.
        folder: Where the numbers wait; by default where the system keeps temporary files.
    """

    def __init__(self, au_names: Sequence[str], intensity: bool, folder: Path | None = None) -> None:
        self.au_names, self._intensity = tuple(au_names), intensity
        self._frame, self._time = array("q"), array("d")
        self._faces: dict[int, _Face] = {}
        self._kept = FloatFile(folder)

    def append(self, result: FrameResult, hands: Sequence[np.ndarray] | None = None) -> None:
        """Take the next frame.

        Args:
            result: The frame.
            hands: Hands in it, shape (N, 2) each, pixels; None where nobody looked.
        """
        row = len(self._frame)
        self._frame.append(result.index)
        self._time.append(result.timestamp)
        for face_id, face in result.faces.items():
            kept = self._faces.setdefault(face_id, _Face())
            kept.rows.append(row)
            kept.values.append(self._row(face))
            lids, rigid = _points_of(face.landmarks.topology)
            points = face.landmarks.points
            if hands is not None:
                kept.looks.append((row, bool(covered_share(points[:, :2], hands) >= _MOST_COVERED)))
            kept.lids.append(points[lids, :2])
            kept.rigid.append(points[rigid] if points.shape[1] == 3 else points[:0])
            if len(kept.values) == _SETTLED:
                kept.settle(self._kept)

    def close(self) -> None:
        """Drop what was gathered; curves that were given stay."""
        self._kept.close()

    def _row(self, face: FaceResult) -> np.ndarray:
        strength = [face.intensity] if self._intensity and face.intensity is not None else []
        confidence = [face.landmarks.confidence]
        return np.concatenate([face.probability, face.occurrence, *strength, confidence]).astype(np.float32)

    def curves(self) -> list[FaceCurves]:
        """Give the faces by id; those seen in fewer than two frames have no curves."""
        frame, time = np.array(self._frame, np.int64), np.array(self._time, np.float64)
        return [
            self._face_curves(face_id, face, frame, time)
            for face_id, face in sorted(self._faces.items())
            if len(face.rows) > 1
        ]

    def _face_curves(self, face_id: int, face: _Face, frame: np.ndarray, time: np.ndarray) -> FaceCurves:
        total, units = len(frame), len(self.au_names)
        face.settle(self._kept)

        def missing(columns: int) -> np.ndarray:
            return np.full((total, columns), np.nan, np.float32)

        probability, intensity = missing(units), missing(units) if self._intensity else None
        occurrence = np.full((total, units), -1, np.int8)
        others = missing(4)  # confidence, aspect ratios of both eyes, degrees turned
        for rows, values in face.settled(self._kept, units * (3 if self._intensity else 2) + 4):
            probability[rows] = values[:, :units]
            occurrence[rows] = np.where(
                np.isnan(values[:, units : 2 * units]), -1, values[:, units : 2 * units]
            )
            if intensity is not None:
                intensity[rows] = values[:, 2 * units : 3 * units]
            others[rows] = values[:, -4:]
        confidence, ratio, turned = others[:, 0], others[:, 1:3], others[:, 3]
        invalid = np.zeros(total, np.int8)
        invalid[face.covered(np.arange(total))] = 4
        with np.errstate(invalid="ignore"):
            invalid[turned > _MOST_TURNED] = 3
            invalid[confidence < _LEAST_CONFIDENCE] = 2
        invalid[np.isnan(confidence)] = 1
        out = invalid > 0
        probability[out], occurrence[out], ratio[out] = np.nan, -1, np.nan
        if intensity is not None:
            intensity[out] = np.nan
        return FaceCurves(face_id, frame, time, probability, occurrence, intensity, ratio, turned, invalid)


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
