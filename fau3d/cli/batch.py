"""`fau3d batch`: many videos into one folder, one table and one page."""

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
    positive,
    rate,
    share_cores,
)

_EPILOG = """\
examples:
  fau3d batch videos -o results                     results/<video>/au.csv and its report, for each
  fau3d batch videos -o results --workers 4         four at a time
  fau3d batch videos -o results --overlay --plot    with pictures
  fau3d batch list.txt -o results                   the videos that a file names, one path a line
  fau3d batch videos -o results --checkpoint A.pth B.pth --weights 2 1 --units finegrained15

results/index.html shows all videos on one page, results/summary.csv has a row for each video and face.
A video that fails is listed in results/failures.csv with the reason, and the others go on.
A run that was stopped goes on where it was, and tries again what failed; --overwrite begins anew.
"""


def add_command(commands: "argparse._SubParsersAction[Parser]") -> None:
    parser = commands.add_parser(
        "batch",
        help="analyse many videos and sum them up in a table and on a page",
        description="Analyse the videos of a folder tree, several at a time, and sum them up.",
        epilog=_EPILOG,
        formatter_class=Help,
    )
    parser.add_argument("source", metavar="FOLDER", help="a folder tree of videos, or a file that lists them")
    parser.add_argument(
        "-o", "--output", metavar="DIR", required=True, type=Path, help="folder for the results"
    )
    parser.add_argument(
        "--workers",
        metavar="N",
        type=positive,
        default=1,
        help="videos analysed at the same time (default 1)",
    )
    add_model_options(parser)
    add_window_options(parser)
    outputs = parser.add_argument_group("output")
    outputs.add_argument("--overlay", action="store_true", help="write overlay.mp4 of each video")
    outputs.add_argument("--panel", action="store_true", help="an overlay that shows every unit")
    outputs.add_argument("--plot", action="store_true", help="write timing.png of each video")
    outputs.add_argument("--report", action="store_true", help="write overlay and timing diagram, too")
    outputs.add_argument("--landmarks", action="store_true", help="add the landmarks to the tables")
    outputs.add_argument("--overwrite", action="store_true", help="analyse again what is finished")
    outputs.add_argument(
        "--fps", metavar="F", type=rate, default=25.0, help="frame rate of folders of images (default 25)"
    )
    outputs.add_argument("--quiet", action="store_true", help="no progress bar")
    add_debug(parser)
    parser.set_defaults(run=_batch)


def _batch(args: argparse.Namespace) -> int:
    """Run `fau3d batch`."""
    if args.output.exists() and not args.output.is_dir():
        raise NotADirectoryError(f"{args.output}: is a file; name a folder for the results with -o")
    from tqdm import tqdm

    from fau3d.apis.analysis import AnalysisOptions
    from fau3d.apis.batch import run_batch

    if args.workers == 1:
        share_cores()
    options = AnalysisOptions(
        overlay=args.overlay or args.panel or args.report,
        plot=args.plot or args.report,
        overwrite=args.overwrite,
        fps=args.fps,
        panel=args.panel,
    )
    with tqdm(desc="videos", unit="video", dynamic_ncols=True, disable=args.quiet) as bar:

        def begun(total: int) -> None:
            bar.reset(total)

        def done(name, outcome):  # type: ignore[no-untyped-def]
            bar.set_postfix_str(name, refresh=False)
            bar.update()

        settings = inferencer_settings(args)
        report = run_batch(args.source, args.output, settings, options, args.workers, begun, done)
    return _tell(report)


def _tell(report) -> int:  # type: ignore[no-untyped-def]
    for name, reason in report.damaged:
        print(f"damaged: {reason if reason.startswith(name) else f'{name}: {reason}'}", file=sys.stderr)
    for name, reason in report.failures:
        print(f"failed: {reason if reason.startswith(name) else f'{name}: {reason}'}", file=sys.stderr)
    for path in report.outputs:
        print(f"wrote {path}")
    speed = report.frames / report.seconds if report.seconds else 0.0
    counts = f"{len(report.finished)} analysed, {len(report.skipped)} skipped, {len(report.failures)} failed"
    print(f"{counts}; {report.frames} frames in {report.seconds:.1f} s: {speed:.1f} frames/s")
    if report.failures:
        return PARTLY if report.finished or report.skipped else WRONG
    return OK
