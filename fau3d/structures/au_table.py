"""The AU table: what fau3d says of a video, one row per face and frame, in OpenFace's column names."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

KEY_COLUMNS = ("source", "frame", "face_id", "timestamp", "confidence", "success")
BOX_COLUMNS = ("box_x", "box_y", "box_w", "box_h")
_SUFFIX = {"probability": "p", "occurrence": "c", "intensity": "r"}


@dataclass(frozen=True)
class AUTable:
    """One row per face and frame; a frame without a face keeps its row with `success` 0 and empty AUs.

    Columns: `source` (name), `frame` (position in the source, from 0), `face_id`, `timestamp` (seconds),
    `confidence` (0 to 1), `success` (0 or 1), `box_x, box_y, box_w, box_h` (pixels), if asked for
    `x_0 … y_0 …` (landmarks, pixels), and per action unit `AU01_p` (probability, 0 to 1), `AU01_c`
    (present, 0 or 1) and `AU01_r` (intensity, 0 to 5). Missing is NaN.

    Attributes:
        data: The table.
    """

    data: pd.DataFrame

    def __post_init__(self) -> None:
        missing = [name for name in KEY_COLUMNS if name not in self.data.columns]
        if missing:
            raise ValueError(f"an AU table needs the columns {list(KEY_COLUMNS)}; missing: {missing}")

    @property
    def au_names(self) -> tuple[str, ...]:
        """Action units with at least one column, in column order, such as ('AU01', 'AU12_L')."""
        names = [c[:-2] for c in self.data.columns if c[-2:] in ("_p", "_c", "_r") and c[:2] in ("AU", "AD")]
        return tuple(dict.fromkeys(names))

    def values(self, kind: str, au_names: Sequence[str] | None = None) -> np.ndarray:
        """Give one kind of value as an array.

        Args:
            kind: `probability`, `occurrence` or `intensity`.
            au_names: Units wanted, all by default.

        Returns:
            Shape (rows, A), float64; NaN where missing, and where the table has no such column.

        Raises:
            ValueError: If the kind is unknown.
        """
        if kind not in _SUFFIX:
            raise ValueError(f"unknown kind {kind!r}; known: {sorted(_SUFFIX)}")
        names = self.au_names if au_names is None else au_names
        return self.data.reindex(columns=[f"{au}_{_SUFFIX[kind]}" for au in names]).to_numpy(np.float64)

    def face(self, face_id: int) -> "AUTable":
        """Give the rows of one face, in time order."""
        rows = np.flatnonzero(self.data["face_id"] == face_id)
        order = np.argsort(self.data["frame"].to_numpy()[rows], kind="stable")
        return AUTable(self.data.iloc[rows[order]].reset_index(drop=True))
