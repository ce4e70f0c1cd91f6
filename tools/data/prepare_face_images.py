"""Cut the faces out of raw pictures: cropped, gray, padded to a square, as networks of face images read them.

The box is that of the largest face which our extractor finds, or with --lists the one that FG2020's lists
give. A stopped run goes on where it was: what is there is left alone.
"""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from fau3d.apis.face_images import (
    FaceImageForm,
    boxes_of_extractor,
    boxes_of_lists,
    prepare_face_images,
)
from fau3d.extractors import build_extractor


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example: %(prog)s frames/ data/fg2020/fine_tune_images",
    )
    parser.add_argument("source", type=Path, metavar="SOURCE", help="folder of pictures")
    parser.add_argument("output", type=Path, metavar="OUTPUT", help="folder to fill, with the same names")
    parser.add_argument("--lists", type=Path, metavar="FOLDER", help="take boxes from FG2020's lists here")
    parser.add_argument("--extractor", default="mediapipe", help="who finds the faces (%(default)s)")
    parser.add_argument("--margin", type=float, default=0.1, help="around the box, share of it (%(default)s)")
    parser.add_argument("--color", action="store_true", help="keep colours")
    parser.add_argument("--no-padding", action="store_true", help="leave crops as wide as faces are")
    parser.add_argument("--size", type=int, metavar="PIXELS", help="make larger crops this large")
    parser.add_argument("--overwrite", action="store_true", help="make those that are there once more")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run; return 0 when every picture has its face image, 1 when some have not, 2 on errors."""
    args = _parser().parse_args(arguments)
    form = FaceImageForm(args.margin, not args.color, not args.no_padding, args.size)
    try:
        if args.lists is not None:
            boxes = boxes_of_lists(args.lists)
        else:
            boxes = boxes_of_extractor(build_extractor(args.extractor))
        result = prepare_face_images(
            args.source, args.output, boxes, form, args.overwrite, lambda paths: tqdm(paths, unit="image")
        )
    except (ValueError, OSError, KeyError, ImportError) as error:
        print(error, file=sys.stderr)
        return 2
    for name, reason in list(result.failed.items())[:20]:
        print(f"{name}: {reason}", file=sys.stderr)
    print(f"{args.output}: {result.done} done, {result.skipped} there already, {len(result.failed)} failed")
    return 1 if result.failed else 0


if __name__ == "__main__":
    sys.exit(main())
