"""What timing diagrams draw of a table's rows, kept on disk until the last one is there."""

from array import array
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pandas as pd

from fau3d.apis.float_file import FloatFile
from fau3d.structures import AUTable


class TimingRows:
    """Takes tables piece by piece, and gives back those of their columns that are drawn.

    Args:
        au_names: Units that are drawn.
        folder: Where the values wait; see `FloatFile`.
    """

    def __init__(self, au_names: Iterable[str], folder: Path) -> None:
        self._units, self._columns = set(au_names), list[str]()
        self._file = FloatFile(folder)
        self._keys: dict[str, Any] = {
            "frame": array("q"),
            "face_id": array("q"),
            "timestamp": array("d"),
            "success": array("b"),
        }
        self._source = ""

    def append(self, table: AUTable) -> None:
        """Take the next rows; all are of one source, with the same columns."""
        data = table.data
        if data.empty:
            return
        self._columns = [c for c in data.columns if c[:-2] in self._units and c[-2:] in ("_p", "_c", "_r")]
        self._file.append(data[self._columns].to_numpy(np.float32))
        for name, kept in self._keys.items():
            kept.extend(data[name].tolist())
        self._source = str(data["source"].iloc[0])

    def table(self) -> AUTable:
        """Give all rows, without confidence and boxes; values are float32."""
        width = len(self._columns)
        values = self._file.read(0, len(self._keys["frame"]) * width).reshape(-1, width)
        data = pd.DataFrame(values, columns=self._columns, copy=False)
        data["source"] = pd.Categorical([self._source]).repeat(len(values))
        data["confidence"] = np.float32(np.nan)
        for name, kept in self._keys.items():
            data[name] = np.array(kept)
        return AUTable(data)

    def __enter__(self) -> "TimingRows":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
