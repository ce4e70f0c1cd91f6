"""Movement over time: episodes of action units, blinks, gaze, speech, and slow wandering.

Durations follow the literature on facial timing: onsets of spontaneous expressions last about 0.3 to 0.8
s and posed ones less, offsets are slower than onsets, whole expressions of emotion mostly last 0.5 to 4 s
(Ekman and Friesen; Schmidt, Cohn and Tian on smiles); a blink takes 0.1 to 0.4 s with a closing phase of
about a third of it; syllables come at 3 to 7 a second.
"""

from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.actions import MEASURED_AUS, SYNTHETIC_AUS
from fau3d.synthetic.prototypes import ONE_SIDED_OTHERWISE, ONE_SIDED_SHARE, PROTOTYPES

LEFT, RIGHT = 0, 1
_COLUMN = {au: k for k, au in enumerate(SYNTHETIC_AUS)}
_WEIGHTS = np.array([weight for weight, _ in PROTOTYPES]) / sum(weight for weight, _ in PROTOTYPES)


def envelope(times: np.ndarray, start: float, onset: float, apex: float, offset: float) -> np.ndarray:
    """Give the course of one movement: 0, a smooth rise, a plateau at 1, a smooth fall, 0.

    Args:
        times: Shape (T,), seconds.
        start: When the rise begins (s).
        onset: Duration of the rise (s), positive.
        apex: Duration of the plateau (s).
        offset: Duration of the fall (s), positive.

    Returns:
        Shape (T,), in [0, 1].
    """
    rise = np.clip((times - start) / onset, 0, 1)
    fall = np.clip((times - start - onset - apex) / offset, 0, 1)
    return (0.5 - 0.5 * np.cos(np.pi * rise)) * (0.5 + 0.5 * np.cos(np.pi * fall))


def wander(rng: np.random.Generator, times: np.ndarray, columns: int, seconds: float) -> np.ndarray:
    """Draw smooth noise of unit variance.

    Args:
        rng: Source of chance.
        times: Shape (T,), evenly spaced seconds.
        columns: Number of independent courses.
        seconds: Time over which the courses lose their memory.

    Returns:
        Shape (T, columns).
    """
    # A few sines with random phase: the sum is smooth, stationary and of known variance.
    waves = 6
    frequency = np.abs(rng.normal(0, 1 / (2 * np.pi * seconds), (waves, columns)))
    phase = rng.uniform(0, 2 * np.pi, (waves, columns))
    amplitude = rng.rayleigh(np.sqrt(1 / waves), (waves, columns))
    angles = 2 * np.pi * frequency * times[:, None, None] + phase
    return (amplitude * np.sin(angles)).sum(1)


@dataclass(frozen=True)
class Plan:
    """How busy a sequence is.

    Attributes:
        quiet: Share of sequences without episodes (speech, blinks and head motion stay).
        prototypes: Share of episodes that are prototypes; the rest are random sets of units.
        keep: Share of a prototype's units that an episode keeps.
        speech: Share of sequences with speech.
        blinks_per_second: Mean rate of blinks.
    """

    quiet: float = 0.15
    prototypes: float = 0.5
    keep: float = 0.85
    speech: float = 0.35
    blinks_per_second: float = 0.28


def draw_units(rng: np.random.Generator, plan: Plan) -> dict[str, float]:
    """Draw the units of one episode and their strengths in (0, 1.1]."""
    strength = rng.uniform(0.3, 1.05)
    if rng.random() < plan.prototypes:
        chosen = PROTOTYPES[rng.choice(len(PROTOTYPES), p=_WEIGHTS)][1]
        units = {
            au: float(np.clip(full * strength * rng.uniform(0.65, 1.3), 0.15, 1.1))
            for au, full in chosen.items()
            if rng.random() < plan.keep
        }
        if units:
            return units
    count = rng.integers(1, 5)
    chosen_aus = rng.choice(SYNTHETIC_AUS, count, replace=False)
    return {str(au): float(rng.uniform(0.2, 1.05)) for au in chosen_aus}


