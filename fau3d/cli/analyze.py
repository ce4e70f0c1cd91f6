"""`fau3d analyze`: the action units of videos, images and cameras."""

import argparse
import sys
from pathlib import Path

from fau3d.cli.common import (
    OK,
    PARTLY,
    WRONG,
    Help,
    Parser,
    add_debug,
    add_model_options,
    add_window_options,
    inferencer_settings,
    progress_bar,
    rate,
    share_cores,
)

_EPILOG = """\
examples:
  fau3d analyze face.mp4 -o results                       results/au.csv
  fau3d analyze face.mp4 -o results --overlay --plot      and overlay.mp4 and timing.png
  fau3d analyze face.mp4 -o results --report              all of it: begin with results/report.html
  fau3d analyze two_people.mp4 -o results --max-faces 2   a row for each face and frame
  fau3d analyze photo.jpg -o results --overlay            an image: one row for each face
  fau3d analyze photos/ -o results                        a folder of stills: one au.csv, a row for each
  fau3d analyze frames/ -o results --sequence --fps 30    the same folder taken as one video
  fau3d analyze videos/ -o results                        a folder of videos: results/<video>/au.csv
  fau3d analyze face.mp4 -o results --model opengraphau-resnet50 --checkpoint OpenGraphAU.pth --panel
  fau3d analyze face.mp4 -o results --report --checkpoint disfa.pth bp4d.pth --weights 2 1   two as one
  fau3d analyze 0 -o results --overlay                    webcam 0, until Ctrl-C

au.csv has one row a face and frame: source, frame (from 0), face_id, timestamp (seconds), confidence,
success, box_*, and for each action unit AU12_p (probability), AU12_c (present: 1 or 0) and AU12_r
(intensity, 0 to 5).
A frame without a face keeps its row, with success 0 and empty values.

A folder of videos that was stopped goes on where it was; --overwrite begins anew.
"""


def add_command(commands: "argparse._SubParsersAction[Parser]") -> None:
    parser = commands.add_parser(
        "analyze",
        help="find the action units of a video, an image, a folder or a webcam",
        description="Find the action units of every face and write them to a table, with pictures on demand.",
        epilog=_EPILOG,
        formatter_class=Help,
    )
    parser.add_argument(
        "source", metavar="SOURCE", help="a video, an image, a folder of either, or the number of a webcam"
    )
    parser.add_argument(
        "-o", "--output", metavar="DIR", required=True, type=Path, help="folder for the results"
    )
    add_model_options(parser)
    add_window_options(parser)
    outputs = parser.add_argument_group("output")
    outputs.add_argument(
        "--overlay", action="store_true", help="write overlay.mp4: landmarks and AU bars on the video"
    )
    outputs.add_argument(
        "--panel",
        action="store_true",
        help="an overlay that shows every unit, one-sided ones too, with its probability in percent",
    )
    outputs.add_argument("--plot", action="store_true", help="write timing.png: each action unit over time")
    outputs.add_argument(
        "--plot-units",
        metavar="AU,AU",
        type=_units,
        default=(),
        help="write timing_AU12.png and so on, a large diagram for each of these units",
    )
    outputs.add_argument(
        "--report",
        action="store_true",
        help="write all that a video tells: report.html to look at, overlay, timing diagram, and tables of "
        "events and expressions",
    )
    outputs.add_argument(
        "--segments",
        metavar="FILE",
        type=Path,
        help="CSV with name, begin, end (seconds): a report with segments.csv, figures of these parts",
    )
    outputs.add_argument(
        "--report-smoothing",
        metavar="METHOD",
        help="a report whose curves are smoothed first: mean, median, savitzky-golay, exponential, one-euro, "
        "also with the first setting (exponential:0.2, seconds); the report says how late that makes them",
    )
    outputs.add_argument(
        "--landmarks", action="store_true", help="add the landmarks to the table: x_0 …, y_0 …"
    )
    outputs.add_argument("--overwrite", action="store_true", help="replace results that are there")
    outputs.add_argument("--sequence", action="store_true", help="take a folder of images as one video")
    outputs.add_argument(
        "--fps", metavar="F", type=rate, default=25.0, help="frame rate for --sequence (default 25)"
    )
    outputs.add_argument(
        "--bids",
        metavar="ENTITIES",
        default="",
        help="begin all names with these, as in sub-01_task-interview (sub-01_task-interview_au.csv)",
    )
    outputs.add_argument("--quiet", action="store_true", help="no progress bar")
    add_debug(parser)
    parser.set_defaults(run=_analyze)


def _units(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _analyze(args: argparse.Namespace) -> int:
    """Run `fau3d analyze`."""
    source = int(args.source) if args.source.isdecimal() and not Path(args.source).exists() else args.source
    if isinstance(source, str) and not Path(source).exists():
        raise FileNotFoundError(f"{source}: no such file or folder; check the path")
    if args.output.exists() and not args.output.is_dir():
        raise NotADirectoryError(f"{args.output}: is a file; name a folder for the results with -o")
    table = f"{args.bids}_au.csv" if args.bids else "au.csv"
    if (args.output / table).exists() and not args.overwrite and not _is_folder_of_videos(source, args):
        # Said before the model is loaded: the user should not wait for a refusal.
        raise FileExistsError(
            f"{args.output / table}: is there already; use --overwrite, or name another folder"
        )
    from fau3d.apis.analysis import AnalysisOptions, analyze
    from fau3d.apis.inferencer import AUInferencer
    from fau3d.apis.outputs import bids_entities
    from fau3d.apis.reading.parts import read_parts
    from fau3d.apis.reading.smoothing import parse_smoothing

    share_cores()
    smoothing = None if args.report_smoothing is None else parse_smoothing(args.report_smoothing)
    report = args.report or args.segments is not None or smoothing is not None
    options = AnalysisOptions(
        args.overlay or args.panel or report,
        args.plot or report,
        args.sequence,
        args.overwrite,
        args.fps,
        args.panel,
        report,
        args.plot_units,
        bids_entities(args.bids) if args.bids else "",
        None if args.segments is None else read_parts(args.segments),
        smoothing,
    )
    with (
        AUInferencer(**inferencer_settings(args)) as inferencer,
        progress_bar(args.quiet) as progress,
    ):
        done = analyze(source, args.output, inferencer, options, progress)
    return _tell(done)


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
    speed = report.frames / report.seconds if report.seconds else 0.0
    print(f"{report.frames} frames, {report.faces} faces in {report.seconds:.1f} s: {speed:.1f} frames/s")
    if report.skipped:
        print(f"skipped {len(report.skipped)} that had results already; --overwrite analyses them again")
    if report.frames and not report.faces:
        print("no face was found in any frame; the table says so in its column `success`")
    if report.failures:
        print(f"{len(report.failures)} failed, for the reasons above", file=sys.stderr)
        return PARTLY if report.frames or report.skipped else WRONG
    return OK
