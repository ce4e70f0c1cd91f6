"""Training clips per second: the R50 recipe through the real data path, and two comparisons in the same run.

1. `ready tensors`: the same model and optimizer, fed with one volume that already lies on the device: what
   the network alone can do.
2. `data path`: annotation file, data set, workers, collate, copy, heatmaps on the device, training step.
3. `MMAction2`: its own recipe on the same clips: its pose pipeline draws volumes in the workers, its
   recognizer trains.

Examples:
    python benchmarks/training_throughput.py --device cuda --batch 32 --amp --channels-last --workers 8
    python benchmarks/training_throughput.py --batch 2 --frames 16 --size 32 --base-channels 8 --workers 1
"""

import argparse
import itertools
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from made_up_corpus import AU_SET, POINTS, write_corpus
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from torch.utils.data import DataLoader, RandomSampler

from fau3d.datasets import FaceKeypointDataset, face_collate
from fau3d.registry import MODELS

PIPELINE = [
    {"type": "FaceCrop", "level_eyes": True},
    {"type": "JitterKeypoints"},
    {"type": "RandomAffine"},
    {"type": "MirrorFace"},
    {"type": "FillMissing"},
    {"type": "PackFaceInputs"},
]


def backbone(args: argparse.Namespace) -> dict[str, Any]:
    """Give the backbone of both recipes: SlowOnly R50 as in PoseConv3D."""
    return {
        "type": "mmaction.ResNet3dSlowOnly",
        "depth": 50,
        "pretrained": None,
        "in_channels": POINTS,
        "base_channels": args.base_channels,
        "num_stages": 3,
        "out_indices": (2,),
        "stage_blocks": (4, 6, 3),
        "conv1_stride_s": 1,
        "pool1_stride_s": 1,
        "inflate": (0, 1, 1),
        "spatial_strides": (2, 2, 2),
        "temporal_strides": (1, 1, 1),
        "dilations": (1, 1, 1),
    }


def fau3d_model(args: argparse.Namespace) -> Any:
    """Build our recognizer."""
    preprocessor = {
        "type": "HeatmapPreprocessor",
        "size": (args.size, args.size),
        "channels_last_3d": args.channels_last,
    }
    head = {
        "type": "DenseAUHead",
        "in_channels": 16 * args.base_channels,
        "au_set": AU_SET,
        "intensity": False,
    }
    config = {
        "type": "AURecognizer",
        "channels_last_3d": args.channels_last,
        "data_preprocessor": preprocessor,
        "backbone": backbone(args),
        "head": head,
    }
    return MODELS.build(config).to(args.device)


def mmaction_model(args: argparse.Namespace) -> Any:
    """Build MMAction2's recognizer of the same backbone."""
    head = {
        "type": "mmaction.I3DHead",
        "in_channels": 16 * args.base_channels,
        "num_classes": 12,
        "dropout_ratio": 0.5,
        "average_clips": "prob",
    }
    config = {
        "type": "mmaction.Recognizer3D",
        "backbone": backbone(args),
        "cls_head": head,
        "data_preprocessor": {"type": "mmaction.ActionDataPreprocessor"},
    }
    return MODELS.build(config).to(args.device)


def fau3d_loader(path: Path, args: argparse.Namespace) -> DataLoader:
    """Give our data path, without end."""
    clip = {"length": args.frames}
    dataset = FaceKeypointDataset(str(path), PIPELINE, split="train", au_set=AU_SET, clip=clip)
    return loader(dataset, face_collate, args)


def mmaction_loader(path: Path, args: argparse.Namespace) -> DataLoader:
    """Give MMAction2's pose pipeline, as in its PoseConv3D configs."""
    from mmaction.datasets import PoseDataset
    from mmaction.utils import register_all_modules
    from mmengine.dataset import pseudo_collate
    from mmengine.registry import DefaultScope

    register_all_modules(init_default_scope=False)
    large, size = args.size + 8, args.size
    pipeline = [
        {"type": "UniformSampleFrames", "clip_len": args.frames},
        {"type": "PoseDecode"},
        {"type": "PoseCompact", "hw_ratio": 1.0, "allow_imgpad": True},
        {"type": "Resize", "scale": (-1, large)},
        {"type": "RandomResizedCrop", "area_range": (0.56, 1.0)},
        {"type": "Resize", "scale": (size, size), "keep_ratio": False},
        {"type": "GeneratePoseTarget", "sigma": 0.6, "use_score": True, "with_kp": True, "with_limb": False},
        {"type": "FormatShape", "input_format": "NCTHW_Heatmap"},
        {"type": "PackActionInputs"},
    ]
    with DefaultScope.overwrite_default_scope("mmaction"):
        dataset = PoseDataset(ann_file=str(path), pipeline=pipeline, split="train")
    return loader(dataset, pseudo_collate, args)


