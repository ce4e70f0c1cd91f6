"""How far a landmark extractor's answers on rendered people lie from where the rig has the points."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.looks import draw_look
from fau3d.synthetic.performance import resting_tone
from fau3d.synthetic.rendered import SeenPerson, Sighting
from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.rig import FaceRig

# iBUG landmarks that are fixed to the mesh, whatever is done to the shapes of the brows: jaw, nose, eyes.
_SOLID_MARKS = np.r_[0:17, 27:48]
# The head turns about this point in the neck, from the middle of the landmarks, cm.
_PIVOT = np.array((0.0, -6.0, -8.0))
# A face counts as misplaced where half of its points lie farther than this (cm) from the truth.
GROSS_CM = 1.2


@dataclass(frozen=True)
class SceneErrors:
    """The errors of an extractor in one sequence, in the head's frame.

    Attributes:
        errors: Shape (R, V, 3), float32: seen minus rig, cm; NaN where no face or a misplaced one was found.
        weights: Shape (R, E): weights of the rig's shapes, the resting expression included.
        poses: Shape (R, 3): yaw, pitch, roll, radians.
        lost: Shape (R,): whether no face was found.
        gross: Shape (R,): whether a misplaced one was found.
        scale: Pixels for a centimetre.
        seconds: From one seen frame to the next.
        occluded: Whether something comes before the face.
        resting: Whether it shows the resting face, in stills.
    """

    errors: np.ndarray
    weights: np.ndarray
    poses: np.ndarray
    lost: np.ndarray
    gross: np.ndarray
    scale: float
    seconds: float
    occluded: bool
    resting: bool

    @property
    def kept(self) -> np.ndarray:
        """Which frames (R,) have errors to be fitted."""
        return ~(self.lost | self.gross)


@dataclass(frozen=True)
class PersonErrors:
    """All scenes of one person, the resting one first.

    Attributes:
        modes: Shape (K,): identity.
        scenes: The scenes.
    """

    modes: np.ndarray
    scenes: tuple[SceneErrors, ...]


def person_errors(rig: FaceRig, marks: FaceRig, person: SeenPerson, tone: np.ndarray) -> PersonErrors:
    """Compare what an extractor saw of a person with what was shown.

    Args:
        rig: The rig of the extractor's points, V of them.
        marks: The rig of the true landmarks (`ibug68`), of the same modes and shapes.
        person: The person.
        tone: Shape (E,): their resting expression.

    Returns:
        The errors of every scene in which the extractor found a face at all.
    """
    scenes = [
        _scene_errors(rig, marks, person.modes, tone, sighting, resting=not number)
        for number, sighting in enumerate((person.rest, *person.sequences))
    ]
    return PersonErrors(person.modes, tuple(scenes))


def _scene_errors(
    rig: FaceRig, marks: FaceRig, modes: np.ndarray, tone: np.ndarray, sighting: Sighting, resting: bool
) -> SceneErrors:
    weights = sighting.performance.weights[sighting.index] + tone
    turns = np.stack([rotation(*pose) for pose in sighting.poses])
    middle = np.array((0.0, *marks.neutral[:, 1:].mean(0)))
    shown = _turned(rig.pose(rig.face(modes), weights), turns, middle)
    truth = _turned(marks.pose(marks.face(modes), weights), turns, middle)
    nearness, place = fit_view(truth[:, _SOLID_MARKS], sighting.marks[:, _SOLID_MARKS, :2] / sighting.scale)
    points = sighting.points
    if points.shape[1] == 0:
        points = np.full((len(points), rig.num_points, 3), np.nan, np.float32)
    seen = points * (1, -1, -1) / sighting.scale
    seen[..., :2] = (seen[..., :2] - place[:, None]) * (1 - nearness * shown[..., 2:])
    # The extractor's depth has no zero of its own.
    seen[..., 2] += (shown[..., 2] - seen[..., 2]).mean(1, keepdims=True)
    away = seen - shown
    lost = ~np.isfinite(points).all((1, 2))
    gross = ~lost & (np.median(np.linalg.norm(away[..., :2], axis=-1), axis=1) > GROSS_CM)
    errors = np.einsum("tvi,tij->tvj", away, turns).astype(np.float32)
    errors[lost | gross] = np.nan
    step = float(np.diff(sighting.index).mean()) if len(sighting.index) > 1 else 1.0
    return SceneErrors(
        errors, weights, sighting.poses, lost, gross, sighting.scale, step / sighting.fps, sighting.occluded,
        resting,
    )  # fmt: skip


def _turned(faces: np.ndarray, turns: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Turn faces (T, V, 3) about the neck; the camera's target becomes the origin."""
    pivot = middle + _PIVOT
    return np.einsum("tij,tvj->tvi", turns, faces - pivot) + _PIVOT


