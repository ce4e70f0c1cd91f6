"""What the ablation learns from and is asked: aligned points of many people, and of real clips.

Every face comes as the 91 expressive points of MediaPipe, aligned frame by frame: in distances between the
outer eye corners, x to the right of the image and y down, the eyes' middle at the origin.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fau3d.synthetic.actions import ActionMap, action_map
from fau3d.synthetic.corpus import CorpusConfig, make_corpus, set_stage
from fau3d.synthetic.labels import LABELLED_AUS, labels_of
from fau3d.synthetic.rendered import SeenPerson, Sighting
from fau3d.synthetic.rendered_corpus import RestingShift
from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.resting import canonical_face
from fau3d.synthetic.rig import load_rig
from fau3d.synthetic.seen_people import load_person
from fau3d.topology import get_topology

WHOLE, POINTS = get_topology("mediapipe478"), get_topology("mediapipe91")
UNITS = tuple(au for au in LABELLED_AUS if not au.endswith(("_L", "_R")))
COLUMNS = np.array([LABELLED_AUS.index(au) for au in UNITS])
RIGID = np.array([point for point in WHOLE.rigid if point < len(canonical_face())])
# The points that are kept of a seen face: those that are read, and behind them the rigid ones.
KEPT = np.concatenate([np.asarray(POINTS.parent_index), RIGID])
READ = POINTS.num_points


@dataclass(frozen=True)
class Seen:
    """Frames and resting stills of P people as an extractor saw them.

    Attributes:
        points: Shape (N, K, 3), pixels: the points `KEPT`.
        turns: Shape (N, 3, 3): rotations of the head.
        scale: Shape (N,): pixels for a centimetre.
        occurrence: Shape (N, A): 1, 0, -1 = not annotated.
        intensity: Shape (N, A): 0 to 5, NaN = not annotated.
        person: Shape (N,), rising: whose face it is, 0 to P - 1.
        numbers: Shape (P,): of the people in their corpus.
        rests: A `Seen` of the resting stills; None in a `Seen` of such stills.
    """

    points: np.ndarray
    turns: np.ndarray
    scale: np.ndarray
    occurrence: np.ndarray
    intensity: np.ndarray
    person: np.ndarray
    numbers: np.ndarray
    rests: "Seen | None" = None


@dataclass(frozen=True)
class Faces:
    """Aligned frames; fields as in `Seen`.

    Attributes:
        points: Shape (N, 91, 2), float32.
        occurrence: Shape (N, A).
        intensity: Shape (N, A).
        person: Shape (N,), rising.
        rest: Shape (P, 91, 2): resting face of each person; None where nobody knows it.
    """

    points: np.ndarray
    occurrence: np.ndarray
    intensity: np.ndarray
    person: np.ndarray
    rest: np.ndarray | None = None


def person_files(folder: Path) -> list[Path]:
    """List the files of a rendered corpus by number.

    Raises:
        FileNotFoundError: If there are none.
    """
    files = sorted((folder / "people").glob("person*.npz"))
    if not files:
        raise FileNotFoundError(
            f"{folder}: no people/person*.npz; make a rendered corpus with tools/synthetic/render_corpus.py"
        )
    return files


def read_people(files: Iterable[Path]) -> dict[int, SeenPerson]:
    """Read people by their numbers; those whose resting face or sequences were never seen are left out."""
    people = {int(file.stem[len("person") :]): load_person(file) for file in files}
    return {
        number: person
        for number, person in people.items()
        if _visible(person.rest).any() and any(_visible(sequence).any() for sequence in person.sequences)
    }


def see(people: Mapping[int, SeenPerson], actions: ActionMap) -> Seen:
    """Gather the frames of people, by number, in which a face was found."""
    sequences = [
        (place, sequence) for place, person in enumerate(people.values()) for sequence in person.sequences
    ]
    rests = _gather([(place, person.rest) for place, person in enumerate(people.values())], actions)
    numbers = np.array(list(people))
    return replace(_gather(sequences, actions), numbers=numbers, rests=replace(rests, numbers=numbers))


def _gather(sightings: list[tuple[int, Sighting]], actions: ActionMap) -> Seen:
    parts = []
    for place, sighting in sightings:
        seen = _visible(sighting)
        if not seen.any():
            continue
        intensity, occurrence = labels_of(actions, sighting.performance)
        at = sighting.index[seen]
        turns = np.stack([rotation(*pose) for pose in sighting.poses[seen]])
        parts.append(
            (
                sighting.points[seen][:, KEPT],
                turns,
                np.full(len(at), sighting.scale),
                occurrence[at][:, COLUMNS],
                intensity[at][:, COLUMNS],
                np.full(len(at), place),
            )
        )
    return Seen(*(np.concatenate(column) for column in zip(*parts)), numbers=np.zeros(0))


def _visible(sighting: Sighting) -> np.ndarray:
    if sighting.points.shape[1] != WHOLE.num_points:
        return np.zeros(len(sighting.points), bool)
    return np.isfinite(sighting.points).all((1, 2))


def make_faces(seen: Seen, offset: np.ndarray, shift: RestingShift, geometry: str = "2D") -> Faces:
    """Move resting faces and align the frames.

    Args:
        seen: The frames.
        offset: Shape (478, 3): the way to the face of the shift, cm.
        shift: How far each person goes along it.
        geometry: `2D`: by the eye corners, as `AlignEyes` does. `3D`: turned to the front by the rigid points
            before.

    Returns:
        The faces, with their resting faces.
    """
    shares = np.array([shift.share_of(int(number)) for number in seen.numbers])
    assert seen.rests is not None
    rests = _aligned(seen.rests, offset, shares, geometry)
    rest = np.stack([rests[seen.rests.person == person].mean(0) for person in range(len(seen.numbers))])
    points = _aligned(seen, offset, shares, geometry)
    return Faces(points, seen.occurrence, seen.intensity, seen.person, rest)


def _aligned(seen: Seen, offset: np.ndarray, shares: np.ndarray, geometry: str) -> np.ndarray:
    way = np.einsum("nij,vj->nvi", seen.turns, offset[KEPT]) * (1, -1, -1)
    moved = seen.points + (shares[seen.person] * seen.scale)[:, None, None] * way
    return align(moved) if geometry == "2D" else align(frontal(moved))


def align(points: np.ndarray) -> np.ndarray:
    """Align points (N, K, C), pixels, by the eye corners; gives the first 91 (N, 91, 2), float32."""
    points = points[:, :READ, :2].astype(np.float64)
    corners = points[:, POINTS.eye_corners]
    left, right = corners[:, :2].mean(1), corners[:, 2:].mean(1)
    width = np.linalg.norm(corners[:, 0] - corners[:, 3], axis=-1)
    line = (left - right) / np.linalg.norm(left - right, axis=-1, keepdims=True)
    centred = points - ((left + right) / 2)[:, None]
    across = (centred * line[:, None]).sum(-1)
    down = centred[..., 1] * line[:, :1] - centred[..., 0] * line[:, 1:]
    return (np.stack([across, down], -1) / width[:, None, None]).astype(np.float32)


def frontal(points: np.ndarray) -> np.ndarray:
    """Turn points `KEPT` (N, K, 3), pixels, to the front: the rigid ones onto the canonical face's.

    Source:
        Kabsch, Acta Crystallographica A32, 1976; no scaling.
    """
    upright = points.astype(np.float64) * (1, -1, -1)
    rigid = upright[:, READ:]
    middle = rigid.mean(1, keepdims=True)
    goal = canonical_face()[RIGID].astype(np.float64)
    u, _, vt = np.linalg.svd(np.einsum("nvi,vj->nij", rigid - middle, goal - goal.mean(0)))
    u[:, :, 2] *= np.sign(np.linalg.det(u @ vt))[:, None]
    return ((upright - middle) @ (u @ vt)) * (1, -1, -1)


def rig_faces(people: int) -> Faces:
    """Make people of the cheap corpus, points of a rig with noise, as many frames of each as are rendered."""
    config = CorpusConfig(people=people, sequences_per_person=2, frames=48)
    stage = set_stage(load_rig(WHOLE.name), config, np.asarray(POINTS.parent_index), POINTS.name)
    parts = make_corpus(stage, progress=False)
    names = list(dict.fromkeys(part["subject"] for part in parts))
    keypoint = np.concatenate([part["keypoint"][0, ::2] for part in parts])
    person = [np.full(len(part["au_occurrence"][::2]), names.index(part["subject"])) for part in parts]
    # Like the extractor, the measured detector now and then finds no face.
    seen = np.isfinite(keypoint).all((1, 2))
    return Faces(
        align(keypoint[seen]),
        np.concatenate([part["au_occurrence"][::2, COLUMNS] for part in parts])[seen],
        np.concatenate([part["au_intensity"][::2, COLUMNS] for part in parts])[seen],
        np.concatenate(person)[seen],
    )


def real_points(keypoint: np.ndarray, geometry: str) -> tuple[np.ndarray, np.ndarray]:
    """Align a real face.

    Args:
        keypoint: Shape (T, 478, 3), pixels; NaN where no face was found.
        geometry: As `make_faces` has it.

    Returns:
        Points (N, 91, 2) and their frames (N,).
    """
    seen = np.flatnonzero(np.isfinite(keypoint).all((1, 2)))
    kept = keypoint[seen][:, KEPT]
    return (align(kept) if geometry == "2D" else align(frontal(kept))), seen


def coded_faces(keypoint: np.ndarray, coding: Mapping[str, Mapping[int, int]], geometry: str) -> Faces:
    """Align a real face with its coding, values by unit and frame; units that are not coded are -1."""
    points, frames = real_points(keypoint, geometry)
    occurrence = np.full((len(frames), len(UNITS)), -1, np.int8)
    for unit, values in coding.items():
        if unit in UNITS:
            occurrence[:, UNITS.index(unit)] = [values.get(int(frame), -1) for frame in frames]
    nothing = np.full(occurrence.shape, np.nan, np.float32)
    return Faces(points, occurrence, nothing, np.zeros(len(frames), int))


def pick(faces: Faces, people: int | None = None, frames: int | None = None) -> Faces:
    """Take the first people, and of each some frames that lie evenly apart."""
    kept = []
    for person in np.unique(faces.person)[:people]:
        own = np.flatnonzero(faces.person == person)
        wanted = len(own) if frames is None else min(frames, len(own))
        kept.append(own[np.linspace(0, len(own) - 1, wanted).round().astype(int)])
    index = np.concatenate(kept)
    parts = {name: getattr(faces, name)[index] for name in ("points", "occurrence", "intensity", "person")}
    return replace(faces, **parts)


def join(parts: Sequence[Faces]) -> Faces:
    """Put faces of different people together; their resting faces are dropped."""
    names = ("points", "occurrence", "intensity")
    first = np.cumsum([0, *(part.person.max() + 1 for part in parts[:-1])])
    person = np.concatenate([part.person + start for part, start in zip(parts, first)])
    return Faces(*(np.concatenate([getattr(part, name) for part in parts]) for name in names), person)


def driving_actions() -> ActionMap:
    """Give the action map of the rig that drives rendered people."""
    return action_map(load_rig("ibug68"))
