"""MediaPipe's two ways to find 478 points, behind one face: unit points and a confidence for each face."""

import contextlib
import threading
from pathlib import Path
from typing import Any

import numpy as np

from fau3d.extractors.quiet import quiet_native_log

_NUM_POINTS = 478
_POINTS = "multi_face_landmarks"
_PRESENCE = "facelandmarkcpu__face_presence_score"
_DETECTOR = (
    "facedetectionshortrangecpu__facedetectionshortrange__facedetection__TensorsToDetectionsCalculator"
)
_POINT_BYTES = 17  # of one point in protobuf's wire format: tag, length, and three times tag and float32
_STEP = 1 / 30  # seconds between frames where no timestamps are given
_FIRST_FACE = threading.Event()  # some lines are logged at the first face of a process, and never again

Face = tuple[np.ndarray, float]  # unit points (478, 3) float32, and a confidence in [0, 1]


class MeshGraph:
    """The Face Mesh graph of the wheel, with its landmark network's presence output beside the points.

    MediaPipe's own `FaceMesh.process` hides that output and turns the points into Python objects, which
    costs a tenth of the rate; here the graph that it builds is fed and read directly.
    """

    def __init__(self, max_faces: int, static: bool, min_detection: float, min_presence: float) -> None:
        with quiet_native_log():
            from mediapipe.python import packet_creator, packet_getter
            from mediapipe.python._framework_bindings import image_frame
            from mediapipe.python.solution_base import PacketDataType, SolutionBase
            from mediapipe.python.solutions import face_mesh

            self._solution = SolutionBase(
                binary_graph_path=face_mesh._BINARYPB_FILE_PATH,
                side_inputs={
                    "num_faces": max_faces,
                    "with_attention": True,
                    "use_prev_landmarks": not static,
                },
                calculator_params={
                    f"{_DETECTOR}.min_score_thresh": min_detection,
                    "facelandmarkcpu__ThresholdingCalculator.threshold": min_presence,
                },
                outputs=[_POINTS, _PRESENCE],
                stream_type_hints={_PRESENCE: PacketDataType.FLOAT},
            )
            self._solution._graph.wait_until_idle()  # its nodes open, and log, in threads
        self._create, self._format = packet_creator.create_image_frame, image_frame.ImageFormat.SRGB
        self._read_float = packet_getter.get_float
        self._read_protos = packet_getter._packet_getter._get_serialized_proto_list
        # The graph's callback stores each packet here by stream name; a plain dict keeps one score only.
        self._observed = self._solution._graph_outputs = _Observed()
        self._min_presence = min_presence
        self._microseconds = 0
        self._fresh = True

    def process(self, image: np.ndarray, timestamp: float | None) -> list[Face]:
        """Find the faces of one image (H, W, 3)."""
        with _quiet_until_first_face(self._fresh):
            self._fresh = False
            self._observed.clear()
            self._microseconds += 33333  # any rising time serves: this graph does not smooth
            packet = self._create(image, image_format=self._format).at(self._microseconds)
            self._solution._graph.add_packet_to_input_stream(stream="image", packet=packet)
            self._solution._graph.wait_until_idle()
        packet = self._observed.get(_POINTS)
        if packet is None or packet.is_empty():
            return []
        faces = [_read_points(raw) for raw in self._read_protos(packet)]
        # The graph has dropped the faces under the threshold and kept the order of the others.
        scores = [
            score for score in map(self._read_float, self._observed.presence) if score > self._min_presence
        ]
        if len(scores) != len(faces):
            scores = [self._min_presence] * len(faces)
        _FIRST_FACE.set()
        return [(points, min(score, 1.0)) for points, score in zip(faces, scores, strict=True)]

    def reset(self) -> None:
        """Forget the faces tracked so far."""
        if not self._fresh:
            self._fresh = True
            with quiet_native_log():
                self._solution.reset()
                self._solution._graph.wait_until_idle()

    def close(self) -> None:
        """Stop the graph's threads."""
        self._solution.close()


