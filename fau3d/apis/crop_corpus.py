"""The faces of a corpus cut out once, so that training on images reads small files."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from fau3d.apis.extraction.workers import run_tasks
from fau3d.functional.face_crop import FaceCrop, crop_face
from fau3d.io.annotation import AnnotationFile
from fau3d.io.atomic import atomic_path
from fau3d.io.video import VideoReader
from fau3d.topology import get_topology

SETTINGS = "crops.json"
_QUALITY = 95


@dataclass(frozen=True)
class _Task:
    """One video; everything that another process must know."""

    name: str
    media: Path
    folder: Path
    frame_index: np.ndarray
    eyes: np.ndarray
    crop: FaceCrop


@dataclass
class CropReport:
    """What was cut out.

    Attributes:
        output: The folder.
        done: Videos of this run.
        skipped: Videos that an earlier run had finished.
        failed: Reason by video.
        crops: Images written in this run.
        without_face: Frames without one, which have no image.
    """

    output: Path
    done: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    crops: int = 0
    without_face: int = 0

    def __str__(self) -> str:
        lines = [
            f"{len(self.done)} done, {len(self.skipped)} skipped, {len(self.failed)} failed: "
            f"{self.crops} crops, {self.without_face} frames without a face"
        ]
        return "\n".join([*lines, *(f"  failed: {name}: {why}" for name, why in self.failed.items())])


def crop_corpus(
    file: AnnotationFile,
    media: Mapping[str, Path],
    output: Path,
    crop: FaceCrop | None = None,
    workers: int = 1,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
) -> CropReport:
    """Cut the most present person out of every frame of every video.

    Crops lie under `output/<frame_dir>/<frame_index>.jpg`; a video's folder is there whole or not at all.

    Args:
        file: Landmarks of the videos.
        media: Where each video lies, by `frame_dir`.
        output: Folder for the crops; `crops.json` in it tells how they were cut.
        crop: How faces are cut; the default one if left out.
        workers: Processes; 0 works in this one.
        resume: Go on where an earlier run stopped.
        overwrite: Begin anew.
        progress: Show a progress bar.

    Returns:
        What was done, skipped and failed.

    Raises:
        FileExistsError: If there are crops, and neither `resume` nor `overwrite` is set.
        ValueError: If an earlier run cut otherwise, or the file has no topology.
    """
    crop = crop or FaceCrop()
    if "topology" not in file.metainfo:
        raise ValueError(
            "the annotation file has no topology in its metainfo; crops are cut by the eyes' points"
        )
    _open_folder(output, asdict(crop), resume, overwrite)
    corners = get_topology(file.metainfo["topology"]).eye_corners
    report = CropReport(output)
    tasks = []
    for annotation in file.annotations:
        name = str(annotation["frame_dir"])
        folder = output / name
        if not folder.resolve().is_relative_to(output.resolve()) or folder.resolve() == output.resolve():
            report.failed[name] = "its name leads out of the folder of the crops; rename the video"
        elif folder.is_dir():
            report.skipped.append(name)
        elif name not in media:
            report.failed[name] = "no video or images of this name"
        else:
            person = int(np.argmax((annotation["keypoint_score"] > 0).any(2).sum(1)))
            eyes = np.asarray(annotation["keypoint"][person][:, corners, :2], np.float32)
            index = np.asarray(annotation.get("frame_index", np.arange(len(eyes))))
            tasks.append(_Task(name, media[name], folder, index, eyes, crop))
    with tqdm(total=len(tasks), unit="video", disable=None if progress else True) as bar:
        for task, result, error in run_tasks(_crop_video, tasks, workers):
            if result is None:
                report.failed[task.name] = " ".join(str(error).split())
            else:
                report.done.append(task.name)
                report.crops += result[0]
                report.without_face += result[1]
            bar.update()
    return report


def _open_folder(output: Path, settings: dict[str, Any], resume: bool, overwrite: bool) -> None:
    path = output / SETTINGS
    if path.is_file() and not (resume or overwrite):
        raise FileExistsError(f"{output}: holds crops; --resume goes on with them, --overwrite begins anew")
    if path.is_file() and overwrite:
        shutil.rmtree(output)
    elif path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        if found != settings:
            raise ValueError(f"{output}: was cut with {found}, now {settings}; give the same, or --overwrite")
    elif output.is_dir() and any(output.iterdir()):
        raise FileExistsError(f"{output}: is there and holds no crops of fau3d; name a new folder")
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def _crop_video(task: _Task) -> tuple[int, int]:
    """Cut one video; gives the number of crops, and of frames without one."""
    cv2.setNumThreads(1)
    wanted = {int(frame): row for row, frame in enumerate(task.frame_index)}
    part = task.folder.with_name(f".{task.folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    count = 0
    try:
        with VideoReader(task.media) as reader:
            for frame in reader.frames():
                row = wanted.get(frame.index)
                if row is None or not np.isfinite(task.eyes[row]).all():
                    continue
                cut = crop_face(frame.image, task.eyes[row], task.crop)[..., ::-1]
                encoded = cv2.imencode(".jpg", cut, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
                (part / f"{frame.index:06d}.jpg").write_bytes(encoded.tobytes())
                count += 1
        part.rename(task.folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count, len(wanted) - count
