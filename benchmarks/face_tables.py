"""The checks of `real_faces.py`: from answers to the rows of its tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from clip_variants import INVARIANCE, LOOPS
from coded_clip import UnitScore, read_coding, score_clip
from face_checks import (
    compare,
    frozen_drift,
    occurrences,
    probabilities,
    repetition_difference,
    roughness,
    silence,
    unmirror,
)
from face_report import Sheet

from fau3d.facs.names import split_side
from fau3d.io.video import VideoReader
from fau3d.structures import AUTable

FROZEN = ("frozen-25", "frozen-50", "frozen-75")
SCORES = {"right": "right", "hit": "hit", "rejected": "rejected", "AUC": "auc"}
Answers = Mapping[str, AUTable | None]


def fill(sheet: Sheet, answers: Mapping[str, Answers], demo: Path, coding: Path, talkers: list[str]) -> None:
    """Make every check for every rival.

    Args:
        sheet: Takes the rows.
        answers: By rival and take.
        demo: The coded clip.
        coding: Its coding.
        talkers: Takes that show a neutral talking face; those that were not answered are left out.
    """
    coded = read_coding(coding)
    with VideoReader(demo) as reader:
        length, fps = len(reader), reader.fps
    given = {
        rival: {name: table for name, table in takes.items() if table is not None}
        for rival, takes in answers.items()
    }
    units = shared_units([tables["clean"] for tables in given.values()])
    sheet.notes.append(f"Means and worst units are over what all columns answer: {' '.join(units)}.")
    for rival, tables in given.items():
        column = Column(sheet, rival, units)
        plain = probabilities(tables["clean"])
        column.coding(tables["clean"], coded)
        column.mirror(plain, probabilities(tables["mirror"]), tables.get("flipped"))
        for talker in talkers:
            if talker in tables:
                column.silence(talker, tables[talker])
        column.drift(tables, length, fps)
        for variant in INVARIANCE:
            column.variant(variant, plain, tables[variant], coded)
        column.steadiness(plain, tables.get("jittered"))


def shared_units(tables: Sequence[AUTable]) -> list[str]:
    """Give the units that all tables answer, in the order of the first.

    Raises:
        ValueError: If there is none.
    """
    units = [unit for unit in tables[0].au_names if all(unit in table.au_names for table in tables)]
    if not units:
        raise ValueError("the rivals have no unit in common, so nothing can be compared; ask them one by one")
    return units


def mean_scores(scores: list[UnitScore]) -> dict[str, float]:
    """Give the means over units; NaN where no unit has the score."""
    means = {measure: _mean([getattr(s, key) for s in scores]) for measure, key in SCORES.items()}
    return {**means, "missing": sum(s.missing for s in scores) / sum(s.frames for s in scores)}


@dataclass(frozen=True)
class Column:
    """The checks of one rival.

    Attributes:
        sheet: Takes the rows.
        rival: Its name.
        units: What means and worst units are over.
    """

    sheet: Sheet
    rival: str
    units: Sequence[str]

    def _add(self, check: str, item: str, measure: str, value: float, detail: bool = False) -> None:
        self.sheet.add(check, item, measure, self.rival, value, detail)

    def _details(self, check: str, result: pd.DataFrame, of: str = "") -> None:
        for unit, row in result.iterrows():
            for measure in result:
                self._add(check, f"{of}{unit}", str(measure), row[measure], detail=True)

    def _summary(self, check: str, result: pd.DataFrame, of: str = "") -> None:
        """Add means and the worst unit of every measure, and every unit as a detail."""
        shared = result.loc[[unit for unit in self.units if unit in result.index]]
        for measure in shared:
            self._add(check, f"{of}mean of units", str(measure), _mean(shared[measure]))
        for measure in shared:
            worst = shared[measure].min() if measure == "correlation" else shared[measure].max()
            self._add(check, f"{of}worst unit", str(measure), worst)
        self._details(check, result, of)

    def coding(self, table: AUTable, coding: dict[str, dict[int, int]]) -> None:
        """Score the coded clip, by unit and in the mean."""
        check = "1. Coded clip"
        scores = score_clip(table, coding)
        for score in scores:
            for measure, key in SCORES.items():
                self._add(check, score.unit, measure, getattr(score, key))
            self._add(check, score.unit, "missing", score.missing / score.frames, detail=True)
        for measure, value in mean_scores(self._shared(scores)).items():
            self._add(check, "mean", measure, value)

    def _shared(self, scores: list[UnitScore]) -> list[UnitScore]:
        """Leave out units that some other column does not answer, if any are left then."""
        return [score for score in scores if score.unit in self.units] or scores

    def mirror(self, plain: pd.DataFrame, mirrored: pd.DataFrame, flipped: AUTable | None) -> None:
        """Compare the clip with its mirror image, and with its own landmarks mirrored."""
        check = "2. Mirror"
        result = compare(plain, unmirror(mirrored))
        moving = result.loc[list(self.units), "relative"].notna().sum()
        self._add(check, "on the plain clip", "units that move", moving)
        self._summary(check, result)
        sided = result[[bool(split_side(unit)[1]) for unit in result.index]]
        if len(sided):
            for measure in sided:
                self._add(check, "one-sided units, mean", str(measure), _mean(sided[measure]))
        if flipped is not None:
            self._summary(check, compare(plain, unmirror(probabilities(flipped))), "landmarks mirrored, ")

    def silence(self, talker: str, table: AUTable) -> None:
        """Say what is claimed of a neutral face that talks."""
        check = f"3. Silence, {talker}"
        result = silence(occurrences(table), probabilities(table))
        shared = result.loc[[unit for unit in self.units if unit in result.index]]
        quiet = shared[shared["group"] == "quiet"]
        sided = result[[bool(split_side(unit)[1]) for unit in result.index]]
        sided = sided[sided["group"] == "quiet"]
        for measure, key in (("share present", "share"), ("probability", "probability")):
            self._add(check, "quiet units, mean", measure, _mean(quiet[key]))
            self._add(check, "quiet units, most", measure, quiet[key].max())
            if len(sided):
                self._add(check, "one-sided quiet units, most", measure, sided[key].max())
        for unit, row in result.sort_values("group", kind="stable").iterrows():
            item = f"{unit} ({row['group']})"
            self._add(check, item, "share present", row["share"])
            self._add(check, item, "probability", row["probability"], detail=True)

    def drift(self, tables: Mapping[str, AUTable], length: int, fps: float) -> None:
        """Compare repetitions, and the ends of a held frame."""
        check = "4. Drift"
        result = repetition_difference(probabilities(tables["looped"]), length, LOOPS)
        self._summary(check, result[["difference"]], "repetition, ")
        for play in FROZEN:
            self._summary(check, frozen_drift(probabilities(tables[play]), fps), f"{play}, ")

    def variant(
        self, variant: str, plain: pd.DataFrame, table: AUTable, coding: dict[str, dict[int, int]]
    ) -> None:
        """Compare a form of the coded clip with the plain one."""
        check = "5. Invariance"
        answer = probabilities(table)
        result = compare(plain, answer)
        self._add(check, variant, "faces found", len(answer) / max(1, len(table.data)))
        for measure in result:
            shared = result[measure].reindex(list(self.units))
            self._add(check, variant, str(measure), _mean(shared))
        scores = self._shared(score_clip(table, coding)) if len(answer) else []
        self._add(check, variant, "AUC", mean_scores(scores)["AUC"] if scores else np.nan)
        self._details(check, result, f"{variant}, ")

    def steadiness(self, plain: pd.DataFrame, jittered: AUTable | None) -> None:
        """Say how much noise of the landmarks, and time alone, move the answers."""
        check = "6. Steadiness"
        if jittered is not None:
            self._summary(check, compare(plain, probabilities(jittered)), "landmarks with noise, ")
        self._summary(check, roughness(plain), "frame to frame, ")


def _mean(values: object) -> float:
    """Give the mean of what is finite; NaN where nothing is."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else float("nan")
