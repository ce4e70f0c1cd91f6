"""From predictions of overlapping windows to one prediction a frame, the same in whatever order they came."""

import hashlib
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from fau3d.functional.windows import window_weights

# Averages are rounded to this many decimals: it is far below what a score means, and far above the noise
# that another batch size or thread count leaves in a float32 sum.
SCORE_DECIMALS = 5


@dataclass(frozen=True)
class WindowPrediction:
    """What the model says of one window of one face.

    Attributes:
        frame_dir: The video's name in its annotation file.
        person: Row of M.
        frame_inds: Shape (T,), int64: rows of the annotation's time axis; -1 = padding.
        pred_occurrence: Shape (T, A), float32 probabilities.
        gt_occurrence: Shape (T, A), int8: 1, 0, -1 = not annotated.
        pred_intensity: Shape (T, A), float32, 0 to 5, or None.
        gt_intensity: Shape (T, A), float32, NaN = not annotated, or None.
        corpus: Name of the corpus where several are read at once, else empty.
    """

    frame_dir: str
    person: int
    frame_inds: np.ndarray
    pred_occurrence: np.ndarray
    gt_occurrence: np.ndarray
    pred_intensity: np.ndarray | None = None
    gt_intensity: np.ndarray | None = None
    corpus: str = ""

    @property
    def key(self) -> tuple[str, int, tuple[int, ...]]:
        """Name of the window: a sampler that pads its last batch may hand out one window twice."""
        return self.frame_dir, self.person, tuple(int(i) for i in self.frame_inds)


def merge_windows(windows: Iterable[WindowPrediction]) -> list[dict]:
    """Average the windows of each face over its frames.

    Each window counts once, its middle more than its ends (`window_weights`). Windows are summed in the order
    of their place in the video, in float64, and averages are rounded to `SCORE_DECIMALS`: the result does not
    depend on the order of the windows, on how many processes made them, nor on duplicates.

    Args:
        windows: Predictions, in any order.

    Returns:
        One dict a face, sorted by video and person: `frame_dir`, `person`, `frame_index` (T,) int64 rows of
        the time axis that a window covered, ascending; `pred_occurrence`, `gt_occurrence` (T, A) and, where
        the windows have them, `pred_intensity`, `gt_intensity`, `corpus`.

    Raises:
        ValueError: If a window's arrays differ in length or hold a prediction that is not finite.
    """
    faces: dict[tuple[str, int], dict[tuple, WindowPrediction]] = defaultdict(dict)
    for window in windows:
        _check(window)
        faces[window.frame_dir, window.person].setdefault(window.key, window)
    return [_merge_face([unique[key] for key in sorted(unique)]) for _, unique in sorted(faces.items())]


def videos_digest(results: Sequence[dict]) -> str:
    """Name a set of videos, whatever the split is called: a digest of each `frame_dir`, sorted, by spaces."""
    names = {str(result["frame_dir"]) for result in results}
    return " ".join(sorted(hashlib.sha256(name.encode()).hexdigest()[:10] for name in names))


def _check(window: WindowPrediction) -> None:
    length = len(window.frame_inds)
    for name in ("pred_occurrence", "gt_occurrence", "pred_intensity", "gt_intensity"):
        values = getattr(window, name)
        if values is None:
            continue
        if values.shape != (length, window.pred_occurrence.shape[1]):
            raise ValueError(
                f"{window.frame_dir}: {name} has shape {values.shape}, but the window has {length} frames "
                f"and {window.pred_occurrence.shape[1]} action units"
            )
        if name.startswith("pred") and not np.isfinite(values[window.frame_inds >= 0]).all():
            raise ValueError(
                f"{window.frame_dir}: {name} holds NaN or infinity; the weights or the keypoints are damaged"
            )


def _merge_face(windows: list[WindowPrediction]) -> dict:
    length = 1 + max(int(window.frame_inds.max()) for window in windows)
    weights = [window_weights(len(window.frame_inds)) for window in windows]
    weighed = np.zeros(length)
    for window, weight in zip(windows, weights):
        seen = window.frame_inds >= 0
        np.add.at(weighed, window.frame_inds[seen], weight[seen])
    frames = np.flatnonzero(weighed)
    result = {
        # Interned, as the types above are plain: a result file is the same to the byte, whoever computed it.
        "frame_dir": sys.intern(windows[0].frame_dir),
        "person": windows[0].person,
        "frame_index": frames.astype(np.int64),
    }
    if windows[0].corpus:
        result["corpus"] = sys.intern(windows[0].corpus)
    for kind in ("occurrence", "intensity"):
        predicted, truth = f"pred_{kind}", f"gt_{kind}"
        if getattr(windows[0], predicted) is not None:
            total = np.zeros((length, getattr(windows[0], predicted).shape[1]))
            for window, weight in zip(windows, weights):
                seen = window.frame_inds >= 0
                values = getattr(window, predicted)[seen].astype(np.float64)
                np.add.at(total, window.frame_inds[seen], values * weight[seen, None])
            mean = total[frames] / weighed[frames, None]
            result[predicted] = np.round(mean, SCORE_DECIMALS).astype(np.float32)
        if getattr(windows[0], truth) is not None:
            first = getattr(windows[0], truth)
            labels = np.empty((length, first.shape[1]), first.dtype.type)
            for window in windows:
                seen = window.frame_inds >= 0
                labels[window.frame_inds[seen]] = getattr(window, truth)[seen]
            result[truth] = labels[frames]
    return result
