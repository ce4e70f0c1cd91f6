"""The annotation file: the keypoints of many videos, and their action units."""

import os
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fau3d.io.atomic import atomic_path
from fau3d.io.safe_pickle import safe_load

FORMAT_VERSION = 1
_MUST_AGREE = ("topology", "au_names", "label_type", "extractor")


class AnnotationError(ValueError):
    """An annotation file that is not of the documented form, or files that do not fit together."""


@dataclass
class AnnotationFile:
    """One corpus through one extractor.

    Attributes:
        split: Names of videos (`frame_dir`) under the name of each split.
        annotations: One dict a video; its keys are described in `docs/annotation_file.md`.
        metainfo: `topology`, `au_names`, `label_type`, `extractor`, `fps`, `source`, `format_version`.
    """

    split: dict[str, list[str]] = field(default_factory=dict)
    annotations: list[dict[str, Any]] = field(default_factory=list)
    metainfo: dict[str, Any] = field(default_factory=dict)

    @property
    def au_names(self) -> tuple[str, ...]:
        """Action units of the label columns; empty where the file has no labels."""
        return tuple(self.metainfo.get("au_names") or ())

    def of_split(self, name: str) -> list[dict[str, Any]]:
        """Give the annotations of one split, in the split's order.

        Raises:
            AnnotationError: If there is no such split, or it names a video that the file does not hold.
        """
        if name not in self.split:
            raise AnnotationError(f"no split {name!r} in the annotation file; it has {sorted(self.split)}")
        by_name = {a["frame_dir"]: a for a in self.annotations}
        unknown = [v for v in self.split[name] if v not in by_name]
        if unknown:
            raise AnnotationError(
                f"split {name!r} names {len(unknown)} videos not annotated ({', '.join(unknown[:3])} …); "
                "take them out of the split or add their annotations"
            )
        return [by_name[v] for v in self.split[name]]


def require_annotation_file(path: str | Path) -> None:
    """Say what to do about an annotation file that is not there.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    if not Path(path).is_file():
        raise FileNotFoundError(
            f"{path}: no such annotation file; make it with tools/data/extract_landmarks.py or "
            "tools/data/import_landmarks.py, or name another with --ann-file FILE, such as the sample "
            "data/sample/sample_mediapipe478.pkl"
        )


def load_annotations(path: str | os.PathLike[str]) -> AnnotationFile:
    """Read an annotation file without running anything that is in it.

    Files of PYSKL and MMAction2 are read too: without `metainfo`, or as a bare list of annotations. Use
    `fau3d.io.importers.pose_dataset` to turn their zeros for missing points into NaN.

    Raises:
        AnnotationError: If the pickle does not hold the documented keys.
        UnsafePickleError: If it holds anything but arrays and plain values.
        BrokenPickleError: If it is cut short or no pickle.
    """
    content = safe_load(path)
    if isinstance(content, list):
        content = {"annotations": content}
    if not isinstance(content, dict) or not isinstance(content.get("annotations"), list):
        found = sorted(map(str, content)) if isinstance(content, dict) else type(content).__name__
        raise AnnotationError(f"{path}: found {found}; wanted a dict with the keys 'split' and 'annotations'")
    bad = next((i for i, a in enumerate(content["annotations"]) if not isinstance(a, dict)), None)
    if bad is not None:
        kind = type(content["annotations"][bad]).__name__
        raise AnnotationError(f"{path}: annotation {bad} is a {kind}; wanted a dict")
    for key in ("split", "metainfo"):
        if not isinstance(content.get(key) or {}, dict):
            raise AnnotationError(f"{path}: {key!r} is a {type(content[key]).__name__}; wanted a dict")
    split = {str(name): list(videos) for name, videos in (content.get("split") or {}).items()}
    return AnnotationFile(split, content["annotations"], dict(content.get("metainfo") or {}))


def save_annotations(
    path: str | os.PathLike[str],
    split: Mapping[str, Iterable[str]],
    annotations: Sequence[Mapping[str, Any]],
    metainfo: Mapping[str, Any],
) -> None:
    """Write an annotation file in one step: it is there whole, or not at all.

    Arrays are made contiguous, so that they are read back in one piece. Where an annotation has
    `au_occurrence` and no `label`, the clip-level `label` that MMAction2's PoseDataset reads is added.

    Args:
        path: Where the file shall be; the folder is made if it is not there.
        split: Names of videos under the name of each split.
        annotations: One dict a video.
        metainfo: What holds for all of them; `format_version` is added.
    """
    content = {
        "split": {name: list(videos) for name, videos in split.items()},
        "annotations": [_portable(annotation) for annotation in annotations],
        "metainfo": {**metainfo, "format_version": FORMAT_VERSION},
    }
    with atomic_path(path) as temporary, temporary.open("wb") as stream:
        pickle.dump(content, stream, protocol=5)


def _portable(annotation: Mapping[str, Any]) -> dict[str, Any]:
    result = {k: np.ascontiguousarray(v) if isinstance(v, np.ndarray) else v for k, v in annotation.items()}
    if "label" not in result and "au_occurrence" in result:
        result["label"] = clip_label(result["au_occurrence"])
    return result


def clip_label(au_occurrence: np.ndarray) -> np.ndarray:
    """Sum a video's frames up in one multi-hot label.

    Args:
        au_occurrence: Shape (T, A), int8: 1, 0, -1 = not annotated.

    Returns:
        Shape (A,), int64: 1 where the unit is there in any annotated frame, 0 where in none, -1 where
        no frame is annotated.
    """
    if len(au_occurrence) == 0:
        return np.full(np.shape(au_occurrence)[1:], -1, np.int64)
    return np.max(au_occurrence, axis=0).astype(np.int64)


def merge_annotations(files: Sequence[AnnotationFile | str | os.PathLike[str]]) -> AnnotationFile:
    """Put shards of one corpus together.

    Args:
        files: Annotation files, or their paths.

    Returns:
        All annotations in the order given; splits of one name are joined.

    Raises:
        AnnotationError: If topology, action units, label type or extractor differ, or a video is there twice.
    """
    if not files:
        raise AnnotationError("no annotation files to merge; wanted one or more")
    merged = AnnotationFile()
    owner: dict[str, str] = {}
    for number, item in enumerate(files):
        name = f"file {number}" if isinstance(item, AnnotationFile) else str(Path(item))
        part = item if isinstance(item, AnnotationFile) else load_annotations(item)
        if number == 0:
            merged.metainfo = dict(part.metainfo)
        _check_same(merged.metainfo, part.metainfo, name)
        for annotation in part.annotations:
            video = annotation["frame_dir"]
            if video in owner:
                raise AnnotationError(
                    f"{video}: is in {owner[video]} and again in {name}; wanted each video once: "
                    "leave one of the files out"
                )
            owner[video] = name
        merged.annotations += part.annotations
        for split, videos in part.split.items():
            known = merged.split.setdefault(split, [])
            known += [v for v in videos if v not in set(known)]
    return merged


def _check_same(first: Mapping[str, Any], other: Mapping[str, Any], name: str) -> None:
    for key in _MUST_AGREE:
        found, wanted = other.get(key), first.get(key)
        if key == "au_names":
            found, wanted = tuple(found or ()), tuple(wanted or ())
        if found != wanted:
            raise AnnotationError(
                f"{name}: {key} is {found!r}, but in the first file it is {wanted!r}; merge only files of "
                "one extraction, or give the dataset several annotation files"
            )
