"""Who answers a clip: checkpoints, on landmarks that are extracted once, and MediaPipe's blendshapes.

What a clip's frames give, landmarks or blendshapes, is kept in a folder, one file for each clip, form and
extractor, so that another checkpoint costs its own time only.
"""

import hashlib
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from blendshapes import find_blendshapes, to_au_table
from clip_variants import play_order, read_frames, reorder, step_of

from fau3d.apis import AUInferencer
from fau3d.apis.extraction import iter_landmarks
from fau3d.apis.replay import LandmarkReplay
from fau3d.apis.weights import find_weights
from fau3d.extractors import LandmarkExtractor, build_extractor
from fau3d.io.video import VideoReader
from fau3d.structures import AUTable, VideoLandmarks
from fau3d.topology import get_topology

FORMS = 1  # raise it when a form of `clip_variants` changes, so that kept files are made anew
JITTER = 0.005  # sd of the noise, in distances between the outer eye corners
EYE_CORNERS = (33, 263)  # of mediapipe478
LANDMARK_FIELDS = ("keypoint", "keypoint_score", "box", "confidence", "frame_index", "timestamp")


class Take(NamedTuple):
    """One thing to answer.

    Attributes:
        clip: The video.
        variant: Form of its frames, of `clip_variants.PICTURES`.
        play: How they are played, of `play_order`; or once with changed landmarks: `jittered`, with noise, or
            `flipped`, mirrored.
    """

    clip: Path
    variant: str = "clean"
    play: str = "once"


class Rival(ABC):
    """One column of the tables.

    Attributes:
        name: Its heading.
    """

    name: str

    @abstractmethod
    def answer(self, take: Take) -> AUTable | None:
        """Give the units of every frame, of one face with the id 0; None where it cannot be asked that."""


@dataclass
class Cache:
    """Landmarks and blendshapes that were found before.

    Attributes:
        folder: Where the files lie.
        extractor: Finds the landmarks of those that are missing; built when it is needed.
    """

    folder: Path
    extractor: LandmarkExtractor | None = None

    def path(self, take: Take, source: str, suffix: str) -> Path:
        """Give the file for what `source`, an extractor with its version, finds in a take's frames."""
        content = hashlib.sha256(take.clip.read_bytes()).hexdigest()[:10]
        source = re.sub(r"[^\w.]+", "-", source)
        form = take.variant if take.play == "once" else f"{take.variant}-{take.play}"
        return self.folder / f"{take.clip.stem}-{content}-{form}-v{FORMS}-{source}{suffix}"

    def landmarks(self, clip: Path, variant: str) -> VideoLandmarks:
        """Give the landmarks of one face, the largest, in a form of a clip."""
        if self.extractor is None:
            self.extractor = build_extractor("mediapipe")
        path = self.path(Take(clip, variant), self.extractor.name, ".npz")
        if not path.is_file():
            found = extract_form(clip, variant, self.extractor)
            self.folder.mkdir(parents=True, exist_ok=True)
            arrays = {name: getattr(found, name) for name in LANDMARK_FIELDS}
            partial = path.with_suffix(".part.npz")
            np.savez(partial, fps=found.fps, img_shape=found.img_shape, **arrays)
            partial.replace(path)
        with np.load(path) as kept:
            return VideoLandmarks(
                **{name: kept[name] for name in LANDMARK_FIELDS},
                fps=float(kept["fps"]),
                img_shape=tuple(map(int, kept["img_shape"])),
                topology=self.extractor.topology,
                extractor=self.extractor.name,
            )


def extract_form(clip: Path, variant: str, extractor: LandmarkExtractor) -> VideoLandmarks:
    """Find the landmarks of the largest face in every frame of a form of a clip."""
    points, scores, boxes, confidences, positions, times = [], [], [], [], [], []
    count = get_topology(extractor.topology).num_points
    with VideoReader(clip) as reader:
        fps = reader.fps / step_of(variant)
    shape = (0, 0)
    for frame, faces in iter_landmarks(read_frames(clip, variant), extractor, single_face="largest"):
        face = faces.get(0)
        points.append(face.points if face else np.full((count, extractor.dims), np.nan, np.float32))
        scores.append(face.scores if face else np.zeros(count, np.float32))
        boxes.append(face.box if face else np.full(4, np.nan, np.float32))
        confidences.append(face.confidence if face else 0.0)
        positions.append(frame.index)
        times.append(frame.timestamp)
        shape = frame.image.shape[:2]
    return VideoLandmarks(
        np.array(points)[None],
        np.array(scores)[None],
        np.array(boxes)[None],
        np.array(confidences, np.float32)[None],
        np.array(positions),
        np.array(times),
        fps,
        shape,
        extractor.topology,
        extractor.name,
    )


