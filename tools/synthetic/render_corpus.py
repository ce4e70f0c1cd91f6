"""Render people who play action units, show them to a landmark extractor, and keep what it answers.

SOURCE is ICT-FaceKit's folder or an npz of its arrays. OUTPUT gets one file for each person
(OUTPUT/people/person00000.npz), so that a run that was stopped goes on where it was; from them
`rendered_annotations.py` makes annotation files. The same seed gives the same people, whatever the number
of workers.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from tqdm import tqdm

from fau3d.apis.extraction.workers import run_tasks
from fau3d.extractors import build_extractor
from fau3d.io.atomic import atomic_path
from fau3d.synthetic.actions import action_map
from fau3d.synthetic.filming import Film
from fau3d.synthetic.head import read_head
from fau3d.synthetic.rendered import FilmSet, RenderConfig, film_person
from fau3d.synthetic.rig import load_rig
from fau3d.synthetic.scene import SceneRange
from fau3d.synthetic.seen_people import save_person

SHIFTED = replace(
    RenderConfig(),
    identity_spread=1.5,
    resting_spread=2.0,
    scenes=SceneRange(
        small=0.7, face_pixels=(48.0, 80.0), blurred=0.6, gray=0.5, occluded=0.35, contrast=1.8
    ),
)


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    defaults = RenderConfig()
    parser.add_argument("source", type=Path, help="ICT-FaceKit's folder, or an npz of its arrays")
    parser.add_argument("output", type=Path, help="folder; people that are there already are kept")
    parser.add_argument("--people", type=int, default=700, help="(default: %(default)s)")
    parser.add_argument(
        "--first-person", type=int, default=0, help="number of the first one (default: %(default)s)"
    )
    parser.add_argument(
        "--sequences", type=int, default=defaults.sequences, help="of each person (default: %(default)s)"
    )
    parser.add_argument(
        "--frames", type=int, default=defaults.frames, help="of each sequence (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=defaults.seed, help="(default: %(default)s)")
    parser.add_argument(
        "--shifted",
        action="store_true",
        help="another world: faces that differ more at rest, small, blurred, harshly lit, occluded",
    )
    parser.add_argument("--workers", type=int, default=1, help="processes (default: %(default)s)")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Render; returns the exit status: 0 done, 1 some people failed, 2 the output is of another recipe."""
    args = parse_arguments(arguments)
    base = SHIFTED if args.shifted else RenderConfig()
    config = replace(base, sequences=args.sequences, frames=args.frames, seed=args.seed)
    people = args.output / "people"
    recipe = json.loads(json.dumps(asdict(config)))
    if not _keep_recipe(args.output / "recipe.json", recipe):
        return 2
    numbers = range(args.first_person, args.first_person + args.people)
    missing = [number for number in numbers if not _file(people, number).exists()]
    print(f"{args.output}: {len(numbers) - len(missing)} of {len(numbers)} people are there already")
    begin, failed = time.perf_counter(), []
    tasks = [(str(args.source), config, number, str(people)) for number in missing]
    for task, _, error in tqdm(run_tasks(_render, tasks, args.workers), "people", len(tasks)):
        if error is not None:
            failed.append(task[2])
            tqdm.write(f"person {task[2]}: {error}", file=sys.stderr)
    seconds = time.perf_counter() - begin
    frames = (len(missing) - len(failed)) * (
        config.sequences * -(-config.frames // config.every) + config.rest_frames
    )
    print(
        f"{len(missing) - len(failed)} people rendered, {len(failed)} failed; {frames / seconds:.0f} frames/s"
    )
    return 1 if failed else 0


def _keep_recipe(path: Path, recipe: dict) -> bool:
    if path.exists():
        if json.loads(path.read_text()) == recipe:
            return True
        print(f"{path}: people of another recipe are there; choose another folder", file=sys.stderr)
        return False
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(recipe, indent=1))
    return True


def _file(folder: Path, number: int) -> Path:
    return folder / f"person{number:05d}.npz"


@lru_cache(maxsize=1)
def _stage(source: str, config: RenderConfig) -> FilmSet:
    # The shapes of rig and mesh have the same names, and the rig knows how wide each opens the lips.
    rig = load_rig("ibug68")
    return FilmSet(Film(read_head(source)), rig, action_map(rig), config)


@lru_cache(maxsize=2)
def _extractor(static: bool):  # type: ignore[no-untyped-def]
    return build_extractor("mediapipe", static=static, min_detection=0.2)


def _detect(images: Iterable[np.ndarray], stills: bool) -> list[np.ndarray | None]:
    extractor = _extractor(stills)
    extractor.reset()
    found = [extractor.extract([image])[0] for image in images]
    return [faces[0].points if faces else None for faces in found]


def _render(task: tuple[str, RenderConfig, int, str]) -> None:
    source, config, number, folder = task
    save_person(_file(Path(folder), number), film_person(_stage(source, config), number, _detect))


if __name__ == "__main__":
    sys.exit(main())
