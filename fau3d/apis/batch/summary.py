"""The figures of each video, from the files that `analyze` wrote, and as rows of one table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from fau3d.apis.reading.files import SUMMARY
from fau3d.io.atomic import atomic_path
from fau3d.io.video import VideoReader

FACTS, THUMBNAIL, ROWS = "video.json", "thumbnail.jpg", "au.csv"
_WIDTH, _HEIGHT = 320, 180  # the box, in pixels, that a thumbnail fits in


@dataclass(frozen=True)
class VideoSummary:
    """What is known of one finished video.

    Attributes:
        name: Path of its folder below the output.
        folder: Where its files are.
        source: Path of the video, as it was named.
        frames: Of the video.
        seconds: How long it is.
        seen: Share of frames with a face.
        faces: Of each face, what `summary.json` says.
    """

    name: str
    folder: Path
    source: str
    frames: int
    seconds: float
    seen: float
    faces: tuple[dict[str, Any], ...]

    @property
    def main_face(self) -> dict[str, Any] | None:
        """The face that was seen longest; None where there is none."""
        return max(self.faces, key=lambda face: face["frames"] * face["valid_share"], default=None)


def is_finished(folder: Path) -> bool:
    """Tell whether a video's folder holds all that a batch needs of it; `video.json` is written last."""
    return all((folder / name).is_file() for name in (ROWS, SUMMARY, FACTS))


def write_facts(source: Path, folder: Path, fps: float) -> None:
    """Write the facts of a video and its thumbnail: the middle frame of those in which a face is seen best.

    Args:
        source: The video.
        folder: With its table.
        fps: Frame rate of a folder of images.
    """
    rows = pd.read_csv(folder / ROWS, usecols=["frame", "timestamp", "success", "confidence"])
    times = rows["timestamp"].drop_duplicates().to_numpy()
    step = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
    shown = rows[rows["success"] == 1]
    chosen = shown[shown["confidence"] >= shown["confidence"].quantile(0.75)] if len(shown) else rows
    frame = int(chosen["frame"].iloc[len(chosen) // 2])
    _write_thumbnail(source, frame, folder / THUMBNAIL, fps)
    facts = {
        "source": str(source),
        "frames": int(rows["frame"].nunique()),
        "seconds": round(float(times[-1] - times[0]) + step, 3),
        "seen": round(shown["frame"].nunique() / rows["frame"].nunique(), 4),
        "thumbnail_frame": frame,
    }
    with atomic_path(folder / FACTS) as temporary:
        temporary.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _write_thumbnail(source: Path, index: int, path: Path, fps: float) -> None:
    with VideoReader(source, fps=fps) as reader:
        image = next(reader.frames(index)).image
    scale = min(1.0, _WIDTH / image.shape[1], _HEIGHT / image.shape[0])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    encoded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
    with atomic_path(path) as temporary:
        temporary.write_bytes(encoded.tobytes())


def read_video_summary(folder: Path, name: str) -> VideoSummary:
    """Read what a finished video's files say.

    Args:
        folder: With `summary.json` and `video.json`.
        name: Of the video.

    Raises:
        ValueError: If one of the files is no JSON.
    """
    facts, summary = (json.loads((folder / file).read_text(encoding="utf-8")) for file in (FACTS, SUMMARY))
    return VideoSummary(
        name,
        folder,
        str(facts["source"]),
        int(facts["frames"]),
        float(facts["seconds"]),
        float(facts["seen"]),
        tuple(summary["faces"]),
    )


def summary_rows(videos: Sequence[VideoSummary]) -> list[dict[str, Any]]:
    """Give a row for each video and face, and one without a face for a video that shows none.

    Columns: `video`, `source`, `video_frames`, `video_seconds`, `face_id`, `frames`, `seconds`,
    `valid_share`, `blinks`, `blinks_per_minute`, `perclos`, `mean_valence`, `mean_arousal`, for each unit
    `AU12_time_share` and `AU12_events_per_minute`, for each expression `happiness_share`. Shares are of the
    face's valid time; what is not known is empty, an expression that was never named has 0.

    Args:
        videos: In the order of the rows.
    """
    units = list(dict.fromkeys(unit for v in videos for face in v.faces for unit in face["units"]))
    named = sorted({name for v in videos for face in v.faces for name in face["expressions"]["time_share"]})
    rows: list[dict[str, Any]] = []
    for video in videos:
        head = {
            "video": video.name,
            "source": video.source,
            "video_frames": video.frames,
            "video_seconds": video.seconds,
        }
        rows += [{**head, **_face_row(face, units, named)} for face in video.faces or ({},)]
    return rows


def _face_row(face: dict[str, Any], units: Sequence[str], named: Sequence[str]) -> dict[str, Any]:
    eyes, expressions = face.get("eyes") or {}, face.get("expressions") or {}
    row: dict[str, Any] = {
        "face_id": face.get("face_id"),
        "frames": face.get("frames", 0),
        "seconds": _rounded(face.get("seconds", 0.0)),
        "valid_share": _rounded(face.get("valid_share")),
        **{name: eyes.get(name) for name in ("blinks", "blinks_per_minute", "perclos")},
        **{name: expressions.get(name) for name in ("mean_valence", "mean_arousal")},
    }
    for unit in units:
        figures = face.get("units", {}).get(unit, {})
        row[f"{unit}_time_share"] = figures.get("time_share")
        row[f"{unit}_events_per_minute"] = figures.get("events_per_minute")
    shares = expressions.get("time_share", {})
    for name in named:
        row[f"{name}_share"] = _rounded(shares.get(name, 0.0)) if face else None
    return row


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
