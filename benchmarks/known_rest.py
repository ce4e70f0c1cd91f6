"""What it is worth to know how a face rests, on rendered people whose resting face is known.

    python benchmarks/known_rest.py ANNOTATIONS [--checkpoint NAME_OR_PATH] [--videos N]

ANNOTATIONS is an annotation file with `neutral_keypoint`, such as tools/synthetic/rendered_annotations.py
writes. Faces are answered as `fau3d analyze` answers them. Rows:

- as it is: nothing is known of the person.
- given: the person's resting face, seen by the same extractor, taken away by a share (`--neutral FILE`).
- seconds: the median of the frames that show no unit, where there are six or more (`--neutral 0-2`).
- looked for: the frames in which the network finds least, trusted as they look calm (`--neutral auto`).

Columns: mean area under the ROC curve over two-sided units, all frames of all videos together; `marked` is
intensity C and up against absent; `calm` are the videos with six frames or more that show no unit, `moved`
the others. More is better. `person` takes all videos of a person for one.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score
from tqdm import tqdm

from fau3d.apis import load_recognizer
from fau3d.apis.flow import Flow, FlowSettings
from fau3d.apis.neutral import NO_NEUTRALS, FirstLook, Neutrals, NeutralSearch, neutral_face
from fau3d.apis.results import FrameResult
from fau3d.apis.window_recognizer import WindowRecognizer
from fau3d.io.annotation import load_annotations
from fau3d.io.video import Frame
from fau3d.structures import FaceLandmarks

_FEWEST_CALM = 6
_MARKED = 2.5  # intensity C and up
_NO_IMAGE = np.zeros((0, 0, 3), np.uint8)


@dataclass(frozen=True)
class Video:
    """One face over T frames, with what it truly shows.

    Attributes:
        faces: T landmarks; None where the face is not seen.
        rest: At rest.
        occurrence: Shape (T, A): 1, 0, or -1 where that is not known.
        intensity: Shape (T, A), in [0, 5].
        fps: Frames per second.
        img_shape: (height, width).
    """

    faces: list[FaceLandmarks | None]
    rest: FaceLandmarks
    occurrence: np.ndarray
    intensity: np.ndarray
    fps: float
    img_shape: tuple[int, int]

    @property
    def calm(self) -> np.ndarray:
        """Places of the frames that show no unit."""
        seen = np.array([face is not None for face in self.faces])
        return np.flatnonzero(seen & (self.occurrence <= 0).all(1))


def read(path: Path, units: Sequence[str], person: bool) -> list[Video]:
    """Read videos; with `person` all of one as a single one."""
    file = load_annotations(path)
    columns = [file.au_names.index(name) for name in units]
    topology, found = file.metainfo["topology"], {}
    for a in file.annotations:
        rest = a["neutral_keypoint"][0]
        faces = [
            landmarks(points, scores, topology)
            for points, scores in zip(a["keypoint"][0], a["keypoint_score"][0])
        ]
        labels = [
            np.reshape(a[key], (len(faces), -1))[:, columns] for key in ("au_occurrence", "au_intensity")
        ]
        video = Video(
            faces, FaceLandmarks(rest, np.ones(len(rest), np.float32), np.zeros(4), 1.0, topology), *labels,
            float(a["fps"]), tuple(a["img_shape"]),
        )  # fmt: skip
        found.setdefault(a["subject"] if person else a["frame_dir"], []).append(video)
    return [_joined(videos) for videos in found.values()]


def landmarks(points: np.ndarray, scores: np.ndarray, topology: str) -> FaceLandmarks | None:
    """Give a frame's face, if it shows one."""
    if not np.isfinite(points).any():
        return None
    return FaceLandmarks(points, scores, np.zeros(4, np.float32), 1.0, topology)


def _joined(videos: Sequence[Video]) -> Video:
    first = videos[0]
    faces = [face for video in videos for face in video.faces]
    labels = [np.concatenate([getattr(v, key) for v in videos]) for key in ("occurrence", "intensity")]
    return Video(faces, first.rest, *labels, first.fps, first.img_shape)


