"""What files of coders hold, whatever program wrote them: texts on stretches of time, in named tiers."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what XML cannot hold


class TierFileError(ValueError):
    """A file of tiers that cannot be read or written; the message names it, found, wanted, way out."""


class TierRow(NamedTuple):
    """One annotation.

    Attributes:
        tier: Name of its tier, such as `AU12`.
        start: Seconds from the beginning of the recording.
        end: Seconds, after `start`.
        text: What the coder wrote.
    """

    tier: str
    start: float
    end: float
    text: str


@dataclass(frozen=True)
class TierFile:
    """What was read.

    Attributes:
        tiers: Names in the order of the file, those without annotations included: an empty tier was looked
            at, and nothing was found.
        rows: Annotations by tier and time.
        end: Seconds at which the recording ends, as the file says; None where it does not.
        media: Recordings that the file names, as it names them.
        notes: What was left out or filled in, a sentence each.
    """

    tiers: tuple[str, ...]
    rows: tuple[TierRow, ...]
    end: float | None = None
    media: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def rows_by_tier(
    path: str | os.PathLike[str], rows: Iterable[TierRow], tiers: Sequence[str]
) -> dict[str, list[TierRow]]:
    """Sort annotations into their tiers, and check that each tier can be written.

    Args:
        path: Of the file to write, for the error.
        rows: Annotations in any order.
        tiers: Names that shall be there, also without annotations; names that only rows have follow.

    Returns:
        Rows of each tier in time order.

    Raises:
        TierFileError: If a row ends before it begins or begins before the recording, two of a tier overlap by
            more than a microsecond, or a text has control characters.
    """
    sorted_rows: dict[str, list[TierRow]] = {name: [] for name in tiers}
    for row in rows:
        if not 0 <= row.start < row.end < float("inf"):
            raise TierFileError(
                f"{path}: {row.tier!r} has an annotation from {row.start} to {row.end} s; wanted "
                "0 <= start < end"
            )
        if _CONTROL.search(row.tier + row.text):
            raise TierFileError(
                f"{path}: {row.tier!r} has the text {row.text!r}; wanted one without control characters"
            )
        sorted_rows.setdefault(row.tier, []).append(row)
    for name, own in sorted_rows.items():
        own.sort(key=lambda row: (row.start, row.end))
        for before, after in pairwise(own):
            if after.start < before.end - 1e-6:
                raise TierFileError(
                    f"{path}: {name!r} has annotations from {before.start:g} to {before.end:g} s and from "
                    f"{after.start:g} to {after.end:g} s; a tier holds one at a time: use two tiers"
                )
    return sorted_rows


def check_suffix(path: str | os.PathLike[str], suffix: str) -> Path:
    """Check the ending of a file to write, by which programs know it.

    Raises:
        TierFileError: If it is another.
    """
    found = Path(path)
    if found.suffix.lower() != suffix.lower():
        raise TierFileError(f"{found}: ends in {found.suffix!r}; wanted {suffix!r}")
    return found
