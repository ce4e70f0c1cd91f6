"""Make annotation files of a rendered corpus: OUTPUT/train.pkl, val.pkl and test.pkl, of different people.

SOURCE is a folder that `render_corpus.py` filled. The last people go to test.pkl, those before them to
val.pkl. Resting faces are moved to where photographed people rest on the way.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from fau3d.io.annotation import save_annotations
from fau3d.synthetic.actions import action_map
from fau3d.synthetic.labels import LABELLED_AUS
from fau3d.synthetic.rendered_corpus import Annotator, RestingShift, mean_rest, rendered_metainfo
from fau3d.synthetic.resting import RESTING_FACES, resting_offset
from fau3d.synthetic.rig import load_rig
from fau3d.synthetic.seen_people import load_person


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    defaults = RestingShift()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, help="folder that render_corpus.py filled")
    parser.add_argument("output", type=Path, help="folder for the annotation files")
    parser.add_argument(
        "--topology",
        default="mediapipe91",
        help="mediapipe478, a subset of it, or ibug68 (default: %(default)s)",
    )
    parser.add_argument("--val", type=int, default=60, help="people in val.pkl (default: %(default)s)")
    parser.add_argument("--test", type=int, default=100, help="people in test.pkl (default: %(default)s)")
    parser.add_argument(
        "--resting-face",
        choices=RESTING_FACES,
        default=defaults.face,
        help="face that resting faces are moved to (default: %(default)s)",
    )
    parser.add_argument(
        "--resting-share",
        type=float,
        default=defaults.share,
        help="how far they are moved, 0 to 1 (default: %(default)s)",
    )
    parser.add_argument(
        "--resting-spread",
        type=float,
        default=defaults.spread,
        help="standard deviation of that share between people (default: %(default)s)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Write the files; returns the exit status: 0 done, 1 some were there already, 2 nothing to read."""
    args = parse_arguments(arguments)
    files = sorted((args.source / "people").glob("person*.npz"))
    if len(files) < max(args.val + args.test, 1):
        print(
            f"{args.source}: {len(files)} people are there; wanted at least {args.val + args.test}: "
            "render more, or set --val and --test lower",
            file=sys.stderr,
        )
        return 2
    first_test = len(files) - args.test
    first_val = first_test - args.val
    splits = {"train": files[:first_val], "val": files[first_val:first_test], "test": files[first_test:]}
    shift = RestingShift(args.resting_face, args.resting_share, args.resting_spread)
    annotator = Annotator(
        action_map(load_rig("ibug68")), args.topology, _offset(splits["train"] or files, shift), shift
    )
    recipe = json.loads((args.source / "recipe.json").read_text())
    metainfo = rendered_metainfo(args.topology, recipe, shift, LABELLED_AUS)
    skipped = 0
    for split, members in splits.items():
        path = args.output / f"{split}.pkl"
        if members and path.exists() and not args.overwrite:
            print(f"{path}: is there already; add --overwrite to replace it", file=sys.stderr)
            skipped += 1
        elif members:
            _write(path, split, members, annotator, metainfo)
    return 1 if skipped else 0


def _offset(files: list[Path], shift: RestingShift) -> np.ndarray:
    if not shift.share and not shift.spread:
        return np.zeros((478, 3))
    # Two hundred resting faces say where their mean lies to a tenth of a millimetre.
    rest = mean_rest(load_person(path) for path in tqdm(files[:200], "resting faces"))
    return resting_offset(rest, shift.face)


def _write(path: Path, split: str, files: list[Path], annotator: Annotator, metainfo: dict) -> None:
    annotations = []
    for file in tqdm(files, split):
        annotations += annotator.annotations(load_person(file), int(file.stem.removeprefix("person")))
    names = [annotation["frame_dir"] for annotation in annotations]
    save_annotations(path, {split: names}, annotations, metainfo)
    frames = sum(annotation["total_frames"] for annotation in annotations)
    print(f"{path}: {len(annotations)} sequences of {len(files)} people, {frames} frames")


if __name__ == "__main__":
    sys.exit(main())
