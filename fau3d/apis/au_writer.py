"""An AU table that is written while it grows."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from fau3d.io.atomic import atomic_path
from fau3d.structures import AUTable


class AUTableWriter:
    """Append tables with the same columns to one CSV file.

    Args:
        stream: An open text file.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._columns: list[str] | None = None
        self.rows = 0

    def append(self, table: AUTable) -> None:
        """Write the rows of a table.

        Raises:
            ValueError: If its columns are not those of the first one.
        """
        columns = list(table.data.columns)
        if self._columns is not None and columns != self._columns:
            raise ValueError(
                f"the table has the columns {columns}; wanted {self._columns}, as in the rows before"
            )
        table.data.to_csv(
            self._stream, index=False, header=self._columns is None, float_format="%.6g", lineterminator="\n"
        )
        self._columns = columns
        self.rows += len(table.data)


@contextmanager
def open_table(path: str | Path) -> Iterator[AUTableWriter]:
    """Open a CSV file for a growing AU table; it appears under its name only when the block ends well.

    Args:
        path: Where the file shall be.

    Yields:
        The writer.
    """
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        yield AUTableWriter(stream)
