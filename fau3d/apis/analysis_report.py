"""What an analysis is asked for, and what it says at its end."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from fau3d.apis.reading.smoothing import Smoothing
from fau3d.io.atomic import atomic_path


@dataclass
class AnalysisReport:
    """What `analyze` did.

    Attributes:
        outputs: Files written, in order.
        failures: (source, reason) of what could not be analysed.
        damaged: (source, what is missing) of a folder's videos of which a part was analysed.
        skipped: Sources that had their table already.
        notes: Sentences for the user.
        frames: Analysed.
        faces: Rows with a face.
        seconds: That the analysis took, without loading the model.
    """

    outputs: list[Path] = field(default_factory=list)
    failures: list[tuple[str, str]] = field(default_factory=list)
    damaged: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    frames: int = 0
    faces: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class AnalysisOptions:
    """What an analysis shall write.

    Attributes:
        overlay: Write a video (of a still: an image) with landmarks and AU bars.
        plot: Write a timing diagram.
        sequence: Take a folder of images as one video.
        overwrite: Replace what is there.
        fps: Frame rate of a folder of images taken as one video, in 1/s.
        panel: Show every unit in the overlay, one-sided ones too, with its probability in percent.
        report: Write what a video's curves say: events, eyes, expressions, and a page of them.
        units: Write a diagram for each of these units of a video, with its events where there is a report.
        entities: BIDS entities that the files of a single source begin with, such as `sub-01_task-interview`.
        parts: Named parts of a video whose figures a report shall hold, as `read_parts` reads them.
        smoothing: Of a report's curves, before they are read.
    """

    overlay: bool = False
    plot: bool = False
    sequence: bool = False
    overwrite: bool = False
    fps: float = 25.0
    panel: bool = False
    report: bool = False
    units: tuple[str, ...] = ()
    entities: str = ""
    parts: pd.DataFrame | None = None
    smoothing: Smoothing | None = None


def write_failures(report: AnalysisReport, path: Path) -> None:
    """List what failed or is damaged; of an earlier run's list stays what was skipped now."""
    rows = [*report.failures, *dict(report.damaged).items()]
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as stream:
            rows = [(row[0], row[1]) for row in csv.reader(stream) if row and row[0] in report.skipped] + rows
    if not rows:
        path.unlink(missing_ok=True)
        return
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("source", "reason"), *rows])
    report.outputs.append(path)
