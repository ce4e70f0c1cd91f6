"""What machines say of HRM's frames: OpenFace, InsightFace, and action units that a model predicted."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fau3d.datasets.corpora.base import CorpusError
from fau3d.datasets.corpora.reading import read_lines
from fau3d.facs import parse_au

INSIGHTFACE_COLUMNS = (
    "frame",
    *(f"{axis}_{point}" for point in range(5) for axis in "xy"),
    *("box_x0", "box_y0", "box_x1", "box_y1"),
    *("pitch", "yaw", "roll"),
)
"""Columns that are read of InsightFace's CSV; those of the pose may be missing."""

_POSE = ("pitch", "yaw", "roll")
_OPENFACE = re.compile(r"pose_R[xyz]|gaze_angle_[xy]|AU\d\d_[rc]")
_PREDICTED = re.compile(r"(.+)_p")


@dataclass(frozen=True)
class FeatureTable:
    """Values by frame number.

    Attributes:
        names: F names of the columns.
        numbers: Shape (N,), int64, rising.
        values: Shape (N, F), float32; NaN = unknown.
    """

    names: tuple[str, ...]
    numbers: np.ndarray
    values: np.ndarray

    def at(self, numbers: np.ndarray) -> np.ndarray:
        """Give the values of some frames, shape (M, F); NaN where a frame has none."""
        found = np.full((len(numbers), len(self.names)), np.nan, np.float32)
        if len(self.numbers):
            place = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
            hit = self.numbers[place] == numbers
            found[hit] = self.values[place[hit]]
        return found


def read_openface_features(path: Path) -> FeatureTable:
    """Read turn of the head (radians), gaze (radians) and OpenFace's own units of its CSV.

    A frame in which no face was found (`success` 0) is unknown; of several faces the surest one counts.

    Raises:
        CorpusError: If columns are missing or a cell is no number; the message names file and line.
    """
    header, rows = _read(path)
    chosen = [name for name in header if _OPENFACE.fullmatch(name)]
    if not chosen:
        raise CorpusError(
            f"{path}:1: has none of pose_Rx, gaze_angle_x, AU01_r, AU01_c; wanted OpenFace 2's output"
        )
    table = _numbers(path, header, rows, ["frame", "success", "confidence", *chosen])
    best: dict[int, np.ndarray] = {}
    surest: dict[int, float] = {}
    for frame, success, confidence, *values in table:
        if confidence > surest.get(int(frame), -1.0):
            surest[int(frame)] = confidence
            best[int(frame)] = np.array(values) if success == 1 else np.full(len(chosen), np.nan)
    return _table(chosen, best)


def read_insightface_features(path: Path, columns: Mapping[str, str] | None = None) -> FeatureTable:
    """Read five points and the turn of the head of InsightFace's CSV.

    Points are told from the middle of the face's box in units of its width and height, so that neither the
    child's place in the picture nor its distance matters.

    Args:
        path: The file.
        columns: What HRM calls the columns of `INSIGHTFACE_COLUMNS`, where it calls them otherwise: HRM does
            not document them.

    Raises:
        CorpusError: If columns are missing, a cell is no number, or a box has no size.
    """
    header, rows = _read(path)
    theirs = {name: (columns or {}).get(name, name) for name in INSIGHTFACE_COLUMNS}
    missing = [name for name, their in theirs.items() if their not in header and name not in _POSE]
    if missing:
        raise CorpusError(
            f"{path}:1: has no column {', '.join(theirs[name] for name in missing[:3])}; found "
            f"{', '.join(header[:12])}; say what they are called there: {{'{missing[0]}': '…'}}"
        )
    pose = [name for name in _POSE if theirs[name] in header]
    wanted = [name for name in INSIGHTFACE_COLUMNS if name not in _POSE] + pose
    table = _numbers(path, header, rows, [theirs[name] for name in wanted])
    box = table[:, 11:15]
    size = box[:, 2:] - box[:, :2]
    if (size <= 0).any():
        line = rows[int(np.flatnonzero((size <= 0).any(1))[0])][0]
        raise CorpusError(f"{path}:{line}: the box has no size; wanted box_x1 > box_x0 and box_y1 > box_y0")
    points = table[:, 1:11].reshape(-1, 5, 2)
    placed = (points - ((box[:, :2] + box[:, 2:]) / 2)[:, None]) / size[:, None]
    values = np.concatenate([placed.reshape(len(table), -1), table[:, 15:]], axis=1)
    return _table([*wanted[1:11], *pose], _by_frame(path, rows, table[:, 0], values))


