"""Labels as a machine coder would give them: wrong more often on some units, some people and some frames."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

PRESENT_FROM = 1.0
"""Felt intensity from which the machine calls a unit present."""


@dataclass(frozen=True)
class LabelNoise:
    """How a machine coder errs.

    The coder feels an intensity: the true one, moved by a bias of the unit, one of the unit on the person's
    face, and an error that lasts some frames. What it feels from 1 on it calls present. Beside that it says
    the contrary now and then, and of some units it knows next to nothing. Errors are larger on hard frames,
    and its confidence is lower there.

    Attributes:
        bias: Lowest and highest bias of a unit, in grades: below 0 it under-calls, above 0 it over-calls.
        person_bias: Standard deviation of the bias between people, in grades.
        error: Standard deviation of the lasting error on a frame of middling hardness, in grades.
        flip: Lowest and highest share of a unit's labels that are the contrary, at random.
        guessed_units: How many units have labels near chance.
        guessed: Share of those units' labels that have nothing to do with the face: they are as often present
            as the others.
        hold: Frames for which hardness, errors and guesses last, about.
        blind: How badly the confidence knows the hardness: 0 exactly, 1 not at all.
        seed: Of everything drawn.
    """

    bias: tuple[float, float] = (-1.0, 0.9)
    person_bias: float = 0.4
    error: float = 0.5
    flip: tuple[float, float] = (0.01, 0.08)
    guessed_units: int = 3
    guessed: float = 0.8
    hold: float = 8.0
    blind: float = 0.3
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("bias", "flip"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name} is ({low}, {high}); wanted the lower end first")
        for name, value in (("flip", self.flip[1]), ("guessed", self.guessed), ("blind", self.blind)):
            if not 0 <= value <= 1:
                raise ValueError(f"{name} is {value}; wanted 0 to 1")
        if self.hold < 1:
            raise ValueError(f"hold is {self.hold} frames; wanted at least 1")


class NoisyCoder:
    """One machine coder: its weak units are drawn once, its errors in every video anew.

    Args:
        au_names: The A units.
        noise: How it errs.

    Attributes:
        bias: Shape (A,), grades.
        flip: Shape (A,), share of labels.
        guessed: Shape (A,), share of labels; 0 for units that it knows.
    """

    def __init__(self, au_names: Sequence[str], noise: LabelNoise) -> None:
        self.au_names, self.noise = tuple(au_names), noise
        rng = np.random.default_rng((noise.seed, 0))
        count = len(self.au_names)
        # Spread evenly and dealt out at random: few units must not all happen to be good ones.
        self.bias = rng.permutation(np.linspace(*noise.bias, count))
        self.flip = rng.permutation(np.linspace(*noise.flip, count))
        self.guessed = np.zeros(count)
        self.guessed[rng.permutation(count)[: noise.guessed_units]] = noise.guessed
        self._rate = np.full(count, 0.1)

    def code(self, annotations: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Give the annotations with the coder's labels in place of the true ones.

        Args:
            annotations: With `au_occurrence` and `au_intensity` (T, A) in the columns of `au_names`, and
                `subject`.

        Yields:
            Copies with the coder's `au_occurrence` (a label that is not known stays so), its `au_intensity`,
            and `label_weight` (T,) float32 in [0, 1], its confidence. `label` is left out.

        Raises:
            ValueError: If an annotation has other columns.
        """
        known = list(annotations)
        self._rate = self._rates(known)
        for number, annotation in enumerate(known):
            yield self._code(annotation, np.random.default_rng((self.noise.seed, 1, number)))

    def _code(self, annotation: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
        truth, intensity = annotation["au_occurrence"], annotation["au_intensity"]
        frames, noise = len(truth), self.noise
        hardness = np.exp(0.7 * lasting(frames, 1, noise.hold, rng)[:, 0])
        bias = self.bias + self._of_person(str(annotation.get("subject", "")))
        error = noise.error * hardness[:, None] * lasting(frames, len(self.bias), noise.hold, rng)
        felt = np.where(np.isnan(intensity), 3.0 * (truth == 1), intensity) + bias + error
        present = felt >= PRESENT_FROM
        # Hard frames have more than their share of what is turned round; the mean stays about the rate.
        turned = rng.random(present.shape) < self.flip * (hardness / np.exp(0.245))[:, None]
        present ^= turned
        guesses = _share(lasting(frames, len(self.bias), noise.hold, rng), self._rate)
        guessing = _share(lasting(frames, len(self.bias), noise.hold, rng), self.guessed)
        present = np.where(guessing, guesses, present)
        sure = (1 - noise.blind) * -np.log(hardness) / 0.7 + noise.blind * rng.standard_normal(frames)
        told = {
            "au_occurrence": np.where(truth >= 0, present, -1).astype(np.int8),
            "au_intensity": np.where(truth >= 0, np.clip(felt, 0, 5), np.nan).astype(np.float32),
            "label_weight": (1 / (1 + np.exp(-2 * sure - 1))).astype(np.float32),
        }
        return {key: value for key, value in annotation.items() if key != "label"} | told

    def _of_person(self, subject: str) -> np.ndarray:
        """Give a person's own bias (A,), the same in all videos of theirs."""
        drawn = np.random.default_rng((self.noise.seed, 2, *subject.encode())).standard_normal(len(self.bias))
        return self.noise.person_bias * drawn

    def _rates(self, annotations: Sequence[Mapping[str, Any]]) -> np.ndarray:
        counts = np.zeros((2, len(self.au_names)))
        for annotation in annotations:
            truth = annotation["au_occurrence"]
            if truth.shape[1] != len(self.au_names) or annotation["au_intensity"].shape != truth.shape:
                raise ValueError(
                    f"{annotation.get('frame_dir', '?')}: labels of {truth.shape[1]} units; wanted "
                    f"occurrence and intensity of {len(self.au_names)}: {', '.join(self.au_names)}"
                )
            counts += (truth == 1).sum(0), (truth >= 0).sum(0)
        return counts[0] / np.maximum(counts[1], 1)


def lasting(frames: int, columns: int, hold: float, rng: np.random.Generator) -> np.ndarray:
    """Draw noise of unit variance that changes slowly, shape (frames, columns).

    Args:
        frames: T.
        columns: Independent series.
        hold: Frames after which a value has little left of what it was.
        rng: Draws it.
    """
    keep = np.exp(-1 / hold)
    fresh = rng.standard_normal((frames, columns))
    values = np.empty_like(fresh)
    for t in range(frames):
        values[t] = fresh[t] if t == 0 else keep * values[t - 1] + np.sqrt(1 - keep**2) * fresh[t]
    return values


def _share(values: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Choose a share (A,) of the entries of normal series (T, A), in stretches."""
    return values < ndtri(share)
