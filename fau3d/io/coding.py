"""Codings by frame: a CSV of runs of frames in which a unit was seen, or was looked for and not seen."""

import os
from typing import NamedTuple

import pandas as pd

COLUMNS = ("unit", "first_frame", "last_frame", "value")


class CodedRun(NamedTuple):
    """Frames that were coded alike.

    Attributes:
        unit: As the file spells it.
        first: First frame, from 0.
        last: Last frame, included.
        value: 1 = there, 0 = not there.
    """

    unit: str
    first: int
    last: int
    value: int


def read_coded_runs(path: str | os.PathLike[str]) -> list[CodedRun]:
    """Read a CSV with the columns `unit, first_frame, last_frame, value`; frames not listed are not coded.

    Raises:
        ValueError: If columns are missing, a run ends before it begins, a value is not 0 or 1, or a frame is
            coded both ways.
    """
    rows = pd.read_csv(path, skipinitialspace=True)
    missing = [name for name in COLUMNS if name not in rows]
    if missing:
        raise ValueError(f"{path}: found the columns {list(rows)}; missing {missing}")
    numbers = rows[list(COLUMNS[1:])].apply(pd.to_numeric, errors="coerce")
    rows = rows[["unit"]].join(numbers)
    runs: list[CodedRun] = []
    for unit, first, last, value in rows[list(COLUMNS)].itertuples(index=False):
        if not 0 <= first <= last or first % 1 or last % 1 or value not in (0, 1):
            raise ValueError(
                f"{path}: {unit}, {first:g} to {last:g}, {value:g}: wanted first <= last, whole and from 0, "
                "and a value of 0 or 1"
            )
        runs.append(CodedRun(str(unit), int(first), int(last), int(value)))
    for unit in dict.fromkeys(run.unit for run in runs):
        _check_one_way(path, unit, [run for run in runs if run.unit == unit])
    return runs


def _check_one_way(path: str | os.PathLike[str], unit: str, runs: list[CodedRun]) -> None:
    reached = {0: -1, 1: -1}
    for run in sorted(runs, key=lambda run: run.first):
        if run.first <= reached[1 - run.value]:
            raise ValueError(f"{path}: {unit}: frame {run.first} is coded both 0 and 1; keep one")
        reached[run.value] = max(reached[run.value], run.last)
