"""`fau3d compare`: how far a table, or a second coder, agrees with what a person coded."""

import argparse
import math
from pathlib import Path

from fau3d.cli.common import OK, Help, Parser, add_debug, natural, rate

_EPILOG = """\
examples:
  fau3d compare results/au.csv coding.eaf                      each tier that has a unit's name, such as AU12
  fau3d compare results/au.csv coding.TextGrid -o agreement.csv
  fau3d compare results/au.csv coding.eaf --unit-map smile=AU06+AU12 "brow raise=AU01"
  fau3d compare results/au.csv coding.csv                      unit,first_frame,last_frame,value (1 or 0)
  fau3d compare coder2.eaf coder1.eaf                          two coders, sampled at --rate
  fau3d compare results/au.csv coding.eaf --export both.eaf    see in ELAN where they differ

In tiers that mark only what is there, the rest counts as not there; --gaps and --coded say otherwise.
Frames that nobody coded, and frames without an answer, are in no figure.
"""


def add_command(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "compare",
        help="compare a table with a person's coding (ELAN, Praat, CSV)",
        description="Compare the answers in an AU table with a person's coding: kappa, F1, events.",
        epilog=_EPILOG,
        formatter_class=Help,
    )
    parser.add_argument(
        "answers", metavar="TABLE", type=Path, help="au.csv of the recording, or a second coder's file"
    )
    parser.add_argument(
        "coding", metavar="CODING", type=Path, help="the coder's file: .eaf, .TextGrid or .csv"
    )
    parser.add_argument("-o", "--output", metavar="CSV", type=Path, help="write all figures, one row a unit")
    parser.add_argument(
        "--export", metavar="FILE", type=Path, help="write both side by side: .eaf or .TextGrid"
    )
    parser.add_argument("--media", metavar="VIDEO", type=Path, help="the recording, named in --export's .eaf")
    parser.add_argument("--overwrite", action="store_true", help="replace output files that are there")
    add_debug(parser)
    coder = parser.add_argument_group("the coder's file")
    coder.add_argument(
        "--unit-map", metavar="TIER=UNIT", nargs="+", type=_mapping, default=[],
        help="units of tiers that have other names; several units with +",
    )  # fmt: skip
    coder.add_argument(
        "--gaps", choices=("auto", "absent", "uncoded"), default="auto",
        help="what time between annotations is: coded as not there, or not coded (default: not coded in "
        "tiers that also mark what is not there, with 0; CSV files say it themselves)",
    )  # fmt: skip
    coder.add_argument(
        "--coded", metavar=("FROM", "TO"), nargs=2, type=_seconds, help="the part that was coded, in seconds"
    )
    coder.add_argument("--shift", metavar="S", type=_seconds, default=0.0, help="add to the coder's times")
    events = parser.add_argument_group("figures")
    events.add_argument("--face", metavar="ID", type=natural, help="face_id (default: that in most frames)")
    events.add_argument(
        "--min-overlap", metavar="R", type=_share, default=0.0,
        help="common over joint time from which two events are one, 0 to 1 (default: any)",
    )  # fmt: skip
    events.add_argument(
        "--min-duration", metavar="S", type=_duration, default=0.0, help="drop shorter events of the table"
    )
    events.add_argument(
        "--merge-within", metavar="S", type=_duration, default=0.0, help="join events of the table so close"
    )
    events.add_argument("--rate", metavar="F", type=rate, default=25.0, help="frames a second for two coders")
    parser.set_defaults(run=_compare)


def _mapping(text: str) -> tuple[str, list[str]]:
    from fau3d.facs import parse_au

    tier, separator, units = text.rpartition("=")
    try:
        if not (separator and tier):
            raise ValueError(f"{text!r} says no unit")
        return tier, [parse_au(unit) for unit in units.split("+")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}; wanted TIER=UNIT, such as smile=AU12") from None


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is no number; wanted seconds")
    return value


def _duration(text: str) -> float:
    value = _seconds(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is too small; wanted 0 or more seconds")
    return value


def _share(text: str) -> float:
    value = _seconds(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share; wanted a number from 0 to 1")
    return value


def _compare(args: argparse.Namespace) -> int:
    from fau3d.apis.coding_agreement import compare_files
    from fau3d.apis.human_coding import CodingRules
    from fau3d.io.atomic import atomic_path

    for path in filter(None, (args.output, args.export)):
        if path.exists() and not args.overwrite:
            raise FileExistsError(f"{path}: is there already; use --overwrite, or name another file")
    coded = (args.coded[0], args.coded[1]) if args.coded else None
    agreement = compare_files(
        args.answers,
        args.coding,
        CodingRules(dict(args.unit_map), args.gaps, coded, args.shift),
        face_id=args.face,
        min_overlap=args.min_overlap,
        min_duration=args.min_duration,
        merge_within=args.merge_within,
        rate=args.rate,
    )
    print(agreement.to_text())
    for note in agreement.notes:
        print(f"note: {note}")
    if args.output:
        with atomic_path(args.output) as temporary:
            agreement.to_frame().to_csv(temporary, index=False, float_format="%.4f", lineterminator="\n")
        print(f"wrote {args.output}")
    if args.export:
        agreement.export(args.export, args.media)
        print(f"wrote {args.export}")
    return OK
