"""AU tables as CSV files."""

import os
from pathlib import Path

import pandas as pd

from fau3d.io.atomic import AtomicWriter, commit, temporary_sibling
from fau3d.structures.au_table import BOX_COLUMNS, KEY_COLUMNS, AUTable

_WHOLE = frozenset({"frame", "face_id", "success"})
_DECIMALS = {"timestamp": 4, "confidence": 4, "p": 4, "r": 3}
_PIXEL_DECIMALS = 2


class TableError(ValueError):
    """A CSV file that is no AU table, or rows that do not fit to those before."""


def read_au_table(path: str | os.PathLike[str]) -> AUTable:
    """Read an AU table.

    Args:
        path: A CSV file, as `write_au_table` writes it.

    Raises:
        TableError: If it is not one.
        FileNotFoundError: If there is no such file.
    """
    try:
        names = [str(n).strip() for n in pd.read_csv(path, nrows=0, skipinitialspace=True).columns]
        # A source may well be called 'NA' or 'null', which pandas would take for missing.
        empty = {name: ["", "nan", "NaN"] for name in names if name != "source"}
        data = pd.read_csv(
            path,
            header=0,
            names=names,
            skipinitialspace=True,
            keep_default_na=False,
            na_values=empty,
            dtype={"source": str},
        )
        for name in set(names) - {"source"}:
            data[name] = pd.to_numeric(data[name])
        return AUTable(data)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, ValueError) as error:
        raise TableError(
            f"{path}: is no AU table ({error}); wanted what 'fau3d analyze' writes; "
            "OpenFace's files are taken over by tools/data/import_landmarks.py"
        ) from error


def write_au_table(table: AUTable, path: str | os.PathLike[str]) -> None:
    """Write an AU table as CSV in one step: it is there whole, or not at all.

    Probabilities, confidences and timestamps have 4 decimals, intensities 3, pixels 2; missing is empty.

    Args:
        table: The table.
        path: Where the file shall be; the folder is made if it is not there.
    """
    with AUTableWriter(path, columns=list(table.data.columns)) as writer:
        writer.append(table)


class AUTableWriter(AtomicWriter):
    """Write an AU table piece by piece, so that a long video needs no more memory than a short one.

    Rows go to a hidden file beside `path`; `close` gives it its name. If the `with` block raises, nothing is
    left, and a file that stood at `path` before stays.

    Args:
        path: Where the file shall be; the folder is made if it is not there.
        columns: The columns, in order; those of the first piece by default.
        growing: Write under the table's own name, have each piece on the disk when `append` returns, and
            keep them if the block raises: for what cannot be recorded again.
    """

    def __init__(
        self, path: str | os.PathLike[str], columns: list[str] | None = None, growing: bool = False
    ) -> None:
        self.path = Path(path)
        self.num_rows = 0
        self._columns = list(columns) if columns is not None else None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._growing = growing
        self._temporary = self.path if growing else temporary_sibling(self.path)
        self._stream = self._temporary.open("w", encoding="utf-8", newline="")
        self._header_written = False

    def append(self, table: AUTable) -> None:
        """Write the rows of a table after those already written.

        Raises:
            TableError: If its columns are not those of the first piece.
        """
        columns = [str(name) for name in table.data.columns]
        if self._columns is None:
            self._columns = columns
        if sorted(columns) != sorted(self._columns):
            other = sorted(set(columns) ^ set(self._columns))
            raise TableError(f"{self.path}: rows with other columns than those before; not in both: {other}")
        self._write_header()
        rows = table.data[self._columns]
        _compact(rows).to_csv(self._stream, header=False, index=False, lineterminator="\n")
        self.num_rows += len(rows)
        if self._growing:
            self._stream.flush()

    def _write_header(self) -> None:
        if not self._header_written:
            header = pd.DataFrame(columns=self._columns or [*KEY_COLUMNS, *BOX_COLUMNS])
            header.to_csv(self._stream, index=False, lineterminator="\n")
            self._header_written = True

    def close(self) -> None:
        """Finish the file and give it its name; without rows it holds the header alone."""
        if self._stream.closed:
            return
        self._write_header()
        self._stream.close()
        try:
            commit(self._temporary, self.path)
        finally:
            self._drop()

    def abort(self) -> None:
        """Throw away what was written; a growing table is kept."""
        self._stream.close()
        self._drop()

    def _drop(self) -> None:
        if not self._growing:
            self._temporary.unlink(missing_ok=True)


def _compact(rows: pd.DataFrame) -> pd.DataFrame:
    """Round every column to what it is worth; whole numbers lose their decimal point."""
    columns = {}
    for name in rows.columns:
        column = rows[name]
        unit_column = name[:2] in ("AU", "AD") and name[-2:] in ("_p", "_c", "_r")
        if name == "source" or not pd.api.types.is_numeric_dtype(column):
            columns[name] = column
        elif name in _WHOLE or (unit_column and name.endswith("_c")):
            columns[name] = column.round().astype("Int64")
        else:
            decimals = _DECIMALS.get(name[-1] if unit_column else name, _PIXEL_DECIMALS)
            columns[name] = column.astype("float64").round(decimals)
    return pd.DataFrame(columns, columns=rows.columns, index=rows.index)
