"""What a random clip costs, from a short video and from a very long one.

Both corpora are read in turns in one run, so that whatever slows the machine slows both; times are the
process's own. Needs about 2 GB of disk and memory for a million frames.
`python benchmarks/random_access.py --help` lists the options.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from fau3d.datasets import FaceKeypointDataset
from fau3d.io.annotation import save_annotations

POINTS = 68
PIPELINE = [{"type": "FaceCrop"}, {"type": "FillMissing"}, {"type": "PackFaceInputs"}]


def write_video(path: Path, frames: int) -> None:
    """Write one video; the values do not matter, where they lie does."""
    rng = np.random.default_rng(0)
    block = rng.uniform(100, 300, (1, 1000, POINTS, 2)).astype(np.float16)
    repeats = -(-frames // 1000)
    occurrence = np.zeros((frames, 12), np.int8)
    occurrence[::7] = 1
    annotation = {
        "frame_dir": "video",
        "total_frames": frames,
        "img_shape": (480, 640),
        "original_shape": (480, 640),
        "keypoint": np.tile(block, (1, repeats, 1, 1))[:, :frames],
        "keypoint_score": np.ones((1, frames, POINTS), np.float16),
        "au_occurrence": occurrence,
        "fps": 30.0,
        "subject": "s",
    }
    names = [f"AU{n:02d}" for n in (1, 2, 4, 6, 7, 10, 12, 15, 23, 24, 25, 26)]
    save_annotations(
        path, {}, [annotation], {"topology": "ibug68", "au_names": names, "label_type": "occurrence"}
    )


def open_dataset(
    folder: Path, frames: int, pipeline: list[dict], length: int
) -> tuple[FaceKeypointDataset, float]:
    """Open the video's data set; gives also the seconds of a start that finds the arrays ready."""
    path = folder / f"{frames}.pkl"
    if not path.exists():
        write_video(path, frames)
        FaceKeypointDataset(str(path))
    start = time.perf_counter()
    dataset = FaceKeypointDataset(
        str(path), pipeline, clip={"length": length, "sampling": "uniform"}, clips_per_epoch=1_000_000
    )
    dataset[0]
    return dataset, time.perf_counter() - start


def read_all(dataset: FaceKeypointDataset) -> None:
    """Bring the arrays into the page cache."""
    for array in dataset.corpus.stores[0].arrays.values():
        array.sum()


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, nargs=2, default=(1_000, 1_000_000), metavar=("SHORT", "LONG"))
    parser.add_argument("--length", type=int, default=48, help="frames of a clip (default 48)")
    parser.add_argument("--clips", type=int, default=4000, help="clips read of each (default 4000)")
    options = parser.parse_args()
    print("| what | frames | start, ms | median, us | mean, us | ratio of means |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for what, pipeline in (("reading alone", []), ("with the test pipeline", PIPELINE)):
            opened = [open_dataset(Path(folder), n, pipeline, options.length) for n in options.frames]
            for dataset, _ in opened:
                read_all(dataset)
            times = np.zeros((len(opened), options.clips))
            for i in range(options.clips):
                for k, (dataset, _) in enumerate(opened):
                    start = time.process_time()
                    dataset[i]
                    times[k, i] = time.process_time() - start
            times = times[:, options.clips // 10 :] * 1e6
            for k, frames in enumerate(options.frames):
                ratio = times[k].mean() / times[0].mean()
                print(
                    f"| {what} | {frames:,} | {opened[k][1] * 1e3:.0f} | {np.median(times[k]):.0f} "
                    f"| {times[k].mean():.0f} | {ratio:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
