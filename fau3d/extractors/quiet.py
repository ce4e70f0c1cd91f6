"""Keeping the log lines of C++ libraries off the terminal."""

import contextlib
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator

# What glog and absl put before a line, and the two announcements that TensorFlow Lite makes without one.
_NOISE = re.compile(rb"^([IW]\d{4} |INFO: Created TensorFlow Lite|WARNING: All log messages before absl)")
_LOCK = threading.RLock()  # two threads that exchange the stream at once would mix the two up


@contextlib.contextmanager
def quiet_native_log() -> Iterator[None]:
    """Drop the information and warning lines that C++ code writes to the standard error stream meanwhile.

    These libraries read their log level from environment variables when they are loaded; setting those would
    reach into the user's process for good. Here file descriptor 2 is a temporary file for a moment. Lines
    that are not such log lines, errors among them, are written to the true stream afterwards, so none is
    lost.
    """
    with _LOCK:
        yield from _divert()


def _divert() -> Iterator[None]:
    sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # a process without a standard error stream has nothing to keep quiet
        yield
        return
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            for line in caught:
                if not _NOISE.match(line):
                    os.write(2, line)
