"""The command `fau3d`: arguments in, one function called, a report out. Heavy imports wait till needed."""

import argparse
import os
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import fau3d

OK, PARTLY, WRONG = 0, 1, 2

_DESCRIPTION = "Facial action units (FACS) in video: what each muscle of a face does, frame by frame."
_EPILOG = """\
first steps:
  fau3d analyze face.mp4 -o results --overlay --plot   action units of a video, with pictures
  fau3d models                                         the weights that come with fau3d
  fau3d extract videos/ landmarks.pkl                  landmarks only, as an annotation file for training

exit codes: 0 all done, 1 parts of a folder failed (see failures.csv), 2 nothing could be done
"""
_ANALYZE_EPILOG = """\
examples:
  fau3d analyze face.mp4 -o results                       results/au.csv
  fau3d analyze face.mp4 -o results --overlay --plot      and overlay.mp4 and timing.png
  fau3d analyze two_people.mp4 -o results --max-faces 2   a row for each face and frame
  fau3d analyze photo.jpg -o results --overlay            an image: one row for each face
  fau3d analyze photos/ -o results                        a folder of stills: one au.csv, a row for each
  fau3d analyze frames/ -o results --sequence --fps 30    the same folder taken as one video
  fau3d analyze videos/ -o results                        a folder of videos: results/<video>/au.csv
  fau3d analyze 0 -o results --overlay                    webcam 0, until Ctrl-C

au.csv has one row a face and frame: source, frame (from 0), face_id, timestamp (seconds), confidence,
success, box_*, and for each action unit AU12_p (probability), AU12_c (present: 1 or 0) and AU12_r
(intensity, 0 to 5).
A frame without a face keeps its row, with success 0 and empty values.

A folder of videos that was stopped goes on where it was; --overwrite begins anew.
"""


class _Help(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=110)


class _Parser(argparse.ArgumentParser):
    """A parser that can get its arguments when it is first used."""

    fill: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def, override]
        fill, self.fill = self.fill, None
        if fill is not None:
            fill(self)
        return super().parse_known_args(args, namespace)


