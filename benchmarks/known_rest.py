"""What it is worth to know how a face rests, on rendered people whose resting face is known.

    python benchmarks/known_rest.py ANNOTATIONS [--checkpoint NAME_OR_PATH] [--videos N]

ANNOTATIONS is an annotation file whose labels say when faces rest, such as
tools/synthetic/rendered_annotations.py writes. Faces are answered as `fau3d analyze` answers them. Rows:

- as it is: nothing is known of the person.
- given: how the person rests in other videos is taken away by a share (`--neutral FILE`); nothing where no
  other video has six frames that show no unit.
- seconds: the first half of the frames of the video itself that show no unit, where it has six such frames or
  more (`--neutral 0-2`). These frames are scored in no row.
- looked for: the frames in which the network finds least, trusted as they look calm (`--neutral auto`).

Columns: mean area under the ROC curve over two-sided units, all frames of all videos together; `marked` is
intensity C and up against absent; `given` are the videos of people who rest in another one, `calm` those with
six frames or more that show no unit, `moved` those with fewer. More is better. The second table takes all
videos of a person for one, in which nothing can be given.
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
from fau3d.apis.results import NO_IMAGE, FrameResult
from fau3d.apis.window_recognizer import WindowRecognizer
from fau3d.io.annotation import load_annotations
from fau3d.io.video import Frame
from fau3d.structures import FaceLandmarks

_FEWEST_CALM = 6
_MARKED = 2.5  # intensity C and up


@dataclass(frozen=True)
class Video:
    """One face over T frames, with what it truly shows.

    Attributes:
        faces: T landmarks; None where the face is not seen.
        others: The same person's other videos.
        occurrence: Shape (T, A): 1, 0, or -1 where that is not known.
        intensity: Shape (T, A), in [0, 5].
        fps: Frames per second.
        img_shape: (height, width).
    """

    faces: list[FaceLandmarks | None]
    others: list["Video"]
    occurrence: np.ndarray
    intensity: np.ndarray
    fps: float
    img_shape: tuple[int, int]

    @property
    def calm(self) -> np.ndarray:
        """Places of frames that show no unit; none where there are fewer than six."""
        seen = np.array([face is not None for face in self.faces])
        found = np.flatnonzero(seen & (self.occurrence <= 0).all(1))
        return found if len(found) >= _FEWEST_CALM else found[:0]

    @property
    def told(self) -> np.ndarray:
        """Places of the frames that a user says are at rest."""
        return self.calm[: len(self.calm) // 2]

    def at(self, places: np.ndarray) -> list[FaceLandmarks]:
        """Give the faces that are seen there."""
        return [face for place in places if (face := self.faces[place]) is not None]


def read(path: Path, units: Sequence[str], person: bool) -> list[Video]:
    """Read videos; with `person` all of one as a single one."""
    file = load_annotations(path)
    columns = [file.au_names.index(name) for name in units]
    people: dict[str, list[Video]] = {}
    for a in file.annotations:
        frames = zip(a["keypoint"][0], a["keypoint_score"][0])
        faces = [landmarks(points, scores, file.metainfo["topology"]) for points, scores in frames]
        labels = [
            np.reshape(a[key], (len(faces), -1))[:, columns] for key in ("au_occurrence", "au_intensity")
        ]
        video = Video(faces, [], *labels, float(a["fps"]), tuple(a["img_shape"]))
        people.setdefault(a["subject"], []).append(video)
    if person:
        return [_joined(videos) for videos in people.values()]
    for videos in people.values():
        for video in videos:
            video.others.extend(other for other in videos if other is not video)
    return [video for videos in people.values() for video in videos]


def landmarks(points: np.ndarray, scores: np.ndarray, topology: str) -> FaceLandmarks | None:
    """Give a frame's face, if it shows one."""
    if not np.isfinite(points).any():
        return None
    return FaceLandmarks(points, scores, np.zeros(4, np.float32), 1.0, topology)


def _joined(videos: Sequence[Video]) -> Video:
    first = videos[0]
    faces = [face for video in videos for face in video.faces]
    labels = [np.concatenate([getattr(v, key) for v in videos]) for key in ("occurrence", "intensity")]
    return Video(faces, [], *labels, first.fps, first.img_shape)


