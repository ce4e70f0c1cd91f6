"""Draw the heatmap volumes of an annotation file into a second file, to look at or to train from."""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from fau3d.datasets.heatmap_volumes import build_heatmaps
from fau3d.io.annotation import AnnotationError
from fau3d.io.safe_pickle import BrokenPickleError, UnsafePickleError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Training needs no volumes on disk: a clip of keypoints is a thousand times smaller, and the "
        "model draws it on its device. Example: python tools/data/build_heatmaps.py corpus.pkl volumes.pkl "
        "--split train",
    )
    parser.add_argument("source", type=Path, metavar="SOURCE", help="annotation file (.pkl)")
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="file to write (.pkl)")
    parser.add_argument("--overwrite", action="store_true", help="replace OUTPUT if it is there")
    parser.add_argument("--split", help="draw the videos of this split only")
    parser.add_argument("--topology", help="draw this subset of the points, such as mediapipe91")
    parser.add_argument("--kind", choices=["joint", "limb"], default="joint", help="what to draw (joint)")
    parser.add_argument(
        "--size", type=int, nargs=2, default=(56, 56), metavar=("HEIGHT", "WIDTH"), help="of a map (56 56)"
    )
    parser.add_argument(
        "--sigma", type=float, default=0.6, help="of the Gaussians, in pixels of the map (0.6)"
    )
    parser.add_argument("--margin", type=float, default=0.1, help="around the face, share of its box (0.1)")
    parser.add_argument(
        "--level-eyes", action="store_true", help="turn each video so that its eyes are level"
    )
    parser.add_argument(
        "--max-gigabytes", type=float, default=8.0, metavar="GB", help="refuse to write more than this (8)"
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 when the file is written, 2 when it is not."""
    options = vars(_parser().parse_args(arguments))
    if options["output"].exists() and not options.pop("overwrite"):
        print(f"{options['output']}: exists already; add --overwrite to replace it", file=sys.stderr)
        return 2
    options.pop("overwrite", None)
    options["size"] = tuple(options["size"])
    try:
        videos, gigabytes = build_heatmaps(**options, progress=lambda v: tqdm(v, unit="video"))
    except (AnnotationError, UnsafePickleError, BrokenPickleError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{options['output']}: {videos} videos, {gigabytes:.2f} GB of volumes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
