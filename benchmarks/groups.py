"""Scores by group of people and by how they were filmed, on a rendered test set.

    python tools/test.py CONFIG CHECKPOINT --ann-file rendered/test.pkl --out result.pkl
    python benchmarks/groups.py result.pkl RENDERED [--units] [-o groups.json]

RENDERED is the folder that tools/synthetic/render_corpus.py filled; it says what each person looks like, how
their head is turned in each frame, how wide their face is and whether something comes before it. Printed is
the area under the ROC curve, the mean over the units for which it is defined in all groups of a kind, so that
groups are compared by the same units. Defined means at least --least frames that show the unit and as many
that do not; groups of fewer than five times as many frames are counted, but neither scored nor waited for.
Frames of one person are alike: differences between groups of few people say little.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fau3d.functional.detection import roc_auc
from fau3d.io.safe_pickle import safe_load
from fau3d.synthetic.looks import Look
from fau3d.synthetic.rendered import Sighting
from fau3d.synthetic.seen_people import load_person

# Kind to the upper edges and names of its groups; a value on an edge is in the group above.
KINDS: dict[str, tuple[tuple[float, ...], tuple[str, ...]]] = {
    "skin tone": ((1 / 3, 2 / 3), ("light", "middle", "dark")),
    "wrinkles at rest": ((0.1, 0.2), ("below 0.1", "0.1 to 0.2", "above 0.2")),
    "yaw, degrees": ((10, 20), ("below 10", "10 to 20", "above 20")),
    "pitch, degrees": ((10, 20), ("below 10", "10 to 20", "above 20")),
    "face width, pixels": ((64, 100), ("below 64", "64 to 100", "above 100")),
    "something before the face": ((0.5,), ("no", "yes")),
}
_NAME = re.compile(r"person(\d+)_(\d+)")


def traits(look: Look, sighting: Sighting, frames: np.ndarray) -> dict[str, np.ndarray]:
    """Say what frames of a sequence are like.

    Args:
        look: The person's.
        sighting: The sequence.
        frames: Shape (T,), int64: frames wanted; between rendered ones, turns are interpolated.

    Returns:
        Kind (keys of `KINDS`) to shape (T,).
    """
    yaw, pitch = (
        np.abs(np.degrees(np.interp(frames, sighting.index, sighting.poses[:, axis]))) for axis in (0, 1)
    )
    width = np.ptp(sighting.marks[:, :, 0], axis=1)
    fixed = {
        "skin tone": look.tone,
        "wrinkles at rest": look.age,
        "face width, pixels": float(np.median(width)),
        "something before the face": float(sighting.occluded),
    }
    return {"yaw, degrees": yaw, "pitch, degrees": pitch} | {
        kind: np.full(len(frames), value) for kind, value in fixed.items()
    }


def traits_of_results(results: Sequence[Mapping[str, Any]], folder: Path) -> dict[str, np.ndarray]:
    """Say what the frames of a result file are like, one after the other.

    Args:
        results: Of a result file.
        folder: Where the people were rendered.

    Raises:
        ValueError: If a video is none of a rendered corpus, or its person is not in the folder.
    """
    found: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
    people: dict[int, Any] = {}
    for result in results:
        match = _NAME.fullmatch(str(result["frame_dir"]))
        if match is None:
            raise ValueError(
                f"{result['frame_dir']}: wanted names such as person00012_01; test with a file that "
                "tools/synthetic/rendered_annotations.py made"
            )
        number, sequence = (int(part) for part in match.groups())
        path = folder / "people" / f"person{number:05d}.npz"
        if number not in people:
            if not path.is_file():
                raise ValueError(f"{result['frame_dir']}: {path} is not there; name the folder it is from")
            people = {number: load_person(path)}  # results are sorted: one person at a time
        person = people[number]
        if sequence >= len(person.sequences):
            raise ValueError(
                f"{result['frame_dir']}: {path} has {len(person.sequences)} sequences; was it rendered anew?"
            )
        told = traits(person.look, person.sequences[sequence], np.asarray(result["frame_index"]))
        for kind, values in told.items():
            found[kind].append(values)
    return {kind: np.concatenate(values) for kind, values in found.items()}


def score_groups(
    results: Sequence[Mapping[str, Any]],
    au_names: Sequence[str],
    values: Mapping[str, np.ndarray],
    least: int = 50,
) -> list[dict]:
    """Score the groups of every kind.

    Args:
        results: Of a result file.
        au_names: Its units.
        values: Kind to what the frames are like, as `traits_of_results` gives it.
        least: Frames that show a unit, and that do not, from which on its figure is defined.

    Returns:
        A dict a group: `kind`, `group`, `people`, `frames`, `auc` (of `shared` units), `shared`, and `units`:
        unit to AUC, None where undefined.
    """
    target = np.concatenate([result["gt_occurrence"] for result in results])
    score = np.concatenate([result["pred_occurrence"] for result in results])
    person = np.concatenate(
        [np.full(len(r["frame_index"]), str(r["frame_dir"]).partition("_")[0]) for r in results]
    )
    rows = []
    for kind, (edges, names) in {"all": ((), ("all",)), **KINDS}.items():
        place = np.digitize(values[kind], edges) if edges else np.zeros(len(target), np.int64)
        inside = [place == i for i in range(len(names))]
        aucs = np.array([_aucs(target[mask], score[mask], least) for mask in inside])
        large = np.array([mask.sum() >= 5 * least for mask in inside])
        shared = np.isfinite(aucs[large]).all(0) if large.any() else np.zeros(len(au_names), bool)
        for name, mask, units, scored in zip(names, inside, aucs, large):
            defined = shared & scored
            rows.append(
                {
                    "kind": kind,
                    "group": name,
                    "people": len(np.unique(person[mask])),
                    "frames": int(mask.sum()),
                    "auc": round(float(units[defined].mean()), 4) if defined.any() else None,
                    "shared": int(shared.sum()),
                    "units": {
                        au: round(float(v), 4) if np.isfinite(v) else None for au, v in zip(au_names, units)
                    },
                }
            )
    return rows


def _aucs(target: np.ndarray, score: np.ndarray, least: int) -> list[float]:
    return [
        roc_auc(target[:, au], score[:, au])
        if min((target[:, au] == 1).sum(), (target[:, au] == 0).sum()) >= least
        else float("nan")
        for au in range(target.shape[1])
    ]


def markdown(rows: Sequence[Mapping[str, Any]], units: bool = False) -> str:
    """Give the groups as a table; with `units`, one more a kind, a row each unit."""
    lines = ["| kind | group | people | frames | mean AUC | units |", "|---" * 6 + "|"]
    lines += [
        f"| {r['kind']} | {r['group']} | {r['people']} | {r['frames']} | {_cell(r['auc'])} | {r['shared']} |"
        for r in rows
    ]
    for kind in dict.fromkeys(row["kind"] for row in rows) if units else ():
        groups = [row for row in rows if row["kind"] == kind]
        lines += ["", f"| {kind} | " + " | ".join(row["group"] for row in groups) + " |"]
        lines.append("|---" * (len(groups) + 1) + "|")
        lines += [
            f"| {au} | " + " | ".join(_cell(row["units"][au]) for row in groups) + " |"
            for au in groups[0]["units"]
        ]
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return 0, or 1 where something cannot be read."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("result", type=Path, help="what tools/test.py --out wrote")
    parser.add_argument("rendered", type=Path, help="folder that render_corpus.py filled")
    parser.add_argument("--units", action="store_true", help="also print every unit of every group")
    parser.add_argument("--least", type=int, default=50, help="frames of either class (default: %(default)s)")
    parser.add_argument("-o", "--output", type=Path, metavar="JSON", help="write everything to this file")
    args = parser.parse_args(arguments)
    try:
        content = safe_load(args.result)
        values = traits_of_results(content["results"], args.rendered)
        rows = score_groups(content["results"], content["au_names"], values, args.least)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(markdown(rows, args.units))
    if args.output:
        args.output.write_text(json.dumps({"least": args.least, "groups": rows}, indent=1) + "\n")
        print(f"\nWritten: {args.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
