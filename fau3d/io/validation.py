"""Finding the faults of an annotation file, each named by sample, key, found and wanted."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fau3d.facs import parse_au
from fau3d.io.annotation import AnnotationFile
from fau3d.topology import get_topology

_REQUIRED = ("frame_dir", "total_frames", "img_shape", "keypoint", "keypoint_score")
_LABEL_TYPES = ("occurrence", "intensity")
_TRAIN_SPLIT = re.compile(r"^(?P<fold>.*?)_?train$")
_HELD_OUT = ("test", "val", "valid", "validation")
_TIMES = {"frame_index": "increasing whole numbers from 0", "timestamp": "increasing seconds"}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        sample: The video's `frame_dir` (or its place in the list), `metainfo`, or the split's name.
        key: Where in the sample.
        found: What is there.
        wanted: What should be there.
    """

    sample: str
    key: str
    found: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.sample}: {self.key}: found {self.found}; wanted {self.wanted}"


def validate(file: AnnotationFile) -> list[Fault]:
    """Check an annotation file against its documented form.

    Args:
        file: The file, as `load_annotations` gives it.

    Returns:
        The faults, in the order metainfo, annotations, splits; empty for a good file.
    """
    num_points, faults = _check_metainfo(file)
    faults += _check_names(file)
    for place, annotation in enumerate(file.annotations):
        faults += _check_annotation(annotation, place, num_points, len(file.au_names))
    faults += _check_splits(file)
    return faults


def _check_metainfo(file: AnnotationFile) -> tuple[int | None, list[Fault]]:
    faults = []
    num_points = None
    info = file.metainfo
    try:
        num_points = get_topology(info["topology"]).num_points
    except KeyError:
        faults.append(Fault("metainfo", "topology", "nothing", "the point set that the extractor gave"))
    except (ValueError, TypeError) as error:
        faults.append(Fault("metainfo", "topology", repr(info["topology"]), str(error)))
    names = info.get("au_names") or ()
    for name in names:
        try:
            proper = parse_au(name)
        except (ValueError, TypeError, AttributeError):
            faults.append(Fault("metainfo", "au_names", repr(name), "a FACS unit such as 'AU01' or 'AU12_L'"))
            continue
        if proper != name:
            faults.append(Fault("metainfo", "au_names", repr(name), f"the spelling {proper!r}"))
    faults += [
        Fault("metainfo", "au_names", f"{name!r} {count} times", "each unit once")
        for name, count in Counter(map(str, names)).items()
        if count > 1
    ]
    labelled = any("au_occurrence" in a or "au_intensity" in a for a in file.annotations)
    if labelled and not names:
        faults.append(Fault("metainfo", "au_names", "nothing", "the units of the label columns, in order"))
    if labelled and info.get("label_type") not in _LABEL_TYPES:
        faults.append(Fault("metainfo", "label_type", repr(info.get("label_type")), f"one of {_LABEL_TYPES}"))
    return num_points, faults


def _check_names(file: AnnotationFile) -> list[Fault]:
    names = Counter(str(a["frame_dir"]) for a in file.annotations if "frame_dir" in a)
    return [
        Fault(name, "frame_dir", f"{count} annotations of this name", "each video once")
        for name, count in names.items()
        if count > 1
    ]


def _check_annotation(annotation: dict[str, Any], place: int, points: int | None, units: int) -> list[Fault]:
    sample = str(annotation.get("frame_dir", f"annotation {place}"))
    missing = [key for key in _REQUIRED if key not in annotation]
    if missing:
        return [Fault(sample, key, "nothing", "a value") for key in missing]
    found = list(_keypoint_faults(annotation, points))
    found += _label_faults(annotation, units)
    found += _time_faults(annotation)
    for key in ("img_shape", "original_shape"):
        if key in annotation and not _is_size(annotation[key]):
            found.append((key, repr(annotation[key]), "(height, width) in pixels, both above 0"))
    if not isinstance(annotation["frame_dir"], str) or not annotation["frame_dir"]:
        found.append(("frame_dir", repr(annotation["frame_dir"]), "a name"))
    if not isinstance(annotation.get("subject", ""), str):
        found.append(("subject", repr(annotation["subject"]), "a name (str)"))
    return [Fault(sample, *fault) for fault in found]


def _is_size(value: object) -> bool:
    if not isinstance(value, (tuple, list, np.ndarray)) or len(value) != 2:
        return False
    return all(isinstance(edge, (int, np.integer)) and edge > 0 for edge in value)


def _keypoint_faults(annotation: dict[str, Any], points: int | None) -> Iterator[tuple[str, str, str]]:
    keypoint, score = annotation["keypoint"], annotation["keypoint_score"]
    for key, value in (("keypoint", keypoint), ("keypoint_score", score)):
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            kind = f"{value.dtype} array" if isinstance(value, np.ndarray) else type(value).__name__
            yield key, kind, "a float16 or float32 array"
            return
    if keypoint.ndim != 4 or keypoint.shape[3] not in (2, 3) or 0 in keypoint.shape[1:]:
        yield "keypoint", f"shape {keypoint.shape}", "shape (M, T, V, 2) or (M, T, V, 3), T and V above 0"
        return
    if points is not None and keypoint.shape[2] != points:
        yield "keypoint", f"{keypoint.shape[2]} points", f"{points}, those of the file's topology"
    if annotation["total_frames"] != keypoint.shape[1]:
        yield "total_frames", repr(annotation["total_frames"]), f"{keypoint.shape[1]}, keypoint's T"
    if score.shape != keypoint.shape[:3]:
        yield "keypoint_score", f"shape {score.shape}", f"shape {keypoint.shape[:3]}, that of keypoint"
        return
    count = int(np.isinf(keypoint).sum())
    if count:
        yield "keypoint", f"{count} infinite coordinates", "finite ones, or NaN with score 0"
    unseen = np.isnan(keypoint)
    count = int((unseen.any(-1) & ~unseen.all(-1)).sum())
    if count:
        yield "keypoint", f"{count} points with some coordinates NaN", "all or none NaN"
    with np.errstate(invalid="ignore"):
        count = int((~((score >= 0) & (score <= 1))).sum())
        wrong = int((unseen.any(-1) & (score > 0)).sum())
    if count:
        yield "keypoint_score", f"{count} values outside of [0, 1] or NaN", "values in [0, 1]"
    if wrong:
        yield "keypoint_score", f"{wrong} points that are NaN with a score above 0", "score 0 where not seen"


