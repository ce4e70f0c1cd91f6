"""From frames to action units: decode, extract, track, cut into windows, answer, in bounded memory."""

import inspect
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from fau3d.apis.extraction import iter_landmarks, prefetch
from fau3d.apis.face_windows import Lane
from fau3d.apis.flow import Flow, FlowSettings, shown_faces
from fau3d.apis.neutral import (
    GIVEN_SHARE,
    NO_NEUTRALS,
    FirstLook,
    NeutralFace,
    Neutrals,
    NeutralSearch,
    check_neutral,
    check_neutral_fits,
    neutral_face,
)
from fau3d.apis.recognizer_union import load_recognizers
from fau3d.apis.results import FrameResult, to_table
from fau3d.apis.sources import open_source
from fau3d.apis.table_fusion import Weights
from fau3d.apis.window_recognizer import WindowRecognizer
from fau3d.extractors import EXTRACTOR_NAMES, LandmarkExtractor, build_extractor
from fau3d.io.video import CameraReader, is_image
from fau3d.registry import EXTRACTORS
from fau3d.structures import AUTable
from fau3d.topology import get_topology

_AHEAD = 64  # frames of landmarks that may wait while the model works
_CHUNK = 32  # frames of a table; fewer make more tables than rows are worth


class AUInferencer:
    """Find the action units of every face in every frame.

    Frames pass through: memory does not grow with the length of the video. Windows of T frames overlap, and
    a frame's answer is the mean over the windows that saw it, in which their middle counts most. A run
    shorter than T, such as a single image, lies in the middle of a window; its first and last frame are
    repeated.

    >>> inferencer = AUInferencer()
    >>> table = inferencer("face.mp4")
    >>> table.data[["frame", "face_id", "AU12_p", "AU12_c", "AU12_r"]]

    Args:
        model: Name of shipped weights, path of a self-contained checkpoint, or a checkpoint of the Runner
            together with `config`; None for the default weights. Of several the units are joined, and
            averaged where they overlap; see `RecognizerUnion`.
        extractor: Short name, config or instance of a landmark extractor.
        device: Where model and extractor run: `auto`, `cpu`, `cuda`, `cuda:1`.
        config: The config that a checkpoint of the Runner was trained with.
        max_faces: Faces followed at the same time.
        stride: Frames between two windows; by default that of the checkpoint, or half a window. Less is
            smoother and slower.
        batch_size: Windows answered together; by default 2 on the CPU and 16 on a GPU.
        smoothing: Radius in frames of a mean over time; 0 for none.
        landmarks: Whether tables hold the landmarks as `x_0 … y_0 …`.
        released: Whose released file `model` is, as it was downloaded: `opengraphau`, `megraphau`, `mae-vit`.
        au_set: Units of its answers, where that file does not tell them.
        weights: What each of several models counts: numbers, numbers by unit, or the file that holds those.
        units: The units answered, a named set or a list; all that the model knows by default.
        neutral: How a person rests, which is then taken away: a picture or video of the person at rest; the
            seconds (begin, end) of each video in which faces rest; or `auto`, which looks for the calmest
            frames of each face. For these two a video is answered twice, its landmarks wait on disk, and
            nothing comes before its end; stills are answered as they are.

    Attributes:
        recognizer: The model with its pipeline.
        extractor: The landmark extractor.
        max_faces: Faces followed at the same time.
        neutrals: How faces of the last video rest, by face id, where that was looked for.

    Raises:
        FileNotFoundError: If there is no such checkpoint, or picture of the person at rest.
        ValueError: If an argument is out of range, the checkpoint is not one of fau3d's, or reads another
            point set than the extractor's; or pictures, and a neutral face was given.
        ImportError: If the extractor's package is not installed.
    """

    def __init__(
        self,
        model: str | Path | Sequence[str | Path] | None = None,
        extractor: str | Mapping[str, Any] | LandmarkExtractor = "mediapipe",
        device: str = "auto",
        *,
        config: str | Path | None = None,
        max_faces: int = 1,
        stride: int | None = None,
        batch_size: int | None = None,
        smoothing: int = 0,
        landmarks: bool = False,
        released: str | None = None,
        au_set: str | Sequence[str] | None = None,
        weights: Weights | None = None,
        units: str | Sequence[str] | None = None,
        neutral: str | Path | tuple[float, float] | None = None,
    ) -> None:
        resting = check_neutral(neutral)
        for name, value in (("max_faces", max_faces), ("stride", stride), ("batch_size", batch_size)):
            if value is not None and value < 1:
                raise ValueError(f"{name} is {value}; wanted 1 or more")
        self.recognizer: WindowRecognizer = load_recognizers(
            model, weights, units, config=config, device=device, released=released, au_set=au_set
        )
        length, on_cpu = self.recognizer.window_length, self.recognizer.device.type == "cpu"
        self._stride = stride or self.recognizer.stride or max(1, length // 2)
        # Windows of one frame are small, and many together keep a device busy.
        usual = 1 if length > 1 else 8
        self._batch_size = batch_size or usual * (2 if on_cpu else 16)
        self._smoothing, self.max_faces = smoothing, max_faces
        Lane(length, self._stride, smoothing)  # refuses what does not fit before a video is opened
        self._extractor_spec = extractor
        kind = _extractor_class(extractor)
        if kind is None:
            known = ", ".join(sorted([*EXTRACTOR_NAMES, *EXTRACTORS.module_dict]))
            raise ValueError(f"no landmark extractor {extractor!r}; known: {known}")
        if isinstance(getattr(kind, "topology", None), str):  # before its weights are looked for
            self.recognizer.check_topology(kind.topology, kind.__name__)
        self.extractor = self._build_extractor(static=False)
        self._static_extractor: LandmarkExtractor | None = None
        self.recognizer.check_topology(self.extractor.topology, self.extractor.name)
        self._num_points = get_topology(self.extractor.topology).num_points if landmarks else 0
        self.neutrals: Mapping[int, NeutralFace] = NO_NEUTRALS
        self._search = resting if isinstance(resting, NeutralSearch) else None
        if resting is not None:
            check_neutral_fits(resting, self.recognizer, self.extractor.topology, max_faces)
        self._given: Neutrals = self._resting_in(resting) if isinstance(resting, Path) else NO_NEUTRALS

    @property
    def looks_first(self) -> bool:
        """Whether videos are answered twice, first to find how their faces rest."""
        return self._search is not None

    def rests(self) -> list[str]:
        """Say what was taken for rest in the last video, a sentence a face; none where nothing was asked."""
        if isinstance(self._given, NeutralFace):
            return [f"every face: {self._given}"]
        if self._search is None:
            return []
        found = [f"face {face_id}: {neutral}" for face_id, neutral in self.neutrals.items()]
        return found or ["no face is known to rest; all are answered as they are"]

    def __call__(self, source: Any, fps: float = 30.0) -> AUTable:
        """Analyse a whole source.

        Args:
            source: A path (video, image, or folder of images taken as one video), a camera's number, an array
                (T, H, W, 3) or (H, W, 3) uint8 RGB, an open `VideoReader`, or an iterator of such images.
            fps: Rate of arrays and iterators, which do not tell it.

        Returns:
            One row for each face and frame, in time order.

        Raises:
            VideoError: If the source cannot be read or holds no frame.
        """
        chunks = [table.data for table in self.stream(source, fps)]
        return AUTable(pd.concat(chunks, ignore_index=True))

    def stream(self, source: Any, fps: float = 30.0) -> Iterator[AUTable]:
        """Analyse a source of any length, or one without an end.

        Args:
            source: As in a call.
            fps: As in a call.

        Yields:
            Tables of finished frames, in time order, all with the same columns.
        """
        live = _is_live(source)
        chunk: list[FrameResult] = []
        for result in self.results(source, fps):
            chunk.append(result)
            if live or len(chunk) >= _CHUNK:
                yield self.table(chunk)
                chunk = []
        if chunk:
            yield self.table(chunk)

    def table(self, results: Sequence[FrameResult]) -> AUTable:
        """Write results as the rows of a table."""
        return to_table(results, self.recognizer.au_names, self.recognizer.has_intensity, self._num_points)

    def results(
        self, source: Any, fps: float = 30.0, keep_images: bool = False, scratch: Path | None = None
    ) -> Generator[FrameResult, None, None]:
        """Analyse a source frame by frame, with landmarks.

        Args:
            source: As in a call.
            fps: As in a call.
            keep_images: Whether results hold their frame's image. Some windows' worth of images are then in
                memory at a time.
            scratch: Folder in which landmarks wait where a video is answered twice; by default where the
                system keeps temporary files.

        Yields:
            One result for each frame, in time order, as soon as no further window can change it.
        """
        with open_source(source, fps) as stream:
            name = source_name(source)
            if self._search is None:
                yield from self._answered(stream, name, keep_images, self._given)
            elif keep_images or _is_live(stream):
                raise ValueError(
                    f"{name}: is seen once, and how its faces rest is known at its end; give a picture of "
                    "the person at rest, or record it first"
                )
            else:
                yield from self._answered_twice(stream, name, self._search, scratch)

    def _answered(
        self, stream: Any, name: str, keep_images: bool, neutrals: Neutrals
    ) -> Iterator[FrameResult]:
        flow = self._flow(
            stream.fps, name, 1 if _is_live(stream) else self._batch_size, self._smoothing, neutrals
        )
        with closing(self._steps(stream, keep_images)) as steps:
            for step in steps:
                yield from flow.push(*step)
        yield from flow.finish()

    def _answered_twice(
        self, stream: Any, name: str, search: NeutralSearch, scratch: Path | None
    ) -> Iterator[FrameResult]:
        """Answer a video as it is, then less what that tells of how its faces rest."""
        with FirstLook(scratch) as look:
            flow = self._flow(stream.fps, name, self._batch_size, 0)
            with closing(self._steps(stream, False)) as steps:
                for number, step in enumerate(steps):
                    look.note_shape(number, step[1])
                    look.extend(flow.push(*step))
            look.extend(flow.finish())
            self.neutrals = look.neutrals(search)
            flow = self._flow(stream.fps, name, self._batch_size, self._smoothing, self.neutrals)
            for step in look.frames():
                yield from flow.push(*step)
            yield from flow.finish()

    def _steps(self, stream: Any, keep_images: bool) -> Any:
        """Give frames, their (height, width) and faces, found ahead in a thread."""
        landmarks = iter_landmarks(stream, self.extractor, max_faces=self.max_faces)
        cropped = shown_faces(landmarks, keep_images, self.recognizer.cropper)
        return prefetch(cropped, 8 if keep_images else _AHEAD)

    def stills(self, images: Iterable[str | Path | tuple[str, np.ndarray]]) -> Iterator[FrameResult]:
        """Analyse images that have nothing to do with each other.

        Args:
            images: Paths, or pairs of a name and an (H, W, 3) uint8 RGB array.

        Yields:
            One result for each image, in order, with its image.

        Raises:
            VideoError: If an image cannot be read.
        """
        extractor = self._for_stills()
        for image in images:
            name, source = (Path(image).name, image) if isinstance(image, str | Path) else image
            with open_source(source) as stream:
                frame = next(iter(stream.frames()))
            if extractor is self.extractor:  # one that knows no stills must forget the one before
                extractor.reset()
            found = extractor.extract([frame.image], [0.0])[0]
            largest = sorted(found, key=lambda face: -_area(face.box))[: self.max_faces]
            flow = self._flow(1.0, name, self._batch_size, 0, self._given)
            still = [(frame, dict(enumerate(largest)))]
            (step,) = shown_faces(still, keep=True, cropper=self.recognizer.cropper)
            yield from flow.push(*step)
            yield from flow.finish()

    def _flow(
        self,
        fps: float,
        name: str,
        batch_size: int,
        smoothing: int,
        neutrals: Neutrals = NO_NEUTRALS,
    ) -> Flow:
        settings = FlowSettings(fps, self._stride, batch_size, smoothing)
        return Flow(self.recognizer, self.extractor.topology, name, settings, neutrals)

    def _resting_in(self, path: Path) -> NeutralFace:
        """Find the neutral face in a picture or video of a person at rest."""
        extractor = self._for_stills() if is_image(path) else self.extractor
        with open_source(path) as stream:
            found = [faces for _, faces in iter_landmarks(stream, extractor, single_face="largest")]
        extractor.reset()
        seen = [face for faces in found for face in faces.values()]
        if not seen:
            raise ValueError(f"{path}: shows no face; wanted a picture or video of the person at rest")
        return neutral_face(seen, GIVEN_SHARE)

    def _for_stills(self) -> LandmarkExtractor:
        if self._static_extractor is None:
            self._static_extractor = self._build_extractor(static=True)
        return self._static_extractor

    def _build_extractor(self, static: bool) -> LandmarkExtractor:
        """Build the extractor with what it understands of device, number of faces and kind of source."""
        spec = self._extractor_spec
        if isinstance(spec, LandmarkExtractor):
            return spec
        wanted = {"device": str(self.recognizer.device), "max_faces": self.max_faces, "static": static}
        kind = _extractor_class(spec)
        known = inspect.signature(kind).parameters
        if static and "static" not in known:
            return self.extractor
        if getattr(known.get("device"), "default", None) == "cpu":
            del wanted["device"]  # an extractor for the CPU knows no other device
        return build_extractor(spec, **{key: value for key, value in wanted.items() if key in known})

    def close(self) -> None:
        """Stop the extractors' threads."""
        for extractor in (self.extractor, self._static_extractor):
            if extractor is not None:
                extractor.close()

    def __enter__(self) -> "AUInferencer":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _extractor_class(spec: Any) -> Any:
    """Give the class that a name or config stands for; None where there is none, or an instance's."""
    if isinstance(spec, LandmarkExtractor):
        return type(spec)
    kind = spec if isinstance(spec, str) else spec.get("type")
    return EXTRACTORS.get(EXTRACTOR_NAMES.get(kind, kind)) if isinstance(kind, str) else kind


def source_name(source: Any) -> str:
    """Give the name that a source has in tables and messages."""
    path = getattr(source, "path", source)
    if isinstance(path, str | Path):
        return Path(path).name
    if isinstance(path, int):
        return f"camera {path}"
    return "array" if isinstance(source, np.ndarray) else "stream"


def _is_live(source: Any) -> bool:
    """Tell whether frames come at their own pace, so that rows should not wait for a full batch."""
    return isinstance(source, int | CameraReader) or getattr(source, "live", False)


def _area(box: np.ndarray) -> float:
    return float((box[2] - box[0]) * (box[3] - box[1]))
