"""Frames a second of `fau3d analyze`, from video to table and pictures, against MediaPipe alone.

    python benchmarks/analyze.py                       the demo clip, shipped weights
    python benchmarks/analyze.py VIDEO --rounds 5

Loading the model is not counted, opening and decoding the video is. MediaPipe alone gets decoded frames. The
rounds of all rows take turns, so that a busy moment of the machine hits all; the table gives the median.
"""

import argparse
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch

from fau3d.apis import AnalysisOptions, AUInferencer, analyze
from fau3d.io.video import VideoReader

ROWS = {
    "fau3d analyze (table)": AnalysisOptions(overwrite=True),
    "the same, read: events, eyes, expressions, page": AnalysisOptions(report=True, overwrite=True),
    "fau3d analyze --plot": AnalysisOptions(plot=True, overwrite=True),
    "fau3d analyze --overlay": AnalysisOptions(overlay=True, overwrite=True),
    "fau3d analyze --overlay --plot": AnalysisOptions(overlay=True, plot=True, overwrite=True),
    "fau3d analyze --report": AnalysisOptions(overlay=True, plot=True, report=True, overwrite=True),
}
GOAL = 45.0


def bare_mediapipe(video: Path) -> Callable[[], None]:
    """Give a function that runs MediaPipe's own face mesh over the decoded frames of a video."""
    import mediapipe

    with VideoReader(video) as reader:
        images = [frame.image for frame in reader.frames()]

    def run() -> None:
        with mediapipe.solutions.face_mesh.FaceMesh(max_num_faces=1, refine_landmarks=True) as mesh:
            for image in images:
                mesh.process(image)

    return run


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("video", nargs="?", type=Path, default=Path("demo/face.mp4"))
    parser.add_argument("--checkpoint", help="shipped weights by name, or a checkpoint file")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="of torch on the CPU (default 1)")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    torch.set_num_threads(arguments.threads)
    with VideoReader(arguments.video) as reader:
        frames, (height, width) = len(reader), reader.img_shape
    with (
        tempfile.TemporaryDirectory() as folder,
        AUInferencer(arguments.checkpoint, "mediapipe", arguments.device) as inferencer,
    ):
        jobs = {"mediapipe alone": bare_mediapipe(arguments.video)}
        for name, options in ROWS.items():
            jobs[name] = lambda options=options: analyze(arguments.video, folder, inferencer, options)
        rates: dict[str, list[float]] = {name: [] for name in jobs}
        for round_number in range(arguments.rounds + 1):
            for name, job in jobs.items():
                begin = time.perf_counter()
                job()
                if round_number:  # the first one warms up
                    rates[name].append(frames / (time.perf_counter() - begin))
    alone = statistics.median(rates["mediapipe alone"])
    model = inferencer.recognizer.name
    print(f"{arguments.video}: {frames} frames, {width}x{height}, {model}, {arguments.device}")
    print("| | frames/s | of mediapipe alone |\n|---|---|---|")
    for name, values in rates.items():
        print(f"| {name} | {statistics.median(values):.0f} | {statistics.median(values) / alone:.2f} |")
    reached = statistics.median(rates["fau3d analyze (table)"])
    print(f"goal: {GOAL:.0f} frames/s with the table alone: {'reached' if reached >= GOAL else 'missed'}")


if __name__ == "__main__":
    main()