def _label_faults(annotation: dict[str, Any], units: int) -> Iterator[tuple[str, str, str]]:
    length = annotation["total_frames"]
    for key, kinds in (("au_occurrence", "i"), ("au_intensity", "f")):
        if key not in annotation:
            continue
        value = annotation[key]
        if not isinstance(value, np.ndarray) or value.dtype.kind not in kinds:
            kind = f"{value.dtype} array" if isinstance(value, np.ndarray) else type(value).__name__
            yield key, kind, "an int8 array" if kinds == "i" else "a float array"
        elif value.shape != (length, units):
            yield key, f"shape {value.shape}", f"shape {(length, units)}: a row a frame, a column a unit"
        elif kinds == "i":
            other = np.setdiff1d(value, [-1, 0, 1])
            if len(other):
                yield key, f"the values {other[:5].tolist()}", "1, 0, or -1 for not annotated"
        else:
            with np.errstate(invalid="ignore"):
                count = int(((value < 0) | (value > 5)).sum())
            if count:
                yield key, f"{count} values outside of [0, 5]", "0 to 5, or NaN for not annotated"
    weight = annotation.get("label_weight")
    if weight is not None and np.shape(weight) != (length,):
        yield "label_weight", f"shape {np.shape(weight)}", f"shape {(length,)}: one for each frame"
    elif weight is not None and not np.all((np.asarray(weight) >= 0) & (np.asarray(weight) <= 1)):
        yield "label_weight", "values outside of [0, 1] or NaN", "0 (does not count) to 1"
    label = annotation.get("label")
    if "au_occurrence" in annotation and label is not None and np.shape(label) != (units,):
        yield "label", f"shape {np.shape(label)}", f"shape {(units,)}: multi-hot, one number a unit"


def _time_faults(annotation: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key, wanted in _TIMES.items():
        if key not in annotation:
            continue
        value = np.asarray(annotation[key])
        if value.shape != (annotation["total_frames"],):
            yield key, f"shape {value.shape}", f"shape {(annotation['total_frames'],)}: one for each frame"
        elif value.dtype.kind not in ("iu" if key == "frame_index" else "iuf"):
            yield key, f"{value.dtype} values", wanted
        elif not np.all(np.diff(value.astype(np.float64)) > 0) or (len(value) and not value[0] >= 0):
            yield key, "values that repeat, fall, or are below 0", wanted
    fps = annotation.get("fps", 1.0)
    if not isinstance(fps, (int, float, np.number)) or not np.isfinite(fps) or fps <= 0:
        yield "fps", repr(fps), "frames per second, above 0"


def _check_splits(file: AnnotationFile) -> list[Fault]:
    known = {a["frame_dir"]: str(a.get("subject") or "") for a in file.annotations if "frame_dir" in a}
    faults = []
    for name, videos in file.split.items():
        unknown = [v for v in videos if v not in known]
        if unknown:
            found = f"{len(unknown)} videos without annotation: {_some(unknown)}"
            faults.append(Fault(f"split {name}", "frame_dir", found, "names of annotations of this file"))
        twice = [str(v) for v, count in Counter(videos).items() if count > 1]
        if twice:
            faults.append(Fault(f"split {name}", "frame_dir", f"twice: {_some(twice)}", "each video once"))
    for train, test in _fold_pairs(list(file.split)):
        ours, theirs = set(file.split[train]), set(file.split[test])
        pair = f"split {train} and {test}"
        if ours & theirs:
            faults.append(Fault(pair, "frame_dir", f"in both: {_some(ours & theirs)}", "no video in both"))
        subjects = {known.get(v, "") for v in ours} & {known.get(v, "") for v in theirs} - {""}
        if subjects:
            faults.append(Fault(pair, "subject", f"in both: {_some(subjects)}", "no subject in both"))
    return faults


def _fold_pairs(names: list[str]) -> list[tuple[str, str]]:
    """Splits that are trained on and reported on: `fold1_train` with `fold1_test`, `train` with `val`.

    Where a fold has a `fit` split, its `val` is cut out of `train`, and training without it is on `fit`.
    """
    pairs = []
    for name in names:
        match = _TRAIN_SPLIT.match(name)
        if match:
            prefix = f"{match['fold']}_" if match["fold"] else ""
            held_out = [kind for kind in _HELD_OUT if prefix + kind in names]
            for kind in held_out:
                fitted = f"{prefix}fit" if kind == "val" and f"{prefix}fit" in names else name
                pairs.append((fitted, prefix + kind))
    return pairs


def _some(names: Any) -> str:
    listed = sorted(map(str, names))
    return ", ".join(listed[:3]) + (f" and {len(listed) - 3} more" if len(listed) > 3 else "")