def fit_view(truth: np.ndarray, seen: np.ndarray) -> tuple[float, np.ndarray]:
    """Find how near a camera was, and where in its images the face was, from points known in space.

    Args:
        truth: Shape (T, N, 3): the points, cm, in the camera's directions about its target.
        seen: Shape (T, N, 2): where they are in the image, cm at the target's distance, y down.

    Returns:
        One over the camera's distance (1/cm), and the place (T, 2) of the target in the image, y up.
    """
    image = seen * (1, -1)
    nearness = 0.0
    for _ in range(8):
        shrink = 1 - nearness * truth[..., 2:]
        away = image - truth[..., :2] / shrink
        away = away - away.mean(1, keepdims=True)
        slope = truth[..., :2] * truth[..., 2:] / shrink**2
        slope = slope - slope.mean(1, keepdims=True)
        nearness += float((away * slope).sum() / max((slope**2).sum(), 1e-9))
    place = (image - truth[..., :2] / (1 - nearness * truth[..., 2:])).mean(1)
    return nearness, place


@dataclass(frozen=True)
class FitOptions:
    """How a detector is fitted.

    Attributes:
        modes: Of the displacement of people, of sequences, of pose between people, of drift, and of the
            response beside the gains.
        prior_frames: A shape's gain is drawn to 1 as by this many frames at full strength.
        field_frames: The same for what a shape is answered with beside its gain, drawn to none.
        fewest_frames: Sequences with fewer usable frames tell nothing about movement.
    """

    modes: tuple[int, int, int, int, int] = (20, 20, 5, 20, 16)
    prior_frames: float = 20.0
    field_frames: float = 40.0
    fewest_frames: int = 6


@dataclass(frozen=True)
class Steady:
    """What moves with the face: the part of the errors that weights and poses explain.

    Attributes:
        response: Shape (E, V, 3): displacement per weight that the rig lacks.
        slopes: Shape (2, V, 3): displacement per radian of yaw and pitch.
    """

    response: np.ndarray
    slopes: np.ndarray

    def explain(self, scene: SceneErrors) -> np.ndarray:
        """Give the explained part (N, V, 3) of a scene's usable frames."""
        moved = np.tensordot(scene.weights[scene.kept].astype(np.float32), self.response, 1)
        return moved + np.tensordot(scene.poses[scene.kept, :2].astype(np.float32), self.slopes, 1)


def moving(people: Sequence[PersonErrors], options: FitOptions) -> Iterator[SceneErrors]:
    """Give the sequences that tell something about movement."""
    for person in people:
        for scene in person.scenes:
            if not scene.resting and scene.kept.sum() >= options.fewest_frames:
                yield scene


def centred(values: np.ndarray) -> np.ndarray:
    """Take the mean over the first axis out."""
    return values - values.mean(0)


def tone_of(person: SeenPerson, number: int, rig: FaceRig, recipe: Mapping) -> np.ndarray:
    """Draw the resting expression of a rendered person again: it is not stored with them.

    Args:
        person: The person.
        number: Their number.
        rig: The rig whose shapes drove them.
        recipe: The `RenderConfig` as it was written beside the people.

    Returns:
        Shape (E,): weights of the shapes.

    Raises:
        ValueError: If that number and recipe give another person, so that the expression would be wrong too.
    """
    rng = np.random.default_rng([recipe["seed"], number])
    modes = rng.normal(0, recipe["identity_spread"], len(person.modes))
    look = draw_look(rng)
    if not np.allclose(modes, person.modes) or not np.isclose(look.age, person.look.age):
        raise ValueError(
            f"person {number}: the recipe draws someone else; the folder holds people of another recipe or "
            "of another version of fau3d, render them again"
        )
    return resting_tone(rng, rig, recipe["resting_spread"])
