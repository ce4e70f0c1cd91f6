"""What the rare action units get from sampling, weights and losses, on a long-tailed cut of a corpus.

    python benchmarks/balanced_diet.py TRAIN.pkl TEST.pkl [--seeds 3] [--passes 3] [-o OUT]

Each unit's positives are thinned until base rates fall geometrically from 40 % to 1 % (or to the corpus'
own, where that is less): clips that show a unit too often lose their labels of that unit, nothing else. One
subject in five is held back for thresholds. A small transformer learns from the rest, once a row and seed,
by one recipe; rows differ in the loss and sampling of `configs/balance`, read from there. Rows that sample
alike see the same clips.

Figures are means over units, then mean ± standard deviation over seeds, on TEST.pkl with all of its
positives, each counting so much that the unit is as rare as in training:

- F1 at 0.5, and at thresholds of the highest F1 of each unit on held-back subjects;
- AUC, area under the ROC curve, which knows nothing of rates, and AP, average precision, which does;
- rare: of the third of the units with the lowest rates.

The row with the best loss takes that of the highest average precision on held-back subjects.

OUT gets the cut, `diet.json` and `diet.md`; the next run with it goes on where the last one stopped.
"""

import argparse
import json
import logging
import math
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from diet_bench import FIGURES, Bench, Recipe, Row
from diet_cut import Cut, make_cut
from tqdm import tqdm

from fau3d.facs import get_au_set
from fau3d.io.atomic import atomic_path

UNITS = "synthetic25"
LOSSES = {
    "inverse rate": "inverse_rate",
    "effective number": "effective_number",
    "positive weight, square root": "positive_weight",
    "focal": "focal",
    "weighted asymmetric (ME-GraphAU)": "weighted_asymmetric",
    "asymmetric (Ridnik et al.)": "asymmetric",
    "logit adjustment": "logit_adjustment",
}
QUICK = Recipe(clips=64, passes=1, batch=16, channels=16)


def plan() -> list[Row]:
    """List the rows, but for those that follow from others."""
    return [
        Row("plain cross-entropy"),
        *(Row(name, loss=leaf) for name, leaf in LOSSES.items()),
        Row("balanced sampling", clip="balanced_sampling"),
        Row("less median", neutral="median"),
        Row("less least-expressive", neutral="least-expressive"),
    ]


class Report:
    """Keeps what was found, by row and seed.

    Args:
        output: Folder.
        run: What must be the same in a run that goes on.

    Raises:
        ValueError: If the folder holds another run.
    """

    def __init__(self, output: Path, run: dict) -> None:
        self.output, self.run = output, run
        self.found: list[dict] = []
        path = output / "diet.json"
        if path.is_file():
            told = json.loads(path.read_text())
            if told["run"] != run:
                raise ValueError(f"{path} is of another run (files or recipe); choose another folder")
            self.found = told["found"]

    def figures(self, row: Row, seed: int) -> dict[str, float] | None:
        """Give what a row found from a seed, or None."""
        for entry in self.found:
            if entry["row"] == asdict(row) and entry["seed"] == seed:
                return entry["figures"]
        return None

    def add(self, row: Row, seed: int, figures: dict[str, float]) -> None:
        """Put down what a row found, and write it."""
        self.found.append({"row": asdict(row), "seed": seed, "figures": figures})
        text = json.dumps({"run": self.run, "found": self.found}, indent=1)
        with atomic_path(self.output / "diet.json") as path:
            path.write_text(text + "\n")

    def mean(self, row: Row, figure: str, seeds: int) -> float:
        """Average a figure over the seeds that are there; NaN where none is."""
        values = self._values(row, figure, seeds)
        return float(np.mean(values)) if values else math.nan

    def _values(self, row: Row, figure: str, seeds: int) -> list[float]:
        return [told[figure] for seed in range(seeds) if (told := self.figures(row, seed))]

    def markdown(self, cut: Cut, names: list[str], seeds: int) -> str:
        """Give the table."""
        order = np.argsort(-cut.rates, kind="stable")
        tail = ", ".join(f"{names[i]} {100 * cut.rates[i]:.1f} ({cut.clips[i]})" for i in order)
        head = f"Base rates of training, % (clips that show the unit): {tail}."
        known = {json.dumps(entry["row"]): Row(**entry["row"]) for entry in self.found}
        order_of = {row: number for number, row in enumerate(plan())}
        rows = sorted(known.values(), key=lambda row: order_of.get(row, len(order_of)))
        lines = [["row", *FIGURES], ["---"] * (1 + len(FIGURES))]
        for row in rows:
            cells = [self._values(row, figure, seeds) for figure in FIGURES]
            lines.append([row.name, *(f"{np.mean(c):.3f} ± {np.std(c):.3f}" for c in cells)])
        return f"{head}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fill(report: Report, bench: Bench, seeds: int) -> None:
    """Train every row that is not there, a seed at a time, then those that follow from them."""
    rows = plan()
    _answer(report, bench, rows, seeds)
    losses = [row for row in rows if row.loss != "plain"]
    best = max(losses, key=lambda row: report.mean(row, "held-back AP", seeds))
    sampled = replace(best, name=f"balanced sampling, {best.name}", clip="balanced_sampling")
    _answer(report, bench, [sampled], seeds)


def _answer(report: Report, bench: Bench, rows: list[Row], seeds: int) -> None:
    wanted = [(row, seed) for seed in range(seeds) for row in rows if report.figures(row, seed) is None]
    wanted.sort(key=lambda one: (one[1], one[0].diet))  # those that share clips come together
    for row, seed in tqdm(wanted, unit="training"):
        report.add(row, seed, bench.score(row, seed))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", type=Path, metavar="TRAIN.pkl", help="annotation file to cut and learn from")
    parser.add_argument("test", type=Path, metavar="TEST.pkl", help="annotation file of other people")
    parser.add_argument("--units", default=UNITS, help="name of an AU set (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each row (default: %(default)s)")
    parser.add_argument(
        "--passes", type=int, default=Recipe.passes, help="how often through the clips (default: %(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="hardly trained: does it run?")
    parser.add_argument("-o", "--output", type=Path, default=Path("balanced_diet"), metavar="OUT")
    args = parser.parse_args(arguments)
    logging.disable(logging.INFO)  # every network built would list its weights
    torch.set_num_threads(1)  # small matrices; more threads would mostly wait
    recipe = QUICK if args.quick else Recipe(passes=args.passes)
    try:
        names = list(get_au_set(args.units))
        args.output.mkdir(parents=True, exist_ok=True)
        run = {"recipe": asdict(recipe), "files": [args.train.name, args.test.name], "units": names}
        report = Report(args.output, run)
        cut = make_cut(args.train, args.test, names, args.output)
        fill(report, Bench(cut, args.units, recipe), args.seeds)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    table = report.markdown(cut, names, args.seeds)
    (args.output / "diet.md").write_text(table + "\n")
    print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
