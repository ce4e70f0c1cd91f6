"""Run `analyze` over many videos, so that one that fails or a stop costs nothing but itself."""

import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd

from fau3d.apis.analysis import AnalysisOptions, AnalysisReport, analyze
from fau3d.apis.analysis_report import write_failures
from fau3d.apis.batch.page import write_index
from fau3d.apis.batch.summary import is_finished, read_video_summary, summary_rows, write_facts
from fau3d.apis.extraction import list_sources
from fau3d.apis.inferencer import AUInferencer
from fau3d.io.atomic import atomic_path
from fau3d.io.video import VideoError, VideoWarning

TABLE, INDEX, FAILURES = "summary.csv", "index.html", "failures.csv"

Done = Callable[[str, "VideoOutcome"], None]


@dataclass(frozen=True)
class VideoOutcome:
    """What became of one video.

    Attributes:
        frames: Analysed.
        faces: Rows with a face.
        failure: Why it failed; empty where it did not.
        damaged: What a reader said of a damaged video.
    """

    frames: int = 0
    faces: int = 0
    failure: str = ""
    damaged: tuple[str, ...] = ()


@dataclass
class BatchReport(AnalysisReport):
    """What `run_batch` did.

    Attributes:
        finished: Names of videos that were analysed now.
    """

    finished: list[str] = field(default_factory=list)


def run_batch(
    source: str | Path,
    output: str | Path,
    settings: Mapping[str, Any],
    options: AnalysisOptions | None = None,
    workers: int = 1,
    begun: Callable[[int], None] = lambda total: None,
    done: Done = lambda name, outcome: None,
) -> BatchReport:
    """Analyse many videos, each into `output/<name>/`, and sum them up.

    Those that were finished by an earlier run are skipped unless `overwrite` is set. A video that fails is
    listed in `failures.csv`, and the next run tries it again. `summary.csv` has a row for each video and
    face, `index.html` shows all; both tell of every video that is finished, also after a stop.

    Args:
        source: A folder tree of videos, or a list file; see `list_sources`.
        output: Folder for the results; it is made.
        settings: Arguments of `AUInferencer`.
        options: What to write of each video; a report is always written.
        workers: Processes; with 1 the work is done in this one.
        begun: Called with the number of videos that are to be analysed.
        done: Called with the name and outcome of each.

    Returns:
        What was done.

    Raises:
        FileNotFoundError: If there is no such source.
        ValueError: If it holds no video, or `workers` is below 1.
    """
    if workers < 1:
        raise ValueError(f"workers is {workers}; wanted 1 or more")
    began, folder, report = time.perf_counter(), Path(output), BatchReport()
    options = replace(options or AnalysisOptions(), report=True)
    sources = list_sources(source)
    todo = {
        name: path for name, path in sources.items() if options.overwrite or not is_finished(folder / name)
    }
    report.skipped = [str(path) for name, path in sources.items() if name not in todo]
    # The output folder was made sure of before the first video: a wrong one should not cost an hour.
    folder.mkdir(parents=True, exist_ok=True)
    begun(len(todo))
    try:
        for name, outcome in _outcomes(todo, folder, settings, options, workers):
            path = str(sources[name])
            if outcome.failure:
                report.failures.append((path, outcome.failure))
            else:
                report.finished.append(name)
            report.damaged += [(path, reason) for reason in outcome.damaged]
            report.frames, report.faces = report.frames + outcome.frames, report.faces + outcome.faces
            done(name, outcome)
    finally:
        _sum_up(list(sources), folder, report)
    report.seconds = time.perf_counter() - began
    return report


def _outcomes(
    todo: Mapping[str, Path],
    folder: Path,
    settings: Mapping[str, Any],
    options: AnalysisOptions,
    workers: int,
) -> Iterator[tuple[str, VideoOutcome]]:
    if not todo:
        return
    if workers == 1:
        with AUInferencer(**settings) as inferencer:
            for name, path in todo.items():
                yield name, _one(path, folder / name, inferencer, options)
        return
    lost = yield from _side_by_side(todo, folder, settings, options, min(workers, len(todo)))
    for name in lost:
        # One of these killed its process. Alone, each can only take itself down.
        again = yield from _side_by_side({name: todo[name]}, folder, settings, options, 1)
        if again:
            reason = "its process died, perhaps for want of memory; try it alone or with fewer --workers"
            yield name, VideoOutcome(failure=f"{todo[name]}: {reason}")


def _side_by_side(todo, folder, settings, options, workers):  # type: ignore[no-untyped-def]
    """Yield outcomes from processes of their own; return the names of videos whose process died."""
    lost = []
    # Started afresh: a copy of a process in which threads of torch or MediaPipe run may hang.
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (dict(settings),))
    try:
        jobs = {pool.submit(_work, path, folder / name, options): name for name, path in todo.items()}
        for job in as_completed(jobs):
            try:
                outcome = job.result()
            except BrokenProcessPool:
                lost.append(jobs[job])
                continue
            yield jobs[job], outcome
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [name for name in todo if name in lost]


_inferencer: AUInferencer | None = None  # of a worker's process
_build: Callable[[], AUInferencer] | None = None


def _start_worker(settings: dict[str, Any]) -> None:
    import signal

    import torch

    global _build
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it at once and without a traceback
    torch.set_num_threads(1)  # the workers share the cores
    # Not built here: an error in a pool's initializer hides its reason.
    _build = partial(AUInferencer, **settings)


def _work(path: Path, folder: Path, options: AnalysisOptions) -> VideoOutcome:
    global _inferencer
    if _inferencer is None:
        assert _build is not None
        _inferencer = _build()
    return _one(path, folder, _inferencer, options)


def _one(path: Path, folder: Path, inferencer: AUInferencer, options: AnalysisOptions) -> VideoOutcome:
    """Analyse one video; an expected error is its outcome."""
    options = replace(options, sequence=path.is_dir(), overwrite=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", VideoWarning)
        try:
            report = analyze(path, folder, inferencer, options)
            write_facts(path, folder, options.fps)
        except (VideoError, OSError, ValueError, RuntimeError, MemoryError) as error:
            return VideoOutcome(failure=" ".join(str(error).split()) or type(error).__name__)
    damaged = dict.fromkeys(" ".join(str(warning.message).split()) for warning in caught)
    return VideoOutcome(report.frames, report.faces, "", tuple(damaged))


def _sum_up(names: Sequence[str], folder: Path, report: BatchReport) -> None:
    """Write the table and the page of all videos that are finished, and what failed."""
    videos = [read_video_summary(folder / name, name) for name in names if is_finished(folder / name)]
    with atomic_path(folder / TABLE) as temporary:
        rows = summary_rows(videos)
        table = pd.DataFrame(rows, columns=None if rows else ["video", "source", "face_id"])
        table.convert_dtypes().to_csv(temporary, index=False)
    write_index(folder / INDEX, videos, report.failures)
    report.outputs += [folder / TABLE, folder / INDEX]
    write_failures(report, folder / FAILURES)
