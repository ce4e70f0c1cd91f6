"""Figures of named parts of a recording, such as the tasks of an experiment."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fau3d.apis.outputs import OutputFolder
from fau3d.apis.reading.face import FaceReading, unit_figures
from fau3d.functional.events import event_presence
from fau3d.functional.segments import asymmetry
from fau3d.io.atomic import atomic_path

SEGMENTS = "segments.csv"
_COLUMNS = ("name", "begin", "end")
_FIGURES = (
    "valid_seconds", "events_per_minute", "time_share", "mean_intensity", "shown_intensity", "mean_duration",
    "mean_peak",
)  # fmt: skip


def read_parts(path: Path) -> pd.DataFrame:
    """Read named parts of a recording.

    Args:
        path: CSV with the columns `name`, `begin` and `end` (seconds from the first frame).

    Raises:
        ValueError: If a column is missing, a time is no number, or a part ends before it begins.
    """
    try:
        table = pd.read_csv(path, skipinitialspace=True, dtype={"name": str})
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: is no table ({error}); wanted CSV with {', '.join(_COLUMNS)}") from error
    missing = [column for column in _COLUMNS if column not in table.columns]
    if missing or table.empty:
        raise ValueError(
            f"{path}: has {len(table)} rows of {', '.join(table.columns)}; "
            f"wanted rows of {', '.join(_COLUMNS)}"
        )
    table = table[list(_COLUMNS)]
    for column in _COLUMNS[1:]:
        table[column] = pd.to_numeric(table[column], errors="coerce")
    wrong = ~(table["end"] > table["begin"]) | table["name"].isna()
    if wrong.any():
        row = int(np.argmax(wrong))
        found = ", ".join(map(str, table.iloc[row]))
        raise ValueError(
            f"{path}:{row + 2}: found {found}; wanted a name and two times, the end after the begin"
        )
    return table


def asymmetries(reading: FaceReading, segments: np.ndarray | None = None) -> np.ndarray:
    """Give how one-sided units are, (S, A): 1 left only, -1 right only; NaN where sides are not told."""
    values, names = _values(reading), list(reading.au_names)
    rows = 1 if segments is None else len(segments)
    found = np.full((rows, len(names)), np.nan)
    for column, name in enumerate(names):
        if f"{name}_L" in names and f"{name}_R" in names:
            left, right = (values[:, names.index(f"{name}_{side}")] for side in "LR")
            found[:, column] = asymmetry(left, right, reading.curves.time, segments)
    return found


def write_parts(
    readings: Sequence[FaceReading], parts: pd.DataFrame, folder: Path | OutputFolder
) -> list[Path]:
    """Write the figures of each part, face and unit.

    Columns: `face_id`, `name`, `begin`, `end`, `unit`, `valid_seconds`, `events_per_minute`, `time_share`,
    `mean_intensity` and `shown_intensity` (0 to 5; probabilities where the model has no intensities),
    `mean_duration` (seconds), `mean_peak`, `asymmetry` (1 left only, -1 right only).

    Args:
        readings: One a face.
        parts: See `read_parts`.
        folder: Where the file goes.

    Returns:
        The file.
    """
    spans = parts[["begin", "end"]].to_numpy(np.float64)
    tables = []
    for reading in readings:
        shown = event_presence(reading.events, len(reading.curves.time), len(reading.au_names)) == 1
        figures = unit_figures(reading.curves, shown, reading.events, spans)
        sides = asymmetries(reading, spans)
        count = len(reading.au_names)
        tables.append(
            pd.DataFrame(
                {
                    "face_id": reading.curves.face_id,
                    **{column: np.repeat(parts[column].to_numpy(), count) for column in _COLUMNS},
                    "unit": list(reading.au_names) * len(parts),
                    **{name: getattr(figures, name).ravel() for name in _FIGURES},
                    "asymmetry": sides.ravel(),
                }
            )
        )
    with atomic_path(folder / SEGMENTS) as temporary:
        pd.concat(tables).round(4).to_csv(temporary, index=False)
    return [folder / SEGMENTS]


def _values(reading: FaceReading) -> np.ndarray:
    curves = reading.curves
    return curves.probability if curves.intensity is None else curves.intensity
