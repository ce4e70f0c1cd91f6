"""Movement over time: episodes of action units, blinks, gaze, speech, and slow wandering.

Where durations come from:

- Whole expressions: smiles of enjoyment last 0.5 to 4 s (Frank, Ekman and Friesen, Journal of Personality
  and Social Psychology, 1993).
- Posed or spontaneous: deliberate smiles move faster (Schmidt, Ambadar, Cohn and Reed, Journal of Nonverbal
  Behavior, 2006), deliberate brow raises also take less time (Schmidt, Bhattacharya and Denlinger, same
  journal, 2009). How long onsets and offsets are is judgement.
- Blinks: about 0.1 s to close, at most 0.3 s shut, 0.1 s to open, so none takes over half a second (Stern,
  Walrath and Goldstein, Psychophysiology, 1984); 17 a minute at rest, 26 in conversation, log-normal between
  people (Bentivoglio et al., Movement Disorders, 1997).
- Speech: the mouth's opening goes up and down 2 to 7 times a second (Chandrasekaran et al., PLoS
  Computational Biology, 2009).
"""

from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.actions import MEASURED_AUS, SYNTHETIC_AUS
from fau3d.synthetic.prototypes import (
    EXCLUSIVE,
    ONE_SIDED_OTHERWISE,
    ONE_SIDED_SHARE,
    PROTOTYPES,
    RANDOM_WEIGHT,
    UPPER_FACE,
)

LEFT, RIGHT = 0, 1
_COLUMN = {au: k for k, au in enumerate(SYNTHETIC_AUS)}
_WEIGHTS = np.array([weight for weight, _ in PROTOTYPES]) / sum(weight for weight, _ in PROTOTYPES)
_RANDOM = np.array([RANDOM_WEIGHT.get(au, 1.0) for au in SYNTHETIC_AUS])
# Lids that close for longer than a blink mostly close wholly, and both faster than the rest of a face moves.
_WHOLE_CLOSURES = 0.8
_LIDS_FASTER = 0.45


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
        mixed: Share of the prototypes whose lower face is another prototype's.
        keep: Share of a prototype's units that an episode keeps.
        speech: Share of sequences with speech.
        blinks_per_second: Rate of blinks in the median sequence; above what is common at rest, because blinks
            are short and a network has to see them. Speech adds half.
    """

    quiet: float = 0.15
    prototypes: float = 0.5
    mixed: float = 0.25
    keep: float = 0.85
    speech: float = 0.35
    blinks_per_second: float = 0.4


def draw_units(rng: np.random.Generator, plan: Plan) -> dict[str, float]:
    """Draw the units of one episode and their strengths in (0, 1.1]."""
    units: dict[str, float] = {}
    if rng.random() < plan.prototypes:
        units = _draw_prototype(rng, plan)
    if not units:
        count = rng.integers(1, 5)
        chosen = rng.choice(SYNTHETIC_AUS, count, replace=False, p=_RANDOM / _RANDOM.sum())
        units = {str(au): float(rng.uniform(0.2, 1.05)) for au in chosen}
    if "AU43" in units and rng.random() < _WHOLE_CLOSURES:
        units["AU43"] = float(rng.uniform(0.85, 1.05))
    return _possible(units)


def _draw_prototype(rng: np.random.Generator, plan: Plan) -> dict[str, float]:
    """Draw a prototype, or the upper face of one with the lower face of another."""

    def draw() -> dict[str, float]:
        return PROTOTYPES[rng.choice(len(PROTOTYPES), p=_WEIGHTS)][1]

    chosen = draw()
    if rng.random() < plan.mixed:
        other = draw()
        chosen = {au: full for au, full in chosen.items() if au in UPPER_FACE} | {
            au: full for au, full in other.items() if au not in UPPER_FACE
        }
    strength = rng.uniform(0.3, 1.05)
    return {
        au: float(np.clip(full * strength * rng.uniform(0.65, 1.3), 0.15, 1.1))
        for au, full in chosen.items()
        if rng.random() < plan.keep
    }


def _possible(units: dict[str, float]) -> dict[str, float]:
    """Leave out units that exclude one before them."""
    kept: dict[str, float] = {}
    for au, strength in units.items():
        if not any(
            (au in one and other & kept.keys()) or (au in other and one & kept.keys())
            for one, other in EXCLUSIVE
        ):
            kept[au] = strength
    return kept


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
        onset = rng.uniform(0.15, 0.45) if posed else rng.uniform(0.4, 0.9)
        apex = rng.gamma(2.0, 0.7)
        offset = rng.uniform(0.25, 0.6) if posed else rng.uniform(0.5, 1.3)
        for au, strength in draw_units(rng, plan).items():
            lag = rng.normal(0, 0.1)
            pace = rng.uniform(0.8, 1.25) * (_LIDS_FASTER if au == "AU43" else 1)
            course = strength * envelope(times, start + lag, onset * pace, apex, offset * pace)
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
    """Draw blinks: closure of both lids (T,), in about [0, 1]; `rate` a second in the median sequence."""
    closure = np.zeros(len(times))
    rate = rate * np.exp(rng.normal(0, 0.5))
    first = times[0] - 0.4
    for start in rng.uniform(first, times[-1], rng.poisson(rate * (times[-1] - first))):
        whole = rng.uniform(0.12, 0.4)
        course = envelope(times, start, 0.33 * whole, 0.15 * whole, 0.52 * whole)
        np.maximum(closure, rng.uniform(0.85, 1.05) * course, out=closure)
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
    {"jawOpen": 0.04, "mouthRollLower": 0.25, "mouthUpperUp": 0.12},
    {"jawOpen": 0.08, "mouthUpperUp": 0.1, "mouthLowerDown": 0.15},
    {},
)
# Lips that meet, as in m, b and p, whatever is said before and after; and the share of visemes that are so.
_MEETING = {"mouthPress": 0.2, "mouthRollLower": 0.12, "mouthRollUpper": 0.08}
_MEETING_SHARE = 0.15
_OPENING = ("jawOpen", "mouthLowerDown", "mouthUpperUp", "mouthFunnel")


def speech(rng: np.random.Generator, times: np.ndarray, columns: dict[str, int]) -> np.ndarray:
    """Draw a talking mouth: shape weights (T, E), a new viseme every 70 to 200 ms, with pauses."""
    weights = np.zeros((len(times), len(columns)))
    meeting = np.zeros(len(times))
    loudness = rng.uniform(0.4, 1.2)
    moment = rng.uniform(-0.5, 0.6 * times[-1])
    stop = moment + rng.uniform(1.0, 6.0)
    while moment < min(stop, times[-1] + 0.3):
        length = rng.uniform(0.07, 0.2)
        course = envelope(times, moment - length, length, 0.3 * length, length)
        viseme = _VISEMES[rng.integers(len(_VISEMES))]
        if rng.random() < _MEETING_SHARE:
            viseme = _MEETING
            np.maximum(meeting, course, out=meeting)
        course = loudness * rng.uniform(0.6, 1.2) * course
        for shape, weight in viseme.items():
            for column in _columns_of(shape, columns):
                np.maximum(weights[:, column], weight * course, out=weights[:, column])
        moment += length if rng.random() < 0.9 else rng.uniform(0.3, 0.8)
    for shape in _OPENING:
        weights[:, _columns_of(shape, columns)] *= 1 - meeting[:, None]
    return weights


def _columns_of(shape: str, columns: dict[str, int]) -> list[int]:
    return [columns[name] for name in (shape, f"{shape}_L", f"{shape}_R") if name in columns]
