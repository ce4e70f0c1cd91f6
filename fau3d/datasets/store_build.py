"""Turn an annotation file into memory-mapped arrays, once, whoever asks first."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fau3d.datasets.label_runs import summarise_labels
from fau3d.io.annotation import load_annotations
from fau3d.topology import get_topology

FORMAT = 1
ROW_ARRAYS = ("keypoint", "keypoint_score", "seen")
FRAME_ARRAYS = ("au_occurrence", "au_intensity", "frame_index")
_GAP = 2.0


def locate_store(ann_file: Path, cache_dir: Path | None = None) -> Path:
    """Give the folder with the arrays of an annotation file; build it where there is none.

    Safe when many processes ask at once: one builds behind a file lock while the others wait, and a finished
    folder appears by one rename.

    Args:
        ann_file: Annotation file.
        cache_dir: Where to keep the arrays; see `KeypointStore`.

    Returns:
        A complete folder.

    Raises:
        FileNotFoundError: If there is no such file.
        OSError: If no cache folder can be written.
    """
    if not ann_file.is_file():
        raise FileNotFoundError(f"{ann_file}: no such annotation file; check ann_file in the config")
    roots = _cache_roots(ann_file, cache_dir)
    key = _content_key(ann_file, roots)
    for root in roots:
        if (root / key / "meta.json").is_file():
            return root / key
    root = next((r for r in roots if _is_writable(r)), None)
    if root is None:
        raise OSError(f"{ann_file}: none of {[str(r) for r in roots]} can be written; set cache_dir")
    with _locked(root / f"{key}.lock"):
        if not (root / key / "meta.json").is_file():
            _build(ann_file, root, key)
    _write_stamp(root, ann_file, key)
    return root / key


def _cache_roots(ann_file: Path, cache_dir: Path | None) -> list[Path]:
    """Folders to look in, best first."""
    place = hashlib.sha256(str(ann_file.resolve()).encode()).hexdigest()[:12]
    name = f"{ann_file.name}-{place}"
    if cache_dir is not None:
        return [cache_dir / name]
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    uid = os.getuid() if hasattr(os, "getuid") else "user"
    return [
        ann_file.with_name(ann_file.name + ".fau3d-cache"),
        user / "fau3d" / name,
        Path(tempfile.gettempdir()) / f"fau3d-cache-{uid}" / name,
    ]


def _is_writable(root: Path) -> bool:
    try:
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=root):
            return True
    except OSError:
        return False


def _content_key(ann_file: Path, roots: list[Path]) -> str:
    """Name the file's content; a stamp of size and time spares reading it again."""
    stat = ann_file.stat()
    for root in roots:
        with contextlib.suppress(OSError, ValueError, KeyError):
            stamp = json.loads((root / "stamp.json").read_text(encoding="utf-8"))
            if (stamp["size"], stamp["mtime_ns"]) == (stat.st_size, stat.st_mtime_ns):
                return str(stamp["key"])
    digest = hashlib.blake2b(digest_size=12)
    with ann_file.open("rb") as stream:
        while block := stream.read(1 << 22):
            digest.update(block)
    key = f"v{FORMAT}-{digest.hexdigest()}"
    for root in roots:
        if (root / key / "meta.json").is_file():
            _write_stamp(root, ann_file, key, stat)
            break
    return key


