"""Files that appear whole or not at all."""

import glob
import os
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

_Writer = TypeVar("_Writer", bound="AtomicWriter")


def temporary_sibling(path: str | os.PathLike[str]) -> Path:
    """Name a file that does not exist yet, hidden, in the folder of `path` and with its suffix."""
    target = Path(path)
    return target.with_name(f".{target.stem[:80]}.{uuid.uuid4().hex[:8]}.part{target.suffix}")


def remove_leftovers(path: str | os.PathLike[str]) -> None:
    """Remove what a writer of `path` that was killed has left half written beside it."""
    target = Path(path)
    pattern = glob.escape(f".{target.stem[:80]}.") + "?" * 8 + glob.escape(f".part{target.suffix}")
    for leftover in target.parent.glob(pattern):
        leftover.unlink(missing_ok=True)


def commit(temporary: Path, target: str | os.PathLike[str]) -> None:
    """Flush a finished file to the disk and give it its real name in one step."""
    with temporary.open("rb+") as stream:
        os.fsync(stream.fileno())
    temporary.replace(target)


@contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path to write to; it takes the name `path` only when the block ends well.

    The folder is made if it is not there. If the block raises, the temporary file is removed and a file
    that was at `path` before stays as it was.

    Args:
        path: Where the file shall be.

    Yields:
        A path in the same folder, with the same suffix.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_sibling(target)
    try:
        yield temporary
        commit(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


class AtomicWriter(ABC):
    """Writes one file piece by piece: a `with` block that ends well closes it, one that raises aborts."""

    @abstractmethod
    def close(self) -> None:
        """Finish the file and give it its name."""

    @abstractmethod
    def abort(self) -> None:
        """Throw away what was written; a file that was there before stays."""

    def __enter__(self: _Writer) -> _Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()
