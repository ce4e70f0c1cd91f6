"""Write the sample annotation file that data/sample/ ships: nine people, a short sequence of each."""

import argparse
import sys
from pathlib import Path

from fau3d.io.annotation import save_annotations
from fau3d.synthetic.corpus import CorpusConfig, corpus_metainfo, make_corpus, set_stage
from fau3d.synthetic.dynamics import Plan
from fau3d.synthetic.rig import load_rig

SPLITS = {"train": range(5), "val": range(5, 7), "test": range(7, 9)}
FOLDS = 3


def sample_splits(names: list[str]) -> dict[str, list[str]]:
    """Give train, val and test, and three folds; no two parts of one of them share a person."""
    splits = {name: [names[k] for k in people] for name, people in SPLITS.items()}
    for fold in range(FOLDS):
        test = names[fold::FOLDS]
        splits[f"fold{fold + 1}_train"] = [name for name in names if name not in test]
        splits[f"fold{fold + 1}_test"] = test
    return splits


def main(arguments: list[str] | None = None) -> int:
    """Build the sample; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="the file, such as data/sample/sample_mediapipe478.pkl")
    parser.add_argument("--frames", type=int, default=40, help="of each sequence (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=17, help="(default: %(default)s)")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    args = parser.parse_args(arguments)
    if args.output.exists() and not args.overwrite:
        print(f"{args.output}: is there already; add --overwrite to replace it", file=sys.stderr)
        return 1
    people = max(max(numbers) for numbers in SPLITS.values()) + 1
    config = CorpusConfig(
        people=people, sequences_per_person=1, frames=args.frames, seed=args.seed, plan=Plan(quiet=0.0)
    )
    stage = set_stage(load_rig("mediapipe478"), config)
    annotations = make_corpus(stage)
    for annotation in annotations:
        # Two coordinates keep the file small, and are what MMAction2's pipelines expect.
        annotation["keypoint"] = annotation["keypoint"][..., :2]
    names = [annotation["frame_dir"] for annotation in annotations]
    save_annotations(args.output, sample_splits(names), annotations, corpus_metainfo(stage))
    print(f"{args.output}: {len(names)} sequences, {args.output.stat().st_size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
