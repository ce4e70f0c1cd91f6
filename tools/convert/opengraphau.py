"""OpenGraphAU's released weights in fau3d's form: python tools/convert/opengraphau.py CKPT OUTPUT

41 units, 14 of them one-sided; stage and backbone are found out from the file. The released networks answer
L12 and R12 from the node of AU11; so does the converted one, and its metainfo says so.
"""

import argparse
import sys
from pathlib import Path

from fau3d.engine.command import run_tool
from fau3d.engine.conversion import convert_graph_weights

SOURCE = "OpenGraphAU, github.com/lingjivoo/OpenGraphAU"
LICENCE = "that of the release; the corpora that it was trained on are for research only"


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", help="a released file, such as OpenGprahAU-ResNet50_first_stage.pth")
    parser.add_argument("output", help="the file to write")
    parser.add_argument("--shared-node", default="AU11", help="whose node answers L12 and R12; AU12 for none")
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
        shared_nodes=None if args.shared_node == "AU12" else {"AU12": args.shared_node},
    )
    head, told = meta["model"]["head"], meta["metainfo"]["shared_nodes"]
    print(
        f"{output}: stage {head['stage']}, {meta['model']['backbone']}, {len(meta['au_names'])} units; {told}"
    )


if __name__ == "__main__":
    sys.exit(run_tool(main))