def episodes(
    rng: np.random.Generator, times: np.ndarray, plan: Plan, columns: dict[str, int], end: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the episodes of a sequence from 0 to `end` seconds.

    Args:
        rng: Source of chance.
        times: Shape (T,), seconds; may reach beyond the sequence.
        plan: How busy the sequence is.
        columns: Column of each shape of the rig.
        end: Last moment of the sequence.

    Returns:
        Activations (T, A, 2), and weights (T, E) of the shapes that open lips and jaw in these episodes.
    """
    activation = np.zeros((len(times), len(SYNTHETIC_AUS), 2))
    opening = np.zeros((len(times), len(columns)))
    if rng.random() < plan.quiet:
        return activation, opening
    for _ in range(rng.integers(1, 5)):
        start = rng.uniform(-1.5, end - 0.3)
        posed = rng.random() < 0.4
        onset = rng.uniform(0.15, 0.4) if posed else rng.uniform(0.3, 0.9)
        apex = rng.gamma(2.0, 0.7)
        offset = rng.uniform(0.25, 0.6) if posed else rng.uniform(0.4, 1.3)
        for au, strength in draw_units(rng, plan).items():
            lag = rng.normal(0, 0.1)
            course = strength * envelope(times, start + lag, onset * rng.uniform(0.8, 1.25), apex, offset)
            if au in MEASURED_AUS:
                _open(rng, au, course, opening, columns)
            else:
                sides = _sides(rng, au)
                column = activation[:, _COLUMN[au]]
                np.maximum(column, course[:, None] * sides, out=column)
    return activation, opening


def _sides(rng: np.random.Generator, au: str) -> np.ndarray:
    """Draw the strength of the left and right side, mostly nearly equal."""
    sides = np.clip(rng.normal(1, 0.1, 2), 0.6, 1.2)
    if rng.random() < ONE_SIDED_SHARE.get(au, ONE_SIDED_OTHERWISE):
        sides[rng.integers(2)] *= rng.uniform(0, 0.25)
    return sides / max(sides.max(), 1.0)


def _open(
    rng: np.random.Generator, au: str, course: np.ndarray, opening: np.ndarray, columns: dict[str, int]
) -> None:
    """Open lips and jaw as one of AU25, AU26, AU27 does."""

    def add(shape: str, weight: float) -> None:
        if shape in columns:
            np.maximum(opening[:, columns[shape]], weight * course, out=opening[:, columns[shape]])

    if au == "AU27":
        add("jawOpen", rng.uniform(0.65, 1.0))
    elif au == "AU26":
        add("jawOpen", rng.uniform(0.2, 0.42))
    elif rng.random() < 0.5:
        add("jawOpen", rng.uniform(0.05, 0.15))
    else:
        up, down = rng.uniform(0.1, 0.45), rng.uniform(0.2, 0.7)
        for side in "LR":
            add(f"mouthUpperUp_{side}", up)
            add(f"mouthLowerDown_{side}", down)


def blinks(rng: np.random.Generator, times: np.ndarray, rate: float) -> np.ndarray:
    """Draw blinks: closure of both lids (T,), in [0, 1]."""
    closure = np.zeros(len(times))
    first = times[0] - 0.4
    for start in rng.uniform(first, times[-1], rng.poisson(rate * (times[-1] - first))):
        whole = rng.uniform(0.15, 0.4)
        course = envelope(times, start, 0.33 * whole, 0.15 * whole, 0.52 * whole)
        np.maximum(closure, rng.uniform(0.75, 1.05) * course, out=closure)
    return closure


def gaze(rng: np.random.Generator, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw where the eyes look: steps between fixations, as right (+) / left (-) and up (+) / down (-),
    (T,) each.
    """
    sideways, upward = np.zeros(len(times)), np.zeros(len(times))
    moments = np.sort(rng.uniform(times[0], times[-1], rng.poisson(0.8 * times[-1]) + 1))
    moments[0] = -1.0
    restless = rng.gamma(1.5, 0.14)
    for moment in moments:
        target = rng.normal(0, restless, 2)
        step = np.clip((times - moment) / 0.05, 0, 1)
        sideways += step * (target[0] - sideways)
        upward += step * (target[1] - 0.05 - upward)
    return np.clip(sideways, -1, 1), np.clip(upward, -1, 1)


# Visemes: weights of a mouth that talks; the rhythm sets how far each is reached.
_VISEMES: tuple[dict[str, float], ...] = (
    {"jawOpen": 0.28, "mouthLowerDown": 0.15},
    {"jawOpen": 0.15, "mouthStretch": 0.15, "mouthLowerDown": 0.2},
    {"jawOpen": 0.12, "mouthFunnel": 0.3},
    {"jawOpen": 0.06, "mouthPucker": 0.3, "mouthFunnel": 0.1},
    {"mouthPress": 0.2, "mouthRollLower": 0.12, "mouthRollUpper": 0.08},
    {"jawOpen": 0.04, "mouthRollLower": 0.25, "mouthUpperUp": 0.12},
    {"jawOpen": 0.08, "mouthUpperUp": 0.1, "mouthLowerDown": 0.15},
    {},
)


def speech(rng: np.random.Generator, times: np.ndarray, columns: dict[str, int]) -> np.ndarray:
    """Draw a talking mouth: shape weights (T, E), a new viseme every 70 to 200 ms, with pauses."""
    weights = np.zeros((len(times), len(columns)))
    loudness = rng.uniform(0.4, 1.2)
    moment = rng.uniform(-0.5, 0.6 * times[-1])
    stop = moment + rng.uniform(1.0, 6.0)
    while moment < min(stop, times[-1] + 0.3):
        length = rng.uniform(0.07, 0.2)
        viseme = _VISEMES[rng.integers(len(_VISEMES))]
        course = (
            loudness * rng.uniform(0.6, 1.2) * envelope(times, moment - length, length, 0.3 * length, length)
        )
        for shape, weight in viseme.items():
            for name in (shape, f"{shape}_L", f"{shape}_R"):
                if name in columns:
                    np.maximum(weights[:, columns[name]], weight * course, out=weights[:, columns[name]])
        moment += length if rng.random() < 0.9 else rng.uniform(0.3, 0.8)
    return weights