def loader(dataset: Any, collate: Callable, args: argparse.Namespace) -> DataLoader:
    """Put a data set behind workers, as training does."""
    steps = args.warmup + args.steps + 2
    return DataLoader(
        dataset,
        args.batch,
        sampler=RandomSampler(dataset, replacement=True, num_samples=args.batch * steps),
        num_workers=args.workers,
        collate_fn=collate,
        drop_last=True,
        pin_memory=args.device.startswith("cuda"),
        persistent_workers=args.workers > 0,
    )


def clips_per_second(model: Any, batches: Iterator[Any], step: Callable, args: argparse.Namespace) -> float:
    """Train for some steps and give the rate after warming up."""
    model.train()
    for number, batch in enumerate(itertools.islice(batches, args.warmup + args.steps)):
        if number == args.warmup:
            wait(args.device)
            start = time.perf_counter()
        step(batch)
    wait(args.device)
    return args.batch * args.steps / (time.perf_counter() - start)


def wait(device: str) -> None:
    """Wait for the device."""
    if device.startswith("cuda"):
        torch.cuda.synchronize()


def optimizer(model: Any, amp: bool) -> OptimWrapper:
    """Give the optimizer of every row."""
    sgd = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    return AmpOptimWrapper(dtype="bfloat16", optimizer=sgd) if amp else OptimWrapper(sgd)


def measure_fau3d(path: Path, args: argparse.Namespace) -> tuple[float, float]:
    """Measure our model with ready tensors, then through the data path."""
    model = fau3d_model(args)
    wrapper = optimizer(model, args.amp)
    loader = fau3d_loader(path, args)
    with wrapper.optim_context(model):
        ready = model.data_preprocessor(next(iter(loader)), True)

    def train_ready(data: dict) -> None:
        with wrapper.optim_context(model):
            losses = model(**data, mode="loss")
        wrapper.update_params(model.parse_losses(losses)[0])

    alone = clips_per_second(model, itertools.repeat(ready), train_ready, args)
    del ready
    path_rate = clips_per_second(model, iter(loader), lambda batch: model.train_step(batch, wrapper), args)
    return alone, path_rate


def measure_mmaction(path: Path, args: argparse.Namespace) -> float:
    """Measure MMAction2's recipe."""
    model = mmaction_model(args)
    wrapper = optimizer(model, args.amp)
    batches = iter(mmaction_loader(path, args))
    return clips_per_second(model, batches, lambda batch: model.train_step(batch, wrapper), args)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--frames", type=int, default=48)
    parser.add_argument("--size", type=int, default=56, help="side of a map in pixels")
    parser.add_argument(
        "--base-channels", type=int, default=32, help="width of the network; 32 is the recipe's"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--warmup", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--amp", action="store_true", help="bfloat16 autocast, in every row")
    parser.add_argument(
        "--channels-last", action="store_true", help="in our rows; MMAction2 has no such switch"
    )
    parser.add_argument("--skip-mmaction", action="store_true")
    return parser.parse_args()


def main() -> None:
    """Measure and print the table."""
    args = parse_args()
    logging.disable(logging.WARNING)
    cuda = args.device.startswith("cuda")
    torch.backends.cudnn.benchmark = cuda
    name = torch.cuda.get_device_name() if cuda else f"CPU, {torch.get_num_threads()} threads"
    print(
        f"{name}; batch {args.batch}, {args.frames} frames, {POINTS} maps of {args.size} x {args.size}, R50 "
        f"with {args.base_channels} channels, {args.workers} workers, "
        f"{'bfloat16' if args.amp else 'float32'}, torch {torch.__version__}\n"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.pkl"
        write_corpus(path)
        alone, through = measure_fau3d(path, args)
        rows = [("ready tensors", alone), ("data path", through)]
        if not args.skip_mmaction:
            rows.append(("MMAction2", measure_mmaction(path, args)))
    theirs = dict(rows).get("MMAction2", float("nan"))
    print("| fed by | clips/s | of ready tensors | times MMAction2 |\n|---|---|---|---|")
    for label, rate in rows:
        print(f"| {label} | {rate:.2f} | {rate / alone:.2f} | {rate / theirs:.2f} |")


if __name__ == "__main__":
    main()
