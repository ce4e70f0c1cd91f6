"""HRM without images: sequences of action units and machine features, with how atypical raters found them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from fau3d.datasets.corpora.base import CorpusError, Recording
from fau3d.datasets.corpora.hrm import Hrm
from fau3d.datasets.corpora.hrm_features import (
    FeatureTable,
    read_insightface_features,
    read_openface_features,
    read_predicted_units,
)
from fau3d.datasets.corpora.hrm_tables import HIGHEST_RATING, RATERS
from fau3d.functional.agreement import icc_consistency
from fau3d.io.annotation import AnnotationFile

FEATURES = ("openface", "insightface", "predicted")


@dataclass(frozen=True)
class SequenceOptions:
    """What a sequence file is to hold.

    Attributes:
        features: Beside the coded units: `openface`, `insightface`, `predicted`.
        predictions: Folder of predicted units, `S6.csv`, for `predicted`.
        insightface_columns: See `read_insightface_features`.
        feature_offset: Frame number of a feature file minus that of the labels: 1 where a tool counted from
            1 what the labels count from 0.
    """

    features: Sequence[str] = ()
    predictions: Path | None = None
    insightface_columns: Mapping[str, str] | None = None
    feature_offset: int = 0

    def __post_init__(self) -> None:
        unknown = sorted(set(self.features) - set(FEATURES))
        if unknown:
            raise ValueError(f"unknown features {', '.join(unknown)}; known: {', '.join(FEATURES)}")
        if "predicted" in self.features and self.predictions is None:
            raise ValueError("features 'predicted' want the folder of predictions")


@dataclass
class SequenceReport:
    """What became of the tree.

    Attributes:
        children: How many of each group.
        segments: Runs of consecutive frames.
        frames: Their frames.
        rated: Frames that have a rating.
        failed: Why a child was left out, by its name.
        skipped: What else was left out.
        agreement: ICC(3,1) of the raters over segments; NaN where it is not defined.
        covered: Share of the frames that have a feature, by kind.
    """

    children: dict[str, int] = field(default_factory=dict)
    segments: int = 0
    frames: int = 0
    rated: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    agreement: float = float("nan")
    covered: dict[str, float] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [f"failed: {name}: {why}" for name, why in self.failed.items()]
        lines += [f"skipped: {name}: {why}" for name, why in self.skipped.items()]
        lines += [f"{kind}: {share:.1%} of the frames" for kind, share in self.covered.items()]
        groups = ", ".join(f"{count} {group}" for group, count in sorted(self.children.items()))
        lines.append(f"agreement of the raters, ICC(3,1) over segments: {self.agreement:.3f}")
        lines.append(
            f"{sum(self.children.values())} children done ({groups}), {len(self.skipped)} skipped, "
            f"{len(self.failed)} failed: {self.segments} segments, {self.frames} frames, {self.rated} rated"
        )
        return "\n".join(lines)


def build_sequences(
    corpus: Hrm, options: SequenceOptions | None = None, progress: bool = False
) -> tuple[AnnotationFile, SequenceReport]:
    """Cut every child's frames into runs and put units, features and ratings side by side.

    An annotation is one run: the keys of the annotation file without keypoints (`frame_dir`, `total_frames`,
    `subject`, `frame_index`, `au_occurrence`), and `group`, `raters` (T, 5) float32 and `features`, a
    dict of (T, F) float32; NaN = not rated, unknown.

    Args:
        corpus: The tree.
        options: What the file is to hold.
        progress: Show a progress bar.

    Returns:
        The file, without splits, and what became of the tree. A child at fault is left out.

    Raises:
        CorpusError: If the tree is not as documented, or no child could be read.
    """
    options = options or SequenceOptions()
    listing = corpus.listing()
    report = SequenceReport(skipped=dict(listing.unmatched))
    file = AnnotationFile()
    names: dict[str, tuple[str, ...]] = {}
    groups: dict[str, str] = {}
    for recording in tqdm(listing.recordings, unit="child", disable=None if progress else True):
        try:
            annotations = _runs(corpus, recording, options, names)
        except CorpusError as error:
            report.failed[recording.name] = str(error)
            continue
        if not annotations:
            report.skipped[recording.name] = "no frame is rated"
            continue
        groups[recording.subject] = corpus.group(recording)
        file.annotations += annotations
    if not file.annotations:
        reasons = [*report.failed.values(), *report.skipped.values()]
        raise CorpusError(f"{corpus.root}: no child could be read; the first: {reasons[0]}")
    file.metainfo = _metainfo(corpus, names)
    _count(report, file, groups)
    return file, report


def _runs(
    corpus: Hrm, recording: Recording, options: SequenceOptions, names: dict[str, tuple[str, ...]]
) -> list[dict[str, Any]]:
    """Give a child's runs of consecutive frames that hold a rating."""
    labels, rated = corpus.labels(recording), corpus.ratings(recording)
    if rated is None:
        return []
    tables = {kind: _features(corpus, recording, kind, options) for kind in options.features}
    for kind, table in tables.items():
        if names.setdefault(kind, table.names) != table.names:
            differing = sorted(set(names[kind]) ^ set(table.names))
            raise CorpusError(
                f"{recording.name}: its {kind} features have other columns than those of the children "
                f"before: {', '.join(differing[:5])}; wanted one set of columns"
            )
    ratings = FeatureTable(RATERS, rated.numbers, rated.ratings).at(labels.numbers)
    breaks = np.flatnonzero(np.diff(labels.numbers) != 1) + 1
    runs = []
    for rows in np.split(np.arange(len(labels.numbers)), breaks):
        if np.isnan(ratings[rows]).all():
            continue
        numbers = labels.numbers[rows]
        runs.append(
            {
                "frame_dir": f"{recording.name}/{numbers[0]:06d}",
                "total_frames": len(rows),
                "subject": recording.subject,
                "group": corpus.group(recording),
                "frame_index": numbers,
                "au_occurrence": labels.occurrence[rows],
                "raters": ratings[rows],
                "features": {kind: t.at(numbers + options.feature_offset) for kind, t in tables.items()},
            }
        )
    _require_features(recording, tables, runs)
    return runs


