"""Writes a synthetic corpus: many performances of many people, as an annotation file with exact labels."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import chain

import numpy as np
from tqdm import tqdm

from fau3d.synthetic.actions import ActionMap, action_map
from fau3d.synthetic.detector import SHIPPED_DETECTORS, MeasuredDetector, load_detector
from fau3d.synthetic.dynamics import Plan, wander
from fau3d.synthetic.labels import LABELLED_AUS, labels_of
from fau3d.synthetic.observation import (
    Detector,
    DetectorNoise,
    GuessedDetector,
    HeadMotion,
    PersonBias,
    draw_camera,
    head_poses,
    project_heads,
)
from fau3d.synthetic.performance import Performance, perform, resting_tone
from fau3d.synthetic.resting import canonical_offset
from fau3d.synthetic.rig import FaceRig

FORMAT_VERSION = 1
DETECTORS = ("auto", "measured", "guessed")
# How far resting faces are moved onto the canonical face.
_MEASURED_SHARE = 0.5
_GUESSED_SHARE = 0.9
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
        canonical_share: How far the mean resting face is moved onto the canonical face: 0 = not, 1 = wholly;
            None is 0.5 for a measured detector and 0.9 for a guessed one, which does not displace it itself.
        canonical_spread: Standard deviation of that share between people.
        plan: How busy faces are.
        motion: How heads move.
        detector: How points are seen: `measured` on renders, `guessed`, or `auto`: measured where that is
            shipped for the rig's topology.
        noise: How a guessed detector errs.
    """

    people: int = 600
    sequences_per_person: int = 4
    frames: int = 96
    frame_rates: tuple[float, ...] = (24.0, 25.0, 30.0)
    seed: int = 0
    identity_spread: float = 1.15
    resting_spread: float = 1.0
    canonical_share: float | None = None
    canonical_spread: float = 0.3
    plan: Plan = field(default_factory=Plan)
    motion: HeadMotion = field(default_factory=HeadMotion)
    detector: str = "auto"
    noise: DetectorNoise = field(default_factory=DetectorNoise)

    def __post_init__(self) -> None:
        for name in ("people", "sequences_per_person", "frames"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} is {getattr(self, name)}; wanted at least 1")
        if self.detector not in DETECTORS:
            raise ValueError(f"detector is {self.detector!r}; wanted one of {DETECTORS}")


@dataclass(frozen=True)
class Stage:
    """What all sequences of a corpus share.

    Attributes:
        rig: The rig of the wanted points, as the detector sees it.
        actions: The map of the rig as it truly moves; labels are computed from it.
        detector: Its errors.
        offset: Shape (V, 3): the way from the mean resting face to the canonical one, cm.
        share: How far people go along it in the mean.
        config: The corpus.
    """

    rig: FaceRig
    actions: ActionMap
    detector: Detector
    offset: np.ndarray
    share: float
    config: CorpusConfig


def set_stage(
    rig: FaceRig,
    config: CorpusConfig,
    points: np.ndarray | None = None,
    topology: str | None = None,
    detector: MeasuredDetector | None = None,
) -> Stage:
    """Prepare a rig for a corpus.

    Args:
        rig: A whole rig, as `load_rig` gives.
        config: The corpus.
        points: Points to keep, all by default.
        topology: Name of the kept points; wanted where `points` is given.
        detector: A measured detector of the whole rig in place of the shipped one.

    Returns:
        The stage.

    Raises:
        ValueError: If points are given without the name of their topology, or a measured detector is wanted
            of a rig that none was measured on.
    """
    if points is not None and topology is None:
        raise ValueError("points of the rig are chosen, but not the name of their topology; give both")
    actions = action_map(rig)
    measured = _measured(rig, config) if detector is None else detector
    seen = rig if measured is None else measured.seen_rig(rig)
    share = config.canonical_share
    if share is None:
        share = _GUESSED_SHARE if measured is None else _MEASURED_SHARE
    with_canonical = rig.topology == "mediapipe478" and (share or config.canonical_spread)
    offset = canonical_offset(seen.neutral) if with_canonical else np.zeros_like(seen.neutral)
    if points is not None and topology is not None:
        seen, offset = seen.select(points, topology), offset[points]
        measured = None if measured is None else measured.select(points, topology)
    seeing = GuessedDetector(seen.neutral, config.noise) if measured is None else measured
    return Stage(seen, actions, seeing, offset.astype(np.float32), share, config)


def _measured(rig: FaceRig, config: CorpusConfig) -> MeasuredDetector | None:
    """Give the detector that a config wants, None for a guessed one."""
    if config.detector == "guessed" or (config.detector == "auto" and rig.topology not in SHIPPED_DETECTORS):
        return None
    return load_detector(rig.topology)


def make_person(stage: Stage, person: int) -> list[dict]:
    """Make the annotations of one person's sequences."""
    config, rig = stage.config, stage.rig
    rng = np.random.default_rng([config.seed, person])
    share = stage.share + config.canonical_spread * rng.normal()
    resting = rig.face(rng.normal(0, config.identity_spread, len(rig.identities))) + share * stage.offset
    tone = resting_tone(rng, rig, config.resting_spread)
    bias = stage.detector.draw_person(rng)
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
    bias: PersonBias,
    performance: Performance,
    size: tuple[int, int],
) -> np.ndarray:
    """Give the detected points (T, V, 3) in pixels of one performance."""
    config, rig = stage.config, stage.rig
    poses = head_poses(rng, times, config.motion)
    camera = draw_camera(rng, rig, size)
    scale = camera.focal / camera.distance
    faces = rig.pose(resting, performance.weights + tone)
    faces = faces + stage.detector.errors(rng, times, poses, bias, scale)
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
