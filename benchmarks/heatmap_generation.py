"""Heatmap volumes per second on one device, against the bytes that must be written.

Each row draws one batch of clips: a face at rest that trembles, so that limbs are as short as contours are.
`GB/s` counts the volume once: the least that any method writes. `of fill`
is the share of the rate at which the same memory is filled with a constant, which nothing can beat. The first
rows are MMAction2's pipeline transform on a CPU core, on one of the same clips; `times MMAction2` is the rate
against it.

Examples:
    python benchmarks/heatmap_generation.py
    python benchmarks/heatmap_generation.py --device cuda --batch 32 --compile
"""

import argparse
import itertools
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from fau3d.functional.heatmap import joint_volume, limb_volume
from fau3d.synthetic import load_rig
from fau3d.topology import get_topology

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def face_clips(topology_name: str, batch: int, frames: int, side: int) -> tuple[Tensor, Tensor, Tensor]:
    """Give keypoints (B, 1, T, V, 2) in pixels, scores (B, 1, T, V) and edges (E, 2)."""
    topology = get_topology(topology_name)
    points = load_rig(topology.parent or topology_name).neutral[:, :2] * [1, -1]
    points = points if topology.parent is None else points[topology.parent_index]
    low, high = points.min(0), points.max(0)
    unit = torch.tensor(0.1 + 0.8 * (points - low) / (high - low), dtype=torch.float32)
    generator = torch.Generator().manual_seed(0)
    tremble = 0.005 * torch.randn((batch, 1, frames, *unit.shape), generator=generator)
    score = torch.rand((batch, 1, frames, len(unit)), generator=generator)
    return (unit + tremble) * side, score, torch.as_tensor(topology.edges)


def seconds(run: Callable[[], object], device: torch.device, repeats: int) -> float:
    """Time one call: the median of several, after two that do not count."""
    times = []
    for attempt in range(repeats + 2):
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        start = time.perf_counter()
        run()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        if attempt >= 2:
            times.append(time.perf_counter() - start)
    return float(np.median(times))


def mmaction_seconds(
    keypoint: Tensor, score: Tensor, edges: Tensor, size: tuple[int, int], limb: bool
) -> float:
    """Time MMAction2's transform on the first clip."""
    from mmaction.datasets.transforms import GeneratePoseTarget

    transform = GeneratePoseTarget(with_kp=not limb, with_limb=limb, skeletons=edges.tolist())
    clip = {
        "keypoint": keypoint[0].cpu().numpy(),
        "keypoint_score": score[0].cpu().numpy(),
        "img_shape": size,
    }
    return seconds(lambda: transform.transform(dict(clip)), torch.device("cpu"), 1)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--batch", type=int, default=8, help="clips of a batch")
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--topology", default="ibug68", choices=["ibug68", "mediapipe478", "mediapipe91"])
    parser.add_argument("--size", type=int, default=56, help="side of a map in pixels")
    parser.add_argument("--dtypes", nargs="+", choices=sorted(DTYPES), default=["float32", "bfloat16"])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--compile", action="store_true", help="measure torch.compile too")
    parser.add_argument("--skip-mmaction", action="store_true")
    return parser.parse_args()


def main() -> None:
    """Measure and print the table."""
    args = parse_args()
    device = torch.device(args.device)
    name = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else f"{torch.get_num_threads()} CPU threads"
    )
    size = (args.size, args.size)
    made = face_clips(args.topology, args.batch, args.frames, args.size)
    keypoint, score, edges = (tensor.to(device) for tensor in made)

    print(f"{name}; {args.batch} clips x {args.frames} frames x {size[0]} x {size[1]}, {args.topology}, ")
    print(f"{keypoint.shape[3]} points, {len(edges)} edges; torch {torch.__version__}\n")
    print("| volume | type | layout | memory | ms a batch | clips/s | GB/s | of fill | times MMAction2 |")
    print("|---|---|---|---|---|---|---|---|---|")
    theirs = {"joint": float("nan"), "limb": float("nan")}
    for kind in () if args.skip_mmaction else theirs:
        taken = mmaction_seconds(keypoint, score, edges, size, kind == "limb")
        theirs[kind] = taken
        channels = len(edges) if kind == "limb" else keypoint.shape[3]
        rate = channels * args.frames * args.size**2 * 4 / taken / 1e9
        print(
            f"| {kind}, MMAction2 | float32 | contiguous | fresh | {taken * 1e3 * args.batch:.0f} | "
            f"{1 / taken:.1f} | {rate:.3f} | | 1 |",
            flush=True,
        )
    functions = {"": (joint_volume, limb_volume)}
    if args.compile:
        functions[" compiled"] = (torch.compile(joint_volume), torch.compile(limb_volume))
    for dtype, last, (label, (joint, limb)) in itertools.product(
        args.dtypes, (False, True), functions.items()
    ):
        options = {"dtype": DTYPES[dtype], "channels_last_3d": last}
        memory = joint_volume(keypoint, score, size, **options)
        runs: dict[tuple[str, str], Callable[[], Tensor]] = {
            ("joint", "fresh"): lambda j=joint, o=options: j(keypoint, score, size, **o),
            ("limb", "fresh"): lambda f=limb, o=options: f(keypoint, score, edges, size, **o),
        }
        if not label:
            runs["joint", "reused"] = lambda o=options, m=memory: joint_volume(
                keypoint, score, size, out=m, **o
            )
        for (kind, where), run in runs.items():
            volume = run()
            taken = seconds(run, device, args.repeats)
            fill = seconds(lambda v=volume: v.fill_(0.0), device, args.repeats)
            rate = volume.numel() * volume.element_size() / taken / 1e9
            print(
                f"| {kind}{label} | {dtype} | {'channels last' if last else 'contiguous'} | {where} | "
                f"{taken * 1e3:.2f} | {args.batch / taken:.0f} | {rate:.2f} | {fill / taken:.2f} | "
                f"{args.batch / taken * theirs[kind]:.0f} |",
                flush=True,
            )
            del volume


if __name__ == "__main__":
    main()