def _write_stamp(root: Path, ann_file: Path, key: str, stat: os.stat_result | None = None) -> None:
    stat = ann_file.stat() if stat is None else stat
    content = json.dumps({"size": stat.st_size, "mtime_ns": stat.st_mtime_ns, "key": key})
    # A shared corpus may lie in a folder that others filled: then the stamp is theirs to write.
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(dir=root)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
        Path(name).replace(root / "stamp.json")


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock; where the file system has none, the rename alone keeps the folder whole."""
    with path.open("a") as stream:
        try:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        except (ImportError, OSError):
            pass
        yield


def _build(ann_file: Path, root: Path, key: str) -> None:
    work = Path(tempfile.mkdtemp(prefix=f"{key}.part-", dir=root))
    try:
        _write_arrays(ann_file, work)
        work.chmod(0o755)
        work.rename(root / key)
    except OSError:
        if not (root / key / "meta.json").is_file():
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_arrays(ann_file: Path, work: Path) -> None:
    loaded = load_annotations(ann_file)
    annotations, metainfo = loaded.annotations, dict(loaded.metainfo or {})
    if not annotations:
        raise ValueError(f"{ann_file}: holds no annotations; extract landmarks into it first")
    au_names = [str(name) for name in metainfo.get("au_names") or ()]
    topology = _topology_name(ann_file, metainfo)
    num_points = get_topology(topology).num_points
    frames, persons = _check_shapes(annotations, topology, num_points, len(au_names))
    channels = max(np.shape(a["keypoint"])[-1] for a in annotations)
    frame_offset = np.concatenate([[0], np.cumsum(frames)])
    row_offset = np.concatenate([[0], np.cumsum(frames * persons)])
    shapes = {
        "keypoint": ((row_offset[-1], num_points, channels), np.float32),
        "keypoint_score": ((row_offset[-1], num_points), np.float32),
        "seen": ((row_offset[-1],), np.bool_),
        "au_occurrence": ((frame_offset[-1], len(au_names)), np.int8),
        "au_intensity": ((frame_offset[-1], len(au_names)), np.float32),
        "frame_index": ((frame_offset[-1],), np.int64),
    }
    arrays = {
        name: np.lib.format.open_memmap(
            work / f"{name}.npy", mode="w+", dtype=np.dtype(kind), shape=tuple(int(n) for n in shape)
        )
        for name, (shape, kind) in shapes.items()
        if 0 not in shape
    }
    for name, (shape, kind) in shapes.items():
        if 0 in shape:  # an empty file cannot be mapped; a file without AU names has no label columns
            arrays[name] = np.zeros([int(n) for n in shape], kind)
            np.save(work / f"{name}.npy", arrays[name])
    index: dict[str, list] = {
        name: [] for name in ("frame_dir", "subject", "fps", "img_shape", "segments", "seen")
    }
    for i, annotation in enumerate(annotations):
        _fill(annotation, i, arrays, slice(*frame_offset[i : i + 2]), slice(*row_offset[i : i + 2]))
        start, stop = int(frame_offset[i]), int(frame_offset[i + 1])
        index["frame_dir"].append(str(annotation["frame_dir"]))
        index["subject"].append(str(annotation.get("subject", "")))
        index["fps"].append(float(annotation.get("fps") or np.nan))
        index["img_shape"].append(annotation["img_shape"][:2])
        index["segments"].append(_segments(arrays["frame_index"][start:stop], i))
        seen = arrays["seen"][slice(*row_offset[i : i + 2])].reshape(-1, persons[i])
        index["seen"].append(seen.sum(0))
        annotations[i] = {}  # lets go of the arrays that are on disk now
    np.savez(
        work / "index.npz",
        frame_dir=np.array(index["frame_dir"]),
        subject=np.array(index["subject"]),
        fps=np.array(index["fps"]),
        img_shape=np.array(index["img_shape"], np.int64),
        persons=persons,
        frame_offset=frame_offset,
        row_offset=row_offset,
        segments=np.concatenate(index["segments"]),
        seen=np.concatenate(index["seen"]),
        **summarise_labels(arrays["au_occurrence"], arrays["au_intensity"], frame_offset),
    )
    split = {str(k): [str(v) for v in names] for k, names in (loaded.split or {}).items()}
    meta = {"split": split, "metainfo": _plain(metainfo), "au_names": au_names, "topology": topology}
    for array in arrays.values():
        if isinstance(array, np.memmap):
            array.flush()
    (work / "meta.json").write_text(json.dumps(meta), encoding="utf-8")


def _topology_name(ann_file: Path, metainfo: dict) -> str:
    name = metainfo.get("topology")
    if not name:
        raise ValueError(
            f"{ann_file}: metainfo names no topology; add metainfo['topology'], such as 'ibug68'"
        )
    return str(name)


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
        wanted = {
            "keypoint_score": shape[:3],
            "au_occurrence": (shape[1], num_aus),
            "au_intensity": (shape[1], num_aus),
            "frame_index": (shape[1],),
        }
        for key, want in wanted.items():
            found = np.shape(annotation[key]) if annotation.get(key) is not None else want
            if found != want:
                raise ValueError(
                    f"{name}: {key} has shape {found}; wanted {want}, as keypoint and au_names say"
                )
        persons.append(shape[0])
        frames.append(shape[1])
    return np.array(frames, np.int64), np.array(persons, np.int64)


def _fill(annotation: dict, number: int, arrays: dict[str, Any], frames: slice, rows: slice) -> None:
    """Copy one video; what is not finite or has score 0 becomes NaN with score 0."""
    keypoint = np.asarray(annotation["keypoint"], np.float32)
    persons, total, num_points, channels = keypoint.shape
    score = annotation.get("keypoint_score")
    score = np.ones(keypoint.shape[:3], np.float32) if score is None else np.array(score, np.float32)
    missing = ~np.isfinite(keypoint).all(-1) | ~(score > 0)
    score[missing] = 0
    flat = np.full((total, persons, num_points, arrays["keypoint"].shape[2]), np.nan, np.float32)
    flat[..., :channels] = keypoint.transpose(1, 0, 2, 3)
    flat[missing.transpose(1, 0, 2)] = np.nan
    arrays["keypoint"][rows] = flat.reshape(total * persons, num_points, -1)
    arrays["keypoint_score"][rows] = score.transpose(1, 0, 2).reshape(-1, num_points)
    arrays["seen"][rows] = ~missing.all(-1).T.reshape(-1)
    occurrence, intensity = annotation.get("au_occurrence"), annotation.get("au_intensity")
    num_aus = arrays["au_occurrence"].shape[1]
    if occurrence is None and intensity is None and np.shape(annotation.get("label")) == (num_aus,):
        # A multi-hot label of the whole clip says the same of each of its frames.
        occurrence = np.broadcast_to(np.asarray(annotation["label"]), (total, num_aus))
    if occurrence is not None and not np.isin(occurrence, (-1, 0, 1)).all():
        odd = sorted(set(np.unique(occurrence).tolist()) - {-1, 0, 1})[:5]
        raise ValueError(
            f"{annotation['frame_dir']}: au_occurrence holds {odd}; wanted 1, 0, or -1 where not annotated"
        )
    arrays["au_occurrence"][frames] = -1 if occurrence is None else occurrence
    arrays["au_intensity"][frames] = np.nan if intensity is None else intensity
    position = annotation.get("frame_index")
    arrays["frame_index"][frames] = np.arange(total) if position is None else position


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
