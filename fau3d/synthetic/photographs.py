"""Faces of photographs: which look at the camera, which were seen before, and which are calm.

How calm a face is, MediaPipe's blendshapes say: a network that was trained on photographs, by others.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from tqdm import tqdm

from fau3d.structures import FaceLandmarks
from fau3d.topology import get_topology

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
# Largest blendshape at which a part of the face still counts as calm.
CALM_BROWS = {"browInnerUp": 0.25, "browOuterUp": 0.25, "browDown": 0.3}
CALM_EYES = {"eyeBlink": 0.35, "eyeWide": 0.2}
CALM_MOUTH = {"jawOpen": 0.05, "mouthSmile": 0.3, "mouthPucker": 0.6}
# Eye distances that the nose's tip may lie beside the eyes' middle, and the least width of a face in pixels.
LARGEST_TURN, LEAST_WIDTH = 0.12, 60.0
LARGEST_IMAGE = 900
# Mean distance of aligned points (eye distances) below which two faces are one photograph.
SAME_PHOTOGRAPH = 0.006

Shapes = dict[str, float]
# `extract` of an extractor of `mediapipe478`; and what gives the blendshapes of every face of an RGB image.
Extract = Callable[[list[np.ndarray]], list[list[FaceLandmarks]]]
FindShapes = Callable[[np.ndarray], list[Shapes]]


class Portrait(NamedTuple):
    """A face that is alone in its photograph and looks at the camera.

    Attributes:
        points: Shape (478, 3), pixels.
        shapes: MediaPipe's 52 blendshapes in [0, 1] by name.
    """

    points: np.ndarray
    shapes: Shapes

    @property
    def calm_above(self) -> bool:
        """Whether brows and eyes are at rest."""
        return _below(self.shapes, CALM_BROWS | CALM_EYES)

    @property
    def calm(self) -> bool:
        """Whether the mouth is at rest too."""
        return self.calm_above and _below(self.shapes, CALM_MOUTH)


def _below(shapes: Shapes, limits: dict[str, float]) -> bool:
    return all(
        value < limit
        for prefix, limit in limits.items()
        for name, value in shapes.items()
        if name.startswith(prefix)
    )


def list_photographs(paths: Iterable[Path]) -> list[Path]:
    """List images, and those in folders and the folders below, sorted.

    Raises:
        FileNotFoundError: If a path is not there, or no image is.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES)
        elif path.is_file():
            found.append(path)
        else:
            raise FileNotFoundError(f"{path}: is not there; give images or folders of images")
    if not found:
        raise FileNotFoundError(f"no image is there; give images or folders of them ({', '.join(SUFFIXES)})")
    return sorted(found)


def see_portraits(files: Iterable[Path], extract: Extract, find_shapes: FindShapes) -> Iterator[Portrait]:
    """Yield the portraits among images; other images are passed over.

    Args:
        files: Images; of one that cannot be read the standard error stream is told.
        extract: The extractor's; it must look for two faces, or no face is known to be alone.
        find_shapes: As `still_shapes` gives it.
    """
    for file in files:
        image = _read(file)
        found = [] if image is None else extract([image])[0]
        if image is None or len(found) != 1 or not _to_the_front(found[0].points):
            continue
        shapes = find_shapes(image)
        if len(shapes) == 1:
            yield Portrait(found[0].points, shapes[0])


def distinct(portraits: Iterable[Portrait]) -> Iterator[Portrait]:
    """Yield portraits without those of a photograph that was there before, in whatever size or cut."""
    before: list[np.ndarray] = []
    for portrait in portraits:
        aligned = _aligned(portrait.points)
        if all(np.abs(aligned - other).mean() >= SAME_PHOTOGRAPH for other in before):
            before.append(aligned)
            yield portrait


def _read(file: Path) -> np.ndarray | None:
    image = cv2.imread(str(file))
    if image is None:
        tqdm.write(f"{file}: cannot be read as an image; left out", file=sys.stderr)
        return None
    shrink = min(1.0, LARGEST_IMAGE / max(image.shape[:2]))
    image = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(image[..., ::-1])


def _to_the_front(points: np.ndarray) -> bool:
    return bool(np.ptp(points[:, 0]) >= LEAST_WIDTH and abs(_aligned(points)[1, 0]) < LARGEST_TURN)


def _aligned(points: np.ndarray) -> np.ndarray:
    """Give x and y (478, 2) in eye distances from the eyes' middle, with level eyes."""
    corners = points[get_topology("mediapipe478").eye_corners, :2]
    line = corners[:2].mean(0) - corners[2:].mean(0)
    along = line / np.linalg.norm(line) / np.linalg.norm(corners[0] - corners[3])
    centred = points[:, :2] - corners.mean(0)
    return np.stack([centred @ along, centred @ (along[::-1] * (-1, 1))], axis=-1)


@contextmanager
def still_shapes(task: Path) -> Iterator[FindShapes]:
    """Open MediaPipe's blendshapes for single images of at most two faces.

    Args:
        task: The bundle, `face_landmarker.task`.

    Raises:
        FileNotFoundError: If it is not there.
    """
    if not task.is_file():
        raise FileNotFoundError(f"{task}: no such file; wanted MediaPipe's face_landmarker.task")
    import mediapipe
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(task)), output_face_blendshapes=True, num_faces=2
    )
    with vision.FaceLandmarker.create_from_options(options) as landmarker:

        def find(image: np.ndarray) -> list[Shapes]:
            found = landmarker.detect(mediapipe.Image(mediapipe.ImageFormat.SRGB, image)).face_blendshapes
            return [{shape.category_name: shape.score for shape in face} for face in found]

        yield find
