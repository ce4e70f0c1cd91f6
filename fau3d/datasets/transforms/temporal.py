"""Transforms of the time axis; labels and frame numbers go with the frames."""

import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.datasets.transforms.drawing import check_probability, generator_of, require_keypoints
from fau3d.registry import TRANSFORMS

_BY_PERSON = ("keypoint", "keypoint_score", "heatmap")
_BY_FRAME = ("au_occurrence", "au_intensity", "label_weight", "frame_inds", "frame_index", "seen")


def _take_frames(results: dict, frames: np.ndarray | slice) -> None:
    for key in _BY_PERSON:
        if key in results:
            results[key] = results[key][:, frames]
    for key in _BY_FRAME:
        if key in results:
            results[key] = results[key][frames]


@TRANSFORMS.register_module()
class TemporalCrop(BaseTransform):
    """Cut a shorter clip out of the clip.

    Args:
        length: Frames to keep; a clip that is shorter stays as it is.
        random: Draw the place; the middle otherwise.
    """

    def __init__(self, length: int, random: bool = True) -> None:
        if length < 1:
            raise ValueError(f"length is {length}; wanted at least 1 frame")
        self.length, self.random = length, random

    def transform(self, results: dict) -> dict:
        """Cut every array with a time axis."""
        spare = results["keypoint"].shape[1] - self.length
        if spare > 0:
            start = int(generator_of(results).integers(spare + 1)) if self.random else spare // 2
            _take_frames(results, slice(start, start + self.length))
        return results


@TRANSFORMS.register_module()
class TemporalSpeed(BaseTransform):
    """Play the clip faster or slower: points are interpolated in time, labels are the nearest frame's.

    The clip must be read longer than it is wanted, by the largest factor; what is left over is cut off at
    random.

    Args:
        length: Frames of the result.
        speed: Slowest and fastest factor; below 1 is slow motion.
        prob: Chance that a clip's speed changes; its frames are cut to `length` in any case.

    Raises:
        ValueError: If the speeds are not a rising positive pair, or `prob` is no probability.
    """

    def __init__(self, length: int, speed: tuple[float, float] = (0.8, 1.25), prob: float = 1.0) -> None:
        if not 0 < speed[0] <= speed[1]:
            raise ValueError(f"speed is {speed}; wanted (slowest, fastest), both above 0")
        self.length, self.speed, self.prob = length, (float(speed[0]), float(speed[1])), prob
        check_probability("prob", prob)

    def transform(self, results: dict) -> dict:
        """Resample every array with a time axis."""
        rng = generator_of(results)
        frames = results["keypoint"].shape[1]
        speed = 1.0
        if rng.random() < self.prob:
            speed = float(np.exp(rng.uniform(np.log(self.speed[0]), np.log(self.speed[1]))))
        if self.length > 1:
            speed = min(speed, (frames - 1) / (self.length - 1))
        spare = frames - 1 - speed * (self.length - 1)
        time = rng.uniform(0, max(spare, 0.0)) + speed * np.arange(self.length)
        time = np.minimum(time, frames - 1)
        low = np.minimum(time.astype(np.int64), max(frames - 2, 0))
        high = np.minimum(low + 1, frames - 1)
        share = (time - low).astype(np.float32)[None, :, None]
        nearest = np.where(share[0, :, 0] < 0.5, low, high)
        keypoint, score = results["keypoint"], results["keypoint_score"]
        _take_frames(results, nearest)
        mixed = keypoint[:, low] * (1 - share[..., None]) + keypoint[:, high] * share[..., None]
        # Between a seen and a missing frame there is no line: the nearer one decides.
        results["keypoint"] = np.where(np.isnan(mixed), results["keypoint"], mixed)
        both = np.minimum(score[:, low], score[:, high]) > 0
        line = score[:, low] * (1 - share) + score[:, high] * share
        results["keypoint_score"] = np.where(both, line, results["keypoint_score"]).astype(np.float32)
        return results


@TRANSFORMS.register_module()
class TemporalDrop(BaseTransform):
    """Lose the face for a moment, as when a detector fails; labels stay.

    Args:
        prob: Chance that a clip has a loss.
        max_frames: Longest loss.

    Raises:
        ValueError: If `prob` is no probability.
    """

    def __init__(self, prob: float = 0.2, max_frames: int = 6) -> None:
        self.prob, self.max_frames = check_probability("prob", prob), max_frames

    def transform(self, results: dict) -> dict:
        """Set a stretch of `keypoint` (M, T, V, C) to NaN and of `keypoint_score` (M, T, V) to 0."""
        require_keypoints(results, "TemporalDrop")
        rng = generator_of(results)
        frames = results["keypoint"].shape[1]
        if rng.random() >= self.prob or frames < 2:
            return results
        span = 1 + int(rng.integers(min(self.max_frames, frames - 1)))
        start = int(rng.integers(frames - span + 1))
        keypoint, score = results["keypoint"].copy(), results["keypoint_score"].copy()
        keypoint[:, start : start + span] = np.nan
        score[:, start : start + span] = 0
        results["keypoint"], results["keypoint_score"] = keypoint, score
        return results


@TRANSFORMS.register_module()
class HoldFrame(BaseTransform):
    """Hold one frame for the whole clip, as a photograph does, with its labels.

    In a photograph nobody blinks: where AU45 shows on the held frame, the eyes stay closed, which is AU43
    (and AU43_L, AU43_R). A set without AU45 cannot say so; its blinks keep the labels that they have.

    Args:
        prob: Chance that a clip is held.

    Raises:
        ValueError: If `prob` is no probability.
    """

    def __init__(self, prob: float = 0.1) -> None:
        self.prob = check_probability("prob", prob)

    def transform(self, results: dict) -> dict:
        """Repeat one frame in every array with a time axis; one that shows a face, if any does."""
        rng = generator_of(results)
        if rng.random() >= self.prob:
            return results
        seen = np.flatnonzero((results["keypoint_score"] > 0).any((0, 2)))
        if len(seen):
            frame = int(seen[rng.integers(len(seen))])
            _take_frames(results, np.full(results["keypoint_score"].shape[1], frame))
            self._close_for_good(results)
        return results

    @staticmethod
    def _close_for_good(results: dict) -> None:
        names = list(results.get("au_names", ()))
        occurrence = results.get("au_occurrence")
        if "AU45" not in names or occurrence is None or occurrence[0, names.index("AU45")] != 1:
            return
        blink = names.index("AU45")
        lids = [names.index(name) for name in ("AU43", "AU43_L", "AU43_R") if name in names]
        occurrence[:, lids] = 1
        occurrence[:, blink] = 0
        if "au_intensity" in results:
            results["au_intensity"][:, lids] = results["au_intensity"][:, [blink]]
            results["au_intensity"][:, blink] = 0
