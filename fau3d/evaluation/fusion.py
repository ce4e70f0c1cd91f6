"""One set of predictions from several models': the weighted average of their scores."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from fau3d.evaluation.matching import match_faces
from fau3d.functional.mixture import mixture_weights

_AVERAGED = ("pred_occurrence", "pred_intensity")


def learn_weights(files: Sequence[dict[str, Any]]) -> np.ndarray:
    """Learn from a validation split how much each model is to be believed on each unit.

    Args:
        files: Two or more result files of one split, with labels.

    Returns:
        Shape (K, A): shares of K models, sum 1 over them; equal for a unit that is not annotated.

    Raises:
        ValueError: If the files do not speak of the same units, faces and frames.
    """
    matched = match_faces(files, [f"file {number}" for number in range(1, len(files) + 1)])
    labels = np.concatenate([faces[0]["gt_occurrence"] for faces in matched])
    said = np.stack(
        [np.concatenate([faces[k]["pred_occurrence"] for faces in matched]) for k in range(len(files))]
    )
    return np.stack([mixture_weights(said[..., a], labels[:, a]) for a in range(labels.shape[1])], axis=1)


def fuse_results(
    files: Sequence[dict[str, Any]], weights: Sequence[float] | np.ndarray | None = None
) -> dict[str, Any]:
    """Average the predictions of several result files, frame by frame.

    Frames are matched by video, person and row of the time axis; labels are taken from the first file.
    Intensity is averaged over the files that have it.

    Args:
        files: Two or more, as the test tool writes them: `au_names` (A) and `results`, one dict a face with
            `frame_dir`, `person`, `frame_index` (T,), `pred_occurrence` (T, A) and labels.
        weights: One for each file, or one for each file and unit (K, A), at least 0; equal by default.

    Returns:
        The same form. Probabilities stay in [0, 1], intensities in [0, 5].

    Raises:
        ValueError: If the files do not speak of the same units, faces and frames, or the weights do not fit.
    """
    shares = _shares(weights, len(files), len(files[0]["au_names"]) if files else 0)
    matched = match_faces(files, [f"file {number}" for number in range(1, len(files) + 1)])
    fused = [_fuse_face(faces, shares) for faces in matched]
    return {"au_names": list(files[0]["au_names"]), "results": fused}


def _shares(weights: Sequence[float] | np.ndarray | None, count: int, units: int) -> np.ndarray:
    """Give the weights as (K, A)."""
    if count < 2:
        raise ValueError(f"found {count} result file; wanted at least two to fuse")
    values = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    if values.shape not in ((count,), (count, units)):
        raise ValueError(f"found {values.size} weights for {count} files; wanted one for each, or one a unit")
    values = np.broadcast_to(values[:, None], (count, units)) if values.ndim == 1 else values
    if not np.isfinite(values).all() or (values < 0).any() or (values.sum(0) == 0).any():
        raise ValueError(f"weights are {values.tolist()}; wanted numbers of at least 0, not all 0")
    return values


def _fuse_face(faces: Sequence[dict[str, Any]], shares: np.ndarray) -> dict[str, Any]:
    fused = dict(faces[0])
    for name in _AVERAGED:
        having = [(face[name], share) for face, share in zip(faces, shares) if face.get(name) is not None]
        if not having:
            continue
        total = sum(share for _, share in having)
        if np.all(total > 0):
            mean = sum(values.astype(np.float64) * (share / total) for values, share in having)
            fused[name] = np.asarray(mean, np.float32)
    return fused
