"""A landmark extractor's response and errors, measured on rendered people whose true points are known."""

from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import numpy as np

from fau3d.synthetic.observation import PersonBias
from fau3d.synthetic.rig import FaceRig

SHIPPED_DETECTORS = {"mediapipe478": "detector_mediapipe478.npz"}
FORMAT = "fau3d-detector-1"
# Axis of the points in each array.
_POINT_AXIS = {
    "response_modes": 1,
    "mean": 0,
    "person": 1,
    "sequence": 1,
    "pose": 1,
    "pose_person": 2,
    "drift": 1,
    "jitter": 0,
}


@dataclass(frozen=True)
class MeasuredDetector:
    """How an extractor answers, in the head's frame, centimetres; V points, E shapes, K identity modes.

    Fields of displacements are sums of modes, each with a normally distributed weight of unit variance.

    Attributes:
        topology: Its points.
        shape_names: E names, in the order of `response`.
        response: Shape (E, 3): gain of each expression shape along x, y, z, against the rig's own shape.
        response_modes: Shape (R, V, 3): displacements of which shapes are answered with what no gain gives.
        response_weights: Shape (E, R): how much of each.
        identity_response: Shape (K, 3): the same as `response` of identity modes.
        mean: Shape (V, 3): displacement on everyone.
        person: Shape (P, V, 3): modes of the displacement that stays with a person.
        sequence: Shape (S, V, 3): modes of that of a sequence.
        pose: Shape (2, V, 3): displacement per radian of yaw and of pitch.
        pose_person: Shape (2, Q, V, 3): modes of how that differs between people.
        drift: Shape (D, V, 3): modes of the error that changes from frame to frame.
        jitter: Shape (V, 3): standard deviation of what `drift` leaves, independent between points.
        persisting: Share of the drift's variance that persists between frames; the rest is new in each.
        memory: Time constant of that (s): first-order autoregressive.
        by_size: Two numbers a, b: drift and jitter at s pixels/cm are sqrt(a + b / s^2) times as large.
        unsteadiness: Standard deviation of the logarithm of their size between sequences.
        lag: Frames by which seen movement comes late.
        yaw_edges: Shape (Y + 1,): absolute yaw (rad) of the columns of `lost` and `gross`.
        lost: Shape (2, Y): share of frames without a face; rows: nothing, something before the face.
        gross: Shape (2, Y): share of frames with a misplaced face.
        lost_frames: Mean length of a loss.
        occluded: Share of sequences with something before the face.
        metainfo: Where it comes from, plain strings.
    """

    topology: str
    shape_names: tuple[str, ...]
    response: np.ndarray
    response_modes: np.ndarray
    response_weights: np.ndarray
    identity_response: np.ndarray
    mean: np.ndarray
    person: np.ndarray
    sequence: np.ndarray
    pose: np.ndarray
    pose_person: np.ndarray
    drift: np.ndarray
    jitter: np.ndarray
    persisting: float
    memory: float
    by_size: np.ndarray
    unsteadiness: float
    lag: float
    yaw_edges: np.ndarray
    lost: np.ndarray
    gross: np.ndarray
    lost_frames: float
    occluded: float
    metainfo: dict[str, str] = field(default_factory=dict)

    def seen_rig(self, rig: FaceRig) -> FaceRig:
        """Give a rig as the extractor sees it: damped shapes, and its mean error on the neutral face.

        Raises:
            ValueError: If the rig has other points, shapes or identity modes than the one it was measured on.
        """
        found = (rig.topology, rig.expression_names, len(rig.identities))
        if found != (self.topology, self.shape_names, len(self.identity_response)):
            raise ValueError(
                f"rig {rig.topology} with {len(rig.expression_names)} shapes and {len(rig.identities)} modes "
                f"is not the rig of {self.topology} with {len(self.shape_names)} shapes and "
                f"{len(self.identity_response)} modes that this detector was measured on; measure it with "
                "tools/synthetic/measure_detector.py, or use the guessed detector"
            )
        other = np.tensordot(self.response_weights, self.response_modes, 1)
        return replace(
            rig,
            neutral=rig.neutral + self.mean,
            identities=rig.identities * self.identity_response[:, None],
            expressions=rig.expressions * self.response[:, None] + other,
        )

    def draw_person(self, rng: np.random.Generator) -> PersonBias:
        """Draw the errors that stay with a person."""
        slopes = [pose + _mix(rng, modes) for pose, modes in zip(self.pose, self.pose_person)]
        return PersonBias(_mix(rng, self.person), np.stack(slopes))

    def errors(
        self,
        rng: np.random.Generator,
        times: np.ndarray,
        poses: np.ndarray,
        person: PersonBias,
        scale: float,
    ) -> np.ndarray:
        """Draw the errors of one sequence.

        Args:
            rng: Source of chance.
            times: Shape (T,), evenly spaced seconds.
            poses: Shape (T, 3): yaw, pitch, roll, radians.
            person: Errors of that person.
            scale: Pixels for a centimetre.

        Returns:
            Shape (T, V, 3), float32, centimetres; NaN on frames where the extractor finds no face.
        """
        still = person.still + _mix(rng, self.sequence)
        turning = np.tensordot(poses[:, :2], person.slopes, 1)
        shaky = np.exp(self.unsteadiness * rng.normal() - self.unsteadiness**2)
        shaky *= np.sqrt(self.by_size[0] + self.by_size[1] / scale**2)
        courses = np.sqrt(self.persisting) * _autoregressive(rng, times, len(self.drift), self.memory)
        courses += np.sqrt(1 - self.persisting) * rng.standard_normal(courses.shape)
        noise = self.jitter * rng.standard_normal((len(times), *self.jitter.shape), dtype=np.float32)
        drift = np.tensordot(courses, self.drift, 1)
        errors = (still + turning + shaky * (drift + noise)).astype(np.float32)
        errors[self._draw_lost(rng, poses)] = np.nan
        return errors

    def _draw_lost(self, rng: np.random.Generator, poses: np.ndarray) -> np.ndarray:
        row = int(rng.random() < self.occluded)
        column = np.digitize(np.abs(poses[:, 0]), self.yaw_edges[1:-1])
        begins = rng.random(len(poses)) < self.lost[row, column] / max(self.lost_frames, 1.0)
        lengths = rng.geometric(1 / max(self.lost_frames, 1.0), len(poses))
        lost = np.zeros(len(poses), bool)
        for begin in np.flatnonzero(begins):
            lost[begin : begin + lengths[begin]] = True
        return lost

    def select(self, points: np.ndarray, topology: str) -> "MeasuredDetector":
        """Give the detector of some of its points, under the name of their topology."""
        chosen = {name: np.take(getattr(self, name), points, axis) for name, axis in _POINT_AXIS.items()}
        return replace(self, topology=topology, **chosen)  # type: ignore[arg-type]

    def save(self, path: str | Path) -> None:
        """Write it as an npz, displacements in float16 (under a hundredth of a millimetre)."""
        arrays: dict[str, np.ndarray] = {}
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name == "metainfo":
                value = np.array([[str(k), str(v)] for k, v in value.items()]).reshape(-1, 2)
            elif item.name in _POINT_AXIS:
                value = value.astype(np.float16)
            arrays[item.name] = np.asarray(value)
        with Path(path).open("wb") as file:
            np.savez_compressed(file, format=np.asarray(FORMAT), **arrays)


