"""Rate of landmark extraction against bare MediaPipe, and of two workers against one.

Bare MediaPipe is its own `FaceMesh.process`: once on frames that are decoded already, so that it pays for no
decoding, no arrays, no tracking, and once in the plain loop that people write, over the same file. Repeats
are interleaved, so that other load on the machine falls on all of them alike; each ratio is taken within one
round, and the table gives the median of the rounds.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from fau3d.apis.extraction import extract_video
from fau3d.apis.extraction.corpus import _extract_part, _Task
from fau3d.apis.extraction.workers import process_executor
from fau3d.extractors import MediaPipeExtractor, extractor_config
from fau3d.extractors.quiet import quiet_native_log
from fau3d.io.video import VideoReader


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", type=Path, nargs="?", default=Path(__file__).parents[1] / "demo" / "face.mp4")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved repeats (default: 5)")
    parser.add_argument(
        "--videos", type=int, default=8, help="videos of the comparison of workers (default: 8)"
    )
    arguments = parser.parse_args()
    with VideoReader(arguments.clip) as reader:
        frames = len(reader)
        height, width = reader.img_shape
    print(f"{arguments.clip.name}: {frames} frames of {width}x{height}, {arguments.rounds} rounds\n")
    print("| what | frames/s | ratio | goal |\n|---|---|---|---|")
    single_rates(arguments.clip, frames, arguments.rounds)
    worker_rates(arguments.clip, frames, arguments.rounds, arguments.videos)


def single_rates(clip: Path, frames: int, rounds: int) -> None:
    """Compare `extract_video` with MediaPipe alone."""
    import mediapipe

    with VideoReader(clip) as reader:
        images = [frame.image for frame in reader.frames()]
    with quiet_native_log():
        mesh = mediapipe.solutions.face_mesh.FaceMesh(refine_landmarks=True)
        mesh.process(images[0])

    def bare() -> None:
        with quiet_native_log():
            mesh.reset()
            mesh.process(images[0])
        for image in images:
            mesh.process(image)

    def loop() -> None:
        with quiet_native_log():
            mesh.reset()
            mesh.process(images[0])
        capture = cv2.VideoCapture(str(clip))
        while (read := capture.read())[0]:
            mesh.process(cv2.cvtColor(read[1], cv2.COLOR_BGR2RGB))
        capture.release()

    with MediaPipeExtractor() as extractor:
        runs = {"bare": bare, "loop": loop, "ours": lambda: extract_video(clip, extractor)}
        seconds = interleaved(runs, rounds)
    row("bare MediaPipe, frames decoded before", frames, seconds["bare"])
    row("bare MediaPipe in a loop, OpenCV decodes", frames, seconds["loop"])
    for name, peer in (("bare", "against frames decoded before"), ("loop", "against the loop")):
        ratios = [b / o for b, o in zip(seconds[name], seconds["ours"], strict=True)]
        row(f"`extract_video`, decoding included, {peer}", frames, seconds["ours"], ratios, ">= 0.85")


def worker_rates(clip: Path, frames: int, rounds: int, videos: int) -> None:
    """Compare two worker processes with one, each held to a core of its own.

    Left free, one worker decodes on a second core while it looks for faces; on a machine of two cores there
    is then less than a second worker's share left, and the ratio tells of the machine.
    """
    options = {"max_faces": 1, "single_face": None, "fps": None, "max_gap": 1.0}
    config = extractor_config("mediapipe", max_faces=1)
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        print("two workers need two cores")
        return
    with tempfile.TemporaryDirectory() as folder:
        tasks = [
            _Task(str(i), clip, Path(folder) / "out.pkl", config, options, ahead=0) for i in range(videos)
        ]
        pools = []
        for core in cores[:2]:
            os.sched_setaffinity(0, {core})
            pools.append(process_executor(1))
            pools[-1].submit(_extract_part, tasks[0]).result()  # starts the process and builds its extractor
        os.sched_setaffinity(0, set(cores))

        def work(workers: int) -> Callable[[], object]:
            def run() -> None:
                for future in [
                    pools[i % workers].submit(_extract_part, task) for i, task in enumerate(tasks)
                ]:
                    future.result()

            return run

        seconds = interleaved({"1": work(1), "2": work(2)}, rounds)
        for pool in pools:
            pool.shutdown()
    ratios = [one / two for one, two in zip(seconds["1"], seconds["2"], strict=True)]
    row(f"one worker on one core, {videos} videos", frames * videos, seconds["1"])
    row(f"two workers on two cores, {videos} videos", frames * videos, seconds["2"], ratios, ">= 1.7")


def interleaved(runs: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Time each run once a round, in an order that changes from round to round; seconds by name."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds):
        for name in list(runs)[:: 1 if number % 2 else -1]:
            start = time.perf_counter()
            runs[name]()
            seconds[name].append(time.perf_counter() - start)
    return seconds


def row(
    what: str, frames: int, seconds: list[float], ratios: list[float] | None = None, goal: str = ""
) -> None:
    """Print a line of the table: medians, and the spread of the ratio."""
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})" if ratios else ""
    print(f"| {what} | {frames / np.median(seconds):.0f} | {spread} | {goal} |", flush=True)


if __name__ == "__main__":
    main()
