"""A first look at a whole video, for how its faces rest."""

from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

from fau3d.apis.frame_spool import FrameSpool
from fau3d.apis.neutral.face import KNOWN_SHARE, NeutralFace, neutral_face
from fau3d.apis.neutral.wanted import NeutralSearch
from fau3d.apis.results import NO_IMAGE, FrameResult
from fau3d.io.video import Frame
from fau3d.structures import FaceLandmarks

# Measured on rendered people (`benchmarks/known_rest.py`): the share of frames taken for rest, and the mean
# probability of all units from which on they are doubted, and at which nothing is taken away.
_CALM_SHARE = 0.1
_CALM, _MOVED = 0.05, 0.15
_FEWEST = 25  # frames in which a face of which anything is said is seen
_MOST = 1000  # frames that a neutral face is the median of


class FirstLook:
    """Takes a video's answers, tells how each of its faces rests, and gives its landmarks again.

    Landmarks wait in a nameless file: an hour of one face takes 0.7 GB.

    Args:
        folder: Where the file lies; by default where the system keeps temporary files.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._spool = FrameSpool(folder)
        self._places: dict[int, array[int]] = {}
        self._times: dict[int, array[float]] = {}
        self._moved: dict[int, array[float]] = {}
        self._shapes: list[tuple[int, tuple[int, int]]] = []
        self._faces = 0

    def note_shape(self, number: int, img_shape: tuple[int, int]) -> None:
        """Note (height, width) of a frame, before its answer comes.

        Args:
            number: Of the frame, counted from 0.
            img_shape: In pixels.
        """
        if not self._shapes or self._shapes[-1][1] != img_shape:
            self._shapes.append((number, img_shape))

    def extend(self, results: Iterable[FrameResult]) -> None:
        """Take the next frames' answers."""
        for result in results:
            self._spool.append(result)
            for face_id, face in result.faces.items():
                self._places.setdefault(face_id, array("q")).append(self._faces)
                self._times.setdefault(face_id, array("d")).append(result.timestamp)
                self._moved.setdefault(face_id, array("d")).append(float(face.probability.mean()))
                self._faces += 1

    def neutrals(self, search: NeutralSearch) -> dict[int, NeutralFace]:
        """Tell how each face rests; one of which that cannot be told is left out.

        Args:
            search: For what to look.
        """
        found = {face_id: self._neutral(face_id, search) for face_id in self._places}
        return {face_id: face for face_id, face in found.items() if face is not None and face.share > 0}

    def _neutral(self, face_id: int, search: NeutralSearch) -> NeutralFace | None:
        times = np.array(self._times[face_id])
        if search.begin is not None and search.end is not None:
            chosen, share = np.flatnonzero((times >= search.begin) & (times <= search.end)), KNOWN_SHARE
        else:
            chosen, share = _calmest(np.array(self._moved[face_id]))
        if len(chosen) == 0:
            return None
        kept = chosen[np.linspace(0, len(chosen) - 1, min(len(chosen), _MOST)).astype(int)]
        faces = [self._spool.face(self._places[face_id][frame]).landmarks for frame in kept]
        return neutral_face(faces, share, times[chosen].tolist())

    def frames(self) -> Iterator[tuple[Frame, tuple[int, int], dict[int, FaceLandmarks]]]:
        """Yield all frames again, in their order: without images, with (height, width) and landmarks."""
        shapes = dict(self._shapes)
        shape = (0, 0)
        for number, result in enumerate(self._spool.results()):
            shape = shapes.get(number, shape)
            faces = {face_id: face.landmarks for face_id, face in result.faces.items()}
            yield Frame(result.index, result.timestamp, NO_IMAGE), shape, faces

    def __enter__(self) -> "FirstLook":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._spool.__exit__(kind, error, trace)


def _calmest(moved: np.ndarray) -> tuple[np.ndarray, float]:
    """Choose the frames in which a face shows least, and how far to trust that it rests there.

    Args:
        moved: Shape (T,): mean probability of all units, in [0, 1].

    Returns:
        Their places, rising, and a share in [0, KNOWN_SHARE].
    """
    if len(moved) < _FEWEST:
        return np.zeros(0, int), 0.0
    count = max(1, round(_CALM_SHARE * len(moved)))
    chosen = np.sort(np.argsort(moved, kind="stable")[:count])
    trust = np.clip((_MOVED - moved[chosen].mean()) / (_MOVED - _CALM), 0, 1)
    return chosen, float(KNOWN_SHARE * trust)
