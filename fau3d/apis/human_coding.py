"""What people coded of a recording, read from ELAN, Praat or CSV files."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from fau3d.facs import parse_au
from fau3d.functional.event_agreement import Rating
from fau3d.functional.intervals import clip_intervals, gaps_between, join_intervals
from fau3d.io.coding import CodedRun, read_coded_runs
from fau3d.io.elan import read_eaf
from fau3d.io.textgrid import read_textgrid
from fau3d.io.tiers import TierRow

GAPS = ("auto", "absent", "uncoded")
GRADES = "ABCDE"
_GRADED = re.compile(r"(?:(?:AU|AD)?\s*\d{1,2}\s*)?([A-E])")
_LATE = 1.0  # seconds: more than a coder's hand slips beyond the end
_NOT_THERE = {"0", "absent", "no", "none"}
_NOT_CODED = {"?", "9", "999", "-1", "nc", "uncodable", "not coded"}


@dataclass(frozen=True)
class FrameClock:
    """When the frames of a recording are.

    Attributes:
        frames: Shape (T,): positions in the recording, from 0, rising.
        times: Shape (T,): seconds.
        step: Usual seconds from one frame to the next.
    """

    frames: np.ndarray
    times: np.ndarray
    step: float

    @classmethod
    def even(cls, rate: float) -> "FrameClock":
        """Give the clock of a recording with so many frames per second."""
        return cls(np.zeros(1, np.int64), np.zeros(1), 1 / rate)

    def seconds(self, frame: int) -> float:
        """Give when a frame begins, also one between or beyond those that are known."""
        first, last = self.frames[0], self.frames[-1]
        outside = (frame - last if frame > last else min(frame - first, 0)) * self.step
        return float(np.interp(frame, self.frames, self.times) + outside)


@dataclass(frozen=True)
class UnitCoding:
    """What a coder says of one unit.

    Attributes:
        rating: When it is there, and what was coded.
        graded: Shape (N, 3): start, end, and intensity 1 to 5 of each annotation that says that the unit is
            there; NaN where it has no grade.
    """

    rating: Rating
    graded: np.ndarray


@dataclass(frozen=True)
class Coding:
    """A coder's file.

    Attributes:
        units: By unit, such as `AU12`, in the order of the file.
        end: Seconds at which the recording ends, as far as the file tells.
        notes: What was left out or filled in, a sentence each.
    """

    units: dict[str, UnitCoding]
    end: float
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class CodingRules:
    """How a coder's file is to be taken.

    Attributes:
        unit_map: Units by name of the tier, where the name is no unit; such as `{"smile": ["AU12"]}`.
        gaps: Whether the time between annotations is `absent` (coded as not there) or `uncoded`; `auto` means
            absent in tiers that mark only what is there, and uncoded in those that also mark what is not.
        coded: Start and end in seconds of the part that was coded; all of it by default.
        shift: Seconds to add to the coder's times.
    """

    unit_map: Mapping[str, Sequence[str]] = field(default_factory=dict)
    gaps: str = "auto"
    coded: tuple[float, float] | None = None
    shift: float = 0.0

    def __post_init__(self) -> None:
        if self.gaps not in GAPS:
            raise ValueError(f"unknown rule for gaps {self.gaps!r}; known: {', '.join(GAPS)}")
        if self.coded is not None and not self.coded[0] < self.coded[1]:
            raise ValueError(f"coded from {self.coded[0]} to {self.coded[1]} s; wanted start < end")


def is_coding(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file is a coder's, by its suffix, or by its columns where it is a CSV file."""
    source = Path(path)
    if source.suffix.lower() in (".eaf", ".textgrid"):
        return True
    with source.open(encoding="utf-8", errors="replace") as stream:
        return "first_frame" in stream.readline()


