"""What the command lines of training and testing share: arguments, and errors that speak to the user."""

import argparse
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from mmengine.config import DictAction

from fau3d.engine.launch import LAUNCHERS, stop_process_group

# Seconds that a process waits before it says what went wrong, for the first one to say it alone.
_FIRST_SPEAKS = 3.0


def add_run_arguments(parser: argparse.ArgumentParser, example: str) -> None:
    """Add the arguments that training and testing have in common.

    Args:
        parser: Of the tool.
        example: For the help of `--cfg-options`.
    """
    parser.add_argument("--seed", type=int, help="of everything random; the config's or 0 by default")
    parser.add_argument("--deterministic", action="store_true", help="deterministic algorithms only")
    parser.add_argument("--work-dir", help="folder of the run; the config's, or work_dirs/<config>")
    parser.add_argument("--ann-file", help="annotation file for every data set, instead of the config's")
    parser.add_argument("--launcher", choices=LAUNCHERS, default="none", help="who starts the processes")
    add_config_options(parser, f"change keys of the config: {example}")
    # torch.distributed.launch passes it; torchrun sets LOCAL_RANK instead.
    parser.add_argument("--local_rank", "--local-rank", type=int, default=0, help=argparse.SUPPRESS)


def converter_parser(doc: str | None) -> argparse.ArgumentParser:
    """Give the parser of a tool that writes a checkpoint in another form; `doc` is the tool's."""
    return argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)


def add_converter_arguments(
    parser: argparse.ArgumentParser, checkpoint: str, source: str = "", licence: str = ""
) -> None:
    """Add what such tools have in common.

    Args:
        parser: Of the tool.
        checkpoint: Help of the file that it reads.
        source: Where weights come from, unless the user says otherwise.
        licence: Theirs, likewise.
    """
    parser.add_argument("checkpoint", help=checkpoint)
    parser.add_argument("output", type=Path, help="the file to write")
    parser.add_argument("--source", default=source, help="where the weights come from; written into the file")
    parser.add_argument("--licence", default=licence, help="of the weights; written into the file")
    parser.add_argument("--overwrite", action="store_true", help="replace OUTPUT if it is there")


def refuse_existing(args: argparse.Namespace) -> None:
    """End the program where a converter's output is there and may not be replaced."""
    if args.output.exists() and not args.overwrite:
        sys.exit(f"{args.output} is there already; give --overwrite to replace it")


def add_config_options(parser: argparse.ArgumentParser, text: str) -> None:
    """Add `--cfg-options`; `text` is its help."""
    parser.add_argument(
        "--cfg-options", nargs="+", action=DictAction, default={}, metavar="KEY=VALUE", help=text
    )


def run_tool(main: Callable[[], None]) -> int:
    """Run a tool; an error that speaks to the user becomes one sentence, any other keeps its traceback.

    Args:
        main: Reads the command line and does the work.

    Returns:
        The exit code: 0, or 1 after such a sentence.
    """
    # About a compiled operator of mmcv that nothing here uses.
    warnings.filterwarnings("ignore", message="Fail to import ``MultiScaleDeformableAttention``")
    try:
        main()
    except (OSError, ValueError, RuntimeError) as error:
        if not speaks_to_the_user(error):
            raise
        rank = os.environ.get("RANK", os.environ.get("SLURM_PROCID", "0"))
        if rank != "0":
            # All of them mostly stumble over the same thing, and the launcher ends the others meanwhile.
            time.sleep(_FIRST_SPEAKS)
        print(f"{Path(sys.argv[0]).name}: error: {error}", file=sys.stderr, flush=True)
        return 1
    finally:
        stop_process_group()
    return 0


def speaks_to_the_user(error: BaseException) -> bool:
    """Tell whether fau3d itself raised an error, or it is about a file; others are faults to be traced."""
    if isinstance(error, OSError):
        return error.filename is not None or _raised_here(error)
    return _raised_here(error)


def _raised_here(error: BaseException) -> bool:
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    return bool(frames) and str(frames[-1].f_globals.get("__name__")).startswith("fau3d.")
