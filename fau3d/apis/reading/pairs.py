"""Whether two people of one recording move together."""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from fau3d.apis.outputs import OutputFolder
from fau3d.apis.reading.face import FaceReading
from fau3d.functional.synchrony import Synchrony, synchrony
from fau3d.io.atomic import atomic_path

SYNCHRONY = "synchrony.csv"
_MOST_FACES = 4  # those seen longest; pairs grow with the square


def write_synchrony(
    readings: Sequence[FaceReading], folder: Path | OutputFolder
) -> tuple[list[Path], list[str]]:
    """Write which units of two people move together, and who leads.

    Columns: `first_face`, `second_face`, `unit`, `mean_peak` (highest correlation of 8 s windows over lags of
    up to 2 s, averaged), `lag` (median of the peaks' lags, seconds; above 0 the second follows), `windows`,
    `p` (against curves of which only the timing was changed; not corrected for the number of units). Pairs of
    the four faces that are seen longest.

    Args:
        readings: One a face.
        folder: Where the file goes.

    Returns:
        The file, none with fewer than two people; and sentences on pairs that could not be compared.
    """
    longest = sorted(readings, key=lambda reading: -int((reading.curves.invalid == 0).sum()))[:_MOST_FACES]
    chosen = sorted(longest, key=lambda reading: reading.curves.face_id)
    tables, notes = [], []
    for first, second in combinations(chosen, 2):
        units = [n for n, name in enumerate(first.au_names) if not name.endswith(("_L", "_R"))]
        ids = first.curves.face_id, second.curves.face_id
        try:
            found = synchrony(
                first.curves.probability[:, units], second.curves.probability[:, units], first.curves.time
            )
        except ValueError as error:
            notes.append(f"no synchrony of faces {ids[0]} and {ids[1]}: {error}")
            continue
        tables.append(_table(found, ids, [first.au_names[n] for n in units]))
    if not tables:
        return [], notes
    with atomic_path(folder / SYNCHRONY) as temporary:
        pd.concat(tables).round(4).to_csv(temporary, index=False)
    return [folder / SYNCHRONY], notes


def _table(found: Synchrony, ids: tuple[int, int], units: Sequence[str]) -> pd.DataFrame:
    there = np.isfinite(found.peak)
    lags = [np.median(lag[seen]) if seen.any() else np.nan for lag, seen in zip(found.peak_lag.T, there.T)]
    return pd.DataFrame(
        {
            "first_face": ids[0],
            "second_face": ids[1],
            "unit": units,
            "mean_peak": found.mean_peak,
            "lag": lags,
            "windows": there.sum(0),
            "p": found.p,
        }
    )
