"""The private folder of a running app, and what is left of one that was killed."""

import contextlib
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import IO

_PREFIX, _LOCK = "fau3d-serve-", "lock"
_YOUNG_SECONDS = 60.0  # a folder this young may be one whose app is just about to lock it


class PrivateFolder:
    """A folder below the system's one for temporary files, readable by its owner only.

    A lock on a file in it says that its app runs. An app that is killed cannot delete its folder, but its
    lock goes with it: the next app that starts deletes what it finds unlocked.

    Attributes:
        path: The folder.
    """

    def __init__(self) -> None:
        remove_abandoned()
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = (self.path / _LOCK).open("wb")
        _try_lock(self._lock)

    def remove(self) -> None:
        """Delete it with all that is in it."""
        self._lock.close()
        shutil.rmtree(self.path, ignore_errors=True)


def remove_abandoned() -> None:
    """Delete the folders of this user's apps that were killed; does nothing where files cannot be locked."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            about = folder.lstat()  # not of what a link leads to
            own = about.st_uid == os.getuid() if hasattr(os, "getuid") else False
            if not own or not folder.is_dir() or folder.is_symlink():
                continue
            if time.time() - about.st_mtime < _YOUNG_SECONDS:
                continue
            with (folder / _LOCK).open("ab") as lock:
                if not _try_lock(lock):
                    continue
            shutil.rmtree(folder, ignore_errors=True)


def _try_lock(file: IO[bytes]) -> bool:
    """Lock a file until it is closed; give whether that was possible."""
    try:
        import fcntl
    except ImportError:  # Windows
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
