"""From seen people to annotations: points between rendered frames, resting faces moved, exact labels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from fau3d.functional.geometry import apply_affine, similarity_from_points
from fau3d.synthetic.actions import ActionMap
from fau3d.synthetic.corpus import sequence_annotation
from fau3d.synthetic.labels import labels_of
from fau3d.synthetic.looks import BROW_LIFT
from fau3d.synthetic.rendered import SeenPerson, Sighting
from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.resting import align_similarity, canonical_face
from fau3d.topology import get_topology

_BROW_MARKS = slice(17, 27)
_CALM_SHARE = 0.1  # of a person's frames, those in which least is shown, say how they rest


@dataclass(frozen=True)
class RestingShift:
    """Where resting faces are moved before training.

    Attributes:
        face: The face they are moved to, one of `RESTING_FACES`.
        share: How far the mean resting face is moved onto it: 0 = not, 1 = wholly.
        spread: Standard deviation of that share between people.
        seed: Of the shares.
    """

    face: str = "photographed"
    share: float = 1.0
    spread: float = 0.0
    seed: int = 0

    def share_of(self, person: int) -> float:
        """Draw the share of one person."""
        rng = np.random.default_rng([self.seed, person])
        return self.share + self.spread * float(rng.normal())


def mean_rest(people: Iterable[SeenPerson]) -> np.ndarray:
    """Average the resting faces that an extractor of `mediapipe478` saw, turned to the front.

    Args:
        people: Seen people.

    Returns:
        Shape (478, 3): centimetres, x to the subject's left, y up, z out of the face.

    Raises:
        ValueError: If no resting face was seen.
    """
    faces = []
    canonical = canonical_face()
    for person in people:
        sighting = person.rest
        for points, pose in zip(sighting.points, sighting.poses):
            if len(points) != 478 or not np.isfinite(points).all():
                continue
            face = points * (1, -1, -1) / sighting.scale @ rotation(*pose)
            # Centred alike: only where the parts of a face lie to each other is averaged.
            shift = align_similarity(canonical, face[: len(canonical)]).mean(0)
            faces.append(face - shift)
    if not faces:
        raise ValueError("no resting face was seen; render people first")
    return np.mean(faces, axis=0)


class Annotator:
    """Writes annotations of seen people.

    Args:
        actions: The map of the rig that drove them.
        topology: Points wanted: `mediapipe478` or a subset of it from the extractor's answers; `ibug68` from
            the extractor's answers in one sequence and from the true landmarks in the next, since extractors
            of 68 points are not all alike.
        offset: Shape (478, 3): the way from the mean resting face to that of the shift, cm.
        shift: How far people go along it.
    """

    def __init__(self, actions: ActionMap, topology: str, offset: np.ndarray, shift: RestingShift) -> None:
        self._actions, self._offset, self._shift = actions, offset, shift
        self.topology = topology
        source = get_topology("mediapipe478")
        wanted = get_topology(topology)
        if topology == "ibug68":
            index = source.to_ibug68
        elif topology == source.name:
            index = np.arange(source.num_points)
        else:
            index = wanted.parent_index if wanted.parent == source.name else None
        if index is None:
            raise ValueError(
                f"topology {topology!r} cannot be made from mediapipe478; wanted ibug68, mediapipe478 or one "
                "of its subsets"
            )
        self._index = np.asarray(index)

    def annotations(self, person: SeenPerson, number: int) -> list[dict]:
        """Annotate one person's sequences; those in which the extractor found no face are left out.

        Each has the person's face at rest as `neutral_keypoint` (1, V, C); see `calm_face`.
        """
        name = f"person{number:05d}"
        share = self._shift.share_of(number)
        found = []
        for k, sighting in enumerate(person.sequences):
            if self.topology == "ibug68" and (number + k) % 2:
                points = _true_points(sighting) + self._moved(sighting, share)[..., :2]
            else:
                points = self._seen_points(sighting, share)
            if points.shape[1] == 0:
                continue
            labels = labels_of(self._actions, sighting.performance)
            keypoint = between(points, sighting.index, len(labels[0]))
            size = (sighting.size, sighting.size)
            found.append(sequence_annotation(f"{name}_{k:02d}", name, sighting.fps, size, keypoint, labels))
        corners = get_topology(self.topology).eye_corners
        # Seen and true points do not mix; elsewhere all sequences together say how a person rests.
        alike = [[one] for one in found] if self.topology == "ibug68" else [found] * len(found)
        return [
            {**annotation, "neutral_keypoint": calm_face(together, corners)[None]}
            for annotation, together in zip(found, alike)
        ]

    def _seen_points(self, sighting: Sighting, share: float) -> np.ndarray:
        if sighting.points.shape[1] == 0:
            return sighting.points
        points = sighting.points[:, self._index] + self._moved(sighting, share)
        return points[..., :2] if self.topology == "ibug68" else points

    def _moved(self, sighting: Sighting, share: float) -> np.ndarray:
        """Give how far the points (R, V, 3) of each frame are moved, pixels."""
        turns = np.stack([rotation(*pose) for pose in sighting.poses])
        offset = share * sighting.scale * self._offset[self._index]
        return (np.einsum("tij,vj->tvi", turns, offset) * (1, -1, -1)).astype(np.float32)


def calm_face(annotations: Sequence[Mapping[str, Any]], eye_corners: np.ndarray) -> np.ndarray:
    """Give a person's face at rest as seen while they move: the mean of their calmest frames.

    Stills of a face at rest, all in one pose, would not hold what turning does to points.

    Args:
        annotations: The sequences of one person.
        eye_corners: Indices of the points by which frames are laid over each other.

    Returns:
        Shape (V, C), float32, pixels of some frame; NaN where no frame shows a face.
    """
    faces = np.concatenate([annotation["keypoint"][0] for annotation in annotations])
    shown = np.concatenate([np.nansum(annotation["au_intensity"], axis=1) for annotation in annotations])
    seen = np.flatnonzero(np.isfinite(faces).all((1, 2)))
    if len(seen) == 0:
        return np.full(faces.shape[1:], np.nan, np.float32)
    calmest = seen[np.argsort(shown[seen], kind="stable")[: max(1, round(_CALM_SHARE * len(seen)))]]
    corners = faces[calmest][:, eye_corners, :2]
    onto_first = similarity_from_points(corners, corners[0])
    return apply_affine(faces[calmest], onto_first).mean(0).astype(np.float32)


def _true_points(sighting: Sighting) -> np.ndarray:
    """Give the true 68 landmarks (R, 68, 2), with brows where they are painted."""
    marks = sighting.marks[..., :2].copy()
    turns = np.stack([rotation(*pose) for pose in sighting.poses])
    lift = turns[:, :2, 1] * BROW_LIFT * sighting.scale * (1, -1)
    marks[:, _BROW_MARKS] += lift[:, None].astype(np.float32)
    return marks


def between(points: np.ndarray, index: np.ndarray, frames: int) -> np.ndarray:
    """Fill the frames between rendered ones.

    Args:
        points: Shape (R, V, C); NaN where no face was found.
        index: Shape (R,), rising: their frames.
        frames: Number T of frames wanted.

    Returns:
        Shape (T, V, C), float32: a straight line between neighbours, the last one held; NaN where either is.
    """
    at = np.interp(np.arange(frames), index, np.arange(len(index)))
    low = np.minimum(at.astype(np.int64), len(index) - 1)
    high = np.minimum(np.ceil(at).astype(np.int64), len(index) - 1)
    part = (at - low)[:, None, None].astype(np.float32)
    return ((1 - part) * points[low] + part * points[high]).astype(np.float32)


def rendered_metainfo(topology: str, recipe: dict, shift: RestingShift, au_names: Sequence[str]) -> dict:
    """Give the `metainfo` of a rendered corpus's annotation file, its whole recipe included."""
    return {
        "topology": topology,
        "au_names": list(au_names),
        "label_type": "intensity",
        "extractor": "mediapipe on renders" if topology != "ibug68" else "mediapipe and truth on renders",
        "fps": "as drawn",
        "format_version": 1,
        "source": "fau3d rendered corpus; geometry from ICT-FaceKit (MIT)",
        "recipe": {**recipe, "resting_shift": asdict(shift)},
    }
