"""One set of predictions from several models': the weighted average of their scores."""

from collections.abc import Sequence
from typing import Any

import numpy as np

_AVERAGED = ("pred_occurrence", "pred_intensity")


def fuse_results(files: Sequence[dict[str, Any]], weights: Sequence[float] | None = None) -> dict[str, Any]:
    """Average the predictions of several result files, frame by frame.

    Frames are matched by video, person and row of the time axis; labels are taken from the first file.
    Intensity is averaged over the files that have it.

    Args:
        files: Two or more, as the test tool writes them: `au_names` (A) and `results`, one dict a face with
            `frame_dir`, `person`, `frame_index` (T,), `pred_occurrence` (T, A) and labels.
        weights: One for each file, at least 0; equal by default.

    Returns:
        The same form. Probabilities stay in [0, 1], intensities in [0, 5].

    Raises:
        ValueError: If the files do not speak of the same units, faces and frames, or the weights do not fit.
    """
    shares = _shares(weights, len(files))
    names = list(files[0]["au_names"])
    for number, file in enumerate(files[1:], start=2):
        if list(file["au_names"]) != names:
            raise ValueError(
                f"file {number} answers {list(file['au_names'])}, file 1 {names}; fuse models of one AU set"
            )
    tables = [{(face["frame_dir"], face["person"]): face for face in file["results"]} for file in files]
    for number, table in enumerate(tables[1:], start=2):
        differing = sorted(set(table) ^ set(tables[0]))
        if differing:
            raise ValueError(
                f"{differing[0][0]}, person {differing[0][1]}: in only one of file 1 and file {number} "
                f"({len(differing)} such faces); fuse results of one split"
            )
    fused = [_fuse_face([table[key] for table in tables], shares) for key in tables[0]]
    return {"au_names": names, "results": fused}


def _shares(weights: Sequence[float] | None, count: int) -> np.ndarray:
    if count < 2:
        raise ValueError(f"found {count} result file; wanted at least two to fuse")
    values = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    if values.shape != (count,):
        raise ValueError(f"found {values.size} weights for {count} files; wanted one for each")
    if not np.isfinite(values).all() or (values < 0).any() or values.sum() == 0:
        raise ValueError(f"weights are {values.tolist()}; wanted numbers of at least 0, not all 0")
    return values


def _fuse_face(faces: Sequence[dict[str, Any]], shares: np.ndarray) -> dict[str, Any]:
    first = faces[0]
    for number, face in enumerate(faces[1:], start=2):
        if not np.array_equal(face["frame_index"], first["frame_index"]):
            raise ValueError(
                f"{first['frame_dir']}, person {first['person']}: file 1 has "
                f"{len(first['frame_index'])} frames, file {number} {len(face['frame_index'])} or other "
                "ones; fuse results of one annotation file"
            )
    fused = dict(first)
    for name in _AVERAGED:
        having = [(face[name], share) for face, share in zip(faces, shares) if face.get(name) is not None]
        total = sum(share for _, share in having)
        if having and total > 0:
            mean = sum(values.astype(np.float64) * (share / total) for values, share in having)
            fused[name] = np.asarray(mean, np.float32)
    return fused
