"""Peak memory of an analysis of a 30-minute video against that of a one-minute one.

    python benchmarks/memory.py           quick: landmarks are replayed, decoder, model and table are real
    python benchmarks/memory.py --full    the real extractor too: as long as the analysis takes
    python benchmarks/memory.py --report  with all that --report writes but the overlay

Each analysis runs in a process of its own; its peak resident memory is what the kernel recorded. The long
videos are the clip joined to itself without encoding it again. In the quick mode the landmarks of the clip
are extracted once and given out again, frame by frame, for every decoded frame: all else that could grow with
the length is there. The mode is said above the table.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL_MB = 200.0


def join_to_itself(clip: Path, seconds: float, output: Path) -> int:
    """Write a video that shows a clip again and again, by copying its packets; give the number of rounds."""
    import av

    with av.open(str(clip)) as source:
        length = float(source.duration) / av.time_base
    rounds = max(1, round(seconds / length))
    with av.open(str(output), "w") as target:
        stream = None
        offset = 0
        for _ in range(rounds):
            with av.open(str(clip)) as source:
                video = source.streams.video[0]
                if stream is None:
                    stream = target.add_stream_from_template(video)
                step = round(float(1 / video.average_rate) / video.time_base)
                end = offset
                for packet in source.demux(video):
                    if packet.dts is None:
                        continue
                    packet.pts += offset
                    packet.dts += offset
                    end = max(end, packet.pts + step)
                    packet.stream = stream
                    target.mux(packet)
                offset = end
    return rounds


def measure(video: Path, clip: Path, checkpoint: str | None, full: bool, report: bool) -> None:
    """Analyse a video in this process and print frames, seconds and peak memory as JSON."""
    import warnings

    import torch

    from fau3d.apis import AnalysisOptions, AUInferencer, analyze
    from fau3d.extractors import LandmarkExtractor, build_extractor
    from fau3d.io.video import VideoReader

    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    extractor = build_extractor("mediapipe")

    class Replay(LandmarkExtractor):
        topology, name = extractor.topology, "landmarks of the clip, again and again"

        def __init__(self) -> None:
            with VideoReader(clip) as reader:
                self._faces = [extractor.extract([frame.image])[0] for frame in reader.frames()]
            self._next = 0

        def extract(self, images, timestamps=None):  # type: ignore[no-untyped-def]
            self._next += len(images)
            return [self._faces[(self._next - 1) % len(self._faces)] for _ in images]

    with (
        tempfile.TemporaryDirectory() as folder,
        AUInferencer(checkpoint, extractor if full else Replay(), "cpu") as inferencer,
    ):
        begin = time.perf_counter()
        done = analyze(video, folder, inferencer, AnalysisOptions(plot=report, report=report))
        seconds = time.perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"frames": done.frames, "seconds": seconds, "peak_mb": peak}))


def main() -> None:
    """Measure both lengths and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clip", nargs="?", type=Path, default=Path("demo/face.mp4"))
    parser.add_argument("--minutes", type=float, nargs="+", default=[1, 30])
    parser.add_argument("--checkpoint", help="shipped weights by name, or a checkpoint file")
    parser.add_argument("--full", action="store_true", help="extract the landmarks of every frame")
    parser.add_argument("--report", action="store_true", help="write readings, page and diagrams as well")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure is not None:
        measure(arguments.measure, arguments.clip, arguments.checkpoint, arguments.full, arguments.report)
        return
    mode = "extracted from every frame" if arguments.full else "replayed from one pass over the clip"
    print(f"landmarks: {mode}")
    print("| minutes | frames | frames/s | peak memory, MB |\n|---|---|---|---|")
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        for minutes in arguments.minutes:
            video = Path(folder) / f"{minutes:g}.mp4"
            join_to_itself(arguments.clip, 60 * minutes, video)
            command = [sys.executable, __file__, str(arguments.clip), "--measure", str(video)]
            command += ["--full"] if arguments.full else []
            command += ["--report"] if arguments.report else []
            command += ["--checkpoint", arguments.checkpoint] if arguments.checkpoint else []
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
            result = json.loads(done.stdout.splitlines()[-1])
            peaks.append(result["peak_mb"])
            rate = result["frames"] / result["seconds"]
            print(f"| {minutes:g} | {result['frames']} | {rate:.0f} | {result['peak_mb']:.0f} |", flush=True)
    growth = peaks[-1] - peaks[0]
    verdict = "reached" if growth <= GOAL_MB else "missed"
    print(f"growth: {growth:.0f} MB; goal: at most {GOAL_MB:.0f}: {verdict}")


if __name__ == "__main__":
    main()
