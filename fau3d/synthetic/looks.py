"""How people look in renders: skin, brows, lips, eyes and hair at random; wrinkles that come and go."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.appearance import Colour, Paint, curve, near
from fau3d.synthetic.head import HeadModel

# Skin from light to dark, RGB.
_SKIN_TONES = (
    (244, 214, 196),
    (228, 188, 165),
    (206, 160, 132),
    (176, 126, 98),
    (132, 88, 66),
    (92, 60, 46),
    (66, 44, 36),
)
_HAIR = (
    (28, 22, 20),
    (60, 42, 32),
    (105, 74, 48),
    (165, 125, 80),
    (205, 175, 125),
    (150, 80, 45),
    (165, 162, 160),
)
# ICT-FaceKit's brow line runs along the upper edge of the bone. Painted there, brows have nowhere to be seen
# to go when they rise, and the extractor finds them higher at rest than on filmed faces (cm).
BROW_LIFT = -0.5
_IRIS = ((60, 40, 28), (95, 68, 42), (80, 105, 80), (95, 125, 150), (120, 130, 135))


@dataclass(frozen=True)
class Look:
    """One person's look.

    Attributes:
        paint: What is painted on the head.
        wrinkles: How deep wrinkles of expression get, 0 to about 0.5 of the skin's brightness.
        age: How much of them stays on the resting face, 0 to 1.
        tone: 0 (light skin) to 1 (dark).
    """

    paint: Paint
    wrinkles: float
    age: float
    tone: float


def draw_look(rng: np.random.Generator) -> Look:
    """Draw a person's look; skin tones are drawn evenly from light to dark."""
    tone = float(rng.uniform(0, 1))
    skin = _mix(rng, _SKIN_TONES, tone, 4.0)
    hair = _mix(rng, _HAIR, float(rng.uniform(0, 1)) if tone < 0.5 else float(rng.uniform(0, 0.3)), 6.0)
    dark = tuple(float(value) for value in np.minimum(hair, 0.75 * np.asarray(skin)))
    iris = _IRIS[rng.integers(len(_IRIS) if tone < 0.5 else 2)]
    # The extractor follows lips by their colour: pale ones hide up to a third of what they do.
    lips = np.asarray(skin) * (0.74, 0.5, 0.54) * rng.uniform(0.75, 1.1)
    if rng.random() < 0.25:  # lipstick
        lips = np.array([rng.uniform(110, 200), rng.uniform(20, 90), rng.uniform(40, 100)])
    man = rng.random() < 0.5
    paint = Paint(
        skin=skin,
        lips=_colour(lips),
        brows=_colour(np.minimum(np.asarray(dark), rng.uniform(0.2, 0.5) * np.asarray(skin))),
        iris=_colour(np.asarray(iris) * rng.uniform(0.8, 1.2)),
        lashes=_colour(np.asarray(skin) * rng.uniform(0.12, 0.6)),
        hair=hair if rng.random() < 0.85 else None,
        brow_width=float(rng.uniform(0.35, 0.62)),
        brow_lift=float(rng.normal(BROW_LIFT, 0.15)),
        brow_arch=float(rng.normal(0.0, 0.08)),
        brow_taper=float(rng.uniform(0, 0.7)),
        brow_share=float(rng.uniform(0.75, 1.0)),
        lip_share=float(rng.uniform(0.7, 1.0)),
        iris_radius=float(rng.uniform(0.55, 0.68)),
        hairline=float(rng.uniform(4.5, 7.5)),
        blotches=float(rng.uniform(0.0, 0.08)),
        grain=float(rng.uniform(0.0, 0.05)),
        shadow=float(rng.uniform(0.0, 0.35)),
        beard=float(rng.choice([0.0, rng.uniform(0.1, 0.45)], p=[0.5, 0.5])) if man else 0.0,
        seed=int(rng.integers(2**31)),
    )
    return Look(paint, float(rng.uniform(0.03, 0.35)), float(0.6 * rng.beta(1.2, 3.0)), tone)


def _colour(values: np.ndarray) -> Colour:
    red, green, blue = np.clip(values, 5, 250)
    return float(red), float(green), float(blue)


