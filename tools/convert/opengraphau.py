"""OpenGraphAU's released weights in fau3d's form: python tools/convert/opengraphau.py CKPT OUTPUT

41 units, 14 of them one-sided; stage and backbone are found out from the file. The released networks answer
L12 and R12 from the node of AU11; so does the converted one, and its metainfo says so.
"""

import argparse
import sys

from fau3d.engine.command import add_converter_arguments, converter_parser, refuse_existing, run_tool
from fau3d.engine.conversion import convert_graph_weights

SOURCE = "OpenGraphAU, github.com/lingjivoo/OpenGraphAU"
LICENCE = "that of the release; the corpora that it was trained on are for research only"


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = converter_parser(__doc__)
    add_converter_arguments(
        parser, "a released file, such as OpenGprahAU-ResNet50_first_stage.pth", SOURCE, LICENCE
    )
    parser.add_argument("--shared-node", default="AU11", help="whose node answers L12 and R12; AU12 for none")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    refuse_existing(args)
    meta = convert_graph_weights(
        args.checkpoint,
        args.output,
        source=args.source,
        licence=args.licence,
        shared_nodes=None if args.shared_node == "AU12" else {"AU12": args.shared_node},
    )
    head, told = meta["model"]["head"], meta["metainfo"]["shared_nodes"]
    units = len(meta["au_names"])
    print(f"{args.output}: stage {head['stage']}, {meta['model']['backbone']}, {units} units; {told}")


if __name__ == "__main__":
    sys.exit(run_tool(main))
