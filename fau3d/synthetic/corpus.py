"""Writes a synthetic corpus: many performances of many people, as an annotation file with exact labels."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import chain

import numpy as np
from tqdm import tqdm

from fau3d.synthetic.actions import ActionMap, action_map
from fau3d.synthetic.dynamics import Plan, wander
from fau3d.synthetic.labels import LABELLED_AUS, labels_of
from fau3d.synthetic.observation import (
    DetectorNoise,
    HeadMotion,
    SmoothField,
    detector_errors,
    draw_camera,
    head_poses,
    project_heads,
)
from fau3d.synthetic.performance import Performance, perform, resting_tone
from fau3d.synthetic.resting import canonical_offset
from fau3d.synthetic.rig import FaceRig

FORMAT_VERSION = 1
_IMAGE_SIZES = ((360, 640), (480, 640), (720, 1280), (1080, 1920), (720, 720))


@dataclass(frozen=True)
class CorpusConfig:
    """What a corpus holds; with the rig and `seed` it decides every number in it.

    Attributes:
        people: Number of people.
        sequences_per_person: Sequences of each.
        frames: Length of a sequence.
        frame_rates: Rates (1/s) that sequences are drawn from.
        seed: Of the whole corpus; each sequence depends on it, its person and its number alone.
        identity_spread: Standard deviation of identity modes.
        resting_spread: Factor on the resting expressions of people.
        canonical_share: How far the mean resting face is moved onto the canonical face: 0 = not, 1 = wholly.
        canonical_spread: Standard deviation of that share between people.
        plan: How busy faces are.
        motion: How heads move.
        noise: How the detector errs.
    """

    people: int = 600
    sequences_per_person: int = 4
    frames: int = 96
    frame_rates: tuple[float, ...] = (24.0, 25.0, 30.0)
    seed: int = 0
    identity_spread: float = 1.15
    resting_spread: float = 1.0
    canonical_share: float = 0.9
    canonical_spread: float = 0.3
    plan: Plan = field(default_factory=Plan)
    motion: HeadMotion = field(default_factory=HeadMotion)
    noise: DetectorNoise = field(default_factory=DetectorNoise)

    def __post_init__(self) -> None:
        for name in ("people", "sequences_per_person", "frames"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; wanted at least 1")


@dataclass(frozen=True)
class Stage:
    """What all sequences of a corpus share: the rig of the wanted points, its action map and noise fields."""

    rig: FaceRig
    actions: ActionMap
    field: SmoothField
    offset: np.ndarray
    config: CorpusConfig


def set_stage(
    rig: FaceRig, config: CorpusConfig, points: np.ndarray | None = None, topology: str | None = None
) -> Stage:
    """Prepare a rig for a corpus.

    Args:
        rig: A whole rig, as `load_rig` gives.
        config: The corpus.
        points: Points to keep, all by default.
        topology: Name of the kept points; wanted where `points` is given.

    Returns:
        The stage.

    Raises:
        ValueError: If points are given without the name of their topology.
    """
    actions = action_map(rig)
    with_canonical = rig.topology == "mediapipe478" and (config.canonical_share or config.canonical_spread)
    offset = canonical_offset(rig.neutral) if with_canonical else np.zeros_like(rig.neutral)
    if points is not None:
        if topology is None:
            raise ValueError("points of the rig are chosen, but not the name of their topology; give both")
        rig, offset = rig.select(points, topology), offset[points]
    smooth = SmoothField(rig.neutral, config.noise.length)
    return Stage(rig, actions, smooth, offset.astype(np.float32), config)


def make_person(stage: Stage, person: int) -> list[dict]:
    """Make the annotations of one person's sequences."""
    config, rig = stage.config, stage.rig
    rng = np.random.default_rng([config.seed, person])
    share = config.canonical_share + config.canonical_spread * rng.normal()
    resting = rig.face(rng.normal(0, config.identity_spread, len(rig.identities))) + share * stage.offset
    tone = resting_tone(rng, rig, config.resting_spread)
    bias = stage.field.draw(rng)
    name = f"person{person:05d}"
    annotations = []
    for number in range(config.sequences_per_person):
        chance = np.random.default_rng([config.seed, person, number + 1])
        fps = float(chance.choice(config.frame_rates))
        times = np.arange(config.frames) / fps
        performance = perform(chance, rig, stage.actions, times, config.plan)
        size = _IMAGE_SIZES[chance.integers(len(_IMAGE_SIZES))]
        keypoint = _observe(stage, chance, times, resting, tone, bias, performance, size)
        labels = labels_of(stage.actions, performance)
        annotations.append(sequence_annotation(f"{name}_{number:02d}", name, fps, size, keypoint, labels))
    return annotations


