"""What the commands share: parsers, kinds of arguments, exit codes, and the progress bar."""

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fau3d.apis.weights import shipped_weights

OK, PARTLY, WRONG = 0, 1, 2


class Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=110)


class Parser(argparse.ArgumentParser):
    """A parser that can get its arguments when it is first used."""

    fill: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def, override]
        fill, self.fill = self.fill, None
        if fill is not None:
            fill(self)
        return super().parse_known_args(None if args is None else _one_by_one(args), namespace)


def _one_by_one(args: Sequence[str]) -> list[str]:
    """Write `--checkpoint A B` as `--checkpoint A --checkpoint B`, so that a SOURCE behind them is none."""
    several = {"--checkpoint": _is_checkpoint, "--weights": _is_number}
    written: list[str] = []
    for text in args:
        option = written[-2] if len(written) > 1 else ""
        if option in several and several[option](text):
            written.append(option)
        written.append(text)
    return written


def _is_checkpoint(text: str) -> bool:
    return text.endswith((".pth", ".pt", ".ckpt")) or text in shipped_weights()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def add_debug(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", help="show where in the code an error came from")


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add what chooses model, landmarks and faces: the arguments of `AUInferencer`."""
    models = parser.add_argument_group("model")
    models.add_argument(
        "--checkpoint",
        metavar="NAME|FILE",
        action="append",
        help="shipped weights (see `fau3d models`) or a checkpoint file; the default weights if left out. "
        "Several (A.pth B.pth): their units are joined, and averaged where they overlap",
    )
    add_union_options(models)
    models.add_argument(
        "--model",
        metavar="NAME",
        help="whose released file --checkpoint is, as downloaded: opengraphau, megraphau, mae-vit, "
        "each also with its backbone (opengraphau-resnet50)",
    )
    models.add_argument(
        "--au-set", metavar="NAME", help="units of a released file that does not tell them, such as bp4d"
    )
    models.add_argument(
        "--config", metavar="FILE", type=Path, help="the config, for a checkpoint that tools/train.py wrote"
    )
    models.add_argument(
        "--extractor", default="mediapipe", help="landmark extractor: mediapipe (default) or face-alignment"
    )
    models.add_argument(
        "--device", default="auto", help="auto (default: a GPU where there is one), cpu, cuda, cuda:1"
    )
    models.add_argument(
        "--max-faces", metavar="N", type=positive, default=1, help="faces followed at once (default 1)"
    )


def add_union_options(models: "argparse._ArgumentGroup") -> None:
    """Add what says how several checkpoints answer together, and which units."""
    models.add_argument(
        "--weights",
        action="append",
        metavar="W|FILE",
        help="what each of several checkpoints counts where they overlap, such as 2 1; or a file of weights "
        "learned unit by unit (see `fau3d fuse --help`)",
    )
    models.add_argument(
        "--units",
        metavar="NAME|AU,AU",
        type=unit_set,
        help="answer these units only: a named set, such as finegrained15, or a list",
    )


def add_window_options(parser: argparse.ArgumentParser) -> None:
    """Add what says how windows of a finished video are answered."""
    windows = parser.add_argument_group("windows")
    windows.add_argument(
        "--smooth",
        metavar="N",
        type=natural,
        default=0,
        help="mean over N frames on each side (default 0; 3 to 5 help)",
    )
    windows.add_argument(
        "--stride", metavar="N", type=positive, help="frames between windows (default: the checkpoint says)"
    )
    windows.add_argument("--batch-size", metavar="N", type=positive, help="windows answered together")
    windows.add_argument(
        "--neutral",
        metavar="FILE|B-E|auto",
        help="take away how this face rests: a picture or video of it at rest, the seconds in which it rests "
        "(0-2), or auto, which looks for its calmest frames; see docs/neutral.md",
    )


def inferencer_settings(args: argparse.Namespace) -> dict[str, Any]:
    """Give the arguments of `AUInferencer` that the options of a command ask for."""
    settings = {
        "model": checkpoints(args.checkpoint),
        "extractor": args.extractor,
        "device": args.device,
        "config": args.config,
        "max_faces": args.max_faces,
        "released": args.model,
        "au_set": args.au_set,
        "weights": model_weights(args.weights),
        "units": args.units,
    }
    if "smooth" in args:
        settings |= {"smoothing": args.smooth, "stride": args.stride, "batch_size": args.batch_size}
        settings["neutral"] = args.neutral
    if "landmarks" in args:
        settings["landmarks"] = args.landmarks
    return settings


def checkpoints(given: list[str] | None) -> str | list[str] | None:
    """Give what --checkpoint names: one or several, None for the default weights."""
    return given[0] if given and len(given) == 1 else given


def model_weights(texts: list[str] | None) -> list[float] | str | None:
    """Give what --weights names: numbers, or the file that holds them.

    Raises:
        ValueError: If one of several is no number.
    """
    if texts is None or (len(texts) == 1 and not _is_number(texts[0])):
        return texts[0] if texts else None
    if not all(map(_is_number, texts)):
        raise ValueError(f"weights are {' '.join(texts)}; wanted one number for each model, or one file")
    return [float(text) for text in texts]


def unit_set(text: str) -> str | list[str]:
    """Give the name of a set of units, or the units of a list."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    alone = len(names) == 1 and not names[0].upper().startswith(("AU", "AD"))
    return names[0] if alone else names


def share_cores() -> None:
    """Leave one core to the extractor, which works at the same time; a user's own setting wins."""
    import torch

    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, min(8, torch.get_num_threads() - 1)))


def positive(text: str) -> int:
    return _whole(text, least=1)


def natural(text: str) -> int:
    return _whole(text, least=0)


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number; wanted {least} or more") from None
    if value < least:
        raise argparse.ArgumentTypeError(f"{text} is too small; wanted {least} or more")
    return value


def rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is no frame rate; wanted frames per second")
    return value


@contextmanager
def progress_bar(quiet: bool) -> Iterator:  # type: ignore[type-arg]
    """Give a function that shows progress: one bar for each source, with its rate."""
    if quiet:
        yield lambda done, total, name: None
        return
    from tqdm import tqdm

    bars: dict[str, tqdm] = {}

    def show(done: int, total: int | None, name: str) -> None:
        if name not in bars:
            for bar in bars.values():
                bar.close()
            bars.clear()
            bars[name] = tqdm(total=total, desc=name, unit="frame", dynamic_ncols=True, smoothing=0.1)
        bars[name].update(done - bars[name].n)

    try:
        yield show
    finally:
        for bar in bars.values():
            bar.close()
