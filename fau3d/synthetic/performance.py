"""One performance: everything a face does in one sequence, as activations and shape weights."""

from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.actions import SYNTHETIC_AUS, ActionMap
from fau3d.synthetic.dynamics import Plan, blinks, episodes, gaze, speech, wander
from fau3d.synthetic.rig import FaceRig

# Movement without a label: amplitude and share of sequences.
_OTHER_SHAPES: dict[str, tuple[float, float]] = {
    "mouthLeft": (0.35, 0.06),
    "mouthRight": (0.35, 0.06),
    "jawLeft": (0.35, 0.04),
    "jawRight": (0.35, 0.04),
    "jawForward": (0.5, 0.05),
    "cheekPuff": (0.8, 0.03),
}
# How faces differ at rest, as standard deviations of shape weights of both signs: brows hang lower or higher,
# lids cover more or less, corners of the mouth point up or down. Never labelled.
_RESTING_SPREAD: dict[str, float] = {
    "browDown": 0.12,
    "browInnerUp": 0.12,
    "browOuterUp": 0.12,
    "cheekSquint": 0.12,
    "eyeSquint": 0.12,
    "eyeWide": 0.12,
    "eyeBlink": 0.06,
    "noseSneer": 0.06,
    "mouthSmile": 0.05,
    "mouthFrown": 0.12,
    "mouthPress": 0.12,
    "mouthShrugLower": 0.06,
    "mouthStretch": 0.06,
    "mouthPucker": 0.06,
    "mouthRollLower": 0.06,
    "mouthRollUpper": 0.06,
}

# Seconds by which a performance is drawn longer at both ends.
_BEYOND = 1.0
# Share of the full closure from which lids count as closed.
CLOSED_LIDS = 0.75


@dataclass(frozen=True)
class Performance:
    """What a face does over T frames: all that labels are computed from (`labels.labels_of`).

    Attributes:
        weights: Shape (T, E), float32: weights of the rig's shapes.
        activation: Shape (T, A, 2), float32: left and right, in about [0, 1.15], in the order of
            `SYNTHETIC_AUS`; the lids' (AU43) with blinks.
        blink: Shape (T,), float32: closure of the lids by blinks alone, in about [0, 1.05].
        closure_seconds: Shape (T, 2), float32: how long the left and right lid stay closed by at least
            `CLOSED_LIDS` in the closure that the frame is part of, 0 where the lid is not. Closures that the
            sequence's ends cut have their whole duration, up to a second beyond each end.
        talking: Whether the face speaks in it.
    """

    weights: np.ndarray
    activation: np.ndarray
    blink: np.ndarray
    closure_seconds: np.ndarray
    talking: bool

    def frames(self, index: np.ndarray | slice) -> "Performance":
        """Give some of its frames."""
        return Performance(
            self.weights[index],
            self.activation[index],
            self.blink[index],
            self.closure_seconds[index],
            self.talking,
        )


def resting_tone(rng: np.random.Generator, rig: FaceRig, spread: float = 1.0) -> np.ndarray:
    """Draw a person's resting expression: shape weights (E,) that no label mentions, both sides nearly
    alike.
    """
    tone = np.zeros(len(rig.expression_names), np.float32)
    columns = _columns(rig)
    for shape, sd in _RESTING_SPREAD.items():
        value = rng.normal(0, sd * spread)
        for name in (shape, f"{shape}_L", f"{shape}_R"):
            if name in columns:
                tone[columns[name]] = value + rng.normal(0, 0.25 * sd * spread)
    return tone


def perform(
    rng: np.random.Generator, rig: FaceRig, actions: ActionMap, times: np.ndarray, plan: Plan | None = None
) -> Performance:
    """Draw one performance.

    Args:
        rng: Source of chance.
        rig: The rig whose shapes are driven.
        actions: Its action map.
        times: Shape (T,), seconds.
        plan: How busy it is.

    Returns:
        What the face does on every frame.
    """
    plan = Plan() if plan is None else plan
    columns = _columns(rig)
    step = float(times[1] - times[0]) if len(times) > 1 else 1 / 30
    before = round(_BEYOND / step)
    # What goes on at the sequence's ends went on before and goes on after.
    longer = times[0] + step * np.arange(-before, len(times) + before)
    activation, unlabelled = episodes(rng, longer, plan, columns, float(times[-1]))
    talking = bool(rng.random() < plan.speech)
    closure = blinks(rng, longer, plan.blinks_per_second * (1.5 if talking else 1))
    # Held expressions breathe a little.
    activation *= 1 + 0.04 * wander(rng, longer, 1, 0.4)[:, :, None]
    lids = activation[:, SYNTHETIC_AUS.index("AU43")]
    np.maximum(lids, closure[:, None], out=lids)
    activation = np.clip(activation, 0, 1.15).astype(np.float32)
    lowered = actions.movement(activation)[:, SYNTHETIC_AUS.index("AU43")]
    seconds = run_seconds(lowered >= CLOSED_LIDS, step)
    inside = slice(before, before + len(times))
    activation, unlabelled = activation[inside], unlabelled[inside]
    if talking:
        unlabelled = np.maximum(unlabelled, speech(rng, times, columns))
    _add_gaze(rng, times, unlabelled, columns)
    _add_others(rng, times, unlabelled, columns)
    # A unit that moves a shape beyond 1 at its fullest has room to.
    reach = np.maximum(actions.matrix.max((0, 1)), 1)
    weights = np.clip(actions.weights(activation) + unlabelled, -0.3, 1.25 * reach).astype(np.float32)
    return Performance(weights, activation, closure[inside].astype(np.float32), seconds[inside], talking)


def run_seconds(shown: np.ndarray, step: float) -> np.ndarray:
    """Give the duration of the run of true frames that each true frame is part of.

    Args:
        shown: Shape (T, N), bool.
        step: Seconds between frames.

    Returns:
        Shape (T, N), float32: seconds, 0 where false.
    """
    seconds = np.zeros(shown.shape, np.float32)
    for column in range(shown.shape[1]):
        edges = np.flatnonzero(np.diff(shown[:, column], prepend=False, append=False))
        for start, stop in zip(edges[::2], edges[1::2]):
            seconds[start:stop, column] = (stop - start) * step
    return seconds


def _columns(rig: FaceRig) -> dict[str, int]:
    return {name: k for k, name in enumerate(rig.expression_names)}


def _add_gaze(
    rng: np.random.Generator, times: np.ndarray, weights: np.ndarray, columns: dict[str, int]
) -> None:
    to_left, up = gaze(rng, times)
    courses = {
        "eyeLookUp_L": up,
        "eyeLookUp_R": up,
        "eyeLookDown_L": -up,
        "eyeLookDown_R": -up,
        "eyeLookOut_L": to_left,
        "eyeLookIn_R": to_left,
        "eyeLookIn_L": -to_left,
        "eyeLookOut_R": -to_left,
    }
    for shape, course in courses.items():
        if shape in columns:
            weights[:, columns[shape]] = np.clip(course, 0, 0.9)


def _add_others(
    rng: np.random.Generator, times: np.ndarray, weights: np.ndarray, columns: dict[str, int]
) -> None:
    for shape, (amplitude, share) in _OTHER_SHAPES.items():
        if rng.random() >= share:
            continue
        course = amplitude * rng.random() * np.clip(wander(rng, times, 1, 0.5)[:, 0], 0, 1.5)
        for name in (shape, f"{shape}_L", f"{shape}_R"):
            if name in columns:
                weights[:, columns[name]] += course
