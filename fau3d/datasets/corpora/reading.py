"""Reading label files so that a fault is told by file and line."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from fau3d.datasets.corpora.base import CodingRules, CorpusError, FrameLabels


def require_folder(root: Path, name: str, title: str) -> Path:
    """Give a folder of the tree.

    Raises:
        CorpusError: If it is not there.
    """
    folder = root / name
    if not folder.is_dir():
        found = ", ".join(sorted(p.name for p in root.iterdir())[:8]) or "nothing"
        raise CorpusError(
            f"{root}: has no folder {name!r}, found {found}; wanted {title}'s folder as distributed"
        )
    return folder


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
    path: Path, columns: Sequence[str], upper: float, lower: float = 0, separator: str = ","
) -> dict[int, float]:
    """Read lines of a frame number and one value.

    Args:
        path: The file; empty lines are passed over.
        columns: What the two columns are called, for messages.
        upper: Highest value.
        lower: Lowest value.
        separator: Between the columns; blanks around it do not matter.

    Returns:
        Values by frame number.

    Raises:
        CorpusError: If a line is of another form, a value out of range, or a frame there twice.
    """
    values: dict[int, float] = {}
    for number, line in enumerate(read_lines(path), start=1):
        if not line.strip():
            continue
        cells = [cell.strip() for cell in line.split(separator)]
        try:
            frame, value = int(cells[0]), float(cells[1])
            well = len(cells) == 2 and lower <= value <= upper
        except (ValueError, IndexError):
            well = False
        if not well:
            wanted = f"'{columns[0]}{separator}{columns[1]}', a number from {lower:g} to {upper:g}"
            raise CorpusError(f"{path}:{number}: found {line!r}; wanted {wanted}")
        if frame in values:
            raise CorpusError(f"{path}:{number}: frame {frame} is there again; wanted each frame once")
        values[frame] = value
    if not values:
        raise CorpusError(f"{path}: is empty; wanted lines '{columns[0]}{separator}{columns[1]}'")
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
    """Give occurrence (int8, -1 = not annotated) of intensities from `rules.present_from` on, by default 1."""
    present = intensity >= (1 if rules.present_from is None else rules.present_from)
    return np.where(np.isnan(intensity), -1, present).astype(np.int8)
