"""The ablation's figures as Markdown and JSON."""

import json
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ablation_bench import OTHERS_SPREAD, Row
from ablation_model import Recipe, mean
from coded_clip import UnitScore

COLUMNS = (
    "held-out, all", "held-out, marked", "shifted, all", "shifted, marked",
    "real", "real AU01", "real AU04", "real right", "talkers, false",
    "calm, said", "photographs",
)  # fmt: skip
UNSTEADY = COLUMNS[4:]  # those of a few real faces


@dataclass
class Report:
    """Collects what was found.

    Attributes:
        output: Folder.
        recipe: How networks were trained.
        seeds: Trainings of each row.
        people: Number of people learned from, held out and shifted.
        photographs: Number of photographed faces and of calm ones among them, or nothing.
        blendshapes: MediaPipe's blendshapes on the coded clip.
        distances: rms distance of the mean resting face from real ones, by face and share.
        units: What `explain_units` gives.
    """

    output: Path
    recipe: Recipe
    seeds: int
    people: list[int]
    photographs: list[int] = field(default_factory=list)
    blendshapes: list[UnitScore] = field(default_factory=list)
    distances: list[dict[str, float | str]] = field(default_factory=list)
    units: list[dict[str, float | str]] = field(default_factory=list)
    _rows: list[dict] = field(default_factory=list)

    def resume(self) -> None:
        """Take over the rows of an earlier run.

        Raises:
            ValueError: If it had another recipe, other seeds, people or photographs.
        """
        path = self.output / "ablation.json"
        if not path.is_file():
            return
        told = json.loads(path.read_text())
        if any(told.get(key) != value for key, value in self._run().items()):
            raise ValueError(
                f"{path} is of another run (recipe, seeds, people or photographs); choose another folder"
            )
        self._rows = told["rows"]
        self.distances, self.units = told["distances"], told["units"]

    def has(self, row: Row) -> bool:
        """Say whether a row was put down."""
        wanted = json.loads(json.dumps(asdict(row)))
        return any(all(one.get(key) == value for key, value in wanted.items()) for one in self._rows)

    def add(self, row: Row, figures: dict[str, float], spread: dict[str, float]) -> None:
        """Put a row down with its standard deviations between seeds."""
        self._rows.append(json.loads(json.dumps({**asdict(row), "figures": figures, "sd": spread})))

    def _run(self) -> dict:
        """Give what must be the same in a run that goes on."""
        return {
            "recipe": asdict(self.recipe),
            "seeds": self.seeds,
            "people": self.people,
            "photographs": self.photographs,
        }

    def markdown(self) -> str:
        """Give the tables."""
        shown = [key for key in COLUMNS if any(key in row["figures"] for row in self._rows)]
        parts = [
            f"People: {self.people}; seeds: {self.seeds}; largest standard deviation of a row between its "
            f"seeds: {self._largest_spread(shown)}.",
            "Shifted people are moved to the face that the row says, but by shares that differ by "
            f"{OTHERS_SPREAD} more between them (standard deviation) than the row says.",
        ]
        if self.photographs:
            parts.append("Photographed faces: {}, calm ones among them: {}.".format(*self.photographs))
        if self.blendshapes:
            auc = mean([score.auc for score in self.blendshapes])
            right = mean([score.right for score in self.blendshapes])
            brows = next((score.auc for score in self.blendshapes if score.unit == "AU04"), math.nan)
            parts.append(f"MediaPipe's blendshapes: real {auc:.3f}, AU04 {brows:.3f}, right {right:.3f}.")
        for section in sorted({row["section"] for row in self._rows}):
            lines = [
                [row["name"], *(_spread_figure(row, key) for key in shown)]
                for row in self._rows
                if row["section"] == section
            ]
            parts.append(f"### {section}\n\n{_table(['row', *shown], lines)}")
        if self.distances:
            head = list(self.distances[0])
            lines = [[_figure(line[key]) for key in head] for line in self.distances]
            parts.append(f"### Distance of the mean resting face to real ones\n\n{_table(head, lines)}")
        if self.units:
            head = list(self.units[0])
            ranked = sorted(self.units, key=lambda unit: float(unit["canonical"]))
            lines = [[_figure(unit[key]) for key in head] for unit in ranked]
            parts.append(f"### F. Units and the canonical offset\n\n{_table(head, lines)}")
        return "\n\n".join(parts)

    def _largest_spread(self, shown: list[str]) -> str:
        largest = {key: max((row["sd"].get(key) or 0.0 for row in self._rows), default=0.0) for key in shown}
        return ", ".join(f"{key} {value:.3f}" for key, value in largest.items())

    def write(self) -> None:
        """Write `ablation.json` and `ablation.md`."""
        self.output.mkdir(parents=True, exist_ok=True)
        told = {
            **self._run(),
            "blendshapes": [asdict(score) for score in self.blendshapes],
            "rows": self._rows,
            "distances": self.distances,
            "units": self.units,
        }
        (self.output / "ablation.json").write_text(json.dumps(_plain(told), indent=1) + "\n")
        (self.output / "ablation.md").write_text(self.markdown() + "\n")


def _plain(value: object) -> object:
    """Give JSON's null for NaN."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _figure(value: object) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.3f}" if isinstance(value, float) and not math.isnan(value) else "–"


def _spread_figure(row: dict, key: str) -> str:
    """Write a figure, with its standard deviation between seeds where one clip decides it."""
    told = _figure(row["figures"].get(key))
    return f"{told} ± {row['sd'].get(key) or 0:.3f}" if told != "–" and key in UNSTEADY else told


def _table(head: list[str], lines: list[list[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
