"""MediaPipe's face mesh: 478 points with irises, on the CPU, by the models inside its wheel."""

import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from fau3d.extractors.base import LandmarkExtractor, as_rgb
from fau3d.extractors.duplicates import drop_duplicates
from fau3d.extractors.mediapipe_graphs import LandmarkerTask, MeshGraph
from fau3d.registry import EXTRACTORS
from fau3d.structures import FaceLandmarks


@EXTRACTORS.register_module()
class MediaPipeExtractor(LandmarkExtractor):
    """478 points with irises by MediaPipe.

    Without `model_asset_path` it runs the Face Mesh graph whose models lie inside the wheel (0.10.21 is the
    last that has them), so nothing is downloaded. With it, it runs the newer Tasks API's Face Landmarker.

    What the values are: x, y in pixels; z in the same pixels, towards the camera negative, from the head's
    centre. MediaPipe gives no score for a point, so `scores` is 1 for every point of a face that was found.
    `confidence` is what the landmark network itself says about a face being in its crop (its presence
    output, read inside the graph). That value is nearly binary: it tells a face from none, not a good fit
    from a poor one. The Tasks API hides it; there `confidence` is `min_presence`, the bound that the face
    has passed.

    Args:
        max_faces: Faces found in one image. With 1, the detector rests while a face is tracked; with more, it
            runs on every image that shows fewer, which costs about a third of the rate.
        static: Detect in each image anew, for unrelated stills. Off, faces are tracked from frame to frame.
        min_detection: Least detector score of a new face, 0 to 1.
        min_presence: Least presence of a face, 0 to 1; a tracked face below it is lost.
        model_asset_path: A Face Landmarker bundle (`face_landmarker.task`) for the Tasks API.
        device: `cpu`; this extractor knows no other.

    Raises:
        ImportError: If mediapipe is not installed.
        FileNotFoundError: If the bundle is not there.
        ValueError: If an argument is out of its range.
    """

    topology = "mediapipe478"
    dims = 3

    def __init__(
        self,
        max_faces: int = 1,
        static: bool = False,
        min_detection: float = 0.5,
        min_presence: float = 0.5,
        model_asset_path: str | Path | None = None,
        device: str = "cpu",
    ) -> None:
        if max_faces < 1:
            raise ValueError(f"max_faces is {max_faces}; wanted 1 or more")
        if device != "cpu":
            raise ValueError(f"the mediapipe extractor runs on the CPU, not on {device!r}; use device='cpu'")
        for key, value in (("min_detection", min_detection), ("min_presence", min_presence)):
            if not 0 <= value <= 1:
                raise ValueError(f"{key} is {value}; wanted a value from 0 to 1")
        try:
            version = importlib.metadata.version("mediapipe")
        except importlib.metadata.PackageNotFoundError:
            raise ImportError(
                "the mediapipe extractor needs the package mediapipe: pip install 'fau3d[mediapipe]'"
            ) from None
        options = (max_faces, static, min_detection, min_presence)
        self._graph: Any
        if model_asset_path is None:
            self.name = f"mediapipe {version} face_mesh"
            self._graph = MeshGraph(*options)
        else:
            path = Path(model_asset_path)
            if not path.is_file():
                raise FileNotFoundError(
                    f"{path}: no Face Landmarker bundle there; get face_landmarker.task from MediaPipe's "
                    "model page, or leave model_asset_path out to use the models inside the wheel"
                )
            self.name = f"mediapipe {version} face_landmarker"
            self.needs_timestamps = not static
            self._graph = LandmarkerTask(path, *options)
        self.max_faces = max_faces

    def extract(
        self, images: Sequence[np.ndarray], timestamps: Sequence[float] | None = None
    ) -> list[list[FaceLandmarks]]:
        """Find the faces of each image; see `LandmarkExtractor.extract`.

        Raises:
            ValueError: If an image is not RGB or gray bytes.
            RuntimeError: If the extractor is closed, or MediaPipe fails.
        """
        if self._graph is None:
            raise RuntimeError("this MediaPipeExtractor is closed; build a new one")
        times = [None] * len(images) if timestamps is None else timestamps
        return [self._faces(as_rgb(image), time) for image, time in zip(images, times, strict=True)]

    def _faces(self, image: np.ndarray, timestamp: float | None) -> list[FaceLandmarks]:
        height, width = image.shape[:2]
        faces = []
        for unit, confidence in self._graph.process(image, timestamp):
            # MediaPipe's normalised 0 is the centre of the first pixel: points of a picture and of its mirror
            # image add up to width - 1 (measured on pictures down to 72 pixels), so there is no half to
            # subtract.
            points = unit * np.array([width, height, width], np.float32)
            xy = points[:, :2]
            box = np.concatenate([xy.min(axis=0), xy.max(axis=0)])
            scores = np.ones(len(points), np.float32)
            faces.append(FaceLandmarks(points, scores, box, confidence, self.topology))
        # Two tracked regions can slide onto one face: the graph compares them only when its detector runs.
        return drop_duplicates(faces) if len(faces) > 1 else faces

    def reset(self) -> None:
        """Forget the faces tracked so far."""
        if self._graph is not None:
            self._graph.reset()

    def close(self) -> None:
        """Stop MediaPipe's threads."""
        if self._graph is not None:
            self._graph.close()
            self._graph = None
