"""One basic expression a frame from several classifiers' probabilities, by soft voting.

Each CSV file has the columns frame and one a class. Example:
python tools/analysis/vote_expressions.py a.csv b.csv c.csv --weights 1 1 2 -o vote.csv
"""

import argparse
import sys
from pathlib import Path

from fau3d.apis.expression_voting import vote_files, write_vote


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0, or 2 where the files cannot vote."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", metavar="CSV", help="one a classifier")
    parser.add_argument(
        "--weights", nargs="+", type=float, metavar="W", help="one for each file; equal by default"
    )
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="the vote (.csv)")
    parser.add_argument("--overwrite", action="store_true", help="replace OUT if it is there")
    options = parser.parse_args(arguments)
    if options.out.exists() and not options.overwrite:
        print(f"{options.out} exists; add --overwrite to replace it", file=sys.stderr)
        return 2
    try:
        vote = vote_files(options.files, options.weights)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    write_vote(vote, options.out)
    decided = int((vote.chosen >= 0).sum())
    print(
        f"{decided} frames done ({int(vote.ties.sum())} ties, "
        f"{int((vote.voters < len(options.files)).sum())} without some classifier), "
        f"{len(vote.frames) - decided} skipped: no classifier answers; wrote {options.out}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
