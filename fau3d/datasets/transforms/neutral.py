"""What a face does less how it rests: a person's neutral face is taken away, and a common one put there."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.datasets.transforms.align import AlignEyes
from fau3d.datasets.transforms.drawing import check_probability, generator_of, require_unit
from fau3d.registry import TRANSFORMS
from fau3d.topology import conversion_index, resting_face

NEUTRALS = ("median", "least-expressive", "given")
_CALM_SHARE, _CALM_ROUNDS = 0.3, 3
_TO_EYES = AlignEyes(box=(1.0, 1.0), eye_height=0.0)


def in_eye_distances(keypoint: np.ndarray, topology: str) -> np.ndarray:
    """Align every frame by the eyes, in units that no crop changes.

    Args:
        keypoint: Shape (M, T, V, C), pixels, NaN = missing.
        topology: Its point set.

    Returns:
        Shape (M, T, V, 2), float32: distances between the outer eye corners, from the middle of the eyes; a
        frame that lacks an eye corner is NaN.
    """
    flat = np.asarray(keypoint[..., :2], np.float32)
    results = {"keypoint": flat, "keypoint_score": np.ones(flat.shape[:3], np.float32), "topology": topology}
    return _TO_EYES.transform(results)["keypoint"] - _TO_EYES.centre


def neutral_faces(faces: np.ndarray) -> dict[str, np.ndarray]:
    """Guess how a person's face rests from what it does.

    `median` is the median of all frames. `least-expressive` is the mean of the 30 % of frames that lie
    nearest to it, then of those nearest to that mean, three times in all: a median is drawn along by what a
    face does for much of the time.

    Args:
        faces: Shape (T, V, 2), aligned; NaN = missing.

    Returns:
        Both, shape (V, 2), float32; NaN where a point is never seen.
    """
    faces = faces[np.isfinite(faces).any((1, 2))]
    if len(faces) == 0:
        nothing = np.full(faces.shape[1:], np.nan, np.float32)
        return {"median": nothing, "least-expressive": nothing}
    whole = np.isfinite(faces).all((0, 2))
    median = np.full(faces.shape[1:], np.nan, np.float32)
    # Points first: the median then runs along memory. The slow way is for points missing now and then.
    median[whole] = np.median(np.ascontiguousarray(faces[:, whole].transpose(1, 2, 0)), axis=2)
    for point in np.flatnonzero(~whole):
        seen = np.isfinite(faces[:, point]).all(1)
        if seen.any():
            median[point] = np.median(faces[seen, point], axis=0)
    calm, count = median, max(1, round(_CALM_SHARE * len(faces)))
    for _ in range(_CALM_ROUNDS):
        distance = _mean_seen(((faces - calm) ** 2).sum(2), axis=1)
        mean = _mean_seen(faces[np.argpartition(distance, count - 1)[:count]], axis=0)
        calm = np.where(np.isfinite(mean), mean, calm).astype(np.float32)
    return {"median": median, "least-expressive": calm}


def _mean_seen(values: np.ndarray, axis: int) -> np.ndarray:
    """Average what is not NaN; NaN where nothing is left."""
    seen = np.isfinite(values)
    if seen.all():
        return values.mean(axis)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(seen, values, 0).sum(axis) / seen.sum(axis)


@TRANSFORMS.register_module()
class SubtractNeutral(BaseTransform):
    """Take a person's neutral face away from every frame and put the common face in its place.

    What is left is the common face with this person's departure from their own rest. Put it right after
    `AlignEyes`, whose box it works in.

    Args:
        neutral: `median` or `least-expressive` (see `neutral_faces`), or `given`: the annotation's
            `neutral_keypoint`. Where `prob` is below 1, videos that have none stay as they are.
        prob: Chance that it is done to a clip; below 1 it is an augmentation, which leaves the network able
            to read faces as they are.
        common: `resting`: the common face of `fau3d.topology.resting_face`; or V pairs (x, y) in its units.
        of: Whose frames the neutral face is guessed from. `video`: all of the video's, as the data set knows
            them; `clip`: those of the clip, as in inference, which sees no more at a time.

    Raises:
        ValueError: If a name is unknown, `prob` is no probability, or `common` are not pairs of numbers.
    """

    def __init__(
        self,
        neutral: str = "least-expressive",
        prob: float = 1.0,
        common: str | Sequence[Sequence[float]] = "resting",
        of: str = "video",
    ) -> None:
        if neutral not in NEUTRALS:
            raise ValueError(f"neutral is {neutral!r}; known: {list(NEUTRALS)}")
        if of not in ("video", "clip") or (neutral == "given" and of == "clip"):
            raise ValueError(
                f"of is {of!r} and neutral {neutral!r}; known: ['video', 'clip'], 'video' alone with 'given'"
            )
        self.neutral, self.prob, self.of = neutral, check_probability("prob", prob), of
        self.common = None if isinstance(common, str) else np.asarray(common, np.float32)
        if common != "resting" if self.common is None else self.common.shape[1:] != (2,):
            raise ValueError(f"common is {common!r:.80}; wanted 'resting', or one pair (x, y) a point")

    def transform(self, results: dict) -> dict:
        """Move `keypoint` (M, T, V, C) in the unit square; z stays. A face of unknown rest stays as it is.

        Raises:
            ValueError: If the clip is not aligned by the eyes, or the data set gave no neutral face.
        """
        if generator_of(results).random() >= self.prob:
            return results
        require_unit(results, "SubtractNeutral")
        if "eye_frame" not in results:
            raise ValueError(
                f"{results.get('frame_dir')}: SubtractNeutral compares faces aligned by the eyes; "
                "put AlignEyes before it, in place of FaceCrop"
            )
        shift = (self._common(results) - self._rest(results)) / results["eye_frame"][0]
        if not (known := np.isfinite(shift)).all():
            # Nobody's rest is known of a video that shows no face.
            shift[~known.any((1, 2))] = 0
        results["keypoint"] = _moved(results["keypoint"], shift[:, None])
        lost = ~np.isfinite(shift[..., 0])
        if lost.any():
            score = np.where(lost[:, None], np.float32(0), results["keypoint_score"])
            results["keypoint_score"] = score
        return results

    def _common(self, results: dict) -> np.ndarray:
        if self.common is None:
            return resting_face(results["topology"])
        if len(self.common) != results["keypoint"].shape[2]:
            raise ValueError(
                f"{results.get('frame_dir')}: common has {len(self.common)} points, but the clip has "
                f"{results['keypoint'].shape[2]} of {results['topology']!r}; give one pair a point"
            )
        return self.common

    def _rest(self, results: dict) -> np.ndarray:
        """Give the neutral face of each person, shape (M, V, 2)."""
        if self.of == "clip":
            box, centre = results["eye_frame"]
            faces = (results["keypoint"][..., :2] - centre) * box
            return np.stack([neutral_faces(face)[self.neutral] for face in faces])
        if "neutral" not in results:
            raise ValueError(
                f"{results.get('frame_dir')}: there is no neutral face of the video; read it with "
                "FaceKeypointDataset and SubtractNeutral in its own pipeline, or set of='clip'"
            )
        rest = results["neutral"]
        if results["neutral_topology"] != results["topology"]:
            rest = rest[conversion_index(results["neutral_topology"], results["topology"])]
        return np.broadcast_to(rest, (len(results["keypoint"]), *rest.shape))


def _moved(keypoint: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Shift x and y; a point whose shift is unknown is lost, z included."""
    if keypoint.shape[-1] == 2:
        return keypoint + shift
    depth = np.where(np.isfinite(shift[..., :1]), keypoint[..., 2:], np.float32(np.nan))
    return np.concatenate([keypoint[..., :2] + shift, depth], axis=-1)