def _mix(rng: np.random.Generator, scale: tuple[Colour, ...], at: float, spread: float) -> Colour:
    place = at * (len(scale) - 1)
    low = min(int(place), len(scale) - 2)
    colours = np.asarray(scale, np.float64)
    mixed = colours[low] + (place - low) * (colours[low + 1] - colours[low])
    return _colour(mixed + rng.normal(0, spread, 3))


# Wrinkles by the shapes that deepen them.
_CAUSES: dict[str, dict[str, float]] = {
    "forehead": {"browInnerUp": 0.6, "browOuterUp": 0.6},
    "glabella": {"browDown": 0.5},
    "nose": {"noseSneer": 1.0},
    "crow": {"cheekSquint": 0.9, "eyeSquint": 0.4},
    "nasolabial": {"mouthSmile": 0.8, "noseSneer": 0.6, "mouthUpperUp": 0.7, "mouthDimple": 0.3},
    "chin": {"mouthShrugLower": 0.9},
}


class Wrinkles:
    """Darkens the skin where a head's expressions fold it.

    Args:
        head: The head; wrinkles lie where its 68 landmarks say.
    """

    def __init__(self, head: HeadModel) -> None:
        stop = head.parts.get("face", (0, len(head.vertices)))[1]
        points = head.vertices[:stop].astype(np.float64)
        lines = _wrinkle_lines(head.vertices[head.landmarks_68].astype(np.float64))
        self.kinds = tuple(lines)
        self._maps = np.zeros((len(lines), len(head.vertices)), np.float32)
        for row, strokes in zip(self._maps, lines.values()):
            row[:stop] = np.max([near(points, stroke, 0.28) for stroke in strokes], axis=0)
        causes = np.zeros((len(lines), len(head.expression_names)), np.float32)
        for row, kind in zip(causes, self.kinds):
            for shape, share in _CAUSES[kind].items():
                for k, name in enumerate(head.expression_names):
                    if name.removesuffix("_L").removesuffix("_R") == shape:
                        row[k] = share / (2 if name[-2:] in ("_L", "_R") else 1)
        self._causes = causes

    def shade(self, weights: np.ndarray, look: Look) -> np.ndarray:
        """Give the factor (N,) on the skin's colour for shape weights (E,)."""
        depth = np.clip(self._causes @ np.maximum(weights, 0), 0, 1)
        depth = look.wrinkles * np.maximum(depth, look.age)
        return 1 - np.clip(depth @ self._maps, 0, 0.7)


def _wrinkle_lines(marks: np.ndarray) -> Mapping[str, list[np.ndarray]]:
    def stroke(*points: np.ndarray) -> np.ndarray:
        return curve(np.stack(points), 24)

    brows, lines = marks[17:27], {}
    top = brows[:, 1].max()
    across = np.linspace(-3.8, 3.8, 24)
    lines["forehead"] = [
        np.stack([across, np.full(24, top + up) - 0.03 * across**2, marks[27, 2] + 1.2 - 0.09 * across**2], 1)
        for up in (1.5, 2.2, 2.9)
    ]
    root = marks[27]
    lines["glabella"] = [stroke(root + (x, 0.3, 0.4), root + (1.3 * x, 1.8, 0.8)) for x in (-0.55, 0.55)]
    lines["nose"] = [stroke(root + (-0.7, y, 0.6), root + (0.7, y, 0.6)) for y in (-0.3, 0.2)]
    lines["crow"] = [
        stroke(corner + (0.3 * side, up, -0.2), corner + (1.3 * side, up * 2.2, -0.9))
        for corner, side in ((marks[36], -1), (marks[45], 1))
        for up in (-0.35, 0.0, 0.35)
    ]
    lines["nasolabial"] = [
        stroke(
            ala + (0.5 * side, 0.2, -0.6), corner + (0.9 * side, 0.9, -0.5), corner + (0.9 * side, -0.4, -0.6)
        )
        for ala, corner, side in ((marks[31], marks[48], -1), (marks[35], marks[54], 1))
    ]
    chin = (marks[57] + marks[8]) / 2
    lines["chin"] = [
        stroke(chin + (-1.0, y, 0.3), chin + (0, y + 0.25, 0.5), chin + (1.0, y, 0.3)) for y in (0.0, 0.5)
    ]
    return lines
