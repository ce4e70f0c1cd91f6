"""From a published corpus's folder to an annotation file with folds."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from fau3d.apis.corpora.joining import join_labels
from fau3d.apis.corpora.report import LabelReport, PreparationReport
from fau3d.apis.extraction import extract_corpus
from fau3d.datasets.corpora import CorpusError, FrameLabels, PublishedCorpus, Recording
from fau3d.evaluation.protocols import Protocol, get_protocol, make_splits
from fau3d.io.annotation import AnnotationFile, load_annotations, merge_annotations, save_annotations


def read_labels(corpus: PublishedCorpus, progress: bool = True) -> tuple[LabelReport, dict[str, FrameLabels]]:
    """Read all labels of a corpus, without touching a picture.

    Args:
        corpus: The corpus.
        progress: Show a progress bar.

    Returns:
        What the labels hold, and the labels by recording; a recording whose file is at fault is in the
        report and the rest goes on.

    Raises:
        CorpusError: If the tree itself is not as documented.
    """
    listing = corpus.listing()
    size = len(corpus.au_names)
    report = LabelReport(corpus.title, corpus.au_names, unmatched=dict(listing.unmatched))
    report.positives, report.annotated = np.zeros(size, np.int64), np.zeros(size, np.int64)
    found: dict[str, FrameLabels] = {}
    subjects = set()
    for recording in tqdm(listing.recordings, unit="recording", disable=None if progress else True):
        try:
            labels = corpus.labels(recording)
        except CorpusError as error:
            report.failed[recording.name] = str(error)
            continue
        found[recording.name] = labels
        subjects.add(recording.subject)
        report.frames += len(labels.numbers)
        report.positives += (labels.occurrence == 1).sum(0)
        report.annotated += (labels.occurrence >= 0).sum(0)
    report.recordings, report.subjects = len(found), len(subjects)
    return report, found


def prepare_corpus(
    corpus: PublishedCorpus,
    output: str | os.PathLike[str],
    landmarks: str | os.PathLike[str] | None = None,
    protocol: Protocol | None = None,
    progress: bool = True,
    **extraction: Any,
) -> PreparationReport:
    """Extract landmarks, join the labels by frame number, add all folds, and write the annotation file.

    Args:
        corpus: The corpus.
        output: The annotation file. Shards of an extraction that lie beside it are taken over.
        landmarks: An annotation file whose landmarks serve, under the recordings' names; without it they are
            extracted, or are the corpus's own where it withholds its images.
        protocol: Its folds are added; those of the corpus's usual protocol by default.
        progress: Show progress bars.
        extraction: Arguments of `extract_corpus`, `resume` and `overwrite` among them.

    Returns:
        What was prepared and what was not.

    Raises:
        CorpusError: If the tree is not as documented, or no recording could be prepared.
        ValueError: If the protocol named does not fit the subjects.
        FileExistsError: If there is an output already, and neither `resume` nor `overwrite` is set.
    """
    target = Path(output)
    if target.exists() and not (extraction.get("resume") or extraction.get("overwrite")):
        raise FileExistsError(f"{target} exists; --resume goes on with it, --overwrite begins anew")
    labels_report, labels = read_labels(corpus, progress)
    recordings = {r.name: r for r in corpus.listing().recordings if r.name in labels}
    report = PreparationReport(target, labels_report)
    file = _landmarks(corpus, recordings, target, landmarks, report, {**extraction, "progress": progress})
    annotations = _join(file, corpus, recordings, labels, report)
    if not annotations:
        reasons = [*report.failed.values(), *labels_report.failed.values(), "it lists no recordings"]
        raise CorpusError(f"{corpus.root}: no recording could be prepared; the first: {reasons[0]}")
    prepared = [recordings[annotation["frame_dir"]] for annotation in annotations]
    report.protocol = None if protocol is None else protocol.name
    split = _splits(corpus, prepared, protocol, report)
    report.splits = {name: len(videos) for name, videos in split.items()}
    notes = {**corpus.notes(), "protocol": report.protocol}
    metainfo = {
        **file.metainfo,
        "au_names": list(corpus.au_names),
        "label_type": corpus.label_type,
        "source": f"{corpus.title}: labels as distributed, joined by frame number",
        **notes,
    }
    save_annotations(target, split, annotations, metainfo)
    return report


def extract_shard(corpus: PublishedCorpus, output: str | os.PathLike[str], **extraction: Any) -> str:
    """Extract a shard of the recordings; `prepare_corpus` takes the shards over once they are all there.

    Args:
        corpus: The corpus.
        output: The annotation file that is to come of all shards.
        extraction: Arguments of `extract_corpus`, `shard` among them.

    Returns:
        What the extraction says.
    """
    recordings = {r.name: r for r in corpus.listing().recordings}
    return str(extract_corpus(_media(corpus, recordings), output, **extraction))


def _media(corpus: PublishedCorpus, recordings: Mapping[str, Recording]) -> dict[str, Path]:
    media = {name: r.media for name, r in recordings.items() if r.media is not None}
    if not media:
        raise CorpusError(
            f"{corpus.root}: {corpus.title} has no videos or images here to extract landmarks from; give "
            "landmarks of your own with --landmarks FILE"
        )
    return media


def _landmarks(
    corpus: PublishedCorpus,
    recordings: Mapping[str, Recording],
    target: Path,
    given: str | os.PathLike[str] | None,
    report: PreparationReport,
    extraction: dict[str, Any],
) -> AnnotationFile:
    if given is not None:
        return load_annotations(given)
    if all(recording.media is None for recording in recordings.values()):
        return _own_landmarks(corpus, recordings, report)
    _take_shards_over(target, extraction)
    found = extract_corpus(_media(corpus, recordings), target, **extraction)
    # Its last line names the file, which is not finished yet.
    report.extraction = str(found).rpartition("\n")[0]
    report.failed.update({name: f"extraction: {why}" for name, why in found.failed.items()})
    return load_annotations(target) if target.exists() else AnnotationFile()


def _take_shards_over(target: Path, extraction: dict[str, Any]) -> None:
    shards = sorted(target.parent.glob(f"{target.stem}.*-of-*{target.suffix}"))
    if not shards or target.exists():
        return
    count = int(shards[0].name[: -len(target.suffix)].rpartition("-of-")[2])
    if len(shards) != count:
        raise CorpusError(
            f"{target.parent}: {len(shards)} of {count} shards of {target.name} are there; wait for the "
            "others, or remove them to extract everything here"
        )
    merged = merge_annotations(shards)
    save_annotations(target, merged.split, merged.annotations, merged.metainfo)
    extraction["resume"] = True  # what the shards lack is extracted now


def _own_landmarks(
    corpus: PublishedCorpus, recordings: Mapping[str, Recording], report: PreparationReport
) -> AnnotationFile:
    file = AnnotationFile()
    for name, recording in recordings.items():
        try:
            landmarks = corpus.own_landmarks(recording)
        except CorpusError as error:
            report.failed[name] = str(error)
            continue
        if landmarks is None:
            report.failed[name] = "the corpus withholds its images; give landmarks with --landmarks FILE"
            continue
        file.metainfo = {key: landmarks.pop(key) for key in ("topology", "extractor")}
        file.annotations.append(landmarks)
    return file


def _join(
    file: AnnotationFile,
    corpus: PublishedCorpus,
    recordings: Mapping[str, Recording],
    labels: Mapping[str, FrameLabels],
    report: PreparationReport,
) -> list[dict[str, Any]]:
    by_name = {annotation["frame_dir"]: annotation for annotation in file.annotations}
    annotations = []
    for name, recording in recordings.items():
        if name not in by_name:
            report.failed.setdefault(name, "no landmarks under this name")
            continue
        try:
            joined = join_labels(by_name[name], recording, labels[name], corpus.neutral_number(recording))
        except CorpusError as error:
            report.failed[name] = str(error)
            continue
        annotations.append(joined.annotation)
        report.frames += len(joined.annotation["frame_index"])
        report.frames_without_label += joined.frames_without_label
        if joined.labels_without_frame:
            report.labels_without_frame[name] = joined.labels_without_frame
    report.prepared = len(annotations)
    return annotations


def _splits(
    corpus: PublishedCorpus,
    recordings: Sequence[Recording],
    protocol: Protocol | None,
    report: PreparationReport,
) -> dict[str, list[str]]:
    """Give all videos, the corpus's own splits and the protocol's folds."""
    splits = {"all": [recording.name for recording in recordings], **corpus.official_splits(recordings)}
    subjects = {recording.name: recording.subject for recording in recordings}
    if protocol is not None:
        splits |= make_splits(protocol, subjects, splits).splits
    elif corpus.protocols:
        report.protocol = corpus.protocols[0]
        try:
            splits |= make_splits(get_protocol(report.protocol), subjects, splits).splits
        except ValueError as error:
            # A part of a corpus is prepared all the same; who asked for no protocol is told, not stopped.
            report.protocol, report.no_folds = None, f"{report.protocol}: {error}"
    return splits