def wanted_neutral(steps: Sequence[Any]) -> str | None:
    """Tell which neutral face a pipeline asks the data set for, and whether it asks in the right place.

    Args:
        steps: Built transforms, in order.

    Returns:
        One of `NEUTRALS`, or None where none is wanted.

    Raises:
        ValueError: If a step between would move the face away from its neutral one.
    """
    for place, step in enumerate(steps):
        if isinstance(step, SubtractNeutral) and step.of == "video":
            before = [type(s).__name__ for s in steps[:place]]
            align = steps[place - 1] if place else None
            if not isinstance(align, AlignEyes) or align.mode != "frame":
                found = before[-1] if before else "nothing"
                raise ValueError(
                    f"SubtractNeutral comes after {found}; wanted right after "
                    "AlignEyes(mode='frame'): the neutral face is aligned so, and nothing else is done to it"
                )
            if "MirrorFace" in before:
                raise ValueError(
                    "MirrorFace comes before SubtractNeutral, but mirrors no neutral face; put it after it"
                )
            return step.neutral
    return None


def steps_for_windows(steps: Sequence[Mapping[str, Any]], window: int, name: str) -> list[dict[str, Any]]:
    """Give a pipeline as inference runs it, which sees one window of frames at a time.

    An augmentation (`prob` below 1) is left out; else the neutral face is that of the window.

    Args:
        steps: Configs of the transforms.
        window: Source frames of a window.
        name: Whose pipeline it is, for messages.

    Raises:
        ValueError: If the pipeline wants a neutral face that a window cannot give.
    """
    chosen = []
    for step in map(dict, steps):
        if str(step["type"]).rpartition(".")[-1] == "SubtractNeutral":
            if step.get("prob", 1.0) < 1:
                continue
            if step.get("neutral") == "given" or window == 1:
                why = (
                    "is given with each video" if window > 1 else "would be the one frame that it is asked of"
                )
                raise ValueError(
                    f"{name}: reads faces less their neutral face, which here {why}; score annotation files "
                    "with tools/test.py, or use a checkpoint trained with neutral='median' on windows"
                )
            step["of"] = "clip"
        chosen.append(step)
    return chosen
