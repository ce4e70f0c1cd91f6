"""Average the scores of several result files, such as a joint and a limb model's, and print the new figures.

Example: python tools/analysis/fuse_results.py joint.pkl limb.pkl --weights 1 1 -o fused.pkl
"""

import argparse
import sys
from pathlib import Path

from fau3d.evaluation import fuse_results, markdown_report, paper_row, score_frames, write_results
from fau3d.io.safe_pickle import safe_load


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the files cannot be fused."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "files", nargs="+", metavar="RESULT", help="two or more files that tools/test.py --out wrote"
    )
    parser.add_argument(
        "--weights", nargs="+", type=float, metavar="W", help="one for each file; equal by default"
    )
    parser.add_argument(
        "-o", "--out", required=True, metavar="OUT", help="where the fused predictions go (.pkl)"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it is there")
    options = parser.parse_args(arguments)
    if Path(options.out).exists() and not options.overwrite:
        print(f"{options.out} exists; name another file, or add --overwrite", file=sys.stderr)
        return 1
    try:
        fused = fuse_results([safe_load(path) for path in options.files], options.weights)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    write_results(options.out, fused["au_names"], fused["results"])
    scores = score_frames(fused["results"], fused["au_names"])
    print(f"{markdown_report(scores)}\n\n{paper_row(scores)}\n")
    print(f"fused {len(options.files)} files into {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
