"""Write made-up children in HRM's form, whose ratings follow a formula: to see what the regression learns.

Example: python tools/synthetic/build_rated_sequences.py data/rated/ --children 30
"""

import argparse
import sys
from pathlib import Path

from fau3d.synthetic.rated_sequences import write_rated_tree


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0, or 2 where the folder is there."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="the folder to write")
    parser.add_argument("--children", type=int, default=30, metavar="N", help="of each group; 30")
    parser.add_argument("--runs", type=int, default=12, metavar="N", help="of each child; 12")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--overwrite", action="store_true", help="write into OUTPUT if it is there")
    options = parser.parse_args(arguments)
    if options.output.exists() and not options.overwrite:
        print(f"{options.output} exists; add --overwrite to write into it", file=sys.stderr)
        return 2
    frames = write_rated_tree(options.output, options.children, options.runs, seed=options.seed)
    print(
        f"{2 * options.children} children, {2 * options.children * options.runs} runs, {frames} frames done"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