def play_landmarks(landmarks: VideoLandmarks, play: str) -> VideoLandmarks:
    """Play landmarks in another order or with noise; positions and times are counted anew."""
    if play == "once":
        return landmarks
    if play in ON_LANDMARKS:
        return ON_LANDMARKS[play](landmarks)
    order = play_order(play, len(landmarks.frame_index), landmarks.fps)
    taken = {name: getattr(landmarks, name)[:, order] for name in LANDMARK_FIELDS[:4]}
    index = np.arange(len(order))
    return replace(landmarks, **taken, frame_index=index, timestamp=index / landmarks.fps)


def jitter(landmarks: VideoLandmarks, seed: int = 0) -> VideoLandmarks:
    """Add noise to every coordinate of every point, independently, `JITTER` times the median eye distance."""
    left, right = (landmarks.keypoint[0, :, corner, :2] for corner in EYE_CORNERS)
    distance = np.nanmedian(np.linalg.norm(left - right, axis=-1))
    noise = np.random.default_rng(seed).normal(0, JITTER * distance, landmarks.keypoint.shape)
    return replace(landmarks, keypoint=(landmarks.keypoint + noise).astype(np.float32))


def flip(landmarks: VideoLandmarks) -> VideoLandmarks:
    """Mirror the landmarks of each frame; unlike those of a mirrored frame, they have the same errors."""
    keypoint = landmarks.keypoint[:, :, get_topology(landmarks.topology).mirror_index].copy()
    last = landmarks.img_shape[1] - 1
    keypoint[..., 0] = last - keypoint[..., 0]
    box = landmarks.box.copy()
    box[..., [2, 0]] = last - box[..., [0, 2]]
    return replace(landmarks, keypoint=keypoint, box=box)


ON_LANDMARKS = {"jittered": jitter, "flipped": flip}


class CheckpointRival(Rival):
    """Weights of fau3d.

    Args:
        checkpoint: Name of shipped weights or path; None for the default weights.
        cache: Gives the landmarks.
        neutral: How a face rests; see `AUInferencer`.

    Raises:
        FileNotFoundError: If there is no such checkpoint.
        ValueError: If it reads another point set than MediaPipe's.
    """

    def __init__(self, checkpoint: str | Path | None, cache: Cache, neutral: str | None = None) -> None:
        self.name = find_weights(checkpoint).stem + (f", neutral {neutral}" if neutral else "")
        self._cache, self._replay = cache, LandmarkReplay("mediapipe478")
        self._inferencer = AUInferencer(checkpoint, self._replay, "cpu", neutral=neutral)

    def answer(self, take: Take) -> AUTable:
        """Answer kept landmarks."""
        landmarks = play_landmarks(self._cache.landmarks(take.clip, take.variant), take.play)
        table = self._inferencer(self._replay.play(landmarks))
        return AUTable(table.data.assign(face_id=0))  # one face a frame, whatever the tracker made of a jump


class BlendshapeRival(Rival):
    """MediaPipe's blendshapes, read as `blendshapes.py` says.

    Args:
        task: The bundle `face_landmarker.task`.
        cache: Keeps what was found.
    """

    name = "blendshapes"

    def __init__(self, task: Path, cache: Cache) -> None:
        import mediapipe

        digest = hashlib.sha256(task.read_bytes()).hexdigest()[:10]
        self._task, self._cache = task, cache
        self._source = f"mediapipe {mediapipe.__version__} blendshapes {digest}"

    def answer(self, take: Take) -> AUTable | None:
        """Run the network on the frames; it finds its own landmarks, which nobody else can change."""
        if take.play in ON_LANDMARKS:
            return None
        path = self._cache.path(take, self._source, ".csv")
        if not path.is_file():
            frames = read_frames(take.clip, take.variant)
            if take.play != "once":
                with VideoReader(take.clip) as reader:
                    order, fps = play_order(take.play, len(reader), reader.fps), reader.fps
                frames = reorder(frames, order, fps)
            found = find_blendshapes(frames, self._task)
            self._cache.folder.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".part")
            found.to_csv(partial, index=False)
            partial.replace(path)
        return to_au_table(pd.read_csv(path), take.clip.name)