def answered(recognizer: WindowRecognizer, video: Video, neutrals: Neutrals) -> Iterator[FrameResult]:
    """Answer every frame as `fau3d analyze` does."""
    settings = FlowSettings(video.fps, recognizer.stride or recognizer.window_length // 2, 8, 0)
    flow = Flow(recognizer, video.rest.topology, "rendered", settings, neutrals)
    for number, face in enumerate(video.faces):
        frame = Frame(number, number / video.fps, _NO_IMAGE)
        yield from flow.push(frame, video.img_shape, {} if face is None else {0: face})
    yield from flow.finish()


def probabilities(recognizer: WindowRecognizer, video: Video, neutrals: Neutrals) -> np.ndarray:
    """Give (T, A), NaN where no face is seen."""
    nothing = np.full(len(recognizer.au_names), np.nan)
    return np.stack(
        [r.faces[0].probability if r.faces else nothing for r in answered(recognizer, video, neutrals)]
    )


def known(share: float) -> Callable[[WindowRecognizer, Video], Neutrals]:
    """Give the true resting face."""
    return lambda recognizer, video: neutral_face([video.rest], share)


def of_seconds(recognizer: WindowRecognizer, video: Video) -> Neutrals:
    """Give the median of the frames that show nothing."""
    calm = [face for place in video.calm if (face := video.faces[place]) is not None]
    return neutral_face(calm) if len(calm) >= _FEWEST_CALM else NO_NEUTRALS


def looked_for(recognizer: WindowRecognizer, video: Video) -> Neutrals:
    """Give what a first look finds."""
    with FirstLook() as look:
        look.extend(answered(recognizer, video, NO_NEUTRALS))
        return look.neutrals(NeutralSearch())


ROWS: Mapping[str, Callable[[WindowRecognizer, Video], Neutrals]] = {
    "as it is": lambda recognizer, video: NO_NEUTRALS,
    "given, 0.25": known(0.25),
    "given, 0.5": known(0.5),
    "given, 0.75": known(0.75),
    "given, 1": known(1.0),
    "seconds": of_seconds,
    "looked for": looked_for,
}


def mean_auc(truth: np.ndarray, answers: np.ndarray) -> float:
    """Average over the units that are there in some frames and not in others.

    Args:
        truth: Shape (N, A): 1, 0 or -1.
        answers: Shape (N, A); NaN where there is none.
    """
    found = []
    for real, said in zip(truth.T, answers.T):
        coded = (real >= 0) & np.isfinite(said)
        if 0 < real[coded].sum() < coded.sum():
            found.append(roc_auc_score(real[coded], said[coded]))
    return float(np.mean(found))


def figures(videos: Sequence[Video], answers: Sequence[np.ndarray]) -> list[float]:
    """Give a row: all, marked, calm, moved."""
    calm = np.array([len(video.calm) >= _FEWEST_CALM for video in videos])

    def score(chosen: np.ndarray, marked: bool = False) -> float:
        kept = np.flatnonzero(chosen)
        truth = np.concatenate([videos[i].occurrence for i in kept])
        if marked:
            strength = np.concatenate([videos[i].intensity for i in kept])
            truth = np.where((truth == 1) & ~(strength >= _MARKED), -1, truth)
        return mean_auc(truth, np.concatenate([answers[i] for i in kept]))

    everything = np.ones(len(videos), bool)
    return [score(everything), score(everything, marked=True), score(calm), score(~calm)]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("annotations", type=Path)
    parser.add_argument("--checkpoint", help="shipped weights or a file; the default weights if left out")
    parser.add_argument("--videos", type=int, metavar="N", help="only the first N")
    args = parser.parse_args()
    recognizer = load_recognizer(args.checkpoint)
    two_sided = [i for i, name in enumerate(recognizer.au_names) if "_" not in name]
    units = [recognizer.au_names[i] for i in two_sided]
    for person in (False, True):
        videos = read(args.annotations, units, person)[: args.videos]
        calm = np.mean([len(video.calm) >= _FEWEST_CALM for video in videos])
        print(f"\n{'person' if person else 'video'}: {len(videos)}, calm {calm:.2f}\n")
        print("| row | all | marked | calm | moved |\n|---|---|---|---|---|")
        for name, find in ROWS.items():
            answers = [
                probabilities(recognizer, video, find(recognizer, video))[:, two_sided]
                for video in tqdm(videos, desc=name, leave=False)
            ]
            print(
                f"| {name} | " + " | ".join(f"{v:.3f}" for v in figures(videos, answers)) + " |", flush=True
            )


if __name__ == "__main__":
    main()