class _Observed(dict):
    """The last packet of each output stream, and all packets of the presence stream (one for each face)."""

    def __init__(self) -> None:
        super().__init__()
        self.presence: list[Any] = []

    def __setitem__(self, stream: str, packet: Any) -> None:
        if stream != _PRESENCE:
            super().__setitem__(stream, packet)
        elif not packet.is_empty():
            self.presence.append(packet)

    def clear(self) -> None:
        super().clear()
        self.presence.clear()


class LandmarkerTask:
    """The Face Landmarker of the Tasks API, from a bundle file."""

    def __init__(
        self, path: Path, max_faces: int, static: bool, min_detection: float, min_presence: float
    ) -> None:
        from mediapipe.tasks import python as tasks
        from mediapipe.tasks.python import vision

        mode = vision.RunningMode.IMAGE if static else vision.RunningMode.VIDEO
        self._options = vision.FaceLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_buffer=path.read_bytes()),
            running_mode=mode,
            num_faces=max_faces,
            min_face_detection_confidence=min_detection,
            min_face_presence_confidence=min_presence,
            min_tracking_confidence=min_presence,
        )
        self._path = path
        self._static = static
        self._confidence = min_presence
        self._open()

    def _open(self) -> None:
        from mediapipe.tasks.python import vision

        try:
            with quiet_native_log():
                self._task = vision.FaceLandmarker.create_from_options(self._options)
        except (RuntimeError, ValueError) as error:
            raise ValueError(f"{self._path}: not a Face Landmarker bundle ({error})") from error
        self._milliseconds = -1
        self._seconds = -_STEP
        self._fresh = True

    def process(self, image: np.ndarray, timestamp: float | None) -> list[Face]:
        """Find the faces of one image (H, W, 3) at a time in seconds."""
        with _quiet_until_first_face(self._fresh):
            self._fresh = False
            faces = self._detect(image, timestamp)
        if faces:
            _FIRST_FACE.set()
        return [(_to_array(face), self._confidence) for face in faces]

    def _detect(self, image: np.ndarray, timestamp: float | None) -> list[Any]:
        import mediapipe

        frame = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=image)
        if self._static:
            return self._task.detect(frame).face_landmarks
        self._seconds = self._seconds + _STEP if timestamp is None else timestamp
        # The task refuses a timestamp that does not rise; two frames of one video can share a millisecond.
        self._milliseconds = max(self._milliseconds + 1, round(self._seconds * 1000))
        return self._task.detect_for_video(frame, self._milliseconds).face_landmarks

    def reset(self) -> None:
        """Forget the faces tracked so far; time may start again."""
        if not self._fresh:
            self._task.close()
            self._open()

    def close(self) -> None:
        """Stop the task's threads."""
        self._task.close()


def _quiet_until_first_face(fresh: bool) -> contextlib.AbstractContextManager[None]:
    """A graph logs while it opens, in its own threads, so until its first image is through."""
    return quiet_native_log() if fresh or not _FIRST_FACE.is_set() else contextlib.nullcontext()


def _read_points(raw: bytes) -> np.ndarray:
    """Read the points (V, 3) of a landmark list from protobuf's wire format."""
    data = np.frombuffer(raw, np.uint8)
    if data.size == _NUM_POINTS * _POINT_BYTES:
        rows = data.reshape(_NUM_POINTS, _POINT_BYTES)
        if (rows[:, [0, 1, 2, 7, 12]] == (0x0A, 15, 0x0D, 0x15, 0x1D)).all():
            return np.ascontiguousarray(rows[:, [3, 4, 5, 6, 8, 9, 10, 11, 13, 14, 15, 16]]).view("<f4")
    from mediapipe.framework.formats import landmark_pb2

    return _to_array(landmark_pb2.NormalizedLandmarkList.FromString(raw).landmark)


def _to_array(landmarks: Any) -> np.ndarray:
    return np.array([(p.x, p.y, p.z) for p in landmarks], np.float32)
