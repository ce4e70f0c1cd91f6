"""Measure where real faces rest: the mean of photographed people, as the landmark extractor sees them.

PHOTOGRAPHS are images or folders of them; nothing but the mean of their points is kept. A face counts where
it is alone in its image, looks at the camera and is calm: with still brows and eyes it counts for the upper
face, with a closed, unmoved mouth also for the lower one. How calm it is, MediaPipe's blendshapes say. The
result is made symmetric, and is what `rendered_annotations.py` moves rendered people to.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from tqdm import tqdm

from fau3d.extractors import build_extractor
from fau3d.extractors.quiet import quiet_native_log
from fau3d.io.atomic import atomic_path
from fau3d.synthetic import resting
from fau3d.synthetic.photographs import (
    Portrait,
    distinct,
    list_photographs,
    see_portraits,
    still_shapes,
)
from fau3d.synthetic.resting import canonical_face, turn_to_front
from fau3d.topology import get_topology

# Between these heights of the canonical face (cm) the upper face's mean goes over into the lower one's.
UPPER_FROM, LOWER_FROM = 2.0, 0.0
LEAST_PEOPLE = 10


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photographs", type=Path, nargs="+", help="images, or folders of images")
    parser.add_argument("--blendshapes", type=Path, required=True, help="MediaPipe's face_landmarker.task")
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        default=Path(resting.__file__).parent / resting.PHOTOGRAPHED_FILE,
        help="the face (default: the one that fau3d reads)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace a face that is there")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Measure; returns the exit status: 0 done, 1 too few calm faces, 2 the output is there already."""
    args = parse_arguments(arguments)
    if args.output.exists() and not args.overwrite:
        print(f"{args.output}: is there already; add --overwrite to replace it", file=sys.stderr)
        return 2
    try:
        files = list_photographs(args.photographs)
        portraits = list(distinct(_see(tqdm(files, "photographs"), args.blendshapes)))
    except FileNotFoundError as error:
        raise SystemExit(str(error)) from error
    upper = [portrait.calm_above for portrait in portraits]
    lower = [portrait.calm for portrait in portraits]
    print(
        f"{len(files)} images, {len(portraits)} faces to the front, {sum(upper)} with a calm upper face, "
        f"{sum(lower)} of them with a calm mouth"
    )
    if sum(lower) < LEAST_PEOPLE:
        print(
            f"{sum(lower)} calm faces; wanted at least {LEAST_PEOPLE}: give more photographs", file=sys.stderr
        )
        return 1
    fronts = np.stack([turn_to_front(portrait.points) for portrait in portraits])
    face = join(np.median(fronts[upper], axis=0), np.median(fronts[lower], axis=0))
    _write(args.output, face, sum(upper), sum(lower))
    return 0


def join(upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Put a face together and make it symmetric.

    Args:
        upper: Shape (478, 3): the face whose upper part is wanted.
        lower: Shape (478, 3): the face whose lower part is wanted.

    Returns:
        Shape (478, 3).
    """
    topology = get_topology("mediapipe478")
    height = np.append(canonical_face()[:, 1], np.full(10, np.inf))  # irises belong to the upper face
    share = np.clip((height - LOWER_FROM) / (UPPER_FROM - LOWER_FROM), 0, 1)[:, None]
    face = share * upper + (1 - share) * lower
    mirrored = face[topology.mirror_index] * (-1, 1, 1)
    return (face + mirrored) / 2


def _see(files: Iterable[Path], task: Path) -> Iterator[Portrait]:
    with ExitStack() as stack:
        with quiet_native_log():
            find_shapes = stack.enter_context(still_shapes(task))
        extractor = stack.enter_context(build_extractor("mediapipe", static=True, max_faces=2))
        yield from see_portraits(files, extractor.extract, find_shapes)


def _write(path: Path, face: np.ndarray, upper: int, lower: int) -> None:
    head = (
        "The mean resting face of photographed people as MediaPipe sees them: x, y, z of its 478 points, in "
        "centimetres and axes of the canonical face.\n"
        f"Medians of {upper} photographs (brows and eyes) and {lower} of them (mouth and chin), made "
        "symmetric by tools/synthetic/measure_resting_face.py; no photograph is kept."
    )
    with atomic_path(path) as temporary:
        np.savetxt(temporary, face, fmt="%.4f", delimiter=",", header=head)
    print(f"{path}: written")


if __name__ == "__main__":
    sys.exit(main())
