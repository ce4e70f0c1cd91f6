"""How a performance is seen: head motion, camera, and the errors of a landmark detector."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from fau3d.synthetic.dynamics import wander
from fau3d.synthetic.rendering import Camera, rotation
from fau3d.synthetic.rig import FaceRig


@dataclass(frozen=True)
class HeadMotion:
    """Spread of head pose: base angles of a sequence and their movement (radians, standard deviations)."""

    base: tuple[float, float, float] = (0.2, 0.13, 0.08)
    movement: tuple[float, float, float] = (0.07, 0.05, 0.03)


@dataclass(frozen=True)
class DetectorNoise:
    """Errors of a landmark detector in centimetres on the face (the eyes' outer corners are 9 cm apart).

    Attributes:
        person: Smooth displacement that stays with a person: the detector's idea of that face.
        sequence: The same for one sequence: light, camera, hair.
        pose: Smooth displacement per radian of yaw and pitch.
        drift: Smooth displacement that wanders within a sequence.
        jitter: Independent error of each point and frame.
        length: Distance (cm) over which smooth displacements vary.
    """

    person: float = 0.15
    sequence: float = 0.06
    pose: float = 0.15
    drift: float = 0.03
    jitter: float = 0.014
    length: float = 2.0


@dataclass(frozen=True)
class PersonBias:
    """Errors of a detector that stay with a person, in centimetres on the face.

    Attributes:
        still: Shape (V, 3): displacement.
        slopes: Shape (2, V, 3): displacement per radian of yaw and of pitch.
    """

    still: np.ndarray
    slopes: np.ndarray


class Detector(Protocol):
    """What a corpus asks of a landmark detector."""

    def seen_rig(self, rig: FaceRig) -> FaceRig:
        """Give a rig as the detector answers it."""

    def draw_person(self, rng: np.random.Generator) -> PersonBias:
        """Draw the errors that stay with a person."""

    def errors(
        self,
        rng: np.random.Generator,
        times: np.ndarray,
        poses: np.ndarray,
        person: PersonBias,
        scale: float,
    ) -> np.ndarray:
        """Draw the errors (T, V, 3) of one sequence seen at `scale` pixels/cm; NaN = no face found."""


class SmoothField:
    """Draws smooth displacement fields over the points of a face (a Gaussian process on the resting face)."""

    def __init__(self, neutral: np.ndarray, length: float) -> None:
        distance = ((neutral[:, None] - neutral[None]) ** 2).sum(-1)
        covariance = np.exp(-0.5 * distance / length**2) + 1e-5 * np.eye(len(neutral))
        values, vectors = np.linalg.eigh(covariance)
        # The few largest modes hold nearly all of a smooth field's variance.
        keep = values > 1e-3 * values[-1]
        # A mode's sign is the linear algebra library's whim; fixed, seeds mean the same everywhere.
        vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(0), np.arange(len(values))])
        self.basis = (vectors[:, keep] * np.sqrt(values[keep])).astype(np.float32)

    @property
    def modes(self) -> int:
        """Number of modes that a field is a sum of."""
        return self.basis.shape[1]

    def draw(self, rng: np.random.Generator) -> np.ndarray:
        """Draw a field (V, 3) of unit variance."""
        return self.basis @ rng.normal(size=(self.modes, 3)).astype(np.float32)

    def draw_wandering(self, rng: np.random.Generator, times: np.ndarray, seconds: float) -> np.ndarray:
        """Draw a field (T, V, 3) of unit variance that changes over time."""
        courses = wander(rng, times, 3 * self.modes, seconds).astype(np.float32)
        return np.einsum("vk,tkc->tvc", self.basis, courses.reshape(len(times), self.modes, 3), optimize=True)


def head_poses(rng: np.random.Generator, times: np.ndarray, motion: HeadMotion) -> np.ndarray:
    """Draw yaw, pitch and roll (T, 3) in radians: a base pose, slow movement, and some nods and shakes."""
    base = rng.normal(0, motion.base)
    lively = rng.gamma(1.2, 0.8)
    angles = base + lively * np.asarray(motion.movement) * wander(rng, times, 3, 0.5)
    if rng.random() < 0.2:
        axis = rng.integers(2)
        swing = rng.uniform(0.04, 0.15) * np.sin(
            2 * np.pi * rng.uniform(0.8, 2.2) * times + rng.uniform(0, 6.3)
        )
        begin, length = rng.uniform(0, times[-1]), rng.uniform(0.8, 2.0)
        angles[:, axis] += swing * np.exp(-(((times - begin) / length) ** 2))
    return np.clip(angles, -0.7, 0.7)


def project_heads(faces: np.ndarray, poses: np.ndarray, camera: Camera, shift: np.ndarray) -> np.ndarray:
    """See turned faces through a camera, as a landmark extractor reports them.

    Args:
        faces: Shape (T, V, 3), in the head's frame (cm).
        poses: Shape (T, 3): yaw, pitch, roll.
        camera: The camera.
        shift: Shape (T, 2): where the middle of the image's face lies beside the image's middle (pixels).

    Returns:
        Shape (T, V, 3), float32: x, y in pixels, and z in pixels, negative towards the camera.
    """
    middle = np.asarray(camera.target, np.float64)
    # The head turns about a point in the neck, behind and below the face.
    pivot = middle + (0.0, -6.0, -8.0)
    turns = np.stack([rotation(*pose) for pose in poses])
    turned = np.einsum("tij,tvj->tvi", turns, faces - pivot) + pivot
    # Seen from the face: the neck's rotation moves it over the image, and the camera follows in part.
    projected = camera.project(turned)
    projected[..., :2] += shift[:, None]
    depth = -projected[..., 2] * camera.focal / camera.distance
    return np.concatenate([projected[..., :2], (depth - depth.mean(1, keepdims=True))[..., None]], -1).astype(
        np.float32
    )


class GuessedDetector:
    """Errors that are smooth over the face, of sizes that were guessed; it answers the rig as it is.

    Args:
        neutral: Shape (V, 3): the mean face, cm.
        noise: How large the errors are.
    """

    def __init__(self, neutral: np.ndarray, noise: DetectorNoise) -> None:
        self.field, self.noise = SmoothField(neutral, noise.length), noise

    def seen_rig(self, rig: FaceRig) -> FaceRig:
        """Give the rig as it is."""
        return rig

    def draw_person(self, rng: np.random.Generator) -> PersonBias:
        """Draw a smooth displacement; pose displaces each sequence anew."""
        still = self.noise.person * self.field.draw(rng)
        return PersonBias(still, np.zeros((2, *still.shape), still.dtype))

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
            times: Shape (T,), seconds.
            poses: Shape (T, 3), radians.
            person: Errors of that person.
            scale: Pixels for a centimetre; makes no difference.

        Returns:
            Shape (T, V, 3), centimetres.
        """
        noise, smooth = self.noise, self.field
        still = person.still + noise.sequence * smooth.draw(rng)
        turning = poses[:, 0, None, None] * smooth.draw(rng) + poses[:, 1, None, None] * smooth.draw(rng)
        shaky = rng.gamma(2.0, 0.5)
        drift = shaky * noise.drift * smooth.draw_wandering(rng, times, rng.uniform(0.1, 0.6))
        points = len(smooth.basis)
        jitter = shaky * noise.jitter * rng.standard_normal((len(times), points, 3), dtype=np.float32)
        return still + noise.pose * turning + drift + jitter


def draw_camera(rng: np.random.Generator, rig: FaceRig, image_size: tuple[int, int]) -> Camera:
    """Draw a camera that sees the face over a sixth to two thirds of the image's height."""
    height, _ = image_size
    face = float(np.ptp(rig.neutral[:, 1]))
    distance = rng.uniform(45, 160)
    pixels = height * np.exp(rng.uniform(np.log(1 / 6), np.log(2 / 3)))
    middle = rig.neutral.mean(0)
    return Camera(distance, pixels / face * distance, image_size, (0.0, float(middle[1]), float(middle[2])))


def coupled_motion(rng: np.random.Generator, strength: np.ndarray) -> np.ndarray:
    """Draw how a head goes along with its expressions: back in laughter, down in grief, away in disgust.

    Args:
        rng: Source of chance.
        strength: Shape (T,): how strong the expression is, about 0 to 1.

    Returns:
        Shape (T, 3): yaw, pitch and roll to be added, radians; zero for half of the sequences.
    """
    if rng.random() < 0.5:
        return np.zeros((len(strength), 3))
    return strength[:, None] * rng.normal(0, (0.06, 0.1, 0.05))
