"""face-alignment's FAN: 68 points in the iBUG order, on CPU, CUDA or MPS."""

import importlib
import importlib.metadata
import importlib.util
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import numpy as np

from fau3d.extractors.base import LandmarkExtractor, as_rgb
from fau3d.registry import EXTRACTORS
from fau3d.structures import FaceLandmarks

DETECTORS = ("sfd", "blazeface", "retinaface", "scrfd", "yunet")
LANDMARKS = {"2d": 1, "2.5d": 2}
_NUM_POINTS = 68


@EXTRACTORS.register_module()
class FaceAlignmentExtractor(LandmarkExtractor):
    """68 points by the face alignment network of Bulat and Tzimiropoulos, each image on its own.

    The package's `get_landmarks_from_batch` runs its network face by face and fails where one of the images
    shows no face, so here only the detector and the network are taken from it: the crops of all faces of all
    images go through the network together, `max_batch` at a time, and an image without a face gives an empty
    list.

    `scores` are the heights of the network's heatmaps at the points, clipped to [0, 1]; `confidence` is the
    detector's score, and `box` the detector's box.

    Args:
        detector: `sfd`, `blazeface`, `retinaface`, `scrfd` (needs onnxruntime) or `yunet`.
        landmarks: `2d` (the visible contour) or `2.5d` (the projection of the true jaw line).
        network_size: Of the FAN; face-alignment 1.5 has 4 only.
        device: `cpu`, `cuda`, `cuda:1`, `mps`.
        dtype: `float32`, `bfloat16` or `float16`, of the landmark network.
        flip_input: Also run each crop mirrored and add the heatmaps: twice the work, steadier points.
        batch_size: Images that a call should bring; more than fits the network are cut by `max_batch`.
        max_batch: Crops that go through the network at once.
        detector_options: More arguments of the detector, such as `filter_threshold` of `sfd`.
        compile: Compile the network with torch.compile.

    Raises:
        ImportError: If face-alignment is not installed.
        FileNotFoundError: If weights are neither on this machine nor to be had over the network.
        ValueError: If an argument is not one of those named.

    Source:
        Bulat and Tzimiropoulos, "How far are we from solving the 2D & 3D face alignment problem?", ICCV 2017.
    """

    topology = "ibug68"

    def __init__(
        self,
        detector: str = "sfd",
        landmarks: str = "2d",
        network_size: int = 4,
        device: str = "cpu",
        dtype: str = "float32",
        flip_input: bool = False,
        batch_size: int = 16,
        max_batch: int = 64,
        detector_options: dict[str, Any] | None = None,
        compile: bool = False,
    ) -> None:
        if detector not in DETECTORS:
            raise ValueError(f"unknown face detector {detector!r}; known: {', '.join(DETECTORS)}")
        if landmarks not in LANDMARKS:
            raise ValueError(f"unknown kind of landmarks {landmarks!r}; known: {', '.join(LANDMARKS)}")
        if dtype not in ("float32", "bfloat16", "float16"):
            raise ValueError(f"unknown dtype {dtype!r}; known: float32, bfloat16, float16")
        if network_size != 4:
            raise ValueError(f"network_size is {network_size}; face-alignment has weights for 4 only")
        if batch_size < 1 or max_batch < 1:
            raise ValueError(f"batch_size is {batch_size} and max_batch {max_batch}; wanted 1 or more")
        if importlib.util.find_spec("face_alignment") is None:
            raise ImportError(
                "the face-alignment extractor needs its package: pip install 'face-alignment>=1.5'"
            )
        version = importlib.metadata.version("face-alignment")
        self.name = f"face-alignment {version} {landmarks} {detector}"
        self.batch_size = batch_size
        self.max_batch = max_batch
        self.flip_input = flip_input
        self.device = device
        self._model = _load(
            landmarks_type=LANDMARKS[landmarks],
            device=device,
            dtype=dtype,
            flip_input=flip_input,
            face_detector=detector,
            face_detector_kwargs=detector_options,
            compile=compile,
        )

    def extract(
        self, images: Sequence[np.ndarray], timestamps: Sequence[float] | None = None
    ) -> list[list[FaceLandmarks]]:
        """Find the faces of each image; see `LandmarkExtractor.extract`.

        Raises:
            ValueError: If an image is not RGB or gray bytes.
            RuntimeError: If the extractor is closed.
        """
        if self._model is None:
            raise RuntimeError("this FaceAlignmentExtractor is closed; build a new one")
        images = [as_rgb(image) for image in images]
        boxes = self._detect(images)
        owners = [(i, box) for i, found in enumerate(boxes) for box in found]
        result: list[list[FaceLandmarks]] = [[] for _ in images]
        for start in range(0, len(owners), self.max_batch):
            part = owners[start : start + self.max_batch]
            for (i, box), (points, scores) in zip(part, self._align(images, part), strict=True):
                confidence = float(np.clip(box[4], 0, 1))
                result[i].append(FaceLandmarks(points, scores, box[:4].copy(), confidence, self.topology))
        return result

    def _detect(self, images: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Give each image's boxes, shape (N, 5): corners and score; images of one size go together."""
        import torch

        by_shape: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for i, image in enumerate(images):
            by_shape[image.shape].append(i)
        boxes: list[np.ndarray] = [np.empty((0, 5), np.float32)] * len(images)
        for places in by_shape.values():
            batch = torch.from_numpy(np.stack([images[i] for i in places]).transpose(0, 3, 1, 2).copy())
            for i, found in zip(places, self._model.face_detector.detect_from_batch(batch), strict=True):
                found = np.asarray(found, np.float32).reshape(-1, 5) if len(found) else boxes[i]
                sound = np.isfinite(found).all(axis=1) & (found[:, 2:4] > found[:, :2] + 1).all(axis=1)
                boxes[i] = found[sound]
        return boxes

    def _align(
        self, images: Sequence[np.ndarray], owners: Sequence[tuple[int, np.ndarray]]
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield points (68, 2) and scores (68,) of each face."""
        import torch
        from face_alignment import utils

        places = [_place(box, self._model.face_detector.reference_scale) for _, box in owners]
        crops = [utils.crop(images[i], *place) for (i, _), place in zip(owners, places, strict=True)]
        batch = torch.from_numpy(np.stack(crops).transpose(0, 3, 1, 2).astype(np.float32) / 255)
        batch = batch.to(self.device, dtype=self._model.dtype)
        with torch.no_grad():
            heatmaps = self._network(batch)
            if self.flip_input:
                heatmaps = (heatmaps + utils.flip(self._network(utils.flip(batch)), is_label=True)) / 2
        maps = heatmaps.to("cpu", torch.float32).numpy()
        for one, (centre, scale) in zip(maps, places, strict=True):
            _, points, scores = utils.get_preds_fromhm(one[None], centre, scale)
            yield (
                points.reshape(_NUM_POINTS, 2).astype(np.float32),
                np.clip(scores.reshape(_NUM_POINTS), 0, 1).astype(np.float32),
            )

    def _network(self, batch: Any) -> Any:
        output = self._model.face_alignment_net(batch)
        return output[-1] if isinstance(output, list) else output

    def close(self) -> None:
        """Let the networks go."""
        self._model = None


def _place(box: np.ndarray, reference: float) -> tuple[np.ndarray, float]:
    """Give centre and scale of the crop that the network was trained on, from a face's box."""
    from face_alignment.utils import CENTER_Y_OFFSET

    # Doubles: the package's next step takes no other NumPy numbers under NumPy 2.
    box = np.asarray(box, np.float64)
    width, height = box[2] - box[0], box[3] - box[1]
    centre = np.array([box[2] - width / 2.0, box[3] - height / 2.0 - height * CENTER_Y_OFFSET])
    return centre, float((width + height) / reference)


def _load(landmarks_type: int, dtype: str, **options: Any) -> Any:
    """Build face-alignment's model with its own loaders: they fetch weights into torch's hub cache once.

    They read them with `weights_only`; the one file that they do not, the depth network's, is not used here.
    """
    import torch
    from face_alignment import FaceAlignment, LandmarksType

    try:
        return FaceAlignment(LandmarksType(landmarks_type), dtype=getattr(torch, dtype), **options)
    except OSError as error:  # what urllib raises without a network, and what a folder without rights raises
        raise FileNotFoundError(_where_to_put(options["face_detector"], landmarks_type, error)) from error


def _where_to_put(detector: str, landmarks_type: int, error: OSError) -> str:
    """Say which weights are missing, where they come from and where they belong."""
    import torch
    from face_alignment import api

    module = importlib.import_module(f"face_alignment.detection.{detector}.{detector}_detector")
    network = api.models_urls["2DFAN-4" if landmarks_type == 1 else "3DFAN-4"]
    urls = [network, *getattr(module, "models_urls", {}).values(), getattr(module, "model_url", "")]
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    missing = [
        url
        for url in urls
        if url and "back" not in url and not (folder / Path(urlparse(url).path).name).exists()
    ]
    wanted = ", ".join(missing)
    return f"face-alignment cannot fetch its weights ({error}); download {wanted} and put them into {folder}"
