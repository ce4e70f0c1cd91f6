"""What a cross-validation does, as plain values: written beside its results, and compared when it goes on."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from fau3d.io.atomic import atomic_path
from fau3d.io.splits import write_splits

_FILE = "plan.json"


@dataclass(frozen=True)
class Fold:
    """One training and one test. Files are numbers in the plan's `ann_files`; splits are names, None = all.

    Attributes:
        name: `fold1`, or the corpus that is tested.
        train_files, test_files: What is trained on (and validated), and what is tested.
        train: Split that is trained on.
        validation: Split that chooses the checkpoint and the thresholds; None = nothing does.
        test: Split that is tested.
    """

    name: str
    train_files: tuple[int, ...]
    test_files: tuple[int, ...]
    train: str | None
    validation: str | None
    test: str | None


@dataclass(frozen=True)
class Plan:
    """A whole cross-validation.

    Attributes:
        config: Path of the config.
        protocol: Name of the protocol, `leave-one-corpus-out`, or `file` = the annotation file's own folds.
        ann_files: Annotation files.
        folds: What is run.
        splits: For each annotation file, names of videos under the name of each split.
        subjects: For each annotation file, video to subject; empty = not known.
        au_names: Units to learn and report; None = those of the config.
        present_from: Intensity from which on a unit counts as present where occurrence is not annotated.
        notes: What a reader of the report should know.
        settings: What else changes the runs: the config's digest, overrides, seed, weights to start from.
    """

    config: str
    protocol: str
    ann_files: tuple[str, ...]
    folds: tuple[Fold, ...]
    splits: tuple[dict[str, list[str]], ...]
    subjects: tuple[dict[str, str], ...]
    au_names: tuple[str, ...] | None = None
    present_from: float | None = None
    notes: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)

    def split_files(self, work_dir: Path) -> list[str]:
        """Give where the splits of each annotation file are written."""
        return [
            str(work_dir / "splits" / f"{number}_{Path(path).stem}.json")
            for number, path in enumerate(self.ann_files, start=1)
        ]

    def subject_of(self, fold: Fold) -> dict[str, str]:
        """Give video to subject of what a fold tests."""
        return {video: who for number in fold.test_files for video, who in self.subjects[number].items()}

    def write(self, work_dir: Path) -> None:
        """Write the plan and its splits into the work folder; a plan that is there must be the same.

        Raises:
            ValueError: If the folder holds another cross-validation; the message says what differs.
        """
        content = json.loads(json.dumps(asdict(self)))
        path = work_dir / _FILE
        if path.is_file():
            earlier = json.loads(path.read_text(encoding="utf-8"))
            differing = sorted(key for key in content if earlier.get(key) != content[key])
            if differing:
                raise ValueError(
                    f"{work_dir} holds a cross-validation with other {', '.join(differing)}; its folds "
                    "cannot be mixed with these: name another --work-dir"
                )
        for split_file, splits in zip(self.split_files(work_dir), self.splits):
            write_splits(split_file, splits)
        with atomic_path(path) as temporary:
            temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
