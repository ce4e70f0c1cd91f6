"""Noise like a landmark detector's: trembling, drift, a bias of its own, and points that are lost."""

from functools import lru_cache

import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.datasets.transforms.drawing import check_probability, generator_of, require_keypoints, require_unit
from fau3d.registry import TRANSFORMS
from fau3d.topology import get_topology


@lru_cache(maxsize=64)
def _drift_matrix(frames: int, correlation: float) -> np.ndarray:
    """Give the (T, T) matrix that turns white noise into a first-order drift of unit variance."""
    steps = np.arange(frames)
    lag = steps[:, None] - steps
    matrix = np.where(lag >= 0, float(correlation) ** np.maximum(lag, 0), 0.0)
    matrix[:, 1:] *= np.sqrt(1 - correlation**2)
    return matrix.astype(np.float32)


@TRANSFORMS.register_module()
class JitterKeypoints(BaseTransform):
    """Move points as a detector does; amplitudes are standard deviations, as shares of the crop's side.

    Each clip draws its own share (0 to 1) of each amplitude, so that clean clips occur as well.

    Args:
        noise: Trembling, independent for each point and frame.
        drift: Slow wandering of each point.
        correlation: Of the drift from one frame to the next, 0 to below 1.
        bias: Smooth bending of the whole face (a quadratic map) that stays for the clip, as detectors and
            faces differ from each other.
        prob: Chance that a clip is jittered at all.

    Raises:
        ValueError: If the correlation is not in [0, 1), or `prob` is no probability.
    """

    def __init__(
        self,
        noise: float = 0.002,
        drift: float = 0.003,
        correlation: float = 0.9,
        bias: float = 0.01,
        prob: float = 1.0,
    ) -> None:
        if not 0 <= correlation < 1:
            raise ValueError(f"correlation is {correlation}; wanted 0 to below 1")
        self.noise, self.drift, self.bias = noise, drift, bias
        self.correlation, self.prob = correlation, check_probability("prob", prob)

    def transform(self, results: dict) -> dict:
        """Move x and y of `keypoint` (M, T, V, C) in the unit square."""
        rng = generator_of(results)
        if rng.random() >= self.prob:
            return results
        require_unit(results, "JitterKeypoints")
        keypoint = np.array(results["keypoint"], np.float32)
        persons, frames, points, _ = keypoint.shape
        noise, drift, bias = (np.array([self.noise, self.drift, self.bias]) * rng.random(3)).astype(
            np.float32
        )
        flat = keypoint[..., :2]
        if bias > 0:
            flat += self._bending(flat, bias, rng)
        if noise > 0:
            flat += noise * rng.standard_normal(flat.shape, dtype=np.float32)
        if drift > 0:
            # Uniform numbers of unit variance: faster to draw, and the sum over time makes them normal.
            white = rng.random((persons, frames, points * 2), dtype=np.float32)
            white -= np.float32(0.5)
            matrix = _drift_matrix(frames, self.correlation) * (drift * np.float32(np.sqrt(12)))
            flat += (matrix @ white).reshape(flat.shape)
        results["keypoint"] = keypoint
        return results

    def _bending(self, points: np.ndarray, bias: np.float32, rng: np.random.Generator) -> np.ndarray:
        """Give a shift for each point: a quadratic function of its place, the same in all frames."""
        # Any place near the point will do; its extreme over time is found fastest, and skips missing frames.
        place = np.fmax.reduce(points, axis=1, keepdims=True) * np.float32(2) - np.float32(1)
        x, y = place[..., 0], place[..., 1]
        terms = np.stack([x, y, x * y, x * x, y * y], -1)
        weights = rng.standard_normal((5, 2), dtype=np.float32)
        return terms @ (weights * bias)


@TRANSFORMS.register_module()
class DropPoints(BaseTransform):
    """Lose points for a while, as behind a hand: whole regions, and single points.

    Args:
        prob: Chance that a clip loses anything.
        region_prob: Chance that a region of the topology is lost, for each region by itself.
        point_prob: Chance that a single point is lost, for each point by itself.
        max_span: Longest loss, as a share of the clip.

    Raises:
        ValueError: If a probability or the span is not in [0, 1].
    """

    def __init__(
        self, prob: float = 0.3, region_prob: float = 0.1, point_prob: float = 0.02, max_span: float = 0.5
    ) -> None:
        self.prob, self.region_prob = (
            check_probability("prob", prob),
            check_probability("region_prob", region_prob),
        )
        self.point_prob, self.max_span = (
            check_probability("point_prob", point_prob),
            check_probability("max_span", max_span),
        )

    def transform(self, results: dict) -> dict:
        """Set `keypoint` (M, T, V, C) to NaN and `keypoint_score` (M, T, V) to 0 where points are lost."""
        require_keypoints(results, "DropPoints")
        rng = generator_of(results)
        if rng.random() >= self.prob:
            return results
        frames, points = results["keypoint"].shape[1:3]
        regions = get_topology(results["topology"]).regions
        lost = [index for index in regions.values() if rng.random() < self.region_prob]
        lost += [np.array([i]) for i in np.flatnonzero(rng.random(points) < self.point_prob)]
        if not lost:
            return results
        mask = np.zeros((frames, points), bool)
        for index in lost:
            span = 1 + int(rng.integers(max(1, round(self.max_span * frames))))
            start = int(rng.integers(frames - min(span, frames) + 1))
            mask[start : start + span, index] = True
        results["keypoint"] = np.where(mask[None, ..., None], np.float32(np.nan), results["keypoint"])
        results["keypoint_score"] = np.where(mask[None], np.float32(0), results["keypoint_score"])
        return results
