"""Make face rigs in the topologies of landmark extractors from ICT-FaceKit.

The head is rendered, the real extractor looks at the renders, and its points are carried back to the
mesh. Two files are written to OUTPUT: `rig_<topology>.npz` for the extractor's topology and
`rig_ibug68.npz`. Those that fau3d ships lie in `fau3d/synthetic/` and were made by this tool.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from fau3d.extractors import build_extractor, extractor_config
from fau3d.io.atomic import atomic_path
from fau3d.synthetic.head import HeadModel, read_head
from fau3d.synthetic.rig import FaceRig
from fau3d.synthetic.rig_building import build_rig, landmark_rig


def parse_arguments(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, help="ICT-FaceKit's folder, or an npz of its arrays")
    parser.add_argument("output", type=Path, help="folder for the rigs")
    parser.add_argument(
        "--extractor", default="mediapipe", help="whose topology to take (default: %(default)s)"
    )
    parser.add_argument(
        "--response-share",
        type=float,
        default=0.5,
        metavar="0..1",
        help="share of the movement that comes from the extractor's answers to rendered shapes "
        "(default: %(default)s; 0 = from the mesh alone, in a few seconds)",
    )
    parser.add_argument(
        "--only-ibug68", action="store_true", help="make the 68-point rig only; needs no extractor"
    )
    parser.add_argument("--overwrite", action="store_true", help="replace rigs that are there")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Build the rigs; returns the exit status: 0 done, 1 some were there already, 2 no head to read."""
    args = parse_arguments(arguments)
    try:
        head = read_head(args.source)
    except (OSError, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    metainfo = {
        "source": "ICT-FaceKit (MIT), Copyright (c) 2020 USC Institute for Creative Technologies",
        "mesh_vertices": str(len(head.vertices)),
    }
    made = [_write(landmark_rig(head, metainfo), args.output, args.overwrite)]
    if not args.only_ibug68:
        rig = _through_extractor(head, args.extractor, args.response_share, metainfo)
        made.append(_write(rig, args.output, args.overwrite))
    print(f"{sum(made)} rigs written to {args.output}, {len(made) - sum(made)} skipped")
    return 0 if all(made) else 1


def _through_extractor(
    head: HeadModel, name: str, response_share: float, metainfo: dict[str, str]
) -> FaceRig:
    with ExitStack() as stack:
        extractor = stack.enter_context(build_extractor(extractor_config(name, static=True)))

        def detect(image: np.ndarray) -> np.ndarray | None:
            # Renders are stills: an extractor that follows faces must not carry one over to the next.
            extractor.reset()
            faces = extractor.extract([image])[0]
            return faces[0].points if faces else None

        return build_rig(
            head,
            detect,
            extractor.topology,
            response_share=response_share,
            metainfo={**metainfo, "extractor": extractor.name, "response_share": str(response_share)},
        )


def _write(rig: FaceRig, folder: Path, overwrite: bool) -> bool:
    path = folder / f"rig_{rig.topology}.npz"
    if path.exists() and not overwrite:
        print(f"{path}: is there already; add --overwrite to replace it", file=sys.stderr)
        return False
    with atomic_path(path) as temporary:
        rig.save(temporary)
    print(
        f"{path}: {rig.num_points} points, {len(rig.identities)} identity modes, "
        f"{len(rig.expressions)} shapes"
    )
    return True


if __name__ == "__main__":
    sys.exit(main())
