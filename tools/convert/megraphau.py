"""ME-GraphAU's released weights in fau3d's form: python tools/convert/megraphau.py CKPT OUTPUT

12 units are taken for BP4D's, 8 for DISFA's; stage and backbone are found out from the file.
"""

import argparse
import sys
from pathlib import Path

from fau3d.engine.command import run_tool
from fau3d.engine.conversion import convert_graph_weights

SOURCE = "ME-GraphAU, github.com/CVI-SZU/ME-GraphAU"
LICENCE = "that of the release; BP4D and DISFA, which it was trained on, are for research only"


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", help="a released file of one fold")
    parser.add_argument("output", help="the file to write")
    parser.add_argument("--au-set", help="the units, in the order of the answers; by default bp4d or disfa8")
    parser.add_argument("--source", default=SOURCE, help="written into the file")
    parser.add_argument("--licence", default=LICENCE, help="written into the file")
    parser.add_argument("--overwrite", action="store_true", help="replace OUTPUT if it is there")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    output = Path(args.output)
    if output.exists() and not args.overwrite:
        sys.exit(f"{output} is there already; give --overwrite to replace it")
    meta = convert_graph_weights(
        args.checkpoint,
        output,
        source=args.source,
        licence=args.licence,
        au_set=args.au_set,
        rectify="sum",
    )
    head = meta["model"]["head"]
    print(f"{output}: stage {head['stage']}, {meta['model']['backbone']}, {' '.join(meta['au_names'])}")


if __name__ == "__main__":
    sys.exit(run_tool(main))
