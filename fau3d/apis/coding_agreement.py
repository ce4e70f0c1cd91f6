"""How well the answers in an AU table agree with what a person coded, or one coder with another."""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from fau3d.apis.coding_answers import Answers, coder_answers, event_rows, table_answers, write_tiers
from fau3d.apis.human_coding import CodingRules, FrameClock, is_coding, read_coding
from fau3d.functional.agreement import icc_consistency
from fau3d.functional.event_agreement import EventAgreement, FrameAgreement, event_agreement, frame_agreement
from fau3d.functional.intervals import sampling_instants
from fau3d.io.table import read_au_table
from fau3d.io.tiers import TierRow

_HEADER = (
    "unit", "frames", "no answer", "coded", "found", "same", "kappa", "F1", "ICC",
    "events", "matched", "missed", "extra", "event F1", "onset", "offset",
)  # fmt: skip
_LEGEND = (
    "frames: coded and answered; coded, found: share of them with the unit; same: share that agree.\n"
    "events: coded; matched: found too; missed: not found; extra: found, but not coded.\n"
    "onset, offset: median of found minus coded, seconds; -: cannot be said."
)


@dataclass(frozen=True)
class UnitAgreement:
    """Agreement on one unit.

    Attributes:
        unit: Such as `AU12`.
        unanswered: Coded frames without an answer, such as those without a face; they are in no figure.
        frames: Frame by frame.
        events: Event by event.
        icc: ICC(3,1) of the intensities over these frames; NaN unless both graded all of them.
    """

    unit: str
    unanswered: int
    frames: FrameAgreement
    events: EventAgreement
    icc: float


def compare_unit(unit: str, coded: Answers, found: Answers, min_overlap: float = 0.0) -> UnitAgreement:
    """Compare two raters on one unit.

    Args:
        unit: Its name.
        coded: The coder's.
        found: The other rater's, at the same instants.
        min_overlap: Common over joint time from which two events are one.
    """
    was_coded = coded.labels != -1
    both = was_coded & (found.labels != -1)
    graded = np.stack([coded.intensity, found.intensity], axis=1)[both]
    can_grade = len(graded) > 1 and bool(np.isfinite(graded).all())
    return UnitAgreement(
        unit=unit,
        unanswered=int((was_coded & ~both).sum()),
        frames=frame_agreement(coded.labels, found.labels),
        events=event_agreement(coded.rating, found.rating, min_overlap),
        icc=icc_consistency(graded) if can_grade else float("nan"),
    )


@dataclass(frozen=True)
class CodingAgreement:
    """Agreement on all units that both rated, and what was compared.

    Attributes:
        units: Those in both, in the coder's order.
        notes: What was left out, a sentence each.
        coded: The coder's answers by unit.
        found: The other rater's.
        instants: Shape (T,): the middles of the frames, seconds.
        end: Seconds at which the recording ends.
    """

    units: list[UnitAgreement]
    notes: list[str]
    coded: dict[str, Answers]
    found: dict[str, Answers]
    instants: np.ndarray
    end: float

    def to_frame(self) -> pd.DataFrame:
        """Give one row a unit: `unit`, `unanswered`, `icc`, and the fields of its parts with their names."""
        return pd.DataFrame([_flat(unit) for unit in self.units])

    def to_text(self) -> str:
        """Give a table for people: one row a unit, and the means of what was measured."""
        rows = [_HEADER, *(_cells(unit) for unit in self.units)]
        if len(self.units) > 1:
            rows.append(_mean_cells(self.units))
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines = [
            "  ".join(cell.rjust(width) if place else cell.ljust(width) for place, (cell, width) in cells)
            for cells in (enumerate(zip(row, widths)) for row in rows)
        ]
        return "\n".join([*lines, _LEGEND])

    def export(self, path: str | os.PathLike[str], media: str | os.PathLike[str] | None = None) -> None:
        """Write both side by side for ELAN or Praat: a tier `AU12` and a tier `AU12 found` for each unit."""
        rows: list[TierRow] = []
        tiers: list[str] = []
        for agreement in self.units:
            for name, answers in (
                (agreement.unit, self.coded[agreement.unit]),
                (f"{agreement.unit} found", self.found[agreement.unit]),
            ):
                tiers.append(name)
                rows += event_rows(name, answers, self.instants)
        write_tiers(path, rows, tiers, max([self.end, *(row.end for row in rows)]), media)


def _flat(agreement: UnitAgreement) -> dict[str, object]:
    row: dict[str, object] = {"unit": agreement.unit, "unanswered": agreement.unanswered}
    row |= asdict(agreement.frames) | {"icc": agreement.icc}
    for key, value in asdict(agreement.events).items():
        if isinstance(value, dict):
            row |= {f"{key}_{name}": part for name, part in value.items()}
        else:
            row[f"events_{key}"] = value
    return row


