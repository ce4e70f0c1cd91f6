"""Clips per second and core, from the data set to a batch ready for the device: fau3d beside MMAction2's
pipeline.

Both read the same clips in the same run. fau3d's batch holds keypoints, from which the model's preprocessor
draws on the device; MMAction2's holds heatmap volumes. `python benchmarks/data_path.py --help` lists the
options.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from made_up_corpus import POINTS, write_corpus

from fau3d.datasets import FaceKeypointDataset, face_collate
from fau3d.io.annotation import load_annotations

LENGTH, SIZE = 48, 56
PLAIN = [{"type": "FaceCrop"}, {"type": "FillMissing"}, {"type": "PackFaceInputs"}]
AUGMENTED = [
    {"type": "FaceCrop", "level_eyes": True},
    {"type": "JitterKeypoints"},
    {"type": "RandomAffine"},
    {"type": "MirrorFace"},
    {"type": "FillMissing"},
    {"type": "PackFaceInputs"},
]


def rate(make_batch: Callable[[int], object], batch_size: int, seconds: float) -> float:
    """Give the clips per second of a function that makes one batch."""
    make_batch(0)
    # Time of the process and not of the clock, so that other work on the machine does not count.
    batches, start = 0, time.process_time()
    while (spent := time.process_time() - start) < seconds:
        batches += 1
        make_batch(batches)
    return batches * batch_size / spent


def fau3d_batches(path: Path, pipeline: list[dict], batch_size: int) -> Callable[[int], dict]:
    """Give the function that makes a batch the way a data loader does."""
    dataset = FaceKeypointDataset(str(path), pipeline, split="train", clip={"length": LENGTH})
    size = len(dataset)
    return lambda i: face_collate([dataset[(i * batch_size + k) % size] for k in range(batch_size)])


def mmaction_batches(path: Path, batch_size: int, augmented: bool) -> Callable[[int], object]:
    """Give the function that makes a batch with MMAction2's own transforms, after its PoseC3D recipe."""
    from mmaction.datasets import transforms
    from mmengine.dataset import Compose, pseudo_collate

    steps = [
        transforms.UniformSampleFrames(clip_len=LENGTH),
        transforms.PoseDecode(),
        transforms.PoseCompact(hw_ratio=1.0, allow_imgpad=True),
    ]
    if augmented:
        steps += [
            transforms.Resize(scale=(-1, 64)),
            transforms.RandomResizedCrop(area_range=(0.56, 1.0)),
        ]
    steps += [
        transforms.Resize(scale=(SIZE, SIZE), keep_ratio=False),
        transforms.GeneratePoseTarget(sigma=0.6, use_score=True, with_kp=True, with_limb=False),
        transforms.FormatShape(input_format="NCTHW_Heatmap"),
        transforms.PackActionInputs(),
    ]
    pipeline = Compose(steps)
    videos = load_annotations(path).annotations

    def sample(i: int) -> dict:
        video = dict(videos[i % len(videos)])
        video.update(label=0, modality="Pose", start_index=0, test_mode=False)
        return pipeline(video)

    return lambda i: pseudo_collate([sample(i * batch_size + k) for k in range(batch_size)])


def size_of(batch: dict) -> int:
    """Give the bytes of a batch's inputs."""
    inputs = batch["inputs"]
    tensors = inputs.values() if isinstance(inputs, dict) else inputs
    return sum(t.numel() * t.element_size() for t in tensors)


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--batch-size", type=int, default=32, help="clips of a batch (default 32)")
    parser.add_argument("--seconds", type=float, default=5.0, help="time for each row (default 5)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.pkl"
        write_corpus(path)
        rows = [
            ("MMAction2, test", mmaction_batches(path, 4, False), 4),
            ("fau3d, test", fau3d_batches(path, PLAIN, options.batch_size), options.batch_size),
            ("MMAction2, training", mmaction_batches(path, 4, True), 4),
            ("fau3d, training", fau3d_batches(path, AUGMENTED, options.batch_size), options.batch_size),
        ]
        print(f"{LENGTH} frames, {POINTS} points, {SIZE} x {SIZE}; one core")
        print("| pipeline | clips/s | kB per clip | times MMAction2 |\n|---|---|---|---|")
        theirs = 0.0
        for name, make_batch, batch_size in rows:
            speed = rate(make_batch, batch_size, options.seconds)
            theirs = speed if name.startswith("MMAction2") else theirs
            kilobytes = size_of(make_batch(0)) / batch_size / 1e3
            print(f"| {name} | {speed:.1f} | {kilobytes:,.0f} | {speed / theirs:.0f} |", flush=True)


if __name__ == "__main__":
    main()
