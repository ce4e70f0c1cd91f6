"""Trains and asks one row of the ablation after another; what rows share is made once."""

from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
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
from ablation_rest import RestGuesser

from fau3d.synthetic.rendered_corpus import RestingShift

SHARE, BIAS = 0.7, 0.02  # of the rows that do not name them


@dataclass(frozen=True)
class Row:
    """What is trained and how it is asked.

    Attributes:
        section: Letter and name of its table.
        name: What the row changes.
        corpus: `rig`, `rendered`, `both`.
        people: Of each corpus; None for all.
        frames: Of each person; None for all.
        share: Of the way to the canonical face that everybody is moved.
        spread: Standard deviation of that share between people.
        bias: Smooth displacement drawn anew for each frame that is learned from.
        geometry: `2D` or `3D`.
        train_rest: Kinds of resting face that are removed before training; several teach in turn.
        test_rest: The one that is removed before asking.
        trace: Whether units at trace (A) count as present; else as not annotated, in training.
    """

    section: str
    name: str
    corpus: str = "rendered"
    people: int | None = None
    frames: int | None = None
    share: float = SHARE
    spread: float = 0.0
    bias: float = BIAS
    geometry: str = "2D"
    train_rest: tuple[str, ...] = ("raw",)
    test_rest: str = "raw"
    trace: bool = True

    def training(self) -> "Row":
        """Give the row without what does not change the network."""
        return replace(self, section="", name="", test_rest="")


@dataclass
class Clips:
    """Real faces, shape (T, 478, 3) in pixels each; NaN where none was found.

    Attributes:
        demo: The coded clip.
        coding: Its values by unit and frame.
        talkers: Neutral people who talk, by name; may be empty.
    """

    demo: np.ndarray
    coding: dict[str, dict[int, int]]
    talkers: dict[str, np.ndarray] = field(default_factory=dict)


class Bench:
    """Answers rows.

    Args:
        people: What is rendered: `train`, `held-out` and, if there is one, `shifted`.
        offset: Shape (478, 3): the way from the mean resting face of `train` to the canonical one, cm.
        clips: Real faces.
        recipe: How networks are trained.
        seeds: How many times.
    """

    def __init__(
        self, people: dict[str, Seen], offset: np.ndarray, clips: Clips, recipe: Recipe, seeds: int
    ) -> None:
        self.people, self.clips, self.seeds = people, clips, seeds
        self._offset, self._recipe = offset, recipe
        # Functions of the rows' values, remembered by the values alone.
        self.faces = lru_cache(maxsize=16)(self._make_faces)
        self.answers = lru_cache(maxsize=None)(self._train)
        self._guesser = lru_cache(maxsize=8)(self._make_guesser)
        self._removed = lru_cache(maxsize=4)(self._remove_from_train)
        self._rig = lru_cache(maxsize=1)(rig_faces)

    def _make_faces(self, part: str, share: float, spread: float, geometry: str) -> Faces:
        return make_faces(self.people[part], self._offset, RestingShift(share, spread), geometry)

    def _make_guesser(self, share: float, spread: float, geometry: str) -> RestGuesser:
        first = Row("", "", share=share, spread=spread, geometry=geometry)
        return RestGuesser(
            self.faces("train", share, spread, geometry), lambda: self.answers(first.training())[0]
        )

    def _remove_from_train(self, share: float, spread: float, geometry: str, kind: str) -> Faces:
        faces = self.faces("train", share, spread, geometry)
        points = self._guesser(share, spread, geometry).remove(faces, kind)
        assert points is not None
        return replace(faces, points=points)

    def _train(self, row: Row) -> list[Answer]:
        parts = []
        if row.corpus in ("rendered", "both"):
            place = (row.share, row.spread, row.geometry)
            parts += [pick(self._removed(*place, kind), row.people, row.frames) for kind in row.train_rest]
        if row.corpus in ("rig", "both"):
            everybody = self._rig(len(self.people["train"].numbers))
            parts.append(pick(everybody, row.people, row.frames))
        faces = join(parts)
        targets = faces.occurrence if row.trace else without(faces, TRACE_BELOW)
        return [train(faces.points, targets, row.bias, self._recipe, seed) for seed in range(self.seeds)]

    def score(self, row: Row) -> tuple[dict[str, float], dict[str, float]]:
        """Give figures, means over the seeds, and their standard deviations between seeds."""
        answers = self.answers(row.training())
        guesser = self._guesser(row.share, row.spread, row.geometry)
        demo = coded_faces(self.clips.demo, self.clips.coding, row.geometry)
        faces = {
            name: self.faces(name, row.share, row.spread, row.geometry)
            for name in self.people
            if name != "train"
        }
        asked = {name: guesser.remove(part, row.test_rest) for name, part in (faces | {"real": demo}).items()}
        talking = []
        for keypoint in self.clips.talkers.values():
            points, _ = real_points(keypoint, row.geometry)
            empty = np.zeros((len(points), 0))
            face = Faces(points, empty, empty, np.zeros(len(points), int))
            talking.append(guesser.remove(face, row.test_rest))
        runs: list[dict[str, float]] = []
        for answer in answers:
            figures: dict[str, float] = {}
            for name, part in faces.items():
                points = asked[name]
                assert points is not None
                figures |= score_people(answer(points), part, name)
            if asked["real"] is not None:
                figures |= score_clip(answer(asked["real"]), demo)
            told = [score_quiet(answer(points)) for points in talking if points is not None]
            figures |= {key: mean([one[key] for one in told]) for key in (told[0] if told else ())}
            runs.append(figures)
        keys = runs[0]
        means = {key: mean([run[key] for run in runs]) for key in keys}
        return means, {key: float(np.std([run[key] for run in runs])) for key in keys}

    def distance_to_real_rest(self, share: float, geometry: str = "2D") -> dict[str, float]:
        """Measure how far the mean resting face lies from real ones: the median faces of the talkers.

        Returns:
            By talker: rms over points and coordinates, eye distances.
        """
        base = self._guesser(share, 0.0, geometry).base
        return {
            name: float(np.sqrt(((np.median(real_points(points, geometry)[0], axis=0) - base) ** 2).mean()))
            for name, points in self.clips.talkers.items()
        }
