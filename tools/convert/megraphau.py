"""ME-GraphAU's released weights in fau3d's form: python tools/convert/megraphau.py CKPT OUTPUT

12 units are taken for BP4D's, 8 for DISFA's; stage and backbone are found out from the file.
"""

import argparse
import sys

from fau3d.engine.command import add_converter_arguments, converter_parser, refuse_existing, run_tool
from fau3d.engine.conversion import convert_graph_weights

SOURCE = "ME-GraphAU, github.com/CVI-SZU/ME-GraphAU"
LICENCE = "that of the release; BP4D and DISFA, which it was trained on, are for research only"


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = converter_parser(__doc__)
    add_converter_arguments(parser, "a released file of one fold", SOURCE, LICENCE)
    parser.add_argument("--au-set", help="the units, in the order of the answers; by default bp4d or disfa8")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    refuse_existing(args)
    meta = convert_graph_weights(
        args.checkpoint,
        args.output,
        source=args.source,
        licence=args.licence,
        au_set=args.au_set,
        rectify="sum",
    )
    head = meta["model"]["head"]
    print(f"{args.output}: stage {head['stage']}, {meta['model']['backbone']}, {' '.join(meta['au_names'])}")


if __name__ == "__main__":
    sys.exit(run_tool(main))
