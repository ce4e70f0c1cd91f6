"""Where results go, and what stands before their names."""

import re
from dataclasses import dataclass
from pathlib import Path

_ENTITIES = re.compile(r"sub-[A-Za-z0-9]+(_[a-z]+-[A-Za-z0-9]+)*")


@dataclass(frozen=True)
class OutputFolder:
    """A folder whose files may all begin alike.

    >>> OutputFolder(Path("derivatives"), "sub-01_task-interview_") / "au.csv"
    PosixPath('derivatives/sub-01_task-interview_au.csv')

    Attributes:
        folder: Where files go.
        prefix: What their names begin with.
    """

    folder: Path
    prefix: str = ""

    def __truediv__(self, name: str) -> Path:
        """Give a file's path."""
        return self.folder / f"{self.prefix}{name}"


def bids_entities(text: str) -> str:
    """Check the entities of a file name as the Brain Imaging Data Structure (BIDS) writes them.

    Args:
        text: Such as `sub-01_ses-2_task-interview`.

    Raises:
        ValueError: If it is something else.
    """
    if not _ENTITIES.fullmatch(text):
        raise ValueError(
            f"{text!r} are no BIDS entities; wanted sub-LABEL, then further name-LABEL pairs joined by _, "
            "as in sub-01_task-interview"
        )
    return text
