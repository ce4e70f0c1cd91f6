"""Make an annotation file of what another tool wrote: OpenFace CSV, whole-body JSON, or a pose pickle."""

import argparse
import sys
from pathlib import Path

from fau3d.facs import AU_SETS
from fau3d.io.annotation import AnnotationError, save_annotations
from fau3d.io.importers.base import ImportFault, ImportResult
from fau3d.io.importers.openface import import_openface
from fau3d.io.importers.pose_dataset import import_pose_pickle
from fau3d.io.importers.wholebody_json import import_wholebody_json
from fau3d.io.safe_pickle import BrokenPickleError, UnsafePickleError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog="Example: python tools/data/import_landmarks.py openface processed/ corpus_openface.pkl",
    )
    formats = parser.add_subparsers(dest="format", required=True, metavar="FORMAT")
    openface = formats.add_parser("openface", help="CSV files of OpenFace 2.x (landmarks, _c and _r columns)")
    wholebody = formats.add_parser(
        "wholebody-json", help="folders of <frame>.predictions.json (OpenPifPaf, COCO-WholeBody)"
    )
    pose = formats.add_parser("pose-pickle", help="pickle for the PoseDataset of PYSKL or MMAction2")
    for each in (openface, wholebody, pose):
        each.add_argument("source", type=Path, metavar="SOURCE")
        each.add_argument("output", type=Path, metavar="OUTPUT", help="annotation file to write (.pkl)")
        each.add_argument("--overwrite", action="store_true", help="replace OUTPUT if it is there")
        each.add_argument(
            "--img-shape",
            type=int,
            nargs=2,
            metavar=("HEIGHT", "WIDTH"),
            help="image size, where the source has none",
        )
        each.add_argument("--fps", type=float, help="frame rate, where the source has none (25)")
    wholebody.add_argument(
        "--topology",
        default="wholebody133",
        choices=["wholebody133", "ibug68"],
        help="ibug68: the face alone",
    )
    wholebody.add_argument("--max-persons", type=int, default=1, metavar="M")
    wholebody.add_argument(
        "--first-number", type=int, metavar="N", help="number of a video's first frame (0 or 1)"
    )
    pose.add_argument("--topology", help="point set, where the number of points does not tell")
    pose.add_argument(
        "--au-names", nargs="+", metavar="AU", help="units of multi-hot labels: a set's name or units"
    )
    return parser


def _import(options: argparse.Namespace) -> ImportResult:
    size = tuple(options.img_shape) if options.img_shape else None
    if options.format == "openface":
        return import_openface(options.source, options.fps, size, progress=True)
    fps = options.fps or 25.0
    if options.format == "wholebody-json":
        return import_wholebody_json(
            options.source, fps, size, options.topology, options.max_persons, options.first_number, True
        )
    names = options.au_names
    units = names[0] if names and names[0] in AU_SETS else names
    return import_pose_pickle(options.source, options.topology, units, fps, size, True)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0 if all was taken over, 1 if some was not, 2 if nothing was."""
    options = _parser().parse_args(arguments)
    if options.output.exists() and not options.overwrite:
        print(f"{options.output}: exists already; add --overwrite to replace it", file=sys.stderr)
        return 2
    try:
        result = _import(options)
    except (ImportFault, AnnotationError, UnsafePickleError, BrokenPickleError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    for sample, reason in result.failures:
        print(f"failed: {sample}: {reason}", file=sys.stderr)
    file = result.file
    if file.annotations:
        save_annotations(options.output, file.split, file.annotations, file.metainfo)
    frames = sum(a["total_frames"] for a in file.annotations)
    print(f"{len(file.annotations)} samples ({frames} frames) done, 0 skipped, {len(result.failures)} failed")
    if not file.annotations:
        return 2
    print(f"wrote {options.output}; check it with: python tools/data/check_annotations.py {options.output}")
    return 1 if result.failures else 0


if __name__ == "__main__":
    sys.exit(main())
