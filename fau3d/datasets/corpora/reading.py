"""Reading label files so that a fault is told by file and line."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from fau3d.datasets.corpora.base import CodingRules, CorpusError, FrameLabels
from fau3d.facs import parse_au
from fau3d.io.video import is_image


def contents(folder: Path) -> str:
    """Say what a folder holds, for messages."""
    return ", ".join(sorted(p.name for p in folder.iterdir())[:8]) or "nothing"


def require_folder(root: Path, name: str, title: str) -> Path:
    """Give a folder of the tree.

    Raises:
        CorpusError: If it is not there.
    """
    folder = root / name
    if not folder.is_dir():
        raise CorpusError(
            f"{root}: has no folder {name!r}, found {contents(root)}; wanted {title}'s folder as distributed"
        )
    return folder


def find_folder(root: Path, name: str, title: str) -> Path:
    """Give a folder of the tree that archives put at the root or up to two folders below.

    Raises:
        CorpusError: If it is not there.
    """
    found = (path for depth in range(3) for path in sorted(root.glob("*/" * depth + name)) if path.is_dir())
    return next(found, None) or require_folder(root, name, title)


def images_by_name(root: Path) -> dict[str, list[Path]]:
    """Give all images below a folder by their names with suffix."""
    images: dict[str, list[Path]] = {}
    for path in sorted(root.rglob("*")):
        if is_image(path) and not path.name.startswith("."):
            images.setdefault(path.name, []).append(path)
    return images


def read_sheet(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Read the first sheet of a spreadsheet, or a CSV file made of it.

    Args:
        path: A `.xlsx` or `.csv` file with one line of headings.
        columns: Headings that must be there; quotes and blanks around them do not matter.

    Returns:
        Text of all cells, '' where one is empty, by the row's number as spreadsheet programs show it.

    Raises:
        CorpusError: If it is no table, or lacks a column.
        ImportError: If `openpyxl` is not installed.
    """
    try:
        if path.suffix.lower() == ".csv":
            table = pd.read_csv(path, dtype=str, keep_default_na=False, skip_blank_lines=False)
        else:
            table = pd.read_excel(path, dtype=object, na_filter=False, engine="openpyxl")
    except FileNotFoundError:
        raise CorpusError(f"{path}: no such file; wanted the corpus as distributed") from None
    except ImportError:
        raise ImportError(
            f"{path.name} needs openpyxl to be read: pip install 'fau3d[corpora]', or save it as CSV"
        ) from None
    except (BadZipFile, KeyError, ValueError, pd.errors.ParserError) as error:
        raise CorpusError(f"{path}: is no table that can be read ({error})") from None
    table.columns = pd.Index([_cell(name).strip("'\"") for name in table.columns])
    missing = [name for name in columns if name not in table.columns]
    if missing:
        heads = ", ".join(repr(name) for name in list(table.columns)[:12])
        raise CorpusError(f"{path}: row 1: no column {missing[0]!r}; found {heads}, …")
    table.index = pd.RangeIndex(2, len(table) + 2)
    return table.map(_cell)