def read_predicted_units(path: Path) -> FeatureTable:
    """Read action units that a model predicted.

    Two forms are known: an AU table of fau3d, of which the probabilities (`AU12_p`) are read, and the CSV of
    HRM's own prediction script, whose columns are bare numbers, 27 for what HRM calls AU2X.

    Raises:
        CorpusError: If it is neither, or a cell is no number.
    """
    header, rows = _read(path)
    units = {name: unit for name in header if (unit := _predicted_unit(name, header)) is not None}
    if not units:
        raise CorpusError(
            f"{path}:1: found {', '.join(header[:8])}; wanted an AU table with AU01_p, …, or "
            "HRM's predict.csv with frame, 1, 2, …"
        )
    table = _numbers(path, header, rows, ["frame", *units])
    return _table([*units.values()], _by_frame(path, rows, table[:, 0], table[:, 1:]))


def _predicted_unit(name: str, header: Sequence[str]) -> str | None:
    match = _PREDICTED.fullmatch(name)
    if match is None and not name.isdecimal():
        return None
    if name == "27" and "26" not in header:
        return "AU2X"
    try:
        return parse_au(match[1] if match else name)
    except ValueError:
        return None


def _read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Give the header, and the other lines that hold something with their numbers."""
    rows = [
        (number, cells)
        for number, cells in enumerate(csv.reader(read_lines(path)), start=1)
        if any(cell.strip() for cell in cells)
    ]
    if len(rows) < 2:
        raise CorpusError(f"{path}: holds no frames; wanted a header line and a line a frame")
    header = [name.strip() for name in rows[0][1]]
    for number, cells in rows[1:]:
        if len(cells) != len(header):
            raise CorpusError(
                f"{path}:{number}: has {len(cells)} cells; wanted one for each of {len(header)} columns"
            )
    return header, rows[1:]


def _numbers(
    path: Path, header: Sequence[str], rows: Sequence[tuple[int, list[str]]], columns: Sequence[str]
) -> np.ndarray:
    """Give some columns as numbers, shape (N, len(columns)); a blank cell is NaN."""
    missing = [name for name in columns if name not in header]
    if missing:
        raise CorpusError(f"{path}:1: has no column {missing[0]!r}; found {', '.join(header[:12])}")
    places = [header.index(name) for name in columns]
    values = np.empty((len(rows), len(columns)))
    for row, (number, cells) in enumerate(rows):
        for column, place in enumerate(places):
            cell = cells[place].strip()
            try:
                values[row, column] = float(cell) if cell else np.nan
            except ValueError:
                raise CorpusError(f"{path}:{number}: {header[place]} is {cell!r}; wanted a number") from None
    frames = values[:, columns.index("frame") if "frame" in columns else 0]
    wrong = np.flatnonzero(~np.isfinite(frames) | (frames != np.round(frames)))
    if len(wrong):
        raise CorpusError(f"{path}:{rows[wrong[0]][0]}: has no frame number; wanted a whole number")
    return values


def _by_frame(
    path: Path, rows: Sequence[tuple[int, list[str]]], frames: np.ndarray, values: np.ndarray
) -> dict[int, np.ndarray]:
    found: dict[int, np.ndarray] = {}
    for (number, _), frame, row in zip(rows, frames, values):
        if int(frame) in found:
            raise CorpusError(f"{path}:{number}: frame {int(frame)} is there again; wanted each frame once")
        found[int(frame)] = row
    return found


def _table(names: Sequence[str], values: Mapping[int, np.ndarray]) -> FeatureTable:
    frames = sorted(values)
    return FeatureTable(
        tuple(names), np.array(frames, np.int64), np.array([values[f] for f in frames], np.float32)
    )