def _number(value: float, form: str = ".3f") -> str:
    return "-" if np.isnan(value) else format(value, form)


def _cells(agreement: UnitAgreement) -> tuple[str, ...]:
    frames, events = agreement.frames, agreement.events
    shares = (frames.coded_share, frames.found_share, frames.agreement, frames.kappa, frames.f1)
    counts = (events.coded, events.matched, events.coded - events.matched, events.found - events.matched)
    return (
        agreement.unit,
        *map(str, (frames.frames, agreement.unanswered)),
        *map(_number, (*shares, agreement.icc)),
        *map(str, counts),
        _number(events.f1),
        *(_number(edge.median, "+.3f") for edge in (events.onset, events.offset)),
    )


def _mean_cells(units: list[UnitAgreement]) -> tuple[str, ...]:
    """Give the means over units of the shares, and the sums of events; edges have no mean of medians."""
    frames, events = [unit.frames for unit in units], [unit.events for unit in units]
    counts = np.sum([(e.coded, e.matched, e.coded - e.matched, e.found - e.matched) for e in events], axis=0)
    series = [
        [f.agreement for f in frames],
        [f.kappa for f in frames],
        [f.f1 for f in frames],
        [u.icc for u in units],
    ]
    return (
        *("mean, sum", "", str(sum(unit.unanswered for unit in units)), "", ""),
        *map(_number, map(_mean, series)),
        *map(str, counts),
        _number(_mean([e.f1 for e in events])),
        *("", ""),
    )


def _mean(values: list[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def compare_files(
    answers: str | os.PathLike[str],
    coding: str | os.PathLike[str],
    rules: CodingRules | None = None,
    face_id: int | None = None,
    min_overlap: float = 0.0,
    min_duration: float = 0.0,
    merge_within: float = 0.0,
    rate: float = 25.0,
) -> CodingAgreement:
    """Compare an AU table, or a second coder's file, with a coder's file.

    Args:
        answers: `au.csv`, or a file that `read_coding` reads.
        coding: The coder's file.
        rules: How to take coders' files.
        face_id: See `table_answers`.
        min_overlap: See `compare_unit`.
        min_duration: See `table_answers`.
        merge_within: See `table_answers`.
        rate: Frames per second at which two coders are sampled; a table has its own frames.

    Raises:
        ValueError: If a file cannot be read, or no unit is in both.
    """
    rules = rules or CodingRules()
    if is_coding(answers):
        return _compare_coders(Path(answers), Path(coding), rules, min_overlap, rate)
    recording = table_answers(read_au_table(answers), face_id, min_duration, merge_within)
    coder = read_coding(coding, recording.clock, rules, recording.end)
    coded = {unit: coder_answers(own, recording.instants) for unit, own in coder.units.items()}
    units, notes = _compare(coded, recording.units, (str(coding), str(answers)), min_overlap)
    said = [*coder.notes, *notes]
    return CodingAgreement(units, said, coded, recording.units, recording.instants, recording.end)


def _compare_coders(
    second: Path, first: Path, rules: CodingRules, min_overlap: float, rate: float
) -> CodingAgreement:
    paths, clock = (first, second), FrameClock.even(rate)
    # Both reach to the end of the longer one: what a file says nothing of, after its last event, is absent.
    end = max(read_coding(path, clock, rules).end for path in paths)
    codings = [read_coding(path, clock, rules, end) for path in paths]
    instants = sampling_instants(0.0, end, rate)
    coded, found = ({unit: coder_answers(own, instants) for unit, own in c.units.items()} for c in codings)
    units, notes = _compare(coded, found, (str(first), str(second)), min_overlap)
    said = [f"{path.name}: {note}" for path, c in zip(paths, codings) for note in c.notes]
    return CodingAgreement(units, [*said, *notes], coded, found, instants, end)


def _compare(
    coded: dict[str, Answers], found: dict[str, Answers], names: tuple[str, str], min_overlap: float
) -> tuple[list[UnitAgreement], list[str]]:
    """Compare the units that both have; the notes name those that only the coder has."""
    both = [unit for unit in coded if unit in found]
    if not both:
        raise ValueError(
            f"no unit is in both: {names[0]} codes {', '.join(coded)}; {names[1]} has {', '.join(found)}"
        )
    alone = [unit for unit in coded if unit not in found]
    notes = [f"coded, but not in {names[1]}: {', '.join(alone)}"] if alone else []
    return [compare_unit(unit, coded[unit], found[unit], min_overlap) for unit in both], notes
