"""What is missing: where it begins, and the one transform that ends it."""

import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.registry import TRANSFORMS


@TRANSFORMS.register_module()
class MaskLowScores(BaseTransform):
    """Count a point as missing where its detector was not sure of it.

    Args:
        threshold: Points below this score become NaN with score 0; 0 to 1.
    """

    def __init__(self, threshold: float = 0.1) -> None:
        if not 0 <= threshold <= 1:
            raise ValueError(f"threshold is {threshold}; scores lie in 0 to 1")
        self.threshold = threshold

    def transform(self, results: dict) -> dict:
        """Mask `keypoint` (M, T, V, C) and `keypoint_score` (M, T, V)."""
        low = results["keypoint_score"] < self.threshold
        if low.any():
            results["keypoint"] = np.where(low[..., None], np.float32(np.nan), results["keypoint"])
            results["keypoint_score"] = np.where(low, np.float32(0), results["keypoint_score"])
        return results


@TRANSFORMS.register_module()
class FillMissing(BaseTransform):
    """End NaN: after it every coordinate is a number, and a score of 0 says which of them mean nothing.

    Args:
        mode: `zero`: missing points get coordinates 0 and score 0, and leave no trace in a heatmap.
            `interpolate`: a point missing for at most `max_gap` frames between two that show it is put on the
            line between them, with the lower of their scores; the rest as in `zero`.
        max_gap: Frames.

    Raises:
        ValueError: If the mode is unknown.
    """

    def __init__(self, mode: str = "zero", max_gap: int = 5) -> None:
        if mode not in ("zero", "interpolate"):
            raise ValueError(f"mode is {mode!r}; known: ['zero', 'interpolate']")
        self.mode, self.max_gap = mode, max_gap

    def transform(self, results: dict) -> dict:
        """Fill `keypoint` (M, T, V, C) and `keypoint_score` (M, T, V)."""
        keypoint, score = results["keypoint"], results["keypoint_score"]
        missing = ~np.isfinite(keypoint[..., 0] + keypoint[..., 1]) | ~(score > 0)
        if self.mode == "interpolate":
            keypoint, score = self._bridge(keypoint, score, missing)
            missing = ~np.isfinite(keypoint[..., 0] + keypoint[..., 1]) | ~(score > 0)
        if keypoint.shape[-1] == 2 and not missing.any():
            return {**results, "keypoint": keypoint, "keypoint_score": score}
        # Depth may be missing by itself, where files with and without it are read together.
        known = ~missing[..., None]
        if keypoint.shape[-1] == 3:
            known = known & np.isfinite(keypoint)
        results["keypoint"] = np.where(known, keypoint, np.float32(0))
        results["keypoint_score"] = np.where(missing, np.float32(0), score)
        return results

    def _bridge(
        self, keypoint: np.ndarray, score: np.ndarray, missing: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        frames = keypoint.shape[1]
        time = np.arange(frames)[None, :, None]
        before = np.maximum.accumulate(np.where(missing, -1, time), axis=1)
        after = np.minimum.accumulate(np.where(missing, frames, time)[:, ::-1], axis=1)[:, ::-1]
        bridged = missing & (before >= 0) & (after < frames) & (after - before - 1 <= self.max_gap)
        person, frame, point = np.nonzero(bridged)
        left, right = before[bridged], after[bridged]
        share = ((frame - left) / (right - left)).astype(np.float32)[:, None]
        keypoint, score = keypoint.copy(), score.copy()
        keypoint[bridged] = (
            keypoint[person, left, point] * (1 - share) + keypoint[person, right, point] * share
        )
        score[bridged] = np.minimum(score[person, left, point], score[person, right, point])
        return keypoint, score
