"""What an overlay with a growing timing diagram costs a frame, with and without encoding it as H.264.

Landmarks and values are made up: a face that wanders, waves as curves. Peer, in the same run: a Matplotlib
figure of the same units, drawn anew for each frame over what has been seen so far. Frames per second are
those of one core that does nothing else.

Examples:
    OMP_NUM_THREADS=1 python benchmarks/overlay.py
    OMP_NUM_THREADS=1 python benchmarks/overlay.py --video face.mp4
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from fau3d.facs import AU_SETS
from fau3d.io.video import VideoReader, VideoWriter
from fau3d.visualization import GrowingTiming, OverlayFace, OverlayRenderer

UNITS = AU_SETS["synthetic25"]
NAMES = ("neutral", "happiness", "", "surprise", "mixed")


def made_up_images(size: tuple[int, int], count: int = 24) -> list[np.ndarray]:
    """Give pictures that an encoder has some work with: a noisy ground that moves slowly."""
    rng = np.random.default_rng(0)
    ground = rng.integers(0, 90, (size[0] // 8, size[1] // 8 + count, 3), dtype=np.uint8)
    ground = np.kron(ground, np.ones((8, 8, 1), np.uint8))
    return [np.ascontiguousarray(ground[: size[0], 2 * k : 2 * k + size[1]]) for k in range(count)]


def made_up_faces(frames: int, size: tuple[int, int]) -> list[OverlayFace]:
    """Give a face a frame, of 478 points and 25 units."""
    rng = np.random.default_rng(1)
    shape = rng.normal(0, size[0] / 7, (478, 2)) + [size[1] / 2, size[0] / 2]
    faces = []
    for k in range(frames):
        probability = 0.5 + 0.5 * np.sin(k / 20 + np.arange(len(UNITS)))
        moved = shape + 8 * np.sin(k / 30)
        name = NAMES[k // 40 % len(NAMES)]
        faces.append(
            OverlayFace(moved, "mediapipe478", probability, probability > 0.6, 5 * probability**2, name)
        )
    return faces


class RedrawnFigure:
    """The peer: all of the diagram anew for each frame."""

    def __init__(self, rows: list[int], width: int, height: int, duration: float) -> None:
        self.rows, self.size, self.duration = rows, (width / 100, height / 100), duration

    def draw(self, times: np.ndarray, probability: np.ndarray) -> np.ndarray:
        """Draw the curves up to now."""
        figure = Figure(figsize=self.size, dpi=100)
        canvas = FigureCanvasAgg(figure)
        axis = figure.subplots()
        for place, row in enumerate(self.rows):
            axis.fill_between(times, place, place + 0.85 * probability[:, row])
        axis.set_xlim(0, self.duration)
        axis.set_yticks(range(len(self.rows)), [UNITS[row] for row in self.rows], fontsize=7)
        axis.axvline(times[-1], color="black")
        canvas.draw()
        return np.asarray(canvas.buffer_rgba())[..., :3]


def per_frame(run: Callable[[int], object], frames: int) -> tuple[float, float]:
    """Give seconds of the clock and of cores, summed, that a frame takes."""
    begin, used = time.perf_counter(), time.process_time()
    for k in range(frames):
        run(k)
    return (time.perf_counter() - begin) / frames, (time.process_time() - used) / frames


def show(name: str, seconds: tuple[float, float]) -> None:
    clock, used = seconds
    print(
        f"{name:40} {1e3 * clock:8.2f} ms of the clock {1e3 * used:7.2f} of a core {1 / used:6.0f} frames/s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--frames", type=int, default=600, help="of the video")
    parser.add_argument("--size", type=int, nargs=2, default=(360, 640), metavar=("HEIGHT", "WIDTH"))
    parser.add_argument("--video", type=Path, help="take its pictures instead of made-up ones")
    parser.add_argument("--redrawn", type=int, default=20, help="frames of the peer, spread over the video")
    arguments = parser.parse_args()
    if arguments.video:
        with VideoReader(arguments.video) as reader:
            images = [frame.image for frame in reader.frames(stop=arguments.frames)]
    else:
        images = made_up_images(tuple(arguments.size))
    size = (images[0].shape[0], images[0].shape[1])
    frames, rate = arguments.frames, 25.0
    faces, duration = made_up_faces(frames, size), frames / rate
    renderer = OverlayRenderer(UNITS)
    strips = [
        GrowingTiming(UNITS, renderer.output_size(size)[1], duration, frame_seconds=1 / rate, title="face 0")
        for _ in range(3)
    ]

    def append(strip: GrowingTiming, k: int) -> None:
        face = faces[k]
        strip.append(k / rate, face.probability, face.occurrence, face.intensity, face.expression)

    def strip_alone(k: int) -> None:
        append(strips[0], k)
        strips[0].draw()

    def picture(strip: GrowingTiming, k: int) -> np.ndarray:
        append(strip, k)
        return strip.below(renderer.render(images[k % len(images)], {0: faces[k]}, k / rate))

    print(f"{size[1]}x{size[0]}, {frames} frames, {len(strips[0].shown)} units in the diagram")
    alone = per_frame(strip_alone, frames)
    show("diagram", alone)
    show("overlay", per_frame(lambda k: renderer.render(images[k % len(images)], {0: faces[k]}), frames))
    show("overlay and diagram", per_frame(lambda k: picture(strips[1], k), frames))
    with tempfile.TemporaryDirectory() as folder, VideoWriter(Path(folder) / "overlay.mp4", rate) as writer:
        whole = per_frame(lambda k: writer.write(picture(strips[2], k), k / rate), frames)
        show("overlay and diagram, encoded", whole)
    strip = strips[0]
    peer = RedrawnFigure([UNITS.index(name) for name in strip.shown], strip.width, strip.height, duration)
    values = np.array([face.probability for face in faces])
    stops = np.linspace(2, frames, arguments.redrawn).astype(int)
    redrawn = per_frame(lambda k: peer.draw(np.arange(stops[k]) / rate, values[: stops[k]]), len(stops))
    show("peer: a Matplotlib figure for each frame", redrawn)
    print(f"diagram: {redrawn[1] / alone[1]:.0f} times as fast as the peer (time of a core)")


if __name__ == "__main__":
    main()