def _cell(value: object) -> str:
    """Give a cell's text; a spreadsheet may hold the number 4 for the text `4`."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def unit_of(text: str, path: Path) -> str:
    """Give the unit that a file's name says it codes.

    Raises:
        CorpusError: If there is no such unit.
    """
    try:
        return parse_au(text)
    except ValueError as error:
        raise CorpusError(f"{path}: {error}") from None


def read_lines(path: Path) -> list[str]:
    """Read a text file's lines.

    Raises:
        CorpusError: If it is not there or is no text.
    """
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise CorpusError(f"{path}: no such file; wanted the corpus as distributed") from None
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: is no text ({error.reason} at byte {error.start})") from None


def read_number_table(
    path: Path,
    columns: Sequence[str],
    upper: float,
    lower: float = 0,
    separator: str | None = ",",
    header_lines: int = 0,
    frame_of: Callable[[str], int] = int,
    missing: float | None = None,
) -> dict[int, float]:
    """Read lines of a frame number and one value.

    Args:
        path: The file; empty lines are passed over.
        columns: What the two columns are called, for messages.
        upper: Highest value.
        lower: Lowest value.
        separator: Between the columns; blanks around it do not matter. None for blanks.
        header_lines: How many lines come before the first frame.
        frame_of: Reads the frame number, and raises ValueError where there is none.
        missing: The value that stands for "not coded".

    Returns:
        Values by frame number, NaN where not coded.

    Raises:
        CorpusError: If a line is of another form, a value out of range, or a frame there twice.
    """
    values: dict[int, float] = {}
    form = (separator or " ").join(columns)
    for number, line in enumerate(read_lines(path), start=1):
        if number <= header_lines or not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(separator)]
        try:
            frame, value = frame_of(cells[0]), float(cells[1])
            well = len(cells) == 2 and (lower <= value <= upper or value == missing)
        except (ValueError, IndexError):
            well = False
        if not well:
            wanted = f"'{form}', a number from {lower:g} to {upper:g}"
            wanted += f" or {missing:g} for not coded" if missing is not None else ""
            raise CorpusError(f"{path}:{number}: found {line!r}; wanted {wanted}")
        if frame in values:
            raise CorpusError(f"{path}:{number}: frame {frame} is there again; wanted each frame once")
        values[frame] = np.nan if value == missing else value
    if not values:
        raise CorpusError(f"{path}: is empty; wanted lines '{form}'")
    return values


def graded_labels(
    columns: Mapping[str, Mapping[int, float]], au_names: Sequence[str], rules: CodingRules, where: Path
) -> FrameLabels:
    """Put units that were graded one by one together by frame number.

    Args:
        columns: Intensities by frame, by unit; a frame that one unit lacks is not annotated there.
        au_names: Label columns.
        rules: `present_from` makes occurrence of intensity.
        where: For messages.

    Returns:
        Labels of every frame that any unit has.

    Raises:
        CorpusError: If none of the units is wanted.
    """
    if not set(columns) & set(au_names):
        raise CorpusError(f"{where}: codes {', '.join(columns)}; wanted one of {', '.join(au_names)}")
    numbers = np.array(sorted(set().union(*columns.values())), np.int64)
    intensity = np.full((len(numbers), len(au_names)), np.nan, np.float32)
    for column, name in enumerate(au_names):
        graded = columns.get(name, {})
        intensity[:, column] = [graded.get(int(number), np.nan) for number in numbers]
    return FrameLabels(numbers, occurrence_of(intensity, rules), intensity)


def occurrence_of(intensity: np.ndarray, rules: CodingRules) -> np.ndarray:
    """Give occurrence (int8, -1 = not annotated) of grades from `rules.present_from` on, by default 1."""
    present = intensity >= (1 if rules.present_from is None else rules.present_from)
    return np.where(np.isnan(intensity), -1, present).astype(np.int8)


def regraded(occurrence: np.ndarray, intensity: np.ndarray, rules: CodingRules) -> np.ndarray:
    """Give occurrence anew where grades are asked for, in corpora that code occurrence and grade some units.

    Args:
        occurrence: Shape (N, A), as coded.
        intensity: Shape (N, A), NaN where a unit has no grade.
        rules: Without `present_from`, occurrence stays; with it, grades decide where there are any, and a
            unit that is present without a grade is what `ungraded` says.

    Returns:
        Shape (N, A), int8.
    """
    if rules.present_from is None:
        return occurrence
    ungraded = {"present": 1, "absent": 0, "unknown": -1}[rules.ungraded or "present"]
    graded = occurrence_of(intensity, rules)
    return np.where(graded >= 0, graded, np.where(occurrence == 1, ungraded, occurrence)).astype(np.int8)
