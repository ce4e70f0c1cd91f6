"""HRM's CSV files of one child: coded units, group, and what five raters say of every frame."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fau3d.datasets.corpora.base import CorpusError
from fau3d.datasets.corpora.reading import read_lines
from fau3d.facs import get_au_set

UNITS = get_au_set("hrm")
RATERS = ("Abnormal-j", "Abnormal-jie", "Abnormal-y", "Abnormal-z", "Abnormal-w")
HIGHEST_RATING = 4.0
SIDE_CODES = {2: "L", 3: "R"}
"""What a cell above 1 tells; 4 and 5 are the top and the bottom, of a lip or of a movement."""

_HIGHEST_CODE = 5
# AU2X joins two units, and a coder may have written which of them it was.
_JOINED = (26, 27)
# The column of the mean may be rounded to whole numbers.
_ROUNDING = 0.5


@dataclass(frozen=True)
class HrmTable:
    """One file.

    Attributes:
        path: Where it lies.
        numbers: Shape (N,), int64, rising: frames by the video's own count.
        codes: Shape (N, 36), int8, columns `UNITS`: 0 = absent, 1 = present, 2 to 5 = present on one side,
            -1 = blank.
        asd: Shape (N,), int8: what the column `ASD` says; -1 where it is blank or not there.
        ratings: Shape (N, 5), float32, 0 (usual) to 4 (most atypical), NaN = blank; None in a file of units
            alone.
    """

    path: Path
    numbers: np.ndarray
    codes: np.ndarray
    asd: np.ndarray
    ratings: np.ndarray | None


def unit_columns(header: Sequence[str]) -> dict[str, int]:
    """Give the place of each unit's column that a header has, by fau3d's name."""
    places = {name: place for place, name in enumerate(header)}
    spelt = {name: _spelling(name) for name in UNITS}
    return {name: places[spelling] for name, spelling in spelt.items() if spelling in places}


def _spelling(unit: str) -> str:
    """Give HRM's spelling of a unit: `AU1`, `AD19`, `AU2X`."""
    return unit[:2] + (unit[2:].lstrip("0") or "0")


def read_header(path: Path) -> list[str]:
    """Read a file's column names; empty where it holds nothing.

    Raises:
        CorpusError: If it is no text.
    """
    lines = read_lines(path)
    return [name.strip() for name in next(csv.reader(lines[:1]), [])]


def is_annotation(header: Sequence[str]) -> bool:
    """Tell whether these are the columns of coded units: `frame` and most of the units."""
    return bool(header) and header[0] == "frame" and len(unit_columns(header)) > len(UNITS) // 2


def read_hrm_table(path: Path, wanted: Sequence[str] = UNITS) -> HrmTable:
    """Read a file of one child.

    The annotation tool appends a frame that was left out at first, so that rows may lie out of order; they
    are sorted. Lines without a single value are passed over.

    Args:
        path: The file.
        wanted: Units of `UNITS` that must have a column; others may be missing and are blank then.

    Returns:
        The table.

    Raises:
        CorpusError: If a column is missing, a cell is out of range, a frame is there twice, or the mean of
            the raters is not that of their columns; the message names file and line.
    """
    rows = [
        (number, cells)
        for number, cells in enumerate(csv.reader(read_lines(path)), start=1)
        if any(cell.strip() for cell in cells)
    ]
    if not rows:
        raise CorpusError(f"{path}: is empty; wanted a header line 'frame,AU1,…' and a line a frame")
    header = [name.strip() for name in rows[0][1]]
    columns = _check_header(path, header, wanted)
    reader = _RowReader(path, header, columns)
    by_frame: dict[int, tuple] = {}
    for number, cells in rows[1:]:
        frame, row = reader.read(number, cells)
        if frame in by_frame:
            raise CorpusError(f"{path}:{number}: frame {frame} is there again; wanted each frame once")
        by_frame[frame] = row
    if not by_frame:
        raise CorpusError(f"{path}: has a header and no frames; wanted a line a frame")
    frames = sorted(by_frame)
    codes, asd, ratings = zip(*(by_frame[frame] for frame in frames))
    return HrmTable(
        path,
        np.array(frames, np.int64),
        np.array(codes, np.int8),
        np.array(asd, np.int8),
        np.array(ratings, np.float32) if reader.rated else None,
    )


