"""Average the scores of several result files, such as a joint and a limb model's, and print the new figures.

Examples:
  python tools/analysis/fuse_results.py joint.pkl limb.pkl --weights 1 1 -o fused.pkl
  python tools/analysis/fuse_results.py joint_val.pkl image_val.pkl --learn learned.json
  python tools/analysis/fuse_results.py joint.pkl image.pkl --weights learned.json -o fused.pkl

Weights are learned unit by unit, on a validation split: those with which the average makes its labels most
likely. `fau3d fuse` takes them for tables.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from fau3d.apis.table_fusion import read_weights, write_weights
from fau3d.evaluation import fuse_results, markdown_report, paper_row, score_frames, write_results
from fau3d.evaluation.fusion import learn_weights
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
        "--weights", nargs="+", metavar="W|FILE", help="one for each file, or learned ones; equal by default"
    )
    parser.add_argument(
        "--learn", metavar="FILE", help="learn weights from these files and write them (.json)"
    )
    parser.add_argument("-o", "--out", metavar="OUT", help="where the fused predictions go (.pkl)")
    parser.add_argument("--overwrite", action="store_true", help="replace what is there")
    options = parser.parse_args(arguments)
    if (options.out is None) == (options.learn is None):
        parser.error("give either --out, to fuse, or --learn, to learn weights")
    target = Path(options.out or options.learn)
    if target.exists() and not options.overwrite:
        print(f"{target} exists; name another file, or add --overwrite", file=sys.stderr)
        return 1
    try:
        files = [safe_load(path) for path in options.files]
        if options.learn:
            write_weights(target, files[0]["au_names"], learn_weights(files))
            print(f"wrote {target}: what each of {len(files)} files counts, unit by unit")
            return 0
        fused = fuse_results(files, _weights(options.weights, files))
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    write_results(target, fused["au_names"], fused["results"])
    scores = score_frames(fused["results"], fused["au_names"])
    print(f"{markdown_report(scores)}\n\n{paper_row(scores)}\n")
    print(f"fused {len(files)} files into {target}")
    return 0


def _weights(given: list[str] | None, files: list[dict]) -> list[float] | np.ndarray | None:
    if given is None:
        return None
    if len(given) > 1:
        return [float(text) for text in given]
    by_unit = read_weights(given[0], len(files))
    return np.array([by_unit.get(name, [1.0] * len(files)) for name in files[0]["au_names"]]).T


if __name__ == "__main__":
    sys.exit(main())
