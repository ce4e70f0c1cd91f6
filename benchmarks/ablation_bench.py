"""Trains and asks one row of the ablation after another; what rows share is made once."""

import math
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
from ablation_adaptation import ADAPTATIONS, adapt
from ablation_data import Faces, Seen, coded_faces, join, make_faces, pick, real_points, rig_faces
from ablation_model import (
    TRACE_BELOW,
    Answer,
    Recipe,
    mean,
    score_clip,
    score_people,
    score_quiet,
    train,
    without,
)
from ablation_photographs import Photographs, score_photographs
from ablation_rest import STILL_KINDS, RestGuesser

from fau3d.synthetic.rendered_corpus import RestingShift

BIAS = 0.02  # of the rows that do not name it
# Standard deviation, between shifted people, of the share that they are moved: they are of another world, in
# which not everybody rests where the training people do.
OTHERS_SPREAD = 0.3


@dataclass(frozen=True)
class Row:
    """What is trained and how it is asked.

    Attributes:
        section: Letter and name of its table.
        name: What the row changes.
        corpus: `rig`, `rendered`, `both`.
        people: Of each corpus; None for all.
        frames: Of each person; None for all.
        face: Resting face that everybody is moved to, one of `RESTING_FACES`.
        share: Of the way to it that everybody is moved.
        spread: Standard deviation of that share between people.
        bias: Smooth displacement drawn anew for each frame that is learned from.
        geometry: `2D` or `3D`.
        train_rest: Kinds of resting face that are removed before training; several teach in turn.
        test_rest: The one that is removed before asking, or one of `ADAPTATIONS` instead.
        trace: Whether units at trace (A) count as present; else as not annotated, in training.
    """

    section: str
    name: str
    corpus: str = "rendered"
    people: int | None = None
    frames: int | None = None
    face: str = "photographed"
    share: float = 1.0
    spread: float = 0.0
    bias: float = BIAS
    geometry: str = "2D"
    train_rest: tuple[str, ...] = ("raw",)
    test_rest: str = "raw"
    trace: bool = True

    @property
    def shift(self) -> RestingShift:
        """Where people are moved."""
        return RestingShift(self.face, self.share, self.spread)

    def training(self) -> "Row":
        """Give the row without what does not change the network."""
        return replace(self, section="", name="", test_rest="")


@dataclass
class Clips:
    """Real faces; of a clip, shape (T, 478, 3) in pixels, NaN where none was found.

    Attributes:
        demo: The coded clip.
        coding: Its values by unit and frame.
        talkers: Neutral people who talk, by name; may be empty.
        photographs: Of many people, or None.
    """

    demo: np.ndarray
    coding: dict[str, dict[int, int]]
    talkers: dict[str, np.ndarray] = field(default_factory=dict)
    photographs: Photographs | None = None

    def resting(self, geometry: str) -> dict[str, np.ndarray]:
        """Give resting faces (91, 2) by name: medians of each talker's frames and of calm photographs."""
        found = {name: real_points(points, geometry)[0] for name, points in self.talkers.items()}
        if self.photographs is not None and self.photographs.calm.any():
            calm = self.photographs.points[self.photographs.calm]
            found["calm photographs"] = real_points(calm, geometry)[0]
        return {name: np.median(points, axis=0) for name, points in found.items()}


