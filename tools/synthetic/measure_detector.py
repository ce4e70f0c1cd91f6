"""Measure how a landmark extractor answers, from rendered people whose true points are known.

SOURCE is a folder that `render_corpus.py` filled; OUTPUT is the npz that `build_corpus.py` draws an
extractor's errors from. `--check` compares a corpus drawn from OUTPUT with the rendered one instead.
"""

import argparse
import json
import sys
from pathlib import Path

import numpy as np
from tqdm import tqdm

from fau3d.io.atomic import atomic_path
from fau3d.synthetic.comparison import compare, comparison_table, rendered_annotations
from fau3d.synthetic.corpus import CorpusConfig, make_corpus, set_stage
from fau3d.synthetic.detector import MeasuredDetector, load_detector
from fau3d.synthetic.detector_fit import fit_detector
from fau3d.synthetic.dynamics import Plan
from fau3d.synthetic.observation import HeadMotion
from fau3d.synthetic.residuals import PersonErrors, person_errors, tone_of
from fau3d.synthetic.rig import FaceRig, load_rig
from fau3d.synthetic.seen_people import load_person

# Heads turn as they do in rendered sequences, whose base angles are scaled by 0.2 to 1.5.
_MOTION = HeadMotion((0.167, 0.12, 0.065), (0.06, 0.05, 0.03))


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, help="folder that render_corpus.py filled")
    parser.add_argument("output", type=Path, help="the npz")
    parser.add_argument("--people", type=int, default=None, help="at most so many (default: all)")
    parser.add_argument("--check", action="store_true", help="compare OUTPUT with SOURCE; writes nothing")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that is there")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Measure or check; returns the exit status: 0 done, 1 nothing to do it with."""
    args = parse_arguments(arguments)
    paths = sorted((args.source / "people").glob("person*.npz"))[: args.people]
    if not paths:
        print(f"{args.source}: no people; fill it with render_corpus.py", file=sys.stderr)
        return 1
    if args.check:
        _check(paths, args.output)
        return 0
    if args.output.exists() and not args.overwrite:
        print(f"{args.output}: is there already; add --overwrite to replace it", file=sys.stderr)
        return 1
    recipe = json.loads((args.source / "recipe.json").read_text())
    rig = load_rig("mediapipe478")
    detector = fit_detector(rig, _errors(paths, rig, recipe), source="mediapipe on renders of ICT-FaceKit")
    with atomic_path(args.output) as temporary:
        detector.save(temporary)
    print(_report(detector))
    print(f"{args.output}: {len(paths)} people, {args.output.stat().st_size / 1e3:.0f} kB")
    return 0


def _errors(paths: list[Path], rig: FaceRig, recipe: dict) -> list[PersonErrors]:
    marks = load_rig("ibug68")
    people = []
    for path in tqdm(paths, "people"):
        person = load_person(path)
        tone = tone_of(person, int(path.stem.removeprefix("person")), marks, recipe)
        people.append(person_errors(rig, marks, person, tone))
    return people


def _check(paths: list[Path], output: Path) -> None:
    people = ((int(path.stem.removeprefix("person")), load_person(path)) for path in paths)
    rendered, frames = rendered_annotations(tqdm(people, "rendered", len(paths)))
    rig = load_rig("mediapipe478")
    tables = {"rendered": compare(rendered)}
    for kind in ("measured", "guessed"):
        config = CorpusConfig(
            people=len(paths),
            sequences_per_person=2,
            frames=frames,
            canonical_share=0.0,
            canonical_spread=0.0,
            plan=Plan(quiet=0.1),
            motion=_MOTION,
            detector=kind,
        )
        detector = load_detector(output) if kind == "measured" else None
        tables[kind] = compare(make_corpus(set_stage(rig, config, detector=detector)))
    print(comparison_table(tables))


def _report(detector: MeasuredDetector) -> str:
    def size(modes: np.ndarray) -> str:
        """Root mean square along x, y, z in millimetres of a sum of modes."""
        return "/".join(f"{10 * value:.2f}" for value in np.sqrt((modes**2).sum(0).mean(0)))

    lines = [
        "root mean square over the points along x/y/z, mm:",
        f"  mean {size(detector.mean[None])}, person {size(detector.person)}, "
        f"sequence {size(detector.sequence)}",
        f"  per radian of yaw {size(detector.pose[:1])}, pitch {size(detector.pose[1:])}; "
        f"between people {size(detector.pose_person[0])}, {size(detector.pose_person[1])}",
        f"  drift {size(detector.drift)}, jitter of single points {size(detector.jitter[None])}",
        f"{detector.persisting:.2f} of the drift persists, over {detector.memory:.2f} s; times "
        f"sqrt({detector.by_size[0]:.2f} + {detector.by_size[1]:.1f} / (px/cm)^2); spread between sequences "
        f"{detector.unsteadiness:.2f}; lag {detector.lag:.2f} frames",
        f"lost {np.round(detector.lost, 4).tolist()}, misplaced {np.round(detector.gross, 4).tolist()} "
        f"(rows free, occluded; |yaw| up to {detector.yaw_edges[1:].round(1).tolist()}), "
        f"{detector.lost_frames:.1f} frames a loss, {detector.occluded:.2f} occluded",
        f"gain of identity, median: {np.median(detector.identity_response, 0).round(2).tolist()}",
        "gain of shapes (x, y, z):",
    ]
    for name, gain in zip(detector.shape_names, detector.response):
        if not name.endswith("_R"):
            lines.append(f"  {name.removesuffix('_L'):18s} {gain[0]:5.2f} {gain[1]:5.2f} {gain[2]:5.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
