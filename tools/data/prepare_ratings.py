"""Make a sequence file of HRM's tree: action units, machine features and ratings of atypicality, no images.

Example: python tools/data/prepare_ratings.py HRM/ data/hrm/ratings.pkl --features openface insightface
"""

import argparse
import json
import sys
from pathlib import Path

from fau3d.apis.ratings import prepare_ratings
from fau3d.datasets.corpora import CodingRules
from fau3d.datasets.corpora.base import SIDES
from fau3d.datasets.corpora.hrm import Hrm
from fau3d.datasets.corpora.hrm_sequences import FEATURES, SequenceOptions


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, metavar="SOURCE", help="HRM's folder, as distributed")
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="the sequence file to write (.pkl)")
    parser.add_argument("--overwrite", action="store_true", help="replace OUTPUT if it is there")
    parser.add_argument(
        "--au-set", nargs="+", default=["hrm22"], metavar="AU", help="a set's name or units; hrm22"
    )
    parser.add_argument("--sides", choices=SIDES, help="what a unit on one side is; join by default")
    parser.add_argument(
        "--features", nargs="+", default=[], choices=FEATURES, help="beside the units that people coded"
    )
    parser.add_argument(
        "--predictions",
        type=Path,
        metavar="FOLDER",
        help="S6.csv, S32TD.csv, … of units that a model predicted",
    )
    parser.add_argument(
        "--insightface-columns",
        type=json.loads,
        metavar="JSON",
        help='what InsightFace\'s columns are called in the tree: \'{"x_0": "kps_0_x", …}\'',
    )
    parser.add_argument(
        "--feature-offset",
        type=int,
        default=0,
        metavar="N",
        help="frame number in feature files minus that of the labels; 0",
    )
    parser.add_argument("--seed", type=int, default=0, help="of the three folds; 0")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 if all was done, 1 if some children failed, 2 if nothing was written."""
    options = _parser().parse_args(arguments)
    units = options.au_set[0] if len(options.au_set) == 1 else options.au_set
    try:
        wanted = SequenceOptions(
            options.features, options.predictions, options.insightface_columns, options.feature_offset
        )
        corpus = Hrm(options.source, CodingRules(au_set=units, sides=options.sides))
        report = prepare_ratings(corpus, options.output, wanted, options.seed, options.overwrite)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{report}\nwrote {options.output}")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
