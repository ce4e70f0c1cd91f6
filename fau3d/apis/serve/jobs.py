"""Uploads and their results: a private folder each, one analysis at a time, and an end for all of them."""

import logging
import secrets
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fau3d.apis.serve.content import RefusedUpload
from fau3d.apis.serve.folder import PrivateFolder
from fau3d.apis.serve.settings import ServeSettings
from fau3d.io.video import VideoError

_log = logging.getLogger("fau3d.serve")
_SPARE_BYTES = 200_000_000  # kept free for results and for the rest of the machine


class TooBusy(Exception):
    """No place for another upload now; the message is for people."""


class Stopped(Exception):
    """An analysis that nobody wants any more."""


@dataclass
class Job:
    """One upload with its analysis.

    Attributes:
        name: Random; who knows it may see the results.
        folder: Private, and of this job only.
        wanted: What was chosen on the page: `model`, `faces`, `overlay`, `rest`.
        state: `sending`, `waiting`, `running`, `done` or `failed`.
        upload: The stored file; gone once it is analysed.
        image: Whether it is a still.
        frames: Analysed so far, or drawn.
        drawing: Whether the analysis is done and its overlay is being drawn.
        total: Frames in all; None where that is not known.
        error: What went wrong, in a sentence.
        result: For the page.
        files: Results to download, by name.
        touched: When it was last asked for, on the clock that never jumps.
        stop: Set when nobody wants it any more.
    """

    name: str
    folder: Path
    wanted: dict[str, Any]
    state: str = "sending"
    upload: Path | None = None
    image: bool = False
    frames: int = 0
    drawing: bool = False
    total: int | None = None
    error: str = ""
    result: dict[str, Any] | None = None
    files: dict[str, Path] = field(default_factory=dict)
    touched: float = field(default_factory=time.monotonic)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def results(self) -> Path:
        """Folder of its results."""
        return self.folder / "results"

    def progress(self, done: int, total: int | None, name: str) -> None:
        """Note how far the analysis is.

        Raises:
            Stopped: If nobody wants it any more.
        """
        if self.stop.is_set():
            raise Stopped
        self.frames, self.total, self.drawing = done, total, name.startswith("drawing ")


class Jobs:
    """All jobs of a server: a queue, one thread that works through it, and the folder that holds everything.

    Args:
        settings: The limits.
        work: Analyses a job: fills `result` and `files`.
    """

    def __init__(self, settings: ServeSettings, work: Callable[[Job], None]) -> None:
        self._settings, self._work = settings, work
        self._folder = PrivateFolder()
        self.root = self._folder.path
        self._jobs: dict[str, Job] = {}
        self._queue: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="fau3d-serve", daemon=True)
        self._thread.start()

    def open(self, wanted: dict[str, Any]) -> Job:
        """Make room for an upload.

        Raises:
            TooBusy: If as many as allowed are on their way or wait, or the disk is full.
        """
        with self._changed:
            pending = sum(job.state in ("sending", "waiting") for job in self._jobs.values())
            if pending >= self._settings.max_waiting:
                raise TooBusy(f"{pending} other uploads wait for their turn. Try again in a few minutes.")
            if shutil.disk_usage(self.root).free < self._settings.max_bytes + _SPARE_BYTES:
                raise TooBusy(
                    "The disk of the server is nearly full. Make room there, or wait for results to expire."
                )
            name = secrets.token_urlsafe(24)
            job = Job(name, Path(tempfile.mkdtemp(dir=self.root)), wanted)
            self._jobs[name] = job
            return job

    def submit(self, job: Job) -> None:
        """Queue a job whose upload is complete."""
        with self._changed:
            if job.name in self._jobs:  # else deleted while it was checked
                job.state = "waiting"
                self._queue.append(job)
                self._changed.notify_all()

    def find(self, name: str) -> Job | None:
        """Give a job by its name, and note that somebody looks at it; None where there is none."""
        with self._changed:
            job = self._jobs.get(name)
            if job is not None:
                job.touched = time.monotonic()
            return job

    def ahead(self, job: Job) -> int:
        """Say how many analyses come before a job's own."""
        with self._changed:
            if job not in self._queue:
                return 0
            return self._queue.index(job) + any(other.state == "running" for other in self._jobs.values())

    def delete(self, job: Job) -> None:
        """Forget a job and delete its files; one that runs stops at its next frame and is deleted then."""
        job.stop.set()
        with self._changed:
            self._jobs.pop(job.name, None)
            running = job.state == "running"
            if job in self._queue:
                self._queue.remove(job)
        if not running:
            shutil.rmtree(job.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Delete the results that nobody has looked at for as long as they are kept."""
        oldest = time.monotonic() - self._settings.keep_seconds
        with self._changed:
            stale = [
                job for job in self._jobs.values() if job.state in ("done", "failed") and job.touched < oldest
            ]
        for job in stale:
            self.delete(job)

    def close(self) -> None:
        """Stop the analysis under way and delete everything."""
        with self._changed:
            self._closing = True
            jobs = list(self._jobs.values())
            self._changed.notify_all()
        for job in jobs:
            self.delete(job)
        self._thread.join(timeout=30)
        self._folder.remove()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._closing)
                if self._closing:
                    return
                job = self._queue.popleft()
                job.state = "running"
            try:
                self._work(job)
                state = "done"
            except Exception as error:
                state, job.error = "failed", _explain(error)
            with self._changed:
                job.state, job.touched = state, time.monotonic()
                wanted = job.name in self._jobs
            if job.upload is not None:
                job.upload.unlink(missing_ok=True)
            if not wanted:
                shutil.rmtree(job.folder, ignore_errors=True)


def _explain(error: Exception) -> str:
    """Say what went wrong without a path of the server in it."""
    if isinstance(error, Stopped):
        return "The analysis was stopped."
    if isinstance(error, RefusedUpload):
        return str(error)
    if isinstance(error, VideoError):
        # "/tmp/…/upload.mp4: what is wrong; what to do": the path says nothing to who sent the file.
        return "The file cannot be analysed: " + " ".join(str(error).split()).split(": ", 1)[-1]
    _log.error("an analysis failed", exc_info=error)
    return "The analysis failed by a fault that is not the file's; the server's own window says more."
