"""Scores of each corpus apart, where predictions on several were made at once."""

from collections.abc import Sequence

import numpy as np

from fau3d.evaluation.au_scores import AUScores, score_frames


def score_corpora(
    results: Sequence[dict],
    au_names: Sequence[str],
    thresholds: np.ndarray | float = 0.5,
    top_k: Sequence[int] = (1, 5),
) -> dict[str, AUScores]:
    """Score the faces of each corpus by themselves, on the units that it annotates.

    Args:
        results: As `merge_windows` gives them, with `corpus` where several were read.
        au_names: Names of the A columns.
        thresholds: One for all units or shape (A,).
        top_k: For which k the top-k accuracy is computed.

    Returns:
        Name to figures, in order of names; without the corpora of which nothing is annotated.
    """
    levels = np.broadcast_to(np.asarray(thresholds, np.float64), (len(au_names),))
    scores = {}
    for name in sorted({result["corpus"] for result in results if "corpus" in result}):
        part = [result for result in results if result.get("corpus") == name]
        units = np.flatnonzero(np.any([_annotated(result) for result in part], axis=0))
        if len(units):
            chosen = [{key: _columns(key, value, units) for key, value in face.items()} for face in part]
            names = [au_names[unit] for unit in units]
            scores[name] = score_frames(chosen, names, levels[units], top_k)
    return scores


def _annotated(result: dict) -> np.ndarray:
    """Tell which units are annotated on any frame, by presence or by intensity."""
    known = (result["gt_occurrence"] >= 0).any(0)
    if result.get("gt_intensity") is not None:
        known = known | np.isfinite(result["gt_intensity"]).any(0)
    return known


def _columns(key: str, value: object, units: np.ndarray) -> object:
    return value[:, units] if key.startswith(("pred_", "gt_")) and isinstance(value, np.ndarray) else value