def _check_header(path: Path, header: Sequence[str], wanted: Sequence[str]) -> Mapping[str, int]:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise CorpusError(f"{path}:1: has the column {twice[0]!r} twice; wanted each column once")
    if not header or header[0] != "frame":
        raise CorpusError(f"{path}:1: the first column is {header[:1]}; wanted 'frame'")
    columns = unit_columns(header)
    missing = [_spelling(name) for name in wanted if name not in columns]
    if missing:
        raise CorpusError(
            f"{path}:1: has no column {', '.join(missing)}; wanted HRM's 36 units as distributed, or an "
            "au_set without them"
        )
    raters = [name for name in header if name in RATERS]
    if any(name.startswith("Abnormal") for name in header):
        if len(raters) != len(RATERS):
            found = [name for name in header if name.startswith("Abnormal")]
            raise CorpusError(f"{path}:1: has the raters {', '.join(found)}; wanted {', '.join(RATERS)}")
        if header[-1] in RATERS or header[-1] in ("ASD", "frame") or header[-1].startswith(("AU", "AD")):
            raise CorpusError(f"{path}:1: the last column is {header[-1]!r}; wanted the raters' mean there")
    return columns


class _RowReader:
    """Turns the cells of a line into numbers."""

    def __init__(self, path: Path, header: Sequence[str], columns: Mapping[str, int]) -> None:
        self.path, self.header = path, header
        self.units = [columns.get(name) for name in UNITS]
        self.rated = RATERS[0] in header
        self.raters = [header.index(name) for name in RATERS] if self.rated else []
        self.asd = header.index("ASD") if "ASD" in header else None

    def read(self, number: int, cells: Sequence[str]) -> tuple[int, tuple]:
        """Read line `number`: the frame, and codes, group and ratings."""
        if len(cells) != len(self.header):
            raise CorpusError(
                f"{self.path}:{number}: has {len(cells)} cells; wanted one for each of "
                f"{len(self.header)} columns"
            )
        frame = self._number(number, cells, 0, "a frame number, 0 or more")
        if frame is None or frame < 0 or frame != int(frame):
            raise self._fault(number, cells, 0, "a frame number, 0 or more")
        codes = [-1 if place is None else self._code(number, cells, place) for place in self.units]
        asd = -1 if self.asd is None else self._group(number, cells, self.asd)
        return int(frame), (codes, asd, self._ratings(number, cells))

    def _code(self, number: int, cells: Sequence[str], place: int) -> int:
        wanted = "0, 1, or a side or direction code from 2 to 5"
        value = self._number(number, cells, place, wanted)
        if value is None:
            return -1
        if self.header[place] == "AU2X" and value in _JOINED:
            return 1
        if value != int(value) or not 0 <= value <= _HIGHEST_CODE:
            raise self._fault(number, cells, place, wanted)
        return int(value)

    def _group(self, number: int, cells: Sequence[str], place: int) -> int:
        value = self._number(number, cells, place, "0 or 1")
        if value is not None and value not in (0, 1):
            raise self._fault(number, cells, place, "0 or 1")
        return -1 if value is None else int(value)

    def _ratings(self, number: int, cells: Sequence[str]) -> list[float]:
        wanted = f"a rating from 0 to {HIGHEST_RATING:g}"
        values = []
        for place in self.raters:
            value = self._number(number, cells, place, wanted)
            if value is not None and not 0 <= value <= HIGHEST_RATING:
                raise self._fault(number, cells, place, wanted)
            values.append(np.nan if value is None else value)
        if self.rated:
            self._check_mean(number, cells, np.array(values))
        return values

    def _check_mean(self, number: int, cells: Sequence[str], values: np.ndarray) -> None:
        place = len(self.header) - 1
        mean = self._number(number, cells, place, "the raters' mean")
        if mean is None or np.isnan(values).any():
            return
        if abs(mean - values.mean()) > _ROUNDING:
            raise self._fault(number, cells, place, f"the raters' mean, which is {values.mean():.2f}")

    def _number(self, number: int, cells: Sequence[str], place: int, wanted: str) -> float | None:
        cell = cells[place].strip()
        if not cell or cell.lower() == "nan":
            return None
        try:
            value = float(cell)
        except ValueError:
            raise self._fault(number, cells, place, wanted) from None
        if not np.isfinite(value):
            raise self._fault(number, cells, place, wanted)
        return value

    def _fault(self, number: int, cells: Sequence[str], place: int, wanted: str) -> CorpusError:
        return CorpusError(
            f"{self.path}:{number}: {self.header[place]} is {cells[place].strip()!r}; wanted {wanted}"
        )
