"""Make a self-contained checkpoint: python tools/convert/export_checkpoint.py CONFIG CHECKPOINT OUTPUT

The output holds the weights (averaged ones where EMA ran), the model's config, the test pipeline, the clip,
the topology and the action units, in plain values: all that inference needs, and nothing of training.
"""

import argparse
import sys

from fau3d.engine.command import (
    add_config_options,
    add_converter_arguments,
    converter_parser,
    refuse_existing,
    run_tool,
)
from fau3d.engine.export import export_from_config


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    parser = converter_parser(__doc__)
    parser.add_argument("config", help="the config that the checkpoint was trained with")
    add_converter_arguments(parser, "a checkpoint of tools/train.py")
    parser.add_argument("--fps", type=float, help="frame rate of the training clips in 1/s; any by default")
    parser.add_argument("--half", action="store_true", help="store weights in float16: half the size")
    add_config_options(parser, "change keys of the config")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse_args(argv)
    refuse_existing(args)
    meta = export_from_config(
        args.config,
        args.checkpoint,
        args.output,
        overrides=args.cfg_options,
        fps=args.fps,
        half=args.half,
        metainfo={"licence": args.licence, "source": args.source},
    )
    size = args.output.stat().st_size / 1e6
    print(f"{args.output}: {size:.2f} MB, {len(meta['au_names'])} action units, {meta['topology']}")


if __name__ == "__main__":
    sys.exit(run_tool(main))
