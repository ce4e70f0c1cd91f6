"""Reading tables that have one column a unit and one line a frame, as BP4D and Aff-Wild2 do."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fau3d.datasets.corpora.base import CorpusError, FrameLabels
from fau3d.datasets.corpora.reading import read_lines
from fau3d.facs import parse_au


def read_unit_table(path: Path, au_names: Sequence[str], missing: int, numbered: bool) -> FrameLabels:
    """Read occurrences.

    Args:
        path: A header, which names the units (`AU12` or `12`), and a line a frame; cells are separated by
            commas, with or without blanks.
        au_names: Label columns. What the file lacks is not annotated; its other columns are not read.
        missing: The value that stands for "not coded", beside 1 and 0.
        numbered: Whether the first column is the frame number. Otherwise the first line after the header is
            frame 1, and so on.

    Returns:
        Labels by frame number, without intensity.

    Raises:
        CorpusError: If the header names none of the units, a line has another number of cells, a cell another
            value, or a frame is there twice.
    """
    lines = read_lines(path)
    while lines and not lines[-1].strip():
        lines.pop()
    form = f"'{'0,1,2,4,…' if numbered else 'AU1,AU2,AU4,…'}'"
    if len(lines) < 2:
        raise CorpusError(f"{path}: found {len(lines)} lines; wanted a header {form} and a line a frame")
    header = _cells(lines[0])
    places = _unit_places(header, path, form, numbered)
    wanted = {name: places[name] for name in au_names if name in places}
    if not wanted:
        raise CorpusError(f"{path}:1: codes {', '.join(places)}; wanted one of {', '.join(au_names)}")
    codes = {"1": 1, "0": 0, str(missing): -1}
    occurrence = np.full((len(lines) - 1, len(au_names)), -1, np.int8)
    numbers = np.arange(1, len(lines), dtype=np.int64)
    columns = [list(au_names).index(name) for name in wanted]
    for row, line in enumerate(lines[1:]):
        cells = _cells(line)
        if len(cells) != len(header):
            raise CorpusError(
                f"{path}:{row + 2}: found {len(cells)} cells in {line[:60]!r}; wanted {len(header)}"
            )
        if numbered:
            numbers[row] = _frame_number(cells[0], path, row + 2)
        occurrence[row, columns] = [
            _code(cells[place], codes, name, path, row + 2) for name, place in wanted.items()
        ]
    return _in_order(numbers, occurrence, path)


def _cells(line: str) -> list[str]:
    # A spreadsheet that saves the file anew ends its lines with empty cells.
    return [cell.strip() for cell in line.rstrip(", \t").split(",")]


def _unit_places(header: Sequence[str], path: Path, form: str, numbered: bool) -> dict[str, int]:
    """Give the column of each unit that a header names."""
    fault = CorpusError(f"{path}:1: found the header {','.join(header)[:60]!r}; wanted {form}")
    if numbered and header[0].casefold() not in ("0", "frame", ""):
        raise fault
    places: dict[str, int] = {}
    for place, cell in enumerate(header[int(numbered) :], start=int(numbered)):
        try:
            name = parse_au(cell)
        except ValueError:
            # BP4D has columns for numbers that FACS gives to no unit, such as 3.
            if numbered and cell.isdecimal():
                continue
            raise fault from None
        if name in places:
            raise fault
        places[name] = place
    return places


def _frame_number(cell: str, path: Path, line: int) -> int:
    try:
        number = float(cell)
    except ValueError:
        number = np.nan
    if not number >= 0 or number != int(number):
        raise CorpusError(f"{path}:{line}: found the frame number {cell!r}; wanted a whole number")
    return int(number)


def _code(cell: str, codes: dict[str, int], name: str, path: Path, line: int) -> int:
    if cell not in codes:
        # 1.0 is 1.
        cell = cell.removesuffix(".0")
    if cell not in codes:
        raise CorpusError(f"{path}:{line}: found {cell!r} for {name}; wanted {', '.join(codes)}")
    return codes[cell]


def _in_order(numbers: np.ndarray, occurrence: np.ndarray, path: Path) -> FrameLabels:
    order = np.argsort(numbers, kind="stable")
    numbers = numbers[order]
    twice = numbers[1:][np.diff(numbers) == 0]
    if len(twice):
        line = int(order[np.flatnonzero(numbers == twice[0])[1]]) + 2
        raise CorpusError(f"{path}:{line}: frame {twice[0]} is there again; wanted each frame once")
    return FrameLabels(numbers, occurrence[order])
