"""Folders of COCO-WholeBody keypoints in JSON, as OpenPifPaf and its kin write them."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fau3d.functional.assignment import best_pairs, point_distance
from fau3d.io.importers.base import ImportFault, ImportResult, collect, last_number, size_of_points

_NUM_POINTS = 133
_FACE = slice(23, 91)
_PARTS = ("keypoints", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")
_LIST_KEYS = ("predictions", "annotations", "instances", "people")
_MAX_GAP = 50  # frames after which a person who left is not the same any more
_MAX_DISTANCE = 1.0  # in face sizes: further than this from frame to frame, it is another person


def import_wholebody_json(
    source: str | os.PathLike[str],
    fps: float = 25.0,
    img_shape: tuple[int, int] | None = None,
    topology: str = "wholebody133",
    max_persons: int = 1,
    first_number: int | None = None,
    progress: bool = False,
) -> ImportResult:
    """Make an annotation file of JSON keypoints.

    A folder with JSON files is a video, one file a frame (`<number>.predictions.json`, with or without the
    image's suffix); a file `*.openpifpaf.json` with one object a line is a video as well. A frame whose
    file is missing, or names nobody, is kept: NaN, score 0.

    Args:
        source: One such folder or file, or a folder that is searched for them.
        fps: Frame rate of the videos, which the files do not tell, in 1/s.
        img_shape: (height, width) in pixels; by default the smallest that holds all points.
        topology: `wholebody133`, or `ibug68` to keep the 68 points of the face alone.
        max_persons: How many persons to keep, those with the highest summed scores over the video.
        first_number: Number of the first frame; by default 0 where there is a file of that number, else 1.
        progress: Whether to show a progress bar.

    Returns:
        The annotation file, without labels, and what failed.

    Raises:
        ImportFault: If there is nothing to read, or the topology is neither of the two.
    """
    if topology not in ("wholebody133", "ibug68"):
        raise ImportFault(
            f"topology {topology!r} cannot be had from whole-body keypoints; wanted wholebody133, ibug68"
        )
    root = Path(source)
    files = sorted(root.rglob("*.json")) if root.is_dir() else [root]
    videos = sorted({f if _is_video_file(f) else f.parent for f in files}) if root.exists() else []
    if not videos:
        raise ImportFault(f"{root}: found no JSON file; wanted a folder of <frame>.predictions.json")
    metainfo = {
        "topology": topology,
        "au_names": [],
        "label_type": "occurrence",
        "extractor": "OpenPifPaf / COCO-WholeBody JSON",
        "fps": fps,
        "source": "JSON keypoints",
    }

    def read(video: Path) -> list[dict[str, Any]]:
        name = video.relative_to(root).as_posix() if root.is_dir() and video != root else video.name
        frames = dict(_frames_of_file(video) if video.is_file() else _frames_of_folder(video))
        if not frames:
            raise ImportFault(f"{video}: holds no frames; wanted one JSON file, or one line, a frame")
        start = first_number if first_number is not None else min(1, min(frames))
        if min(frames) < start:
            raise ImportFault(f"{video}: has a frame {min(frames)}, before the first, {start}")
        keypoint, score = _persons(frames, start, max_persons)
        if topology == "ibug68":
            keypoint, score = keypoint[:, :, _FACE], score[:, :, _FACE]
        return [_annotation(name.removesuffix(".openpifpaf.json"), keypoint, score, fps, img_shape)]

    return collect(videos, read, metainfo, progress=progress)


def _is_video_file(path: Path) -> bool:
    return path.name.endswith(".openpifpaf.json")


def _annotation(
    name: str, keypoint: np.ndarray, score: np.ndarray, fps: float, img_shape: tuple[int, int] | None
) -> dict[str, Any]:
    total = keypoint.shape[1]
    size = img_shape or size_of_points(keypoint)
    return {
        "frame_dir": name,
        "total_frames": total,
        "img_shape": size,
        "original_shape": size,
        "keypoint": np.ascontiguousarray(keypoint),
        "keypoint_score": np.ascontiguousarray(score),
        "frame_index": np.arange(total),
        "timestamp": np.arange(total) / fps,
        "fps": float(fps),
        "subject": "",
    }


def _frames_of_folder(folder: Path) -> Iterator[tuple[int, list[np.ndarray]]]:
    seen: dict[int, Path] = {}
    for path in sorted(folder.glob("*.json")):
        if _is_video_file(path):
            continue
        # `00012.jpg.predictions.json`, `00012.predictions.json` and `00012.json` are frame 12
        number = last_number(path.name.split(".")[0])
        if number is None:
            raise ImportFault(f"{path}: has no frame number in its name; wanted <number>.predictions.json")
        if number in seen:
            raise ImportFault(f"{path}: is frame {number}, and so is {seen[number].name}; keep one of them")
        seen[number] = path
        yield number, _people(_load(path.read_text(encoding="utf-8"), path), path)


def _frames_of_file(path: Path) -> Iterator[tuple[int, list[np.ndarray]]]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            if line.strip():
                content = _load(line, path)
                if not isinstance(content, dict) or "frame" not in content:
                    raise ImportFault(
                        f"{path}: a line without 'frame'; wanted one object a line, a frame each"
                    )
                yield int(content["frame"]), _people(content, path)


def _load(text: str, path: Path) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ImportFault(
            f"{path}: is no JSON ({error}); write it again, or delete it: the frame stays empty"
        ) from error


def _people(content: Any, path: Path) -> list[np.ndarray]:
    """The persons of one frame, each of shape (133, 3): x, y, score."""
    if isinstance(content, dict):
        key = next((k for k in _LIST_KEYS if isinstance(content.get(k), list)), None)
        content = content[key] if key else [content]
    if not isinstance(content, list):
        raise ImportFault(f"{path}: holds a {type(content).__name__}; wanted a list of persons")
    return [_person(entry, path) for entry in content if entry]


def _person(entry: Any, path: Path) -> np.ndarray:
    if not isinstance(entry, dict) or "keypoints" not in entry:
        raise ImportFault(
            f"{path}: a person without 'keypoints'; wanted a flat list of {_NUM_POINTS} x, y, score"
        )
    if all(part in entry for part in _PARTS):
        values = np.concatenate([np.asarray(entry[part], np.float32).reshape(-1, 3) for part in _PARTS])
    else:
        values = np.asarray(entry["keypoints"], np.float32)
        score = entry.get("keypoint_scores")
        if values.ndim == 2 and values.shape[1] == 2 and score is not None:
            values = np.column_stack([values, np.asarray(score, np.float32)])
        values = values.reshape(-1, 3) if values.size % 3 == 0 else values.reshape(-1, 1)
    if values.shape != (_NUM_POINTS, 3):
        raise ImportFault(
            f"{path}: a person has {len(values)} points; wanted the {_NUM_POINTS} of COCO-WholeBody, each x, "
            "y, score: use a whole-body checkpoint"
        )
    return values


def _persons(frames: dict[int, list[np.ndarray]], start: int, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Follow persons from frame to frame, and keep those that were seen most and best."""
    total = max(frames) - start + 1
    tracks: list[dict[int, np.ndarray]] = []
    for number in sorted(frames):
        people = [_hide_unseen(person) for person in frames[number]]
        recent = [t for t in tracks if next(reversed(t)) >= number - start - _MAX_GAP]
        last = [t[next(reversed(t))] for t in recent]
        distance = point_distance([p[_FACE] for p in last], [p[_FACE] for p in people])
        pairs = best_pairs(distance, distance < _MAX_DISTANCE) if recent and people else []
        for row, person in pairs:
            recent[row][number - start] = people[person]
        taken = {person for _, person in pairs}
        tracks += [{number - start: p} for i, p in enumerate(people) if i not in taken]
    tracks = _chain(tracks) if most == 1 else tracks
    tracks.sort(key=lambda t: -sum(float(p[_FACE, 2].sum()) for p in t.values()))
    kept = tracks[:most] or [{}]
    keypoint = np.full((len(kept), total, _NUM_POINTS, 2), np.nan, np.float32)
    score = np.zeros((len(kept), total, _NUM_POINTS), np.float32)
    for slot, track in enumerate(kept):
        for frame, points in track.items():
            keypoint[slot, frame], score[slot, frame] = points[:, :2], points[:, 2]
    return keypoint, score


def _chain(tracks: list[dict[int, np.ndarray]]) -> list[dict[int, np.ndarray]]:
    """Where one person is wanted, pieces before and after a jump are all that one's, longest first."""
    chained: dict[int, np.ndarray] = {}
    for track in sorted(tracks, key=lambda t: -sum(float(p[_FACE, 2].sum()) for p in t.values())):
        if not set(track) & set(chained):
            chained.update(track)
    return [chained]


def _hide_unseen(person: np.ndarray) -> np.ndarray:
    """Score 0 is how these tools say 'not seen'; the coordinates beside it mean nothing."""
    person = person.copy()
    unseen = ~(person[:, 2] > 0) | ~np.isfinite(person[:, :2]).all(axis=1)
    person[unseen, :2], person[unseen, 2] = np.nan, 0
    person[:, 2] = person[:, 2].clip(0, 1)
    return person
