"""`fau3d fuse`: one AU table from several models'."""

import argparse
from pathlib import Path

from fau3d.cli.common import OK, Help, Parser, add_debug, model_weights

_EPILOG = """\
examples:
  fau3d fuse keypoint.csv image.csv -o fused.csv                       their mean
  fau3d fuse keypoint.csv image.csv -o fused.csv --weights 2 1         the first counts twice
  fau3d fuse keypoint.csv image.csv -o fused.csv --weights learned.json

learned.json comes from a validation split, on which both models were tested:
  python tools/analysis/fuse_results.py keypoint.pkl image.pkl --learn learned.json

Faces are matched by source, frame and face_id: analyse the video with the same --extractor and --max-faces.

Models that read the same points in windows of the same length need no tables: `analyze`, `live`, `batch` and
`serve` take them together, with report and pictures of the union:
  fau3d analyze face.mp4 -o results --report --checkpoint A.pth B.pth --weights 2 1
"""


def add_command(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command's arguments."""
    parser = commands.add_parser(
        "fuse",
        help="average the AU tables of several models",
        description="Average the AU tables of one source from several models, unit by unit.",
        epilog=_EPILOG,
        formatter_class=Help,
    )
    parser.add_argument(
        "tables", metavar="CSV", nargs="+", type=Path, help="two or more au.csv of one source"
    )
    parser.add_argument("-o", "--output", metavar="CSV", required=True, type=Path, help="the fused table")
    parser.add_argument(
        "--weights",
        action="append",
        metavar="W|FILE",
        help="one number for each table, or a file of learned weights",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace the fused table if it is there")
    add_debug(parser)
    parser.set_defaults(run=_fuse)


def _fuse(args: argparse.Namespace) -> int:
    from fau3d.apis.table_fusion import fuse_tables
    from fau3d.io.table import read_au_table, write_au_table

    if args.output.exists() and not args.overwrite:
        raise FileExistsError(f"{args.output}: is there already; use --overwrite, or name another file")
    fused = fuse_tables([read_au_table(path) for path in args.tables], model_weights(args.weights))
    write_au_table(fused, args.output)
    print(f"wrote {args.output}: {len(fused.data)} rows, {len(fused.au_names)} action units")
    return OK