def _observe(
    stage: Stage,
    rng: np.random.Generator,
    times: np.ndarray,
    resting: np.ndarray,
    tone: np.ndarray,
    bias: np.ndarray,
    performance: Performance,
    size: tuple[int, int],
) -> np.ndarray:
    """Give the detected points (T, V, 3) in pixels of one performance."""
    config, rig = stage.config, stage.rig
    poses = head_poses(rng, times, config.motion)
    faces = rig.pose(resting, performance.weights + tone)
    faces = faces + detector_errors(rng, stage.field, config.noise, times, poses, bias)
    camera = draw_camera(rng, rig, size)
    height, width = size
    place = rng.normal(0, 0.08, 2) * (width, height) + 0.01 * height * wander(rng, times, 2, 1.0)
    return project_heads(faces, poses, camera, place)


def sequence_annotation(
    frame_dir: str,
    subject: str,
    fps: float,
    size: tuple[int, int],
    keypoint: np.ndarray,
    labels: tuple[np.ndarray, np.ndarray],
) -> dict:
    """Put one sequence into the form of the annotation file.

    Args:
        frame_dir: Its name.
        subject: Its person.
        fps: Frames per second.
        size: (height, width) of the image, pixels.
        keypoint: Shape (T, V, C), pixels; NaN = not seen.
        labels: Intensity (T, A) and occurrence (T, A).

    Returns:
        The annotation.
    """
    frames = len(keypoint)
    intensity, occurrence = labels
    return {
        "frame_dir": frame_dir,
        "total_frames": frames,
        "img_shape": size,
        "original_shape": size,
        "keypoint": keypoint[None],
        "keypoint_score": np.isfinite(keypoint).all(-1)[None].astype(np.float16),
        "au_occurrence": occurrence,
        "au_intensity": intensity,
        "frame_index": np.arange(frames, dtype=np.int64),
        "fps": fps,
        "subject": subject,
    }


def make_corpus(stage: Stage, workers: int = 1, progress: bool = True, first_person: int = 0) -> list[dict]:
    """Make the annotations of a corpus.

    Args:
        stage: Rig and config.
        workers: Processes; the result does not depend on it.
        progress: Whether to show a progress bar.
        first_person: Number of the first person; corpora of one seed with disjoint numbers share nobody.

    Returns:
        Annotations, person by person.
    """
    people = range(first_person, first_person + stage.config.people)
    make: Callable[[int], list[dict]] = partial(make_person, stage)

    def collect(parts: Iterator[list[dict]]) -> list[dict]:
        return list(chain.from_iterable(tqdm(parts, "people", len(people), disable=not progress)))

    if workers <= 1:
        return collect(map(make, people))
    with ProcessPoolExecutor(workers) as pool:
        return collect(pool.map(make, people, chunksize=4))


def corpus_metainfo(stage: Stage, extra: Mapping[str, object] | None = None) -> dict:
    """Give the `metainfo` of a corpus's annotation file, its whole recipe included."""
    return {
        "topology": stage.rig.topology,
        "au_names": list(LABELLED_AUS),
        "label_type": "intensity",
        "extractor": f"synthetic rig of {stage.rig.topology}",
        "fps": "as drawn",
        "format_version": FORMAT_VERSION,
        "source": "fau3d synthetic corpus; geometry from ICT-FaceKit (MIT)",
        "recipe": asdict(stage.config),
        **dict(extra or {}),
    }
