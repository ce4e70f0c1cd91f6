"""OpenFace 2.x CSV files: 68 landmarks and both kinds of action unit columns."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fau3d.facs import get_au_set, parse_au
from fau3d.io.annotation import clip_label
from fau3d.io.importers.base import ImportFault, ImportResult, collect, size_of_points

_NUM_POINTS = 68
_UNIT_COLUMN = re.compile(r"^(AU\d+)_([cr])$")
_DEFAULT_FPS = 25.0


def import_openface(
    source: str | os.PathLike[str],
    fps: float | None = None,
    img_shape: tuple[int, int] | None = None,
    progress: bool = False,
) -> ImportResult:
    """Make an annotation file of OpenFace's output.

    The action units are OpenFace's own predictions, not a coder's labels; `metainfo['source']` says so, and
    `label_weight` is its confidence in each frame, by which training can weigh them. Where a file tracks
    several faces, each becomes a sample of its own, `<name>_face<id>`, since the labels differ.

    Args:
        source: A CSV file, or a folder that is searched for them.
        fps: Frame rate; taken from the timestamps by default, 25 where there are none.
        img_shape: (height, width) in pixels; by default from the `_of_details.txt` beside the CSV (twice the
            optical centre), or the smallest that holds all points.
        progress: Whether to show a progress bar.

    Returns:
        The annotation file, topology `ibug68`, units of `openface18`, and what failed.

    Raises:
        ImportFault: If there is no CSV file.
    """
    root = Path(source)
    files = sorted(root.rglob("*.csv")) if root.is_dir() else [root]
    if not files or not root.exists():
        raise ImportFault(f"{root}: found no CSV file; wanted one, or a folder with OpenFace's output")
    metainfo = {
        "topology": "ibug68",
        "au_names": list(get_au_set("openface18")),
        "label_type": "occurrence",
        "extractor": "OpenFace 2",
        "fps": "of each file" if fps is None else fps,
        "source": "OpenFace CSV; action units are OpenFace's predictions",
    }

    def read(path: Path) -> list[dict[str, Any]]:
        name = path.relative_to(root).with_suffix("").as_posix() if root.is_dir() else path.stem
        return read_openface_csv(path, name, fps, img_shape)

    return collect(files, read, metainfo, progress=progress)


def read_openface_csv(
    path: Path, name: str, fps: float | None = None, img_shape: tuple[int, int] | None = None
) -> list[dict[str, Any]]:
    """Read one CSV file of OpenFace.

    Frames count from 1 there and from 0 here. A failed frame, or one without a row, is kept: NaN, score 0,
    units not annotated.

    Args:
        path: The file.
        name: The sample's `frame_dir`.
        fps: See `import_openface`.
        img_shape: See `import_openface`.

    Returns:
        One annotation for each face id.

    Raises:
        ImportFault: If columns are missing, or a frame is there twice.
    """
    data = read_openface_table(path)
    faces = sorted(data["face_id"].unique())
    size = img_shape or _size_from_details(path)
    total = int(data["frame"].max()) + 1
    rate, timestamp = _times(data, total, fps)
    annotations = []
    for face in faces:
        rows = data[data["face_id"] == face]
        label = name if len(faces) == 1 else f"{name}_face{int(face)}"
        if rows["frame"].duplicated().any():
            twice = int(rows.loc[rows["frame"].duplicated(), "frame"].iloc[0]) + 1
            raise ImportFault(
                f"{path}: frame {twice} of face {int(face)} is twice there; wanted one row each"
            )
        annotations.append(_annotation(label, rows, total, size, rate, timestamp))
    return annotations


def read_openface_table(path: Path, landmarks: bool = True) -> pd.DataFrame:
    """Read one CSV file's rows.

    Args:
        path: The file.
        landmarks: Whether the columns of the 68 points must be there.

    Returns:
        Its columns; `frame` (from 0), `face_id`, `success` and `confidence` are there whatever the file has.
        The index is the row's place after the header, from 0.

    Raises:
        ImportFault: If it is no such file, lacks columns, or holds text where a number belongs.
    """
    try:
        data = pd.read_csv(path, skipinitialspace=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ImportFault(f"{path}: is no CSV file ({error}); wanted OpenFace's output") from error
    data.columns = pd.Index([str(c).strip() for c in data.columns])
    wanted = [f"{axis}_{i}" for axis in "xy" for i in range(_NUM_POINTS)]
    missing = [c for c in wanted if c not in data.columns]
    if missing and landmarks:
        raise ImportFault(
            f"{path}: {len(missing)} of {len(wanted)} columns of landmarks are missing "
            f"({', '.join(missing[:3])} …); run OpenFace with -2Dfp, and -aus for the action units"
        )
    if data.empty:
        raise ImportFault(f"{path}: holds no rows; OpenFace found nothing to read in its input")
    _require_numbers(data, path)
    still = "frame" not in data.columns
    if still and "timestamp" in data.columns:
        raise ImportFault(f"{path}: has no column 'frame'; wanted OpenFace's output as it writes it")
    # OpenFace's program for still images counts faces and has neither frames nor 'success'.
    frame = pd.Series(0, data.index) if still else pd.to_numeric(data["frame"]).astype(int) - 1
    if (frame < 0).any():
        raise ImportFault(f"{path}: has a frame below 1; OpenFace counts frames from 1")
    face = data.get("face_id", data.get("face") if still else None)
    success = data.get("success", pd.Series(1, data.index))
    keys = {
        "frame": frame,
        "face_id": pd.Series(0, data.index) if face is None else pd.to_numeric(face).astype(int),
        "success": success,
        "confidence": data.get("confidence", success.astype(float)),
    }
    return pd.concat([data.drop(columns=list(keys), errors="ignore"), pd.DataFrame(keys)], axis=1)


def _require_numbers(data: pd.DataFrame, path: Path) -> None:
    for column in data.columns:
        if pd.api.types.is_numeric_dtype(data[column]):
            continue
        text = data[column].notna() & pd.to_numeric(data[column], errors="coerce").isna()
        if text.any():
            row = int(np.flatnonzero(text)[0])
            raise ImportFault(
                f"{path}:{row + 2}: column {column!r} holds {data[column].iloc[row]!r}; wanted a number"
            )


def _times(data: pd.DataFrame, total: int, fps: float | None) -> tuple[float, np.ndarray]:
    """Frame rate, and the seconds of every frame, those of missing rows drawn from their neighbours."""
    frame = np.arange(total)
    known = data.drop_duplicates("frame").sort_values("frame")
    seconds = (
        known["timestamp"].to_numpy(np.float64) if "timestamp" in known.columns else np.zeros(len(known))
    )
    places = known["frame"].to_numpy()
    usable = len(places) > 1 and bool(np.all(np.diff(seconds) > 0))
    if usable:
        measured = float((places[-1] - places[0]) / (seconds[-1] - seconds[0]))
        rate = fps or measured
        near = np.interp(frame, places, seconds)
        return rate, np.where(frame < places[0], seconds[0] - (places[0] - frame) / measured, near)
    rate = fps or _DEFAULT_FPS
    return rate, frame / rate


def _annotation(
    name: str,
    rows: pd.DataFrame,
    total: int,
    size: tuple[int, int] | None,
    fps: float,
    timestamp: np.ndarray,
) -> dict[str, Any]:
    good = rows[rows["success"] == 1]
    at = good["frame"].to_numpy()
    keypoint = np.full((1, total, _NUM_POINTS, 2), np.nan, np.float32)
    for axis, letter in enumerate("xy"):
        columns = [f"{letter}_{i}" for i in range(_NUM_POINTS)]
        keypoint[0, at, :, axis] = good[columns].to_numpy(np.float32)
    confidence = np.zeros(total, np.float32)
    confidence[at] = np.nan_to_num(good["confidence"].to_numpy(np.float32)).clip(0, 1)
    score = np.repeat(confidence[None, :, None], _NUM_POINTS, axis=2)
    # A row that claims success without numbers, or with confidence 0, was not seen either.
    unseen = ~np.isfinite(keypoint).all(-1) | ~(score > 0)
    keypoint[unseen], score[unseen] = np.nan, 0
    occurrence, intensity = openface_units(good, total)
    return {
        "frame_dir": name,
        "total_frames": total,
        "img_shape": size or size_of_points(keypoint),
        "original_shape": size or size_of_points(keypoint),
        "keypoint": keypoint,
        "keypoint_score": score,
        "au_occurrence": occurrence,
        "au_intensity": intensity,
        # Of the whole frame: OpenFace does not say how sure it is of each unit.
        "label_weight": confidence,
        "label": clip_label(occurrence),
        "frame_index": np.arange(total),
        "timestamp": timestamp,
        "fps": fps,
        "subject": "",
    }


def openface_units(good: pd.DataFrame, total: int) -> tuple[np.ndarray, np.ndarray]:
    """Give the units of rows of `read_openface_table` in which one face was found.

    Args:
        good: The rows.
        total: Number of frames T.

    Returns:
        Occurrence (T, 18), -1 = no row, and intensity (T, 18), NaN = no row; columns of `openface18`.
    """
    at = good["frame"].to_numpy()
    names = get_au_set("openface18")
    occurrence = np.full((total, len(names)), -1, np.int8)
    intensity = np.full((total, len(names)), np.nan, np.float32)
    for column in good.columns:
        match = _UNIT_COLUMN.match(column)
        unit = parse_au(match[1]) if match else ""
        if not match or unit not in names:
            continue
        values = good[column].to_numpy(np.float64)
        place = names.index(unit)
        if match[2] == "c":
            occurrence[at, place] = np.where(np.isfinite(values), values > 0.5, -1)
        else:
            intensity[at, place] = values.clip(0, 5)
    return occurrence, intensity


def _size_from_details(path: Path) -> tuple[int, int] | None:
    """Image size from OpenFace's note beside the CSV: it assumes the optical centre in the middle."""
    details = path.with_name(f"{path.stem}_of_details.txt")
    if not details.is_file():
        return None
    match = re.search(r"Camera parameters:\s*([\d.eE+,\s-]+)", details.read_text(errors="replace"))
    numbers = [float(n) for n in re.findall(r"[\d.]+(?:[eE][+-]?\d+)?", match[1])] if match else []
    if len(numbers) != 4 or min(numbers[2:]) <= 0:
        return None
    return (round(2 * numbers[3]), round(2 * numbers[2]))
