"""The landmarks of one whole video."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from fau3d.apis.extraction.streaming import SINGLE_FACE, iter_landmarks
from fau3d.extractors import FaceTracker, LandmarkExtractor, build_extractor, extractor_config
from fau3d.io.video import VideoError, VideoReader
from fau3d.structures import FaceLandmarks, VideoLandmarks
from fau3d.topology import get_topology

Rows = list[tuple[int, FaceLandmarks]]  # one person: (row of the time axis, face)


def extract_video(
    path: str | os.PathLike[str],
    extractor: str | Mapping[str, Any] | LandmarkExtractor = "mediapipe",
    max_faces: int | None = None,
    single_face: str | None = None,
    fps: float | None = None,
    tracker: FaceTracker | None = None,
    reader_options: Mapping[str, Any] | None = None,
    ahead: int = 16,
) -> VideoLandmarks:
    """Extract the landmarks of a video, with every frame kept.

    A frame without a face, and one that a damaged file does not give, has NaN points and score 0, so row and
    time stay together. Persons are ordered by the number of frames that show them, the most present first.

    Args:
        path: A video, an image, or a folder of images that are one video.
        extractor: An extractor, or what `build_extractor` takes.
        max_faces: Persons kept, the most present ones; all by default. An extractor that is built here
            from a name looks for that many, or for one where this is not given.
        single_face: One person only: `most-present` is the one identity seen in most frames; `largest` is the
            largest face of each frame, whoever it is.
        fps: Rate to which the frames are thinned, by their true timestamps; all frames by default.
        tracker: Gives the identities; one with its defaults if left out.
        reader_options: More arguments of `VideoReader`.
        ahead: Frames decoded ahead in a thread; see `iter_landmarks`.

    Returns:
        The landmarks; M is 0 where no frame shows a face.

    Raises:
        VideoError: If nothing can be read.
        ValueError: If an option is out of range.
    """
    if single_face not in (None, *SINGLE_FACE):
        raise ValueError(f"unknown single_face {single_face!r}; known: {', '.join(SINGLE_FACE)}")
    if max_faces is not None and max_faces < 1:
        raise ValueError(f"max_faces is {max_faces}; wanted 1 or more")
    built = not isinstance(extractor, LandmarkExtractor)
    if not isinstance(extractor, LandmarkExtractor):
        extractor = build_extractor(extractor_config(extractor, max_faces=max_faces))
    try:
        with VideoReader(path, **(reader_options or {})) as reader:
            stream = iter_landmarks(
                reader,
                extractor,
                tracker=tracker,
                single_face="largest" if single_face == "largest" else None,
                fps=fps,
                ahead=ahead,
            )
            persons: dict[int, Rows] = {}
            index: list[int] = []
            times: list[float] = []
            for frame, faces in stream:
                if fps is None:
                    for lost in range(index[-1] + 1 if index else 0, frame.index):
                        index.append(lost)
                        times.append(float(reader.timestamps[lost]))
                for face_id, face in faces.items():
                    persons.setdefault(face_id, []).append((len(index), face))
                index.append(frame.index)
                times.append(frame.timestamp)
            if not index:
                raise VideoError(
                    f"{path}: no frame of it can be decoded; play it with another program, or re-encode it"
                )
            rate = reader.fps if fps is None else min(fps, reader.fps)
            shape = reader.img_shape
    finally:
        if built:
            extractor.close()
    ordered = sorted(persons.values(), key=len, reverse=True)
    count = 1 if single_face else max_faces
    kept = ordered[:count]
    seen = {row for rows in kept for row, _ in rows}
    landmarks = _assemble(kept, index, times, rate, shape, extractor)
    left_out = {row for rows in ordered[len(kept) :] for row, _ in rows} - seen
    return replace(landmarks, frames_left_out=len(left_out))


def _assemble(
    persons: Sequence[Rows],
    index: Sequence[int],
    times: Sequence[float],
    fps: float,
    shape: tuple[int, int],
    extractor: LandmarkExtractor,
) -> VideoLandmarks:
    points, dims = persons[0][0][1].points.shape if persons else _point_shape(extractor)
    size = (len(persons), len(index))
    keypoint = np.full((*size, points, dims), np.nan, np.float32)
    score = np.zeros((*size, points), np.float32)
    box = np.full((*size, 4), np.nan, np.float32)
    confidence = np.zeros(size, np.float32)
    for m, rows in enumerate(persons):
        for t, face in rows:
            keypoint[m, t], score[m, t] = face.points, face.scores
            box[m, t], confidence[m, t] = face.box, face.confidence
    return VideoLandmarks(
        keypoint=keypoint,
        keypoint_score=score,
        box=box,
        confidence=confidence,
        frame_index=np.asarray(index, np.int64),
        timestamp=np.asarray(times, np.float64),
        fps=float(fps),
        img_shape=(int(shape[0]), int(shape[1])),
        topology=extractor.topology,
        extractor=extractor.name,
    )


def _point_shape(extractor: LandmarkExtractor) -> tuple[int, int]:
    return get_topology(extractor.topology).num_points, extractor.dims