def build_parser() -> argparse.ArgumentParser:
    """Give the parser of the whole command."""
    parser = _Parser("fau3d", description=_DESCRIPTION, epilog=_EPILOG, formatter_class=_Help)
    parser.add_argument("--version", action="version", version=f"fau3d {fau3d.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_analyze(commands)
    _add_extract(commands)
    _add_models(commands)
    return parser


def _add_analyze(commands: "argparse._SubParsersAction[_Parser]") -> None:
    parser = commands.add_parser(
        "analyze",
        help="find the action units of a video, an image, a folder or a webcam",
        description="Find the action units of every face and write them to a table, with pictures on demand.",
        epilog=_ANALYZE_EPILOG,
        formatter_class=_Help,
    )
    parser.add_argument(
        "source", metavar="SOURCE", help="a video, an image, a folder of either, or the number of a webcam"
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", required=True, type=Path, help="folder for the results"
    )
    models = parser.add_argument_group("model")
    models.add_argument(
        "--checkpoint",
        metavar="NAME|FILE",
        help="shipped weights (see `fau3d models`) or a checkpoint file; the default weights if left out",
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
        "--max-faces", metavar="N", type=_positive, default=1, help="faces followed at once (default 1)"
    )
    models.add_argument(
        "--smooth",
        metavar="N",
        type=_natural,
        default=0,
        help="mean over N frames on each side (default 0; 3 to 5 help)",
    )
    models.add_argument(
        "--stride", metavar="N", type=_positive, help="frames between windows (default half a window)"
    )
    models.add_argument("--batch-size", metavar="N", type=_positive, help="windows answered together")
    outputs = parser.add_argument_group("output")
    outputs.add_argument(
        "--overlay", action="store_true", help="write overlay.mp4: landmarks and AU bars on the video"
    )
    outputs.add_argument("--plot", action="store_true", help="write timing.png: each action unit over time")
    outputs.add_argument(
        "--landmarks", action="store_true", help="add the landmarks to the table: x_0 …, y_0 …"
    )
    outputs.add_argument("--overwrite", action="store_true", help="replace results that are there")
    outputs.add_argument("--sequence", action="store_true", help="take a folder of images as one video")
    outputs.add_argument(
        "--fps", metavar="F", type=_rate, default=25.0, help="frame rate for --sequence (default 25)"
    )
    outputs.add_argument("--quiet", action="store_true", help="no progress bar")
    _add_debug(parser)
    parser.set_defaults(run=_analyze)


def _add_extract(commands: "argparse._SubParsersAction[_Parser]") -> None:
    # Its arguments live with the extraction, whose imports only those pay who use it.
    parser = commands.add_parser(
        "extract", help="extract landmarks into an annotation file, for training", formatter_class=_Help
    )
    parser.fill = _fill_extract


def _fill_extract(parser: argparse.ArgumentParser) -> None:
    from fau3d.apis.extraction import command

    parser.description, parser.epilog = command.DESCRIPTION, command.EPILOG
    command.add_arguments(parser)
    _add_debug(parser)
    parser.set_defaults(run=command.run)


def _add_models(commands: "argparse._SubParsersAction[_Parser]") -> None:
    parser = commands.add_parser(
        "models", help="list the weights that come with fau3d", formatter_class=_Help,
        description="List the weights that come with fau3d: what they answer, and which landmarks they read.",
    )  # fmt: skip
    _add_debug(parser)
    parser.set_defaults(run=_models)


def _add_debug(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--debug", action="store_true", help="show where in the code an error came from")


def _positive(text: str) -> int:
    return _whole(text, least=1)


def _natural(text: str) -> int:
    return _whole(text, least=0)


def _whole(text: str, least: int) -> int:
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number; wanted {least} or more") from None
    if value < least:
        raise argparse.ArgumentTypeError(f"{text} is too small; wanted {least} or more")
    return value


def _rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1e6:
        raise argparse.ArgumentTypeError(f"{text} is no frame rate; wanted frames per second")
    return value


def _analyze(args: argparse.Namespace) -> int:
    """Run `fau3d analyze`."""
    source = int(args.source) if args.source.isdecimal() and not Path(args.source).exists() else args.source
    if isinstance(source, str) and not Path(source).exists():
        raise FileNotFoundError(f"{source}: no such file or folder; check the path")
    if args.output.exists() and not args.output.is_dir():
        raise NotADirectoryError(f"{args.output}: is a file; name a folder for the results with -o")
    if (args.output / "au.csv").exists() and not args.overwrite and not _is_folder_of_videos(source, args):
        # Said before the model is loaded: the user should not wait for a refusal.
        raise FileExistsError(
            f"{args.output / 'au.csv'}: is there already; use --overwrite, or name another folder"
        )
    from fau3d.apis.analysis import AnalysisOptions, analyze
    from fau3d.apis.inferencer import AUInferencer

    _share_cores()
    options = AnalysisOptions(args.overlay, args.plot, args.sequence, args.overwrite, args.fps)
    with (
        AUInferencer(
            args.checkpoint,
            args.extractor,
            args.device,
            config=args.config,
            max_faces=args.max_faces,
            stride=args.stride,
            batch_size=args.batch_size,
            smoothing=args.smooth,
            landmarks=args.landmarks,
        ) as inferencer,
        _progress_bar(args.quiet) as progress,
    ):
        report = analyze(source, args.output, inferencer, options, progress)
    return _tell(report)


def _share_cores() -> None:
    """Leave one core to the extractor, which works at the same time; a user's own setting wins."""
    import torch

    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(max(1, min(8, torch.get_num_threads() - 1)))


def _is_folder_of_videos(source: str | int, args: argparse.Namespace) -> bool:
    return isinstance(source, str) and Path(source).is_dir() and not args.sequence


def _tell(report) -> int:  # type: ignore[no-untyped-def]
    """Print where things are, what failed and why, and the rate; give the exit code."""
    for note in report.notes:
        print(f"note: {note}")
    for reason in dict(report.damaged).values():  # read twice for an overlay, said once
        print(f"damaged: {reason}", file=sys.stderr)
    for name, reason in report.failures:
        print(f"failed: {reason if reason.startswith(name) else f'{name}: {reason}'}", file=sys.stderr)
    for path in report.outputs[:12]:
        print(f"wrote {path}")
    if len(report.outputs) > 12:
        print(f"wrote {len(report.outputs) - 12} more files beside them")
    rate = report.frames / report.seconds if report.seconds else 0.0
    print(f"{report.frames} frames, {report.faces} faces in {report.seconds:.1f} s: {rate:.1f} frames/s")
    if report.skipped:
        print(f"skipped {len(report.skipped)} that had results already; --overwrite analyses them again")
    if report.frames and not report.faces:
        print("no face was found in any frame; the table says so in its column `success`")
    if report.failures:
        print(f"{len(report.failures)} failed, for the reasons above", file=sys.stderr)
        return PARTLY if report.frames or report.skipped else WRONG
    return OK


def _models(args: argparse.Namespace) -> int:
    """Run `fau3d models`."""
    from fau3d.apis.weights import DEFAULT_WEIGHTS, describe_weights, shipped_weights

    found = shipped_weights()
    if not found:
        print("no weights come with this copy of fau3d; give a checkpoint file with --checkpoint")
    for name, path in found.items():
        print(f"{name}{'  (default)' if name == DEFAULT_WEIGHTS else ''}")
        for key, value in describe_weights(path).items():
            print(f"  {key:<10} {value}")
    return OK


@contextmanager
def _progress_bar(quiet: bool) -> Iterator:  # type: ignore[type-arg]
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


if __name__ == "__main__":
    sys.exit(main())