def answered(recognizer: WindowRecognizer, video: Video, neutrals: Neutrals) -> Iterator[FrameResult]:
    """Answer every frame as `fau3d analyze` does."""
    settings = FlowSettings(video.fps, recognizer.stride or recognizer.window_length // 2, 8, 0)
    topology = next(face.topology for face in video.faces if face is not None)
    flow = Flow(recognizer, topology, "rendered", settings, neutrals)
    for number, face in enumerate(video.faces):
        frame = Frame(number, number / video.fps, NO_IMAGE)
        yield from flow.push(frame, video.img_shape, {} if face is None else {0: face})
    yield from flow.finish()


def probabilities(recognizer: WindowRecognizer, video: Video, neutrals: Neutrals) -> np.ndarray:
    """Give (T, A), NaN where no face is seen."""
    nothing = np.full(len(recognizer.au_names), np.nan)
    return np.stack(
        [r.faces[0].probability if r.faces else nothing for r in answered(recognizer, video, neutrals)]
    )


def given(share: float) -> Callable[[WindowRecognizer, Video], Neutrals]:
    """Give how the person rests elsewhere."""

    def find(recognizer: WindowRecognizer, video: Video) -> Neutrals:
        calm = [face for other in video.others for face in other.at(other.calm)]
        return neutral_face(calm, share) if calm else NO_NEUTRALS

    return find


def of_seconds(share: float) -> Callable[[WindowRecognizer, Video], Neutrals]:
    """Give the median of the frames that are told."""

    def find(recognizer: WindowRecognizer, video: Video) -> Neutrals:
        calm = video.at(video.told)
        return neutral_face(calm, share) if calm else NO_NEUTRALS

    return find


def looked_for(recognizer: WindowRecognizer, video: Video) -> Neutrals:
    """Give what a first look finds."""
    with FirstLook() as look:
        look.extend(answered(recognizer, video, NO_NEUTRALS))
        return look.neutrals(NeutralSearch())


ROWS: Mapping[str, Callable[[WindowRecognizer, Video], Neutrals]] = {
    "as it is": lambda recognizer, video: NO_NEUTRALS,
    "given, 0.25": given(0.25),
    "given, 0.5": given(0.5),
    "given, 0.75": given(0.75),
    "given, 1": given(1.0),
    "seconds, 0.5": of_seconds(0.5),
    "seconds, 0.75": of_seconds(0.75),
    "seconds, 1": of_seconds(1.0),
    "looked for": looked_for,
}


def _scored(video: Video) -> np.ndarray:
    truth = video.occurrence.copy()
    truth[video.told] = -1
    return truth


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
    return float(np.mean(found)) if found else float("nan")


def figures(videos: Sequence[Video], answers: Sequence[np.ndarray]) -> list[float]:
    """Give a row: all, marked, given, calm, moved."""
    calm = np.array([len(video.calm) > 0 for video in videos])
    elsewhere = np.array([any(len(other.calm) for other in video.others) for video in videos])

    def score(chosen: np.ndarray, marked: bool = False) -> float:
        kept = np.flatnonzero(chosen)
        if len(kept) == 0:
            return float("nan")
        truth = np.concatenate([_scored(videos[i]) for i in kept])
        if marked:
            strength = np.concatenate([videos[i].intensity for i in kept])
            truth = np.where((truth == 1) & ~(strength >= _MARKED), -1, truth)
        return mean_auc(truth, np.concatenate([answers[i] for i in kept]))

    everything = np.ones(len(videos), bool)
    return [score(everything), score(everything, marked=True), score(elsewhere), score(calm), score(~calm)]


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
        calm = np.mean([len(video.calm) > 0 for video in videos])
        print(f"\n{'person' if person else 'video'}: {len(videos)}, calm {calm:.2f}\n")
        print("| row | all | marked | given | calm | moved |\n|---|---|---|---|---|---|")
        for name, find in ROWS.items():
            if person and name.startswith("given"):
                continue
            answers = [
                probabilities(recognizer, video, find(recognizer, video))[:, two_sided]
                for video in tqdm(videos, desc=name, leave=False)
            ]
            print(
                f"| {name} | " + " | ".join(f"{v:.3f}" for v in figures(videos, answers)) + " |", flush=True
            )


if __name__ == "__main__":
    main()
