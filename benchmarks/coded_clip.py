"""How much of a clip coded by eye a model gets right: a table by unit, and a picture.

TABLE is the `au.csv` that `fau3d analyze` writes, CODING a CSV with the columns `unit, first_frame,
last_frame, value`: in the frames from first to last (from 0, inclusive) the unit is there (1) or not (0).
Frames that are not listed are not coded. `demo/face_coding.csv` codes `demo/face.mp4`,
coarsely: its coder looked at every tenth frame.
"""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from fau3d.apis.coding_answers import most_present_face
from fau3d.io.coding import read_coded_runs
from fau3d.io.table import read_au_table
from fau3d.structures import AUTable

CODING = Path(__file__).resolve().parents[1] / "demo" / "face_coding.csv"


@dataclass(frozen=True)
class UnitScore:
    """How one unit does on the coded frames; NaN where the table or the coding cannot say.

    Attributes:
        unit: Such as `AU12`.
        frames: Coded frames.
        present: Of those, coded as there.
        missing: Coded frames without an answer; they count as wrong.
        right: Share of the coded frames that the model's own threshold gets right.
        hit: Share right of those coded as there.
        rejected: Share right of those coded as not there.
        auc: Area under the ROC curve of the probabilities over answered frames.
    """

    unit: str
    frames: int
    present: int
    missing: int
    right: float
    hit: float
    rejected: float
    auc: float


def read_coding(path: Path) -> dict[str, dict[int, int]]:
    """Read a coding: value of each coded frame, by unit. Raises ValueError as `read_coded_runs`."""
    coding: dict[str, dict[int, int]] = {}
    for run in read_coded_runs(path):
        coding.setdefault(run.unit, {}).update(dict.fromkeys(range(run.first, run.last + 1), run.value))
    return coding


def score_unit(unit: str, frames: dict[int, int], face: AUTable) -> UnitScore:
    """Score one unit on its coded frames."""
    rows = face.data.drop_duplicates("frame").set_index("frame").reindex(sorted(frames))
    coded = np.array([frames[frame] for frame in sorted(frames)])
    said = rows.get(f"{unit}_c", pd.Series(np.nan, rows.index)).to_numpy(float)
    probability = rows.get(f"{unit}_p", pd.Series(np.nan, rows.index)).to_numpy(float)
    right = said == coded
    answered = np.isfinite(probability)
    both = len(np.unique(coded[answered])) == 2
    return UnitScore(
        unit=unit,
        frames=len(coded),
        present=int(coded.sum()),
        missing=int(np.isnan(said).sum()),
        right=float(right.mean()),
        hit=_share(right[coded == 1]),
        rejected=_share(right[coded == 0]),
        auc=float(roc_auc_score(coded[answered], probability[answered])) if both else float("nan"),
    )


def _share(right: np.ndarray) -> float:
    return float(right.mean()) if len(right) else float("nan")


def score_clip(table: AUTable, coding: dict[str, dict[int, int]]) -> list[UnitScore]:
    """Score every coded unit that the table answers.

    Raises:
        ValueError: If the table answers none of the coded units.
    """
    face = most_present_face(table)
    scores = [score_unit(unit, frames, face) for unit, frames in coding.items() if unit in face.au_names]
    if not scores:
        raise ValueError(
            f"the table answers {list(face.au_names)}, the coding has {list(coding)}; no unit in both"
        )
    return scores


def format_scores(scores: list[UnitScore]) -> str:
    """Give the scores as a Markdown table with their mean."""
    lines = [
        "| unit | coded frames | there | right | hit | rejected | AUC |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {s.unit} | {s.frames} | {s.present} | "
        f"{s.right:.3f} | {s.hit:.3f} | {s.rejected:.3f} | {s.auc:.3f} |"
        for s in scores
    ]
    means = [np.nanmean([getattr(s, key) for s in scores]) for key in ("right", "hit", "rejected", "auc")]
    lines.append("| **mean** | | | " + " | ".join(f"**{value:.3f}**" for value in means) + " |")
    return "\n".join(lines)


def draw(table: AUTable, coding: dict[str, dict[int, int]], scores: list[UnitScore], path: Path) -> None:
    """Draw probability (line), answer (bar) and coding (bands: green = there, grey = not there) over time."""
    from matplotlib.figure import Figure

    face = most_present_face(table)
    frame = face.data["frame"].to_numpy(float)
    figure = Figure(figsize=(11, 1.25 * len(scores) + 0.8), layout="constrained")
    axes = figure.subplots(len(scores), 1, sharex=True, squeeze=False)[:, 0]
    for axis, score in zip(axes, scores):
        coded = coding[score.unit]
        for value, colour in ((1, "#8fce8f"), (0, "#d9d9d9")):
            listed = [f for f, v in coded.items() if v == value]
            axis.vlines(listed, 0, 1, color=colour, linewidth=2.5, zorder=0)
        if f"{score.unit}_p" in face.data:
            axis.plot(frame, face.data[f"{score.unit}_p"], color="#1f4e8c", linewidth=1.3)
        said = face.data.get(f"{score.unit}_c")
        if said is not None:
            axis.fill_between(
                frame, -0.16, -0.06, where=said.to_numpy(float) == 1, color="#c4421a", linewidth=0
            )
        axis.set_ylim(-0.18, 1.05)
        axis.set_yticks([0, 0.5, 1])
        axis.set_ylabel(score.unit, rotation=0, ha="right", va="center")
        axis.set_title(f"right {score.right:.2f}, AUC {score.auc:.2f}", loc="right", fontsize=8, pad=2)
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xlabel(
        "frame; line: probability; red bar: said to be there; green: coded as there; grey: coded as not there"
    )
    figure.savefig(path, dpi=110, facecolor="white")


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("table", type=Path, help="au.csv of the clip")
    parser.add_argument("coding", type=Path, nargs="?", default=CODING)
    parser.add_argument("--plot", type=Path, help="write a picture (PNG)")
    args = parser.parse_args(arguments)
    try:
        table, coding = read_au_table(args.table), read_coding(args.coding)
        scores = score_clip(table, coding)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(format_scores(scores))
    left_out = [unit for unit in coding if unit not in {score.unit for score in scores}]
    if left_out:
        print(f"\nCoded, but not in the table: {', '.join(left_out)}")
    if args.plot:
        draw(table, coding, scores, args.plot)
        print(f"\nPicture: {args.plot}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
