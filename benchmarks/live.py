"""Frames a second and latency of `fau3d live` on a camera of 25 frames/s, and what answering at once costs.

    python benchmarks/live.py                       the demo clip as a camera, shipped weights
    python benchmarks/live.py VIDEO --seconds 60 --every 2

The camera is a thread that gives decoded frames when their time has come, from the beginning again at the end
of the clip. Latency is the time from there until the picture is drawn. CPU time is that of the whole process
without decoding, a frame; it does not depend on what else the machine does.

The second table compares the live answers of every frame, none dropped, with those of `fau3d analyze`, which
also knows what comes after a frame: the correlation over time of each unit that varies in the clip.
"""

import argparse
import itertools
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from fau3d.apis import AUInferencer
from fau3d.apis.extraction import iter_landmarks
from fau3d.apis.live import LiveAnswers, LiveSession, Recorder
from fau3d.io.video import Frame, VideoReader

_VARIES = 0.02  # standard deviation of a unit's probability from which a correlation means something


class FakeCamera:
    """Frames in memory, given at a camera's pace, again and again."""

    path = "fake camera"

    def __init__(self, video: Path, fps: float, seconds: float) -> None:
        with VideoReader(video) as reader:
            self._images = [frame.image for frame in reader.frames()]
        self.fps, self._total = fps, round(seconds * fps)

    def frames(self, start: int = 0, stop: int | None = None, step: int = 1) -> Iterator[Frame]:
        """Give each frame when its time has come."""
        began = time.monotonic()
        for index, image in enumerate(itertools.islice(itertools.cycle(self._images), self._total)):
            time.sleep(max(0.0, began + index / self.fps - time.monotonic()))
            yield Frame(index, time.monotonic() - began, image)


def speed(camera: FakeCamera, inferencer: AUInferencer, every: int, draw: bool, record: bool) -> list[str]:
    """Run a session; give the cells of its row."""
    session = LiveSession(inferencer, every, draw=draw)
    with tempfile.TemporaryDirectory() as folder, Recorder(Path(folder), inferencer, camera.fps) as recorder:
        if record:
            recorder.toggle()
        begin = time.process_time()
        for shown in session.run(camera):
            recorder.append(shown)
        cpu = time.process_time() - begin
    seen = session.statistics
    return [
        f"{seen.mean_rate:.1f}",
        f"{seen.dropped / (seen.frames + seen.dropped):.1%}",
        f"{1000 * seen.latency(50):.0f} ms",
        f"{1000 * seen.latency(95):.0f} ms",
        f"{1000 * cpu / seen.frames:.1f} ms",
    ]


def accuracy(
    video: Path, inferencer: AUInferencer, every: int, keep: int, behind: int | None
) -> tuple[list[str], dict[str, float]]:
    """Compare live answers with those of the finished video; give the cells of a row, and r by unit.

    Args:
        video: With one face.
        inferencer: The model.
        every: Answer each K-th frame that is seen.
        keep: Each K-th frame is seen, the others are dropped.
        behind: Frames of the window behind the newest; see `LiveAnswers`.
    """
    names = inferencer.recognizer.au_names
    finished = np.full((0, len(names)), np.nan)
    for result in inferencer.results(video):
        rows = [face.probability for face in result.faces.values()] or [np.full(len(names), np.nan)]
        finished = np.vstack([finished, rows[0]])
    live = np.full_like(finished, np.nan)
    with VideoReader(video) as reader:
        answers = LiveAnswers(inferencer.recognizer, inferencer.extractor.topology, reader.fps, every, behind)
        for n, (frame, faces) in enumerate(iter_landmarks(reader, inferencer.extractor, max_faces=1)):
            if n % keep == 0:
                found = list(answers.push(frame.timestamp, reader.img_shape, faces).values())
            if found:
                live[n] = found[0].probability
    both = np.isfinite(live[:, 0]) & np.isfinite(finished[:, 0])
    live, finished = live[both], finished[both]
    moving = np.flatnonzero(finished.std(axis=0) > _VARIES)
    r = np.array([np.corrcoef(live[:, a], finished[:, a])[0, 1] for a in moving])
    thresholds = inferencer.recognizer.thresholds
    agree = ((live >= thresholds) == (finished >= thresholds)).mean()
    figures = [np.median(r), np.percentile(r, 10), r.min(), np.abs(live - finished).mean()]
    cells = [str(len(r)), *(f"{figure:.3f}" for figure in figures), f"{agree:.1%}"]
    return cells, {names[a]: float(value) for a, value in zip(moving, r)}


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("video", nargs="?", type=Path, default=Path("demo/face.mp4"))
    parser.add_argument("--checkpoint", help="shipped weights by name, or a checkpoint file")
    parser.add_argument("--fps", type=float, default=25.0, help="of the camera (default 25)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each session (default 20)")
    parser.add_argument("--every", type=int, default=1, help="answer each K-th frame (default 1)")
    parser.add_argument("--threads", type=int, default=1, help="of torch (default 1)")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(arguments.threads)
    with AUInferencer(arguments.checkpoint, "mediapipe", "cpu") as inferencer:
        speed(FakeCamera(arguments.video, arguments.fps, 2.0), inferencer, 1, True, False)  # warms up
        print(f"{arguments.video} as a camera of {arguments.fps:g} frames/s, {inferencer.recognizer.name}")
        print("| | frames/s | dropped | latency, median | 95 % | CPU a frame |\n|---|---|---|---|---|---|")
        camera = FakeCamera(arguments.video, arguments.fps, arguments.seconds)
        for name, draw, record in (
            ("answers alone", False, False),
            ("with picture", True, False),
            ("with picture, recorded", True, True),
        ):
            cells = speed(camera, inferencer, arguments.every, draw, record)
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
        print("\n| live against finished | units that vary | r, median | r, 10 % | r, lowest | "
              "mean difference | same decision |\n|---|---|---|---|---|---|---|")  # fmt: skip
        for every, keep, behind, name in (
            (1, 1, None, "every frame answered"),
            (2, 1, None, "each 2nd frame answered"),
            (4, 1, None, "each 4th frame answered"),
            (1, 2, None, "each 2nd frame dropped"),
            (1, 1, 0, "the newest frame at the window's end"),
        ):
            cells, by_unit = accuracy(arguments.video, inferencer, every, keep, behind)
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
            if every == keep == 1 and behind is None:
                ordered = " ".join(
                    f"{unit} {r:.2f}" for unit, r in sorted(by_unit.items(), key=lambda i: i[1])
                )
        print(f"\nr by unit, every frame answered: {ordered}")


if __name__ == "__main__":
    main()