class Bench:
    """Answers rows.

    Args:
        people: What is rendered: `train`, `held-out` and, if there is one, `shifted`.
        offsets: Shape (478, 3) each: the ways from the mean resting face of `train` to `RESTING_FACES`, cm.
        clips: Real faces.
        recipe: How networks are trained.
        seeds: How many times.
    """

    def __init__(
        self,
        people: dict[str, Seen],
        offsets: dict[str, np.ndarray],
        clips: Clips,
        recipe: Recipe,
        seeds: int,
    ) -> None:
        self.people, self.clips, self.seeds = people, clips, seeds
        self._offsets, self._recipe = offsets, recipe
        # Functions of the rows' values, remembered by the values alone.
        self.faces = lru_cache(maxsize=16)(self._make_faces)
        self.answers = lru_cache(maxsize=None)(self._train)
        self._guesser = lru_cache(maxsize=8)(self._make_guesser)
        self._removed = lru_cache(maxsize=4)(self._remove_from_train)
        self._rig = lru_cache(maxsize=1)(rig_faces)

    def _make_faces(self, part: str, shift: RestingShift, geometry: str) -> Faces:
        if part == "shifted":
            shift = replace(shift, spread=math.hypot(shift.spread, OTHERS_SPREAD))
        return make_faces(self.people[part], self._offsets[shift.face], shift, geometry)

    def _make_guesser(self, shift: RestingShift, geometry: str) -> RestGuesser:
        first = Row("", "", face=shift.face, share=shift.share, spread=shift.spread, geometry=geometry)
        return RestGuesser(self.faces("train", shift, geometry), lambda: self.answers(first.training())[0])

    def _remove_from_train(self, shift: RestingShift, geometry: str, kind: str) -> Faces:
        faces = self.faces("train", shift, geometry)
        points = self._guesser(shift, geometry).remove(faces, kind)
        assert points is not None
        return replace(faces, points=points)

    def _train(self, row: Row) -> list[Answer]:
        parts = []
        if row.corpus in ("rendered", "both"):
            removed = [self._removed(row.shift, row.geometry, kind) for kind in row.train_rest]
            parts += [pick(faces, row.people, row.frames) for faces in removed]
        if row.corpus in ("rig", "both"):
            everybody = self._rig(len(self.people["train"].numbers))
            parts.append(pick(everybody, row.people, row.frames))
        faces = join(parts)
        targets = faces.occurrence if row.trace else without(faces, TRACE_BELOW)
        return [train(faces.points, targets, row.bias, self._recipe, seed) for seed in range(self.seeds)]

    def score(self, row: Row) -> tuple[dict[str, float], dict[str, float]]:
        """Give figures, means over the seeds, and their standard deviations between seeds."""
        answers = self.answers(row.training())
        guesser = self._guesser(row.shift, row.geometry)
        people = {name: self.faces(name, row.shift, row.geometry) for name in self.people if name != "train"}
        demo = coded_faces(self.clips.demo, self.clips.coding, row.geometry)
        asked = {
            name: _prepare(part, row.test_rest, guesser) for name, part in (people | {"real": demo}).items()
        }
        talking = [_prepare(face, row.test_rest, guesser) for face in self._talking(row.geometry)]
        photographs = self.clips.photographs
        # Whoever is seen once has no median face but the one that is seen.
        alone = photographs is not None and row.test_rest in (*STILL_KINDS, *ADAPTATIONS)
        stills = _prepare(photographs.faces(row.geometry), row.test_rest, guesser) if alone else None
        runs: list[dict[str, float]] = []
        for answer in answers:
            figures: dict[str, float] = {}
            for name, part in people.items():
                points = asked[name]
                assert points is not None
                figures |= score_people(answer(points), part, name)
            if asked["real"] is not None:
                figures |= score_clip(answer(asked["real"]), demo)
            told = [score_quiet(answer(points)) for points in talking if points is not None]
            figures |= {key: mean([one[key] for one in told]) for key in (told[0] if told else ())}
            if stills is not None:
                figures |= score_photographs(answer(stills), photographs)
            runs.append(figures)
        keys = runs[0]
        means = {key: mean([run[key] for run in runs]) for key in keys}
        return means, {key: float(np.std([run[key] for run in runs])) for key in keys}

    def _talking(self, geometry: str) -> list[Faces]:
        found = []
        for keypoint in self.clips.talkers.values():
            points, _ = real_points(keypoint, geometry)
            empty = np.zeros((len(points), 0))
            found.append(Faces(points, empty, empty, np.zeros(len(points), int)))
        return found

    def distance_to_real_rest(self, shift: RestingShift, geometry: str = "2D") -> dict[str, float]:
        """Measure how far the mean resting face lies from real ones, `Clips.resting`.

        Returns:
            By name: rms over points and coordinates, eye distances.
        """
        base = self._guesser(shift, geometry).base
        return {
            name: float(np.sqrt(((face - base) ** 2).mean()))
            for name, face in self.clips.resting(geometry).items()
        }


def _prepare(faces: Faces, kind: str, guesser: RestGuesser) -> np.ndarray | None:
    """Give the points (N, 91, 2) that are asked, or None where `kind` asks for what nobody knows."""
    if kind in ADAPTATIONS:
        return adapt(faces.points, guesser.train.points, kind)
    return guesser.remove(faces, kind)
