"""Write the annotations of a file into contiguous arrays: one frame axis over all its videos."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from fau3d.datasets.label_runs import summarise_labels
from fau3d.datasets.transforms.neutral import NEUTRALS, in_eye_distances, neutral_faces
from fau3d.io.annotation import load_annotations
from fau3d.topology import get_topology

ROW_ARRAYS = ("keypoint", "keypoint_score", "seen")
FRAME_ARRAYS = ("au_occurrence", "au_intensity", "frame_index")
PERSON_ARRAYS = ("neutral",)
OPTIONAL_ARRAYS = ("heatmap", "label_weight")
_GAP = 2.0
# Of a long video as many frames as these, evenly spread, say how a face rests: more would not move a median.
_NEUTRAL_FRAMES = 4096


def write_arrays(ann_file: Path, folder: Path) -> None:
    """Read an annotation file and write its arrays, index and metainfo, in the layout of `KeypointStore`.

    Args:
        ann_file: Annotation file.
        folder: An empty folder.

    Raises:
        ValueError: If the file is empty or an annotation contradicts the format; it names the sample.
    """
    loaded = load_annotations(ann_file)
    annotations, metainfo = loaded.annotations, dict(loaded.metainfo or {})
    if not annotations:
        raise ValueError(f"{ann_file}: holds no annotations; extract landmarks into it first")
    topology = metainfo.get("topology")
    if not topology:
        raise ValueError(f"{ann_file}: metainfo names no topology; add one, such as 'ibug68'")
    num_points = get_topology(str(topology)).num_points
    au_names = [str(name) for name in metainfo.get("au_names") or ()]
    frames, persons = _check_shapes(annotations, str(topology), num_points, len(au_names))
    offsets = np.concatenate([[0], np.cumsum(frames)]), np.concatenate([[0], np.cumsum(frames * persons)])
    channels = max(np.shape(a["keypoint"])[-1] for a in annotations)
    maps = _map_shape(annotations)
    weighted = any(a.get("label_weight") is not None for a in annotations)
    sizes = offsets[0][-1], offsets[1][-1], persons.sum()
    arrays = _allocate(folder, *sizes, (num_points, channels), len(au_names), maps, weighted)
    index = _write_videos(annotations, arrays, *offsets, persons, str(topology))
    labels = summarise_labels(arrays["au_occurrence"], arrays["au_intensity"], offsets[0])
    np.savez(
        folder / "index.npz",
        persons=persons,
        person_offset=np.concatenate([[0], np.cumsum(persons)]),
        frame_offset=offsets[0],
        row_offset=offsets[1],
        **index,
        **labels,
    )
    for array in arrays.values():
        if isinstance(array, np.memmap):
            array.flush()
    split = {str(k): [str(v) for v in names] for k, names in (loaded.split or {}).items()}
    meta = {"split": split, "metainfo": _plain(metainfo), "au_names": au_names, "topology": str(topology)}
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")


def _map_shape(annotations: list[dict]) -> tuple[int, ...]:
    """Give the shape (V, T, H, W) of the first volume; empty where the file holds none."""
    first = annotations[0].get("heatmap")
    return () if first is None else np.shape(first)


def _allocate(
    folder: Path,
    frames: int,
    rows: int,
    people: int,
    points: tuple[int, int],
    num_aus: int,
    maps: tuple[int, ...],
    weighted: bool,
) -> dict[str, np.ndarray]:
    """Make the files of the large arrays."""
    shapes: dict[str, tuple[tuple[int, ...], type]] = {
        "keypoint": ((rows, *points), np.float32),
        "keypoint_score": ((rows, points[0]), np.float32),
        "seen": ((rows,), np.bool_),
        "au_occurrence": ((frames, num_aus), np.int8),
        "au_intensity": ((frames, num_aus), np.float32),
        "frame_index": ((frames,), np.int64),
        "neutral": ((people, len(NEUTRALS), points[0], 2), np.float32),
    }
    if weighted:
        shapes["label_weight"] = (frames,), np.float32
    if maps:  # frame by frame, so that a clip is one stretch of the file
        shapes["heatmap"] = (frames, maps[0], *maps[2:]), np.uint8
    arrays: dict[str, np.ndarray] = {}
    for name, (shape, kind) in shapes.items():
        shape, path = tuple(int(n) for n in shape), folder / f"{name}.npy"
        if 0 in shape:  # an empty file cannot be mapped; a file without labels has no columns
            arrays[name] = np.zeros(shape, kind)
            np.save(path, arrays[name])
        else:
            arrays[name] = np.lib.format.open_memmap(path, mode="w+", dtype=np.dtype(kind), shape=shape)
    return arrays


def _write_videos(
    annotations: list[dict],
    arrays: dict[str, np.ndarray],
    frame_offset: np.ndarray,
    row_offset: np.ndarray,
    persons: np.ndarray,
    topology: str,
) -> dict[str, np.ndarray]:
    """Copy all videos, letting go of each one that is on disk.

    Returns:
        The index: `frame_dir`, `subject`, `fps`, `img_shape` (N, …), `neutral_given`, `segments` (S, 3) and
        `seen`, the number of frames on which each person of each video is seen.
    """
    keys = ("frame_dir", "subject", "fps", "img_shape", "neutral_given", "segments", "seen")
    index: dict[str, list] = {key: [] for key in keys}
    person_offset = np.concatenate([[0], np.cumsum(persons)])
    for i, annotation in enumerate(annotations):
        frames, rows = slice(*frame_offset[i : i + 2]), slice(*row_offset[i : i + 2])
        _fill(annotation, arrays, frames, rows)
        _fill_neutral(annotation, arrays, rows, slice(*person_offset[i : i + 2]), topology)
        index["neutral_given"].append(annotation.get("neutral_keypoint") is not None)
        index["frame_dir"].append(str(annotation["frame_dir"]))
        index["subject"].append(str(annotation.get("subject", "")))
        index["fps"].append(float(annotation.get("fps") or np.nan))
        index["img_shape"].append(annotation["img_shape"][:2])
        index["segments"].append(_segments(arrays["frame_index"][frames], i))
        index["seen"].append(arrays["seen"][rows].reshape(-1, persons[i]).sum(0))
        annotations[i] = {}
    joined = {k: np.concatenate(index.pop(k)) for k in ("segments", "seen")}
    return {**{k: np.array(values) for k, values in index.items()}, **joined}


def _check_shapes(
    annotations: list[dict], topology: str, num_points: int, num_aus: int
) -> tuple[np.ndarray, np.ndarray]:
    """Give frames and persons of each video, or say which sample contradicts itself."""
    frames, persons, names = [], [], set()
    for i, annotation in enumerate(annotations):
        name = annotation.get("frame_dir", f"annotation {i}")
        if name in names:
            raise ValueError(f"{name}: frame_dir occurs twice; every video needs its own name")
        names.add(name)
        for key in ("frame_dir", "keypoint", "img_shape"):
            if key not in annotation:
                raise ValueError(f"{name}: the key {key!r} is missing; see docs/annotation_file.md")
        shape = np.shape(annotation["keypoint"])
        if len(shape) != 4 or shape[3] not in (2, 3):
            raise ValueError(f"{name}: keypoint has shape {shape}; wanted (M, T, V, 2) or (M, T, V, 3)")
        if shape[2] != num_points:
            raise ValueError(
                f"{name}: keypoint has {shape[2]} points, but topology {topology!r} has {num_points}; "
                "name the topology that the annotation file was extracted with"
            )
        maps = _map_shape(annotations)
        wanted: dict[str, tuple] = {
            "keypoint_score": shape[:3],
            "au_occurrence": (shape[1], num_aus),
            "au_intensity": (shape[1], num_aus),
            "frame_index": (shape[1],),
            "neutral_keypoint": (shape[0], *shape[2:]),
            "label_weight": (shape[1],),
            "heatmap": (maps[0], shape[1], *maps[2:]) if len(maps) == 4 else (),
        }
        for key, want in wanted.items():
            value = annotation.get(key)
            found = want if value is None else np.shape(value)
            if found != want:
                raise ValueError(
                    f"{name}: {key} has shape {found}; wanted {want}, as keypoint and au_names say"
                )
        if maps and annotation.get("heatmap") is None:
            raise ValueError(f"{name}: has no heatmap, but the first annotation has one; draw all or none")
        persons.append(max(1, shape[0]))
        frames.append(shape[1])
    return np.array(frames, np.int64), np.array(persons, np.int64)


def _fill(annotation: dict, arrays: dict[str, np.ndarray], frames: slice, rows: slice) -> None:
    """Copy one video; what is not finite or has score 0 becomes NaN with score 0."""
    keypoint = np.asarray(annotation["keypoint"], np.float32)
    if keypoint.shape[0] == 0:  # nobody in the whole video: one person, never seen
        annotation = {**annotation, "keypoint_score": None}
        keypoint = np.full((1, *keypoint.shape[1:]), np.nan, np.float32)
    persons, total, num_points, channels = keypoint.shape
    score = annotation.get("keypoint_score")
    score = np.ones(keypoint.shape[:3], np.float32) if score is None else np.array(score, np.float32)
    missing = ~np.isfinite(keypoint[..., :2]).all(-1) | ~(score > 0)
    score[missing] = 0
    flat = np.full((total, persons, num_points, arrays["keypoint"].shape[2]), np.nan, np.float32)
    flat[..., :channels] = keypoint.transpose(1, 0, 2, 3)
    flat[missing.transpose(1, 0, 2)] = np.nan
    arrays["keypoint"][rows] = flat.reshape(total * persons, num_points, -1)
    arrays["keypoint_score"][rows] = score.transpose(1, 0, 2).reshape(-1, num_points)
    arrays["seen"][rows] = ~missing.all(-1).T.reshape(-1)
    occurrence, intensity = annotation.get("au_occurrence"), annotation.get("au_intensity")
    num_aus = arrays["au_occurrence"].shape[1]
    label = annotation.get("label")
    if (
        num_aus
        and occurrence is None
        and intensity is None
        and np.shape(() if label is None else label) == (num_aus,)
    ):
        # A multi-hot label of the whole clip says the same of each of its frames.
        occurrence = np.broadcast_to(np.asarray(label), (total, num_aus))
    if occurrence is not None and not np.isin(occurrence, (-1, 0, 1)).all():
        odd = sorted(set(np.unique(occurrence).tolist()) - {-1, 0, 1})[:5]
        raise ValueError(
            f"{annotation['frame_dir']}: au_occurrence holds {odd}; wanted 1, 0, or -1 where not annotated"
        )
    arrays["au_occurrence"][frames] = -1 if occurrence is None else occurrence
    arrays["au_intensity"][frames] = np.nan if intensity is None else intensity
    if "label_weight" in arrays:
        arrays["label_weight"][frames] = _label_weight(annotation, total)
    if "heatmap" in arrays:
        arrays["heatmap"][frames] = np.moveaxis(annotation["heatmap"], 1, 0)
    position = annotation.get("frame_index")
    arrays["frame_index"][frames] = np.arange(total) if position is None else position


def _fill_neutral(
    annotation: dict, arrays: dict[str, np.ndarray], rows: slice, people: slice, topology: str
) -> None:
    """Write how the face of each person of a video rests, in eye distances; see `neutral_faces`."""
    arrays["neutral"][people] = np.nan
    persons = int(people.stop - people.start)
    for person in range(persons):
        of_person = slice(rows.start + person, rows.stop, persons)
        seen = np.flatnonzero(arrays["seen"][of_person])
        chosen = seen[np.linspace(0, len(seen) - 1, min(len(seen), _NEUTRAL_FRAMES)).astype(np.int64)]
        faces = in_eye_distances(arrays["keypoint"][of_person][chosen][None], topology)[0]
        for kind, face in neutral_faces(faces).items():
            arrays["neutral"][people.start + person, NEUTRALS.index(kind)] = face
    given = annotation.get("neutral_keypoint")
    if given is not None and len(given):
        face = in_eye_distances(np.asarray(given)[:, None], topology)[:, 0]
        arrays["neutral"][people, NEUTRALS.index("given")] = face


def _label_weight(annotation: dict, total: int) -> np.ndarray:
    """Give how much each frame's labels count, shape (T,); all of them whole where nothing is said."""
    weight = (
        np.ones(total, np.float32) if annotation.get("label_weight") is None else annotation["label_weight"]
    )
    if not ((np.asarray(weight) >= 0) & (np.asarray(weight) <= 1)).all():
        raise ValueError(
            f"{annotation['frame_dir']}: label_weight lies in {np.min(weight):.3g} to {np.max(weight):.3g}; "
            "wanted 0 (does not count) to 1, and no NaN"
        )
    return np.asarray(weight, np.float32)


def _segments(frame_index: np.ndarray, video: int) -> np.ndarray:
    """Cut a time axis where frames were dropped: a step of more than twice the usual one.

    Returns:
        Shape (S, 3): video, first frame, one past the last.
    """
    steps = np.diff(frame_index)
    if len(steps) == 0:
        return np.array([[video, 0, len(frame_index)]], np.int64)[: len(frame_index)]
    cuts = np.flatnonzero((steps > _GAP * max(1.0, float(np.median(steps)))) | (steps < 0)) + 1
    bounds = np.concatenate([[0], cuts, [len(frame_index)]])
    return np.stack([np.full(len(bounds) - 1, video), bounds[:-1], bounds[1:]], 1).astype(np.int64)


def _plain(value: Any) -> Any:
    """Give metainfo as what JSON can hold."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        return value.item()
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
