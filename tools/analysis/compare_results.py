"""Compare two result files over the same videos: is the difference more than the choice of videos?

Example: python tools/analysis/compare_results.py a.pkl b.pkl --by subject --subjects corpus.pkl
Prints mean F1 and ROC AUC and each unit's: both files, second minus first, its 95% interval, and p.
"""

import argparse
import sys
from pathlib import Path

from fau3d.evaluation.comparison import compare_results
from fau3d.io.safe_pickle import safe_load
from fau3d.io.subjects import read_subjects


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where the files cannot be compared."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("first", metavar="A", help="what tools/test.py --out wrote")
    parser.add_argument("second", metavar="B", help="the same of another model")
    parser.add_argument(
        "--by",
        choices=("video", "subject"),
        default="video",
        help="what is resampled: videos, or all videos of a person together (better, where people are known)",
    )
    parser.add_argument(
        "--subjects",
        metavar="FILE",
        help="annotation file, or CSV with frame_dir and subject; what cross_validate.py wrote needs none",
    )
    parser.add_argument("--threshold", type=float, default=0.5, help="for F1, on both sides (default 0.5)")
    parser.add_argument("--samples", type=int, default=2000, help="resamples (default 2000)")
    parser.add_argument("--seed", type=int, default=0, help="of the resampling (default 0)")
    options = parser.parse_args(arguments)
    # Names that tell them apart, also where both are called pooled.pkl.
    names = (options.first, options.second)
    if Path(options.first).name != Path(options.second).name:
        names = (Path(options.first).name, Path(options.second).name)
    try:
        first, second = safe_load(options.first), safe_load(options.second)
        subjects = None
        if options.by == "subject":
            subjects = {face["frame_dir"]: face.get("subject", "") for face in first["results"]}
            if options.subjects:
                subjects = read_subjects(options.subjects)
        found = compare_results(
            first, second, names, subjects, options.threshold, options.samples, options.seed
        )
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(found.markdown(names, "people" if options.by == "subject" else "videos"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