def read_coding(
    path: str | os.PathLike[str],
    clock: FrameClock,
    rules: CodingRules | None = None,
    end: float | None = None,
) -> Coding:
    """Read a coder's file: ELAN (.eaf), Praat (.TextGrid), or CSV (unit, first_frame, last_frame, value).

    An annotation says that the unit is there, whatever its text; A to E, or 1 to 5 in a tier with a number
    above 1, are its intensity. `0`, `absent`, `no` and `none` say that it is not there; `?`, `9`, `-1`, `nc`,
    and `uncodable` that it cannot be coded.

    Args:
        path: The file.
        clock: When frames are, for files that count in frames.
        rules: How to take it.
        end: Seconds at which the recording ends; as the file says by default.

    Returns:
        The units, with notes of tiers that are no units.

    Raises:
        ValueError: If the file cannot be read, no tier is a unit, or two tiers are the same unit.
        FileNotFoundError: If there is no such file.
    """
    rules = rules or CodingRules()
    source = Path(path)
    notes: list[str] = []
    if source.suffix.lower() in (".eaf", ".textgrid"):
        file = read_eaf(source) if source.suffix.lower() == ".eaf" else read_textgrid(source)
        tiers, rows = file.tiers, list(file.rows)
        notes += file.notes
        said_end = file.end or 0.0
        gaps = rules.gaps
    else:
        runs = read_coded_runs(source)
        tiers, rows = tuple(dict.fromkeys(run.unit for run in runs)), [_row(run, clock) for run in runs]
        said_end, gaps = 0.0, "uncoded"
    rows = [row._replace(start=row.start + rules.shift, end=row.end + rules.shift) for row in rows]
    last = max((row.end for row in rows), default=0.0)
    if end is not None and last > end + _LATE:
        notes.append(
            f"the last annotation ends at {last:.1f} s, the recording at {end:.1f} s: is it the same one?"
        )
    end = max(said_end, last) if end is None else end
    names = _units_by_tier(source, tiers, rules.unit_map, notes)
    units = {}
    for tier, tier_units in names.items():
        coding = _unit_coding([row for row in rows if row.tier == tier], gaps, end, rules.coded)
        units.update(dict.fromkeys(tier_units, coding))
    return Coding(units, end, notes)


def _row(run: CodedRun, clock: FrameClock) -> TierRow:
    return TierRow(run.unit, clock.seconds(run.first), clock.seconds(run.last + 1), str(run.value))


def _units_by_tier(
    path: Path, tiers: Iterable[str], unit_map: Mapping[str, Sequence[str]], notes: list[str]
) -> dict[str, tuple[str, ...]]:
    """Give the units of each tier; a tier in the map is preferred to one that has a unit's name."""
    tiers = list(tiers)
    absent = [name for name in unit_map if name not in tiers]
    if absent:
        notes.append(f"the unit map names {', '.join(map(repr, absent))}, which {path.name} does not have")
    found = {name: tuple(map(parse_au, units)) for name, units in unit_map.items() if name in tiers}
    mapped = {unit: name for name, units in found.items() for unit in units}
    taken: dict[str, str] = {}
    unknown = []
    for name in tiers:
        if name in found:
            continue
        try:
            unit = parse_au(name.split("@")[0])  # ELAN users write 'AU12@person'
        except ValueError:
            unknown.append(name)
            continue
        if unit in mapped:
            notes.append(f"tier {name!r} left out; {unit} is read from {mapped[unit]!r}")
        elif unit in taken:
            raise ValueError(
                f"{path}: the tiers {taken[unit]!r} and {name!r} are both {unit}; say which with a unit map "
                f"'{name}={unit}'"
            )
        else:
            taken[unit], found[name] = name, (unit,)
    if unknown:
        notes.append(f"left out, since they are no action units: {', '.join(map(repr, unknown))}")
    if not found:
        raise ValueError(
            f"{path}: none of its tiers {', '.join(map(repr, tiers)) or '(it has none)'} is an action unit; "
            "name tiers like 'AU12', or say which is which with a unit map 'smile=AU12'"
        )
    return {name: found[name] for name in tiers if name in found}


def _grade(text: str) -> float | None:
    """Give what a text says: 0 not there, 1 to 5, NaN there without a grade, None not codable."""
    text = text.strip()
    if text.lower() in _NOT_CODED:
        return None
    if text.lower() in _NOT_THERE:
        return 0.0
    letter = _GRADED.fullmatch(text)
    if letter:
        return float(GRADES.index(letter[1]) + 1)
    return float(text) if text in {*"12345"} else float("nan")


def _unit_coding(
    rows: Sequence[TierRow], gaps: str, end: float, coded: tuple[float, float] | None
) -> UnitCoding:
    grades = [_grade(row.text) for row in rows]
    if {row.text.strip() for row, grade in zip(rows, grades) if grade} <= {"1"}:
        grades = [float("nan") if grade else grade for grade in grades]  # 1 alone means: there
    there = [(row.start, row.end, grade) for row, grade in zip(rows, grades) if grade not in (None, 0.0)]
    not_there = [(row.start, row.end) for row, grade in zip(rows, grades) if grade == 0.0]
    barred = [(row.start, row.end) for row, grade in zip(rows, grades) if grade is None]
    graded = np.array(there, np.float64).reshape(-1, 3)
    start, stop = (0.0, end) if coded is None else coded
    if gaps == "absent" or (gaps == "auto" and not not_there):
        spans = gaps_between(join_intervals(np.array(barred)), start, stop)
    else:
        spans = join_intervals(np.concatenate([graded[:, :2], np.array(not_there).reshape(-1, 2)]))
        spans = clip_intervals(spans, start, stop)
    events = clip_intervals(join_intervals(graded[:, :2]), start, stop)
    return UnitCoding(Rating(events, spans), graded)
