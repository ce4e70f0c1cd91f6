"""Labels meet landmarks: by frame number, never by place in a list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fau3d.datasets.corpora import CorpusError, FrameLabels, Recording
from fau3d.io.importers.base import last_number
from fau3d.io.video import list_images


@dataclass(frozen=True)
class Joined:
    """One recording with its labels.

    Attributes:
        annotation: As the annotation file has it.
        frames_without_label: Frames of the recording that nobody coded.
        labels_without_frame: Coded frame numbers that the recording does not have.
    """

    annotation: dict[str, Any]
    frames_without_label: int
    labels_without_frame: int


def frame_numbers(recording: Recording, frame_index: np.ndarray) -> np.ndarray:
    """Give the corpus's number of each frame.

    Args:
        recording: Where the frames are from.
        frame_index: Shape (T,): positions in the video or among the folder's images, from 0.

    Returns:
        Shape (T,), int64.

    Raises:
        CorpusError: If an image carries no number, or two carry one.
    """
    if recording.media is None or not recording.media.is_dir():
        return np.asarray(frame_index, np.int64) + recording.first_number
    images = list_images(recording.media)
    numbers = [last_number(path.stem) for path in images]
    if None in numbers:
        path = images[numbers.index(None)]
        raise CorpusError(
            f"{path}: carries no number; wanted names like 00001{path.suffix}, to find its label"
        )
    if len(set(numbers)) < len(numbers):
        twice = next(n for n in numbers if numbers.count(n) > 1)
        raise CorpusError(f"{recording.media}: two images carry the number {twice}; wanted one of each")
    return np.array(numbers, np.int64)[frame_index]


def join_labels(
    annotation: Mapping[str, Any], recording: Recording, labels: FrameLabels, neutral: int | None = None
) -> Joined:
    """Put the labels of a recording beside its landmarks.

    Args:
        annotation: Landmarks: an annotation without labels.
        recording: What they were extracted from.
        labels: Its coding.
        neutral: The corpus's number of a frame on which the face rests; its points become `neutral_keypoint`.

    Returns:
        The annotation with `au_occurrence` and, where the corpus grades, `au_intensity`; frames that nobody
        coded are not annotated. `frame_number` is the corpus's count. Where frames are images, `frame_index`
        and `timestamp` count those that are missing too, so that nobody takes a gap for one step.

    Raises:
        CorpusError: If no label fits any frame.
    """
    # An annotation that was joined before has left the images' order for their numbers.
    known = annotation.get("frame_number")
    numbers = frame_numbers(recording, annotation["frame_index"]) if known is None else known
    place = np.searchsorted(labels.numbers, numbers)
    place = np.minimum(place, max(len(labels.numbers) - 1, 0))
    found = labels.numbers[place] == numbers if len(labels.numbers) else np.zeros(len(numbers), bool)
    if not found.any():
        raise CorpusError(
            f"{recording.name}: none of the coded frames ({_span(labels.numbers)}) is among the "
            f"recording's ({_span(numbers)}); are labels and frames of one copy of the corpus?"
        )
    joined = {k: v for k, v in annotation.items() if k not in ("au_occurrence", "au_intensity", "label")}
    joined["au_occurrence"] = np.where(found[:, None], labels.occurrence[place], np.int8(-1))
    if labels.intensity is not None:
        joined["au_intensity"] = np.where(found[:, None], labels.intensity[place], np.float32(np.nan))
    joined["subject"] = recording.subject
    if neutral is not None and (rest := np.flatnonzero(numbers == neutral)).size:
        joined["neutral_keypoint"] = np.ascontiguousarray(annotation["keypoint"][:, rest[0]])
    joined["frame_number"] = numbers
    is_folder = recording.media is not None and recording.media.is_dir()
    if is_folder:
        joined["frame_index"] = numbers - numbers.min()
    rate = recording.fps or (annotation.get("fps") if is_folder else None)
    if rate:
        joined["fps"] = float(rate)
        joined["timestamp"] = np.asarray(joined["frame_index"], np.float64) / joined["fps"]
    return Joined(joined, int((~found).sum()), int((~np.isin(labels.numbers, numbers)).sum()))


def _span(numbers: np.ndarray) -> str:
    return f"{numbers.min()} to {numbers.max()}" if len(numbers) else "none"
