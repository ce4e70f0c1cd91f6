"""Raw pictures into face images: cropped, gray, square."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from fau3d.datasets.corpora.fg2020 import read_lists
from fau3d.extractors import LandmarkExtractor
from fau3d.functional.pixels import crop_box, gray_of, pad_to_square
from fau3d.io.atomic import atomic_path
from fau3d.io.video import VideoError, is_image, read_image

Boxes = Callable[[str, np.ndarray], np.ndarray]
"""From a picture's name and pixels (H, W, 3) to its face's box: left, top, right, bottom in pixels."""


@dataclass(frozen=True)
class FaceImageForm:
    """What face images are to be like.

    Attributes:
        margin: Around the face's box, as a share of its longer side.
        gray: One channel instead of three.
        square: Black beside the face until the image is square.
        size: Side in pixels, at most; larger crops are made smaller, smaller ones stay. None = as they are.
    """

    margin: float = 0.1
    gray: bool = True
    square: bool = True
    size: int | None = None

    def of(self, image: np.ndarray, box: np.ndarray) -> np.ndarray:
        """Make a face image (h, w, 1 or 3) of a picture (H, W, 3), uint8, RGB."""
        face = crop_box(image, box, self.margin)
        face = gray_of(face) if self.gray else face
        face = pad_to_square(face) if self.square else face
        if self.size is not None and max(face.shape[:2]) > self.size:
            scale = self.size / max(face.shape[:2])
            shape = [max(1, round(side * scale)) for side in face.shape[1::-1]]
            face = cv2.resize(face, shape, interpolation=cv2.INTER_AREA).reshape(shape[1], shape[0], -1)
        return face


@dataclass
class Prepared:
    """What came of a folder.

    Attributes:
        done: Images written.
        skipped: Images that were there.
        failed: Image to reason.
    """

    done: int = 0
    skipped: int = 0
    failed: dict[str, str] = field(default_factory=dict)


def boxes_of_extractor(extractor: LandmarkExtractor) -> Boxes:
    """Take the largest face that an extractor finds."""

    def box(name: str, image: np.ndarray) -> np.ndarray:
        extractor.reset()
        faces = extractor.extract([image])[0]
        if not faces:
            raise ValueError("no face was found")
        return max((face.box for face in faces), key=lambda b: (b[2] - b[0]) * (b[3] - b[1]))

    return box


def boxes_of_lists(root: Path) -> Boxes:
    """Take the boxes of FG2020's lists, by file name.

    Raises:
        CorpusError: If the lists are not as published.
    """
    known: Mapping[str, np.ndarray] = {
        image: box for listed in read_lists(root).values() for image, box in zip(listed.images, listed.boxes)
    }

    def box(name: str, image: np.ndarray) -> np.ndarray:
        if name not in known:
            raise ValueError(f"stands in none of the lists of {root}")
        return known[name]

    return box


def prepare_face_images(
    source: Path,
    output: Path,
    boxes: Boxes,
    form: FaceImageForm,
    overwrite: bool = False,
    progress: Callable[[list[Path]], Iterable[Path]] = iter,
) -> Prepared:
    """Make a face image of every picture below a folder, under the same name; what is there is left alone.

    Args:
        source: Folder of pictures.
        output: Folder to fill; the tree below is that of the source.
        boxes: Where a picture's face is; its ValueError is a reason to go on without the picture.
        form: What they are to be like.
        overwrite: Make those that are there once more.
        progress: Wraps the list of pictures.

    Returns:
        What was done, skipped and failed.

    Raises:
        FileNotFoundError: If the folder holds no pictures.
        ValueError: If both folders are the same.
    """
    if source.resolve() == output.resolve():
        raise ValueError(f"{output}: is the folder of the pictures; wanted another, so that they stay")
    pictures = sorted(path for path in source.rglob("*") if is_image(path) and not path.name.startswith("."))
    if not pictures:
        raise FileNotFoundError(f"{source}: no pictures in this folder; check the path")
    result = Prepared()
    for path in progress(pictures):
        target = output / path.relative_to(source)
        if target.exists() and not overwrite:
            result.skipped += 1
            continue
        try:
            image = read_image(path)
            face = form.of(image, boxes(path.name, image))
        except (VideoError, ValueError) as error:
            result.failed[os.fspath(path.relative_to(source))] = str(error)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        _write(target, face)
        result.done += 1
    return result


def _write(path: Path, face: np.ndarray) -> None:
    good, data = cv2.imencode(path.suffix, face[..., ::-1])
    if not good:
        raise ValueError(f"{path}: cannot be written as {path.suffix}; convert the picture to PNG or JPEG")
    with atomic_path(path) as temporary:
        Path(temporary).write_bytes(data.tobytes())
