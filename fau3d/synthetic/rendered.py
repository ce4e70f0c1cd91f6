"""People filmed and seen through a landmark extractor: what it answers, with everything that it was shown."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from fau3d.synthetic.actions import ActionMap
from fau3d.synthetic.dynamics import Plan
from fau3d.synthetic.filming import Film, Person
from fau3d.synthetic.looks import Look, draw_look
from fau3d.synthetic.observation import HeadMotion, coupled_motion, head_poses
from fau3d.synthetic.performance import Performance, perform, resting_tone
from fau3d.synthetic.rig import FaceRig
from fau3d.synthetic.scene import SceneRange, draw_scene, places

# Shows the frames of one sequence to an extractor, as a video or as stills of their own; its points (V, 3) in
# pixels of each frame, None where it finds no face.
Detector = Callable[[Iterable[np.ndarray], bool], list[np.ndarray | None]]


@dataclass(frozen=True)
class RenderConfig:
    """What a rendered corpus holds; with the head, the extractor and `seed` it decides every number in it.

    Attributes:
        sequences: Sequences of each person.
        frames: Length of a sequence.
        every: Every how manieth frame is rendered; points are interpolated between. Neighbouring frames teach
            the same, and more people in fewer frames teach more.
        rest_frames: Stills of each person's resting face.
        frame_rates: Rates (1/s) that sequences are drawn from.
        stills: Share of sequences that the extractor is shown as unrelated pictures.
        seed: Of the whole corpus; a person depends on it and its own number alone.
        identity_spread: Standard deviation of identity modes.
        resting_spread: Factor on the resting expressions of people.
        size: Side of the rendered image, pixels.
        plan: How busy faces are.
        motion: How heads move; each sequence scales the base angles by 0.2 to 1.5.
        scenes: What surrounds them.
    """

    sequences: int = 2
    frames: int = 48
    every: int = 2
    rest_frames: int = 3
    frame_rates: tuple[float, ...] = (16.0, 25.0, 30.0)
    stills: float = 0.3
    seed: int = 0
    identity_spread: float = 1.15
    resting_spread: float = 1.0
    size: int = 256
    plan: Plan = field(default_factory=lambda: Plan(quiet=0.1))
    motion: HeadMotion = field(default_factory=lambda: HeadMotion((0.18, 0.13, 0.07), (0.06, 0.05, 0.03)))
    scenes: SceneRange = field(default_factory=SceneRange)


@dataclass(frozen=True)
class Sighting:
    """One sequence of a person as the extractor saw it.

    Attributes:
        points: Shape (R, V, 3), float32: the extractor's points in the R rendered frames, pixels; NaN where
            it found no face. V is 0 where it never found one.
        marks: Shape (R, 68, 3), float32: the true iBUG landmarks in the same frames.
        poses: Shape (R, 3): true yaw, pitch and roll, radians.
        index: Shape (R,): which frames of the performance were rendered.
        performance: What the face did.
        size: Side of the recorded square image, pixels.
        scale: Pixels for a centimetre at the face's distance.
        fps: Frames per second.
        occluded: Whether something comes before the face.
    """

    points: np.ndarray
    marks: np.ndarray
    poses: np.ndarray
    index: np.ndarray
    performance: Performance
    size: int
    scale: float
    fps: float
    occluded: bool


@dataclass(frozen=True)
class SeenPerson:
    """One person as the extractor saw them.

    Attributes:
        rest: Their resting face, in stills of its own; its performance is still.
        sequences: What they played.
        look: Their look.
        modes: Shape (K,): identity.
    """

    rest: Sighting
    sequences: tuple[Sighting, ...]
    look: Look
    modes: np.ndarray


@dataclass(frozen=True)
class FilmSet:
    """What all people of a rendered corpus share."""

    film: Film
    rig: FaceRig
    actions: ActionMap
    config: RenderConfig


def film_person(stage: FilmSet, number: int, detect: Detector) -> SeenPerson:
    """Film one person and show the frames to an extractor.

    Args:
        stage: What people share.
        number: Of the person.
        detect: The extractor.

    Returns:
        The person, seen.
    """
    config, film = stage.config, stage.film
    rng = np.random.default_rng([config.seed, number])
    modes = rng.normal(0, config.identity_spread, len(film.head.identities))
    person = film.person(modes, draw_look(rng))
    tone = resting_tone(rng, stage.rig, config.resting_spread)
    rest = _sight(stage, rng, person, tone, detect, resting=True)
    sequences = tuple(
        _sight(stage, np.random.default_rng([config.seed, number, k + 1]), person, tone, detect)
        for k in range(config.sequences)
    )
    return SeenPerson(rest, sequences, person.look, modes)


def _sight(
    stage: FilmSet,
    rng: np.random.Generator,
    person: Person,
    tone: np.ndarray,
    detect: Detector,
    resting: bool = False,
) -> Sighting:
    config = stage.config
    fps = float(rng.choice(config.frame_rates))
    times = np.arange(config.rest_frames if resting else config.frames) / fps
    plan = Plan(quiet=1.0, speech=0.0, blinks_per_second=0.0) if resting else config.plan
    performance = perform(rng, stage.rig, stage.actions, times, plan)
    scene = draw_scene(rng, config.scenes, config.size)
    poses = head_poses(rng, times, _turned(config.motion, 0.3 if resting else rng.uniform(0.2, 1.5)))
    if not resting:
        poses = poses + coupled_motion(rng, performance.activation.max((1, 2)))
    index = np.arange(0, len(times), 1 if resting else config.every)
    where = places(rng, times, scene)
    frames = stage.film.shoot(
        rng, person, scene, performance.weights[index] + tone, poses[index], where[index]
    )
    marks: list[np.ndarray] = []

    def images() -> Iterable[np.ndarray]:
        for image, truth in frames:
            marks.append(truth)
            yield image

    found = detect(images(), resting or bool(rng.random() < config.stills))
    shape = next((points.shape for points in found if points is not None), (0, 3))
    nothing = np.full(shape, np.nan, np.float32)
    camera = stage.film.camera(scene)
    return Sighting(
        points=np.stack([nothing if points is None else points for points in found]).astype(np.float32),
        marks=np.stack(marks).astype(np.float32),
        poses=poses[index].astype(np.float32),
        index=index,
        performance=performance,
        size=round(scene.shrink * scene.size),
        scale=camera.focal / camera.distance * scene.shrink,
        fps=fps,
        occluded=bool(scene.occluder),
    )


def _turned(motion: HeadMotion, factor: float) -> HeadMotion:
    yaw, pitch, roll = motion.base
    return replace(motion, base=(factor * yaw, factor * pitch, factor * roll))
