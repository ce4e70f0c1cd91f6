"""Weights of FMAE, MAE-Face and other masked autoencoders: python tools/convert/mae_vit.py CKPT OUTPUT

A file with a head (fine-tuned on action units; name them with --au-set) becomes a self-contained checkpoint;
one without becomes weights to start from: --load-from OUTPUT with a config whose backbone is a ViTFeatures.
"""

import argparse
import sys
from pathlib import Path

from fau3d.engine.command import run_tool
from fau3d.engine.conversion import convert_vit_weights


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", help="a file in timm's form")
    parser.add_argument("output", help="the file to write")
    parser.add_argument("--au-set", help="the units of the head, in the order of its answers, such as bp4d")
    parser.add_argument("--source", default="", help="where the weights come from; written into the file")
    parser.add_argument("--licence", default="", help="of the weights; written into the file")
    parser.add_argument("--overwrite", action="store_true", help="replace OUTPUT if it is there")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    output = Path(args.output)
    if output.exists() and not args.overwrite:
        sys.exit(f"{output} is there already; give --overwrite to replace it")
    meta = convert_vit_weights(
        args.checkpoint, output, source=args.source, licence=args.licence, au_set=args.au_set
    )
    if "au_names" in meta:
        print(f"{output}: {meta['model']['backbone']}, {' '.join(meta['au_names'])}")
    else:
        print(f"{output}: weights of {meta['backbone']} to start from; left out: {meta['left_out']}")


if __name__ == "__main__":
    sys.exit(run_tool(main))
