"""What the preparation of a corpus has to say at its end."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


@dataclass
class LabelReport:
    """What the labels of a corpus hold.

    Attributes:
        title: The corpus.
        au_names: Label columns.
        recordings: Recordings whose labels were read.
        subjects: Their subjects.
        frames: Coded frames.
        positives: Shape (A,): frames on which each unit is present.
        annotated: Shape (A,): frames on which each unit is coded.
        unmatched: Why things have no partner: labels without media, media without labels.
        failed: Faults by recording.
    """

    title: str
    au_names: tuple[str, ...]
    recordings: int = 0
    subjects: int = 0
    frames: int = 0
    positives: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    annotated: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))
    unmatched: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [
            f"{self.title}: {self.recordings} recordings of {self.subjects} subjects, "
            f"{self.frames} coded frames"
        ]
        rates = [
            f"{name} {100 * p / n:.1f} %" if n else f"{name} not coded"
            for name, p, n in zip(self.au_names, self.positives, self.annotated)
        ]
        lines.append("present: " + ", ".join(rates))
        lines += [f"  left out: {name}: {why}" for name, why in self.unmatched.items()]
        lines += [f"  failed: {name}: {why}" for name, why in self.failed.items()]
        return "\n".join(lines)


@dataclass
class PreparationReport:
    """What was prepared.

    Attributes:
        output: The annotation file.
        labels: What the labels hold.
        prepared: Recordings in the file.
        frames: Frames in the file.
        frames_without_label: Of these, frames that nobody coded.
        labels_without_frame: Coded frames that their recording does not have, by recording.
        failed: Reason by recording that is not in the file.
        splits: Recordings of each split.
        protocol: Whose folds are among them; None = nobody's.
        no_folds: Why the corpus's usual protocol gave none; empty = it did, or there is none.
        extraction: What the extraction of this run said; None where landmarks were given.
    """

    output: Path
    labels: LabelReport
    prepared: int = 0
    frames: int = 0
    frames_without_label: int = 0
    labels_without_frame: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)
    protocol: str | None = None
    no_folds: str = ""
    extraction: str | None = None

    def __str__(self) -> str:
        lines = [str(self.labels)]
        if self.extraction is not None:
            lines.append(f"extraction: {self.extraction}")
        lines.append(
            f"{self.prepared} recordings with {self.frames} frames prepared, "
            f"{self.frames_without_label} of them not coded; {len(self.failed)} failed"
        )
        lines += [f"  failed: {name}: {why}" for name, why in self.failed.items()]
        lines += [
            f"  note: {name}: {count} coded frames are not in the recording"
            for name, count in self.labels_without_frame.items()
        ]
        if self.no_folds:
            lines.append(f"  note: no folds, {self.no_folds}")
        lines.append("splits: " + ", ".join(f"{name} {count}" for name, count in self.splits.items()))
        lines.append(f"written: {self.output}" if self.prepared else "nothing written")
        return "\n".join(lines)
