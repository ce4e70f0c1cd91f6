"""Numbers that wait on disk until a whole video is known."""

import tempfile
from pathlib import Path

import numpy as np

_BYTES = 4


class FloatFile:
    """A nameless file of float32 values, gone when it is closed, even where the program is killed.

    Args:
        folder: Where the file lies; it is made. By default where the system keeps temporary files.
    """

    def __init__(self, folder: Path | None = None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `close`
        self._count = 0

    def append(self, values: np.ndarray) -> int:
        """Write values of any shape after those that are there; give how many stood before them."""
        place = self._count
        self._file.seek(_BYTES * place)
        self._file.write(np.ascontiguousarray(values, "<f4").tobytes())
        self._count += values.size
        return place

    def read(self, place: int, count: int) -> np.ndarray:
        """Give `count` values from a place on, shape (count,), float32; they cannot be changed."""
        self._file.seek(_BYTES * place)
        return np.frombuffer(self._file.read(_BYTES * count), "<f4")

    def close(self) -> None:
        """Give the place on the disk back."""
        self._file.close()
