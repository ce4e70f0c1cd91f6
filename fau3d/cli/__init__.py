"""The command `fau3d`: arguments in, one function called, a report out. Heavy imports wait till needed.

Each command has a module with `add_command`, which adds its arguments and names the function to run.
"""

import argparse
import os
import sys
import warnings
from collections.abc import Sequence

import fau3d
from fau3d.cli import analyze, batch, compare, extract, fuse, live, models, serve
from fau3d.cli.common import WRONG, Help, Parser

_DESCRIPTION = "Facial action units (FACS) in video: what each muscle of a face does, frame by frame."
_EPILOG = """\
first steps:
  fau3d analyze face.mp4 -o results --overlay --plot   action units of a video, with pictures
  fau3d serve                                          the same on a web page of this machine
  fau3d models                                         the weights that come with fau3d
  fau3d extract videos/ landmarks.pkl                  landmarks only, as an annotation file for training

exit codes: 0 all done, 1 parts of a folder failed (see failures.csv), 2 nothing could be done
"""


def build_parser() -> argparse.ArgumentParser:
    """Give the parser of the whole command."""
    parser = Parser("fau3d", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=Help)
    parser.add_argument("--version", action="version", version=f"fau3d {fau3d.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in (analyze, batch, live, serve, compare, extract, fuse, models):
        command.add_command(commands)
    return parser


def _quieten(debug: bool) -> None:
    """Show warnings about the user's videos as a sentence, and nothing that libraries say to programmers."""
    from fau3d.io.video import VideoWarning

    def show(message, category, *_):  # type: ignore[no-untyped-def]
        print(f"fau3d: warning: {message}", file=sys.stderr)

    if not debug:
        warnings.showwarning = show
        warnings.simplefilter("ignore")
        warnings.simplefilter("default", VideoWarning)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: Arguments; those of the process by default.

    Returns:
        The exit code: 0 all done, 1 parts failed, 2 nothing could be done.
    """
    args = build_parser().parse_args(argv)
    # What MediaPipe and OpenCV say of themselves helps nobody here; a user's own setting wins.
    os.environ.setdefault("GLOG_minloglevel", "2")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
    try:
        with warnings.catch_warnings():
            _quieten(args.debug)
            return args.run(args)
    except KeyboardInterrupt:
        print("fau3d: stopped; finished results are kept", file=sys.stderr)
        return 130
    except Exception as error:
        if args.debug or not _is_expected(error):
            raise
        print(f"fau3d: error: {_sentence(error)}", file=sys.stderr)
        return WRONG


def _is_expected(error: Exception) -> bool:
    """Tell whether an error speaks to the user; any other is a fault of fau3d and keeps its traceback."""
    from fau3d.engine.checkpoint import CheckpointError
    from fau3d.io.video import VideoError

    if isinstance(error, ImportError):
        return not str(error.name).startswith("fau3d")
    return isinstance(error, VideoError | CheckpointError | OSError | ValueError | MemoryError)


def _sentence(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
