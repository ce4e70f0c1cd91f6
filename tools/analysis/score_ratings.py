"""Print how near predicted ratings come to people's, fold by fold and over all folds.

Example: python tools/analysis/score_ratings.py fold1.pkl fold2.pkl fold3.pkl
"""

import argparse
import sys

from fau3d.evaluation.rating_scores import rating_report, score_folds
from fau3d.io.safe_pickle import safe_load


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0, or 2 where a file cannot be read."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "files", nargs="+", metavar="RESULT", help="what tools/test.py --out wrote, one a fold"
    )
    options = parser.parse_args(arguments)
    try:
        folds = score_folds({path: safe_load(path)["results"] for path in options.files})
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"{error}: no results of RatingMetric", file=sys.stderr)
        return 2
    for path, scores in folds.by_file.items():
        print(f"{path}\n\n{rating_report(scores)}\n")
    print(f"All folds together\n\n{rating_report(folds.pooled)}\n\n{folds.spread()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
