"""A sheet of checks with a column for each rival, as Markdown, CSV and JSON."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

BETTER = {
    "right": "more",
    "hit": "more",
    "rejected": "more",
    "AUC": "more",
    "correlation": "more",
    "faces found": "more",
    "missing": "less",
    "difference": "less",
    "relative": "less",
    "units that move": "more",
    "drift": "less",
    "range": "less",
    "inner range": "less",
    "share present": "less",
    "probability": "less",
}


class Sheet:
    """Rows of figures, in the order in which they come first.

    Args:
        rivals: Columns.

    Attributes:
        notes: Sentences below the tables.
    """

    def __init__(self, rivals: Sequence[str]) -> None:
        self.rivals = list(rivals)
        self.notes: list[str] = []
        self._rows: dict[tuple[str, str, str], dict[str, float]] = {}
        self._details: set[tuple[str, str, str]] = set()

    def add(
        self, check: str, item: str, measure: str, rival: str, value: float, detail: bool = False
    ) -> None:
        """Put a figure down.

        Args:
            check: Heading of the table.
            item: What is measured.
            measure: A key of `BETTER`.
            rival: The column.
            value: The figure; NaN where there is none.
            detail: Whether a short print leaves the row out.

        Raises:
            ValueError: If the measure or rival is unknown, or the figure is there already.
        """
        if measure not in BETTER or rival not in self.rivals:
            raise ValueError(f"{measure!r} of {rival!r}: wanted one of {list(BETTER)}, of {self.rivals}")
        key = (check, item, measure)
        if rival in self._rows.setdefault(key, {}):
            raise ValueError(f"{key} of {rival!r} is put down twice; give the items different names")
        self._rows[key][rival] = float(value)
        if detail:
            self._details.add(key)

    def markdown(self, details: bool = True) -> str:
        """Give the tables.

        Args:
            details: Off leaves out details, and units that nobody says are there.
        """
        parts = []
        for check in dict.fromkeys(check for check, *_ in self._rows):
            rows = [key for key in self._rows if key[0] == check and (details or self._matters(key))]
            head = ["| what | measure | better | " + " | ".join(self.rivals) + " |"]
            head.append("|---" * (3 + len(self.rivals)) + "|")
            parts.append("\n".join([f"### {check}", "", *head, *map(self._line, rows)]))
        return "\n\n".join([*parts, *self.notes])

    def _matters(self, key: tuple[str, str, str]) -> bool:
        nobody = key[2] == "share present" and all(v == 0 for v in self._rows[key].values())
        return key not in self._details and not (nobody and "quiet units" not in key[1])

    def _line(self, key: tuple[str, str, str]) -> str:
        _, item, measure = key
        told = [self._rows[key].get(rival, math.nan) for rival in self.rivals]
        cells = [_figure(value, measure) for value in told]
        any_value = "(speech)" in item or "(blink)" in item
        return f"| {item} | {measure} | {'–' if any_value else BETTER[measure]} | {' | '.join(cells)} |"

    def table(self) -> pd.DataFrame:
        """Give every figure: `check`, `item`, `measure`, and a column for each rival; NaN where none is."""
        rows = [
            dict(zip(("check", "item", "measure"), key)) | {r: row.get(r, math.nan) for r in self.rivals}
            for key, row in self._rows.items()
        ]
        return pd.DataFrame(rows, columns=["check", "item", "measure", *self.rivals])

    def write(self, folder: Path) -> None:
        """Write `real_faces.json`, `real_faces.csv` and `real_faces.md` with all details into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        table = self.table()
        table.to_csv(folder / "real_faces.csv", index=False)
        plain = table.astype(object).where(table.notna(), None).to_dict("records")
        told = {"rivals": self.rivals, "notes": self.notes, "figures": plain}
        (folder / "real_faces.json").write_text(json.dumps(told, indent=1) + "\n")
        (folder / "real_faces.md").write_text(self.markdown() + "\n")


def _figure(value: float, measure: str) -> str:
    if math.isnan(value):
        return "–"
    return f"{value:.0f}" if measure == "units that move" else f"{value:.3f}"
