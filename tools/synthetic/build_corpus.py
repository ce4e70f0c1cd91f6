"""Write a synthetic corpus: OUTPUT/train.pkl, OUTPUT/val.pkl and OUTPUT/test.pkl, of different people.

A face rig plays action units with known intensities; heads turn, cameras look, a detector errs. Every
frame has exact labels. The same seed gives the same videos and labels, whatever the number of workers.
"""

import argparse
import sys
import time
from pathlib import Path

from fau3d.io.annotation import save_annotations
from fau3d.synthetic.corpus import DETECTORS, CorpusConfig, corpus_metainfo, make_corpus, set_stage
from fau3d.synthetic.rig import FaceRig, load_rig
from fau3d.topology import get_topology


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    defaults = CorpusConfig()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path, help="folder for train.pkl, val.pkl and test.pkl")
    parser.add_argument("--rig", default="mediapipe478", help="shipped rig or an npz (default: %(default)s)")
    parser.add_argument(
        "--topology",
        default=None,
        help="keep only the points of this subset of the rig's, such as mediapipe91",
    )
    parser.add_argument("--people", type=int, default=800, help="people in train.pkl (default: %(default)s)")
    parser.add_argument(
        "--held-out-people",
        type=int,
        default=100,
        help="people in val.pkl, and as many others in test.pkl (default: %(default)s)",
    )
    parser.add_argument(
        "--sequences", type=int, default=3, help="sequences of each in train.pkl (default: %(default)s)"
    )
    parser.add_argument(
        "--held-out-sequences", type=int, default=2, help="of each of those (default: %(default)s)"
    )
    parser.add_argument(
        "--frames", type=int, default=defaults.frames, help="of each sequence (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=defaults.seed, help="(default: %(default)s)")
    parser.add_argument(
        "--canonical-share",
        type=float,
        default=defaults.canonical_share,
        help="how far resting faces are moved onto MediaPipe's canonical face, 0 to 1 (default: 0.5 with a "
        "measured detector, 0.9 with a guessed one)",
    )
    parser.add_argument(
        "--detector",
        choices=DETECTORS,
        default=defaults.detector,
        help="errors measured on renders, guessed ones, or measured where there are such (default: auto)",
    )
    parser.add_argument("--workers", type=int, default=1, help="processes (default: %(default)s)")
    parser.add_argument("--overwrite", action="store_true", help="replace files that are there")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Build the corpus; returns the exit status."""
    args = parse_arguments(arguments)
    rig = load_rig(args.rig)
    # People are numbered through the files, so that no number is drawn for two of them.
    held_out = (args.held_out_people, args.held_out_sequences)
    parts = {
        "train": (args.people, args.sequences, 0),
        "val": (*held_out, args.people),
        "test": (*held_out, args.people + args.held_out_people),
    }
    skipped = 0
    for split, (people, sequences, first_person) in parts.items():
        path = args.output / f"{split}.pkl"
        if path.exists() and not args.overwrite:
            print(f"{path}: is there already; add --overwrite to replace it", file=sys.stderr)
            skipped += 1
            continue
        config = CorpusConfig(
            people=people,
            sequences_per_person=sequences,
            frames=args.frames,
            seed=args.seed,
            canonical_share=args.canonical_share,
            detector=args.detector,
        )
        _write(path, split, rig, args.topology, config, args.workers, first_person)
    return 1 if skipped else 0


def _write(
    path: Path,
    split: str,
    rig: FaceRig,
    topology: str | None,
    config: CorpusConfig,
    workers: int,
    first_person: int,
) -> None:
    points = None
    if topology is not None and topology != rig.topology:
        subset = get_topology(topology)
        if subset.parent != rig.topology:
            raise SystemExit(
                f"{topology} is a subset of {subset.parent}, but the rig has the points of {rig.topology}"
            )
        points = subset.parent_index
    stage = set_stage(rig, config, points, topology)
    begin = time.perf_counter()
    annotations = make_corpus(stage, workers, first_person=first_person)
    names = [annotation["frame_dir"] for annotation in annotations]
    save_annotations(path, {split: names}, annotations, corpus_metainfo(stage))
    frames = sum(annotation["total_frames"] for annotation in annotations)
    rate = frames / (time.perf_counter() - begin)
    print(
        f"{path}: {len(annotations)} sequences of {config.people} people, {frames} frames, "
        f"{rate:.0f} frames/s"
    )


if __name__ == "__main__":
    sys.exit(main())