def _mix(rng: np.random.Generator, modes: np.ndarray) -> np.ndarray:
    return np.tensordot(rng.normal(size=len(modes)), modes, 1)


def _autoregressive(rng: np.random.Generator, times: np.ndarray, columns: int, memory: float) -> np.ndarray:
    """Draw first-order autoregressive courses (T, columns) of unit variance."""
    courses = rng.standard_normal((len(times), columns))
    for t in range(1, len(times)):
        keep = np.exp(-(times[t] - times[t - 1]) / max(memory, 1e-6))
        courses[t] = keep * courses[t - 1] + np.sqrt(1 - keep**2) * courses[t]
    return courses


def load_detector(name_or_path: str | Path) -> MeasuredDetector:
    """Load a measured detector.

    Args:
        name_or_path: The topology of a shipped one (`mediapipe478`), or the path of an npz that
            `tools/synthetic/measure_detector.py` wrote.

    Raises:
        FileNotFoundError: If there is neither such a shipped detector nor such a file.
        ValueError: If the file is no detector.
    """
    shipped = SHIPPED_DETECTORS.get(str(name_or_path))
    path = Path(__file__).parent / shipped if shipped else Path(name_or_path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{name_or_path}: no such detector; shipped: {sorted(SHIPPED_DETECTORS)}, others are made by "
            "tools/synthetic/measure_detector.py"
        )
    with np.load(path, allow_pickle=False) as archive:
        if "format" not in archive or str(archive["format"]) != FORMAT:
            raise ValueError(
                f"{path}: not a detector of format {FORMAT}; make one with "
                "tools/synthetic/measure_detector.py"
            )
        values: dict = {item.name: archive[item.name] for item in fields(MeasuredDetector)}
    for name, value in values.items():
        if value.dtype == np.float16:
            values[name] = value.astype(np.float32)
        elif value.ndim == 0:
            values[name] = value.item()
    values["shape_names"] = tuple(str(name) for name in values["shape_names"])
    values["metainfo"] = {str(key): str(value) for key, value in values["metainfo"]}
    return MeasuredDetector(**values)
