"""Pickles of PYSKL and MMAction2 (their PoseDataset)."""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from fau3d.facs import get_au_set
from fau3d.io.annotation import AnnotationFile, load_annotations
from fau3d.io.importers.base import ImportFault, ImportResult, collect, size_of_points
from fau3d.topology import TOPOLOGIES, get_topology

_KEPT = (
    "label", "subject", "au_occurrence", "au_intensity", "timestamp", "frame_index", "fps", "test_mode",
)  # fmt: skip


def import_pose_pickle(
    source: str | os.PathLike[str],
    topology: str | None = None,
    au_names: str | list[str] | None = None,
    fps: float = 25.0,
    img_shape: tuple[int, int] | None = None,
    progress: bool = False,
) -> ImportResult:
    """Make an annotation file of a pickle of PYSKL or MMAction2.

    There, a missing point is a zero; here it is NaN with score 0. Labels are kept as they are: `label` is one
    number or one vector a clip, and holds no action units of frames unless `au_occurrence` is there too.

    Args:
        source: The pickle: a dict of `split` and `annotations`, or a bare list of annotations.
        topology: Point set; by default the only known one of that many points.
        au_names: Units of multi-hot labels: a named set or a list.
        fps: Frame rate for annotations that do not tell, in 1/s.
        img_shape: (height, width) for annotations that do not tell; by default the smallest that holds
            all points.
        progress: Whether to show a progress bar.

    Returns:
        The annotation file with the pickle's own splits, and what failed.

    Raises:
        ImportFault: If the number of points fits no known topology.
        AnnotationError: If it is no such pickle.
    """
    old = load_annotations(source)
    name = topology or old.metainfo.get("topology") or _guess_topology(old, source)
    points = get_topology(name).num_points
    units = au_names if au_names is not None else (old.metainfo.get("au_names") or [])
    metainfo = {
        "label_type": "occurrence",
        "extractor": "unknown",
        "source": "PYSKL / MMAction2 pickle",
        **old.metainfo,
        "topology": name,
        "au_names": list(get_au_set(units)) if units else [],
        "fps": fps,
    }
    result = collect(
        old.annotations, lambda a: [_convert(a, points, name, fps, img_shape)], metainfo, _name, progress
    )
    known = {a["frame_dir"] for a in result.file.annotations}
    result.file.split = {s: [v for v in videos if v in known] for s, videos in old.split.items()} or {
        "all": [a["frame_dir"] for a in result.file.annotations]
    }
    return result


def _guess_topology(file: AnnotationFile, source: object) -> str:
    shapes = [a["keypoint"].shape for a in file.annotations if isinstance(a.get("keypoint"), np.ndarray)]
    if not shapes:
        raise ImportFault(
            f"{source}: no annotation has a 'keypoint' array; wanted a pickle for a PoseDataset"
        )
    count = shapes[0][-2]
    fitting = [name for name, t in TOPOLOGIES.items() if t.num_points == count]
    if len(fitting) != 1:
        known = ", ".join(f"{name} ({t.num_points})" for name, t in sorted(TOPOLOGIES.items()))
        raise ImportFault(
            f"{source}: keypoint has {count} points, as {' and '.join(fitting) or 'no known topology'}; name "
            f"the topology, one of: {known}"
        )
    return fitting[0]


def _name(old: Mapping[str, Any]) -> str:
    return str(old.get("frame_dir") or old.get("filename") or "")


def _convert(
    old: Mapping[str, Any], points: int, topology: str, fps: float, img_shape: tuple[int, int] | None
) -> dict[str, Any]:
    name = _name(old)
    if not name:
        raise ImportFault("an annotation has neither 'frame_dir' nor 'filename'; wanted the video's name")
    keypoint = np.array(old["keypoint"], np.float32) if "keypoint" in old else np.empty(0)
    if keypoint.ndim != 4 or keypoint.shape[2] != points or keypoint.shape[3] not in (2, 3):
        raise ImportFault(
            f"{name}: keypoint has shape {keypoint.shape}; wanted (M, T, {points}, 2 or 3), {topology}"
        )
    score = old.get("keypoint_score")
    score = np.ones(keypoint.shape[:3], np.float32) if score is None else np.array(score, np.float32)
    if score.shape != keypoint.shape[:3]:
        raise ImportFault(f"{name}: keypoint_score has shape {score.shape}; wanted {keypoint.shape[:3]}")
    missing = (keypoint == 0).all(-1) | ~np.isfinite(keypoint).all(-1) | ~(score > 0)
    keypoint[missing], score[missing] = np.nan, 0
    total = keypoint.shape[1]
    size = _size(old.get("img_shape")) or img_shape or size_of_points(keypoint)
    new = {
        "frame_dir": name,
        "total_frames": total,
        "img_shape": size,
        "original_shape": _size(old.get("original_shape")) or size,
        "keypoint": keypoint,
        "keypoint_score": score.clip(0, 1),
        "frame_index": np.arange(total),
        "fps": fps,
        "subject": "",
    }
    return new | {key: old[key] for key in _KEPT if key in old}


def _size(value: Any) -> tuple[int, int] | None:
    return None if value is None else (int(value[0]), int(value[1]))