def _features(corpus: Hrm, recording: Recording, kind: str, options: SequenceOptions) -> FeatureTable:
    if kind == "predicted":
        assert options.predictions is not None
        path = options.predictions / f"{recording.name}.csv"
        if not path.is_file():
            raise CorpusError(f"{path}: no such file; wanted predicted units of every child")
        return read_predicted_units(path)
    found = corpus.features(recording).get(kind)
    if found is None:
        raise CorpusError(
            f"{recording.name}: has no {kind} file; wanted one of every child, or leave out {kind!r}"
        )
    readers: dict[str, Callable[[Path], FeatureTable]] = {
        "openface": read_openface_features,
        "insightface": lambda path: read_insightface_features(path, options.insightface_columns),
    }
    return readers[kind](found)


def _require_features(
    recording: Recording, tables: Mapping[str, FeatureTable], runs: Sequence[Mapping[str, Any]]
) -> None:
    """Refuse features of other frames than the labels': joined, they would all be unknown in silence."""
    for kind, table in tables.items():
        if runs and all(np.isnan(run["features"][kind]).all() for run in runs):
            first, last = runs[0]["frame_index"][0], runs[-1]["frame_index"][-1]
            raise CorpusError(
                f"{recording.name}: none of its {kind} frames ({table.numbers[0]} to {table.numbers[-1]}) is "
                f"a rated one ({first} to {last}); are the numbers shifted? Say so with the feature offset"
            )


def _metainfo(corpus: Hrm, names: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    return {
        "au_names": list(corpus.au_names),
        "label_type": corpus.label_type,
        "topology": None,
        "extractor": None,
        "source": f"{corpus.title}: sequences as distributed, joined by frame number",
        "feature_names": {kind: list(columns) for kind, columns in names.items()},
        "raters": list(RATERS),
        "rating_range": [0.0, HIGHEST_RATING],
        **corpus.notes(),
    }


def _count(report: SequenceReport, file: AnnotationFile, groups: Mapping[str, str]) -> None:
    values = list(groups.values())
    report.children = {group: values.count(group) for group in sorted(set(values))}
    report.segments = len(file.annotations)
    report.frames = sum(a["total_frames"] for a in file.annotations)
    report.rated = sum(int((~np.isnan(a["raters"]).all(1)).sum()) for a in file.annotations)
    for kind in file.metainfo["feature_names"]:
        known = sum((~np.isnan(a["features"][kind]).all(1)).sum() for a in file.annotations)
        report.covered[kind] = float(known / report.frames)
    complete = [a["raters"][~np.isnan(a["raters"]).any(1)] for a in file.annotations]
    means = np.array([frames.mean(0) for frames in complete if len(frames)], np.float64)
    if len(means) > 1:
        report.agreement = icc_consistency(means)
