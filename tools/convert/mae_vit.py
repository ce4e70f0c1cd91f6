"""Weights of FMAE, MAE-Face and other masked autoencoders: python tools/convert/mae_vit.py CKPT OUTPUT

A file with a head (fine-tuned on action units; name them with --au-set) becomes a self-contained checkpoint;
one without becomes weights to start from: --load-from OUTPUT with a config whose backbone is a ViTFeatures.
"""

import argparse
import sys

from fau3d.engine.command import add_converter_arguments, converter_parser, refuse_existing, run_tool
from fau3d.engine.conversion import convert_vit_weights


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = converter_parser(__doc__)
    add_converter_arguments(parser, "a file in timm's form")
    parser.add_argument("--au-set", help="the units of the head, in the order of its answers, such as bp4d")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    refuse_existing(args)
    meta = convert_vit_weights(
        args.checkpoint, args.output, source=args.source, licence=args.licence, au_set=args.au_set
    )
    if "au_names" in meta:
        print(f"{args.output}: {meta['model']['backbone']}, {' '.join(meta['au_names'])}")
    else:
        print(f"{args.output}: weights of {meta['backbone']} to start from; left out: {meta['left_out']}")


if __name__ == "__main__":
    sys.exit(run_tool(main))
