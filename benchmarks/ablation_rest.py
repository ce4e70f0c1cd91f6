"""Ways to guess a person's resting face from frames in which they may be doing anything."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from ablation_data import Faces
from ablation_model import Answer
from numpy.typing import NDArray

LEAST_SHARE = 0.3  # share of a person's frames that counts as least expressive
PRIOR_FRAMES = 10.0  # as many frames the mean resting face counts for in a running median
RIDGE = 1.0
FOLDS = 5

BOTH = "learned and least expressive"  # the mean of the two
KINDS = (
    "raw", "oracle", "median", "half median", "least expressive", "learned", "half learned",
    "running median", "running learned", BOTH, f"half {BOTH}",
)  # fmt: skip
# Those that make sense of a person's only frame.
STILL_KINDS = ("raw", "learned", "half learned", "running median", "running learned")


@dataclass
class RestGuesser:
    """Guesses resting faces.

    Args:
        train: The faces that the network learns from; the learned guess learns from them too.
        first_pass: A network for single frames as they are, which says how expressive they are.
    """

    train: Faces
    first_pass: Callable[[], Answer]
    base: NDArray = field(init=False)

    def __post_init__(self) -> None:
        assert self.train.rest is not None
        self.base = self.train.rest.mean(0)

    def remove(self, faces: Faces, kind: str) -> np.ndarray | None:
        """Bring faces onto the mean resting face.

        Args:
            faces: Whose; those that were learned from are guessed by others than themselves.
            kind: One of `KINDS`.

        Returns:
            Points (N, 91, 2); None where the true resting face is wanted and nobody knows it.

        Raises:
            ValueError: If there is no such kind.
        """
        if kind not in KINDS:
            raise ValueError(f"no resting face of the kind {kind!r}; known: {list(KINDS)}")
        if kind == "raw":
            return faces.points
        if kind == "oracle":
            if faces.rest is None:
                return None
            return faces.points - faces.rest[faces.person] + self.base
        part = 0.5 if kind.startswith("half ") else 1.0
        guess = self._guess(faces, kind.removeprefix("half "))
        return (faces.points - part * (guess - self.base)).astype(np.float32)

    def _guess(self, faces: Faces, kind: str) -> np.ndarray:
        if kind == BOTH:
            return (self._guess(faces, "learned") + self._guess(faces, "least expressive")) / 2
        learned = self._learned(faces) if kind.endswith("learned") else None
        expressive = self.first_pass()(faces.points).sum(1) if kind == "least expressive" else None
        guess = np.empty_like(faces.points)
        for person in np.unique(faces.person):
            own = faces.person == person
            points = faces.points[own]
            if kind == "median":
                guess[own] = np.median(points, axis=0)
            elif kind == "running median":
                guess[own] = self._running_median(points)
            elif learned is not None:
                count = np.arange(1, len(points) + 1)[:, None, None]
                running = kind == "running learned"
                guess[own] = learned[own].cumsum(0) / count if running else learned[own].mean(0)
            else:
                assert expressive is not None
                order = np.argsort(expressive[own])
                guess[own] = points[order[: max(3, round(LEAST_SHARE * len(points)))]].mean(0)
        return guess

    def _running_median(self, points: np.ndarray) -> np.ndarray:
        """Guess from a frame and those before it; the first ones, few as they are, count for little."""
        medians = np.stack([np.median(points[: k + 1], axis=0) for k in range(len(points))])
        weight = np.arange(1, len(points) + 1)[:, None, None]
        return (weight * medians + PRIOR_FRAMES * self.base) / (weight + PRIOR_FRAMES)

    def _learned(self, faces: Faces) -> np.ndarray:
        """Guess from each frame alone, by ridge regression."""
        if faces is not self.train:
            return self._ridge(self.train.person >= 0)(faces.points)
        guess = np.empty_like(faces.points)
        for fold in range(FOLDS):
            left_out = faces.person % FOLDS == fold
            if left_out.any():
                guess[left_out] = self._ridge(~left_out)(faces.points[left_out])
        return guess

    def _ridge(self, rows: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        train = self.train
        assert train.rest is not None
        x = train.points[rows].reshape(rows.sum(), -1).astype(np.float64)
        y = (train.rest[train.person[rows]] - self.base).reshape(len(x), -1)
        middle, goal = x.mean(0), y.mean(0)
        x = x - middle
        weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1]), x.T @ (y - goal))

        def guess(points: np.ndarray) -> np.ndarray:
            moved = (points.reshape(len(points), -1) - middle) @ weights + goal
            return (moved.reshape(points.shape) + self.base).astype(np.float32)

        return guess
