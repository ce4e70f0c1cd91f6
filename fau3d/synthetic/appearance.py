"""Colours of a head's vertices: skin, brows, lips, eyes and lashes, so that a detector sees a face."""

from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.head import HeadModel

_BROWS = (range(17, 22), range(22, 27))
_OUTER_LIP = (48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 48)
_INNER_LIP = (60, 61, 62, 63, 64, 65, 66, 67, 60)


@dataclass(frozen=True)
class Paint:
    """Colours (RGB, 0 to 255) and sizes (cm) of what is painted on a head."""

    skin: tuple[float, float, float] = (205.0, 160.0, 135.0)
    lips: tuple[float, float, float] = (170.0, 85.0, 80.0)
    brows: tuple[float, float, float] = (70.0, 50.0, 40.0)
    iris: tuple[float, float, float] = (70.0, 50.0, 35.0)
    brow_width: float = 0.45
    iris_radius: float = 0.62


def hidden_triangles(head: HeadModel, triangles: np.ndarray) -> np.ndarray:
    """Mark the triangles (F,) that would hide the painted eyes: tear films and the shells over the eyes."""
    if "eye_covers" not in head.parts:
        return np.zeros(len(triangles), bool)
    start, stop = head.parts["eye_covers"]
    top = triangles.max(1)
    return (top >= start) & (top < stop)


def paint_head(head: HeadModel, paint: Paint | None = None) -> np.ndarray:
    """Colour the vertices of a head at rest.

    Args:
        head: The head; without named parts only skin, brows and lips are painted.
        paint: Colours and sizes.

    Returns:
        Shape (N, 3), RGB in [0, 255].
    """
    paint = Paint() if paint is None else paint
    colours = np.tile(np.asarray(paint.skin, np.float64), (len(head.vertices), 1))
    marks = head.vertices[head.landmarks_68].astype(np.float64)
    skin = slice(*head.parts.get("face", (0, len(head.vertices))))
    points = head.vertices[skin].astype(np.float64)

    brows = np.max([_near(points, _curve(marks[list(ids)]), paint.brow_width) for ids in _BROWS], axis=0)
    colours[skin] = _blend(colours[skin], paint.brows, np.clip(2 * brows, 0, 1))
    outer, inner = _curve(marks[list(_OUTER_LIP)], 120), _curve(marks[list(_INNER_LIP)], 120)
    bands = [_near(points, outer * (1 - t) + inner * t, 0.3) for t in np.linspace(0.05, 1, 6)]
    colours[skin] = _blend(colours[skin], paint.lips, np.clip(1.8 * np.max(bands, axis=0), 0, 1))

    plain = {
        "teeth": (235, 232, 225),
        "gums_and_tongue": (160, 80, 85),
        "mouth_socket": (60, 25, 25),
        "eyelashes": (125, 95, 80),
    }
    for part, colour in plain.items():
        if part in head.parts:
            colours[slice(*head.parts[part])] = colour
    for part in ("left_eyeball", "right_eyeball"):
        if part in head.parts:
            eye = slice(*head.parts[part])
            colours[eye] = _eye_colours(head.vertices[eye].astype(np.float64), paint)
    return colours


def _curve(points: np.ndarray, samples: int = 60) -> np.ndarray:
    at = np.linspace(0, len(points) - 1, samples)
    return np.stack([np.interp(at, np.arange(len(points)), points[:, k]) for k in range(3)], axis=-1)


def _near(points: np.ndarray, curve: np.ndarray, radius: float) -> np.ndarray:
    """Give 1 on the curve, falling to 0 at `radius`, for each point."""
    nearest = np.full(len(points), np.inf)
    for at in curve:
        np.minimum(nearest, ((points - at) ** 2).sum(1), out=nearest)
    return np.clip(1 - np.sqrt(nearest) / radius, 0, 1)


def _blend(colours: np.ndarray, colour: tuple[float, float, float], share: np.ndarray) -> np.ndarray:
    return colours * (1 - share[:, None]) + np.asarray(colour) * share[:, None]


def _eye_colours(points: np.ndarray, paint: Paint) -> np.ndarray:
    """Paint iris and pupil on the front of the eyeball, over the cornea that would cover a modelled iris."""
    centre = (points.max(0) + points.min(0)) / 2
    from_axis = np.linalg.norm(points[:, :2] - centre[:2], axis=1)
    front = points[:, 2] > centre[2]
    colours = np.tile(np.array([232.0, 228.0, 225.0]), (len(points), 1))
    colours[front & (from_axis < paint.iris_radius)] = paint.iris
    colours[front & (from_axis < 0.4 * paint.iris_radius)] = (12, 10, 10)
    return colours
