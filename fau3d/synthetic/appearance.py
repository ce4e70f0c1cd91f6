"""Colours of a head's vertices: skin, brows, lips, eyes, lashes and hair, so that a detector sees a face."""

from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.head import HeadModel

_BROWS = (range(17, 22), range(26, 21, -1))
_OUTER_LIP = (48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 48)
_INNER_LIP = (60, 61, 62, 63, 64, 65, 66, 67, 60)
Colour = tuple[float, float, float]


@dataclass(frozen=True)
class Paint:
    """Colours (RGB, 0 to 255) and sizes (cm) of what is painted on a head.

    Attributes:
        skin: Of the skin.
        lips: Of the lips, where `lip_share` is 1.
        brows: Of the brows, where `brow_share` is 1.
        iris: Of the irises.
        lashes: Of the lashes.
        hair: Of the hair, None for a head without.
        brow_width: How far a brow's paint reaches from its middle line.
        brow_lift: How far above the mesh's brow line it is painted.
        brow_arch: How much higher its middle lies than its ends.
        brow_taper: How much thinner its outer end is, 0 to 1.
        brow_share: How much of the skin it covers, 0 to 1.
        lip_share: The same for lips.
        iris_radius: Of the irises.
        hairline: Height of the hair's edge over the brows.
        blotches: Standard deviation of the skin's slow unevenness, as a share of its colour.
        grain: The same from vertex to vertex.
        shadow: How much darker the skin is around the eyes, 0 to 1.
        beard: How much darker it is where a beard grows, 0 to 1.
        seed: Of the unevenness.
    """

    skin: Colour = (205.0, 160.0, 135.0)
    lips: Colour = (170.0, 85.0, 80.0)
    brows: Colour = (70.0, 50.0, 40.0)
    iris: Colour = (70.0, 50.0, 35.0)
    lashes: Colour = (125.0, 95.0, 80.0)
    hair: Colour | None = None
    brow_width: float = 0.45
    brow_lift: float = 0.0
    brow_arch: float = 0.0
    brow_taper: float = 0.0
    brow_share: float = 1.0
    lip_share: float = 1.0
    iris_radius: float = 0.62
    hairline: float = 6.0
    blotches: float = 0.0
    grain: float = 0.0
    shadow: float = 0.0
    beard: float = 0.0
    seed: int = 0


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
    rng = np.random.default_rng(paint.seed)
    vertices = head.vertices.astype(np.float64)
    marks = vertices[head.landmarks_68]
    skin = slice(*head.parts.get("face", (0, len(vertices))))
    points = vertices[skin]
    colours = _skin(rng, vertices, marks, paint)
    for ids in _BROWS:
        share = _brow(points, marks[list(ids)], paint)
        colours[skin] = _blend(colours[skin], paint.brows, share)
    outer, inner = curve(marks[list(_OUTER_LIP)], 120), curve(marks[list(_INNER_LIP)], 120)
    bands = [near(points, outer * (1 - t) + inner * t, 0.3) for t in np.linspace(0.05, 1, 6)]
    lips = paint.lip_share * np.clip(1.8 * np.max(bands, axis=0), 0, 1)
    colours[skin] = _blend(colours[skin], paint.lips, lips)
    if paint.hair is not None:
        _add_hair(rng, colours, vertices, marks, head, paint)
    plain = {
        "teeth": (235, 232, 225),
        "gums_and_tongue": (160, 80, 85),
        "mouth_socket": (60, 25, 25),
        "eyelashes": paint.lashes,
    }
    for part, colour in plain.items():
        if part in head.parts:
            colours[slice(*head.parts[part])] = colour
    for part in ("left_eyeball", "right_eyeball"):
        if part in head.parts:
            eye = slice(*head.parts[part])
            colours[eye] = _eye_colours(vertices[eye], paint)
    return np.clip(colours, 0, 255)


def curve(points: np.ndarray, samples: int = 60) -> np.ndarray:
    """Sample a polyline (N, 3) evenly: (samples, 3)."""
    at = np.linspace(0, len(points) - 1, samples)
    return np.stack([np.interp(at, np.arange(len(points)), points[:, k]) for k in range(3)], axis=-1)


def near(points: np.ndarray, line: np.ndarray, radius: float | np.ndarray) -> np.ndarray:
    """Give 1 on a sampled line, falling to 0 at `radius`, which may change along it, for each point."""
    radii = np.broadcast_to(np.asarray(radius, np.float64), len(line))
    reach = radii.max()
    close = ((points > line.min(0) - reach) & (points < line.max(0) + reach)).all(1)
    candidates = points[close]
    nearest = np.full(np.count_nonzero(close), np.inf)
    for at, width in zip(line, radii):
        np.minimum(nearest, ((candidates - at) ** 2).sum(1) / width**2, out=nearest)
    share = np.zeros(len(points))
    share[close] = np.clip(1 - np.sqrt(nearest), 0, 1)
    return share


def _blend(colours: np.ndarray, colour: Colour, share: np.ndarray) -> np.ndarray:
    return colours * (1 - share[:, None]) + np.asarray(colour) * share[:, None]


def _unevenness(rng: np.random.Generator, vertices: np.ndarray) -> np.ndarray:
    """Draw a smooth field (N,) of about unit variance: a few waves through space."""
    waves = rng.normal(0, 0.8, (12, 3))
    return np.sin(vertices @ waves.T + rng.uniform(0, 6.3, 12)).sum(1) / np.sqrt(6)


def _skin(rng: np.random.Generator, vertices: np.ndarray, marks: np.ndarray, paint: Paint) -> np.ndarray:
    shade = 1 + paint.blotches * _unevenness(rng, vertices) + paint.grain * rng.normal(size=len(vertices))
    # The field from the middle to the corners of each eye, and the lower face, darken as wholes.
    for ring in (range(36, 42), range(42, 48)):
        middle = marks[list(ring)].mean(0) - (0, 0.5, 0)
        distance = np.linalg.norm((vertices - middle) / (2.6, 1.7, 4.0), axis=1)
        shade *= 1 - paint.shadow * np.clip(1 - distance, 0, 1)
    mouth, nose = marks[48:60].mean(0), marks[33]
    below = np.clip((nose[1] - 0.3 - vertices[:, 1]) / 1.2, 0, 1)
    cheeks = np.clip((vertices[:, 2] - mouth[2] + 9.0) / 3.0, 0, 1)
    shade *= 1 - paint.beard * below * cheeks * np.clip((vertices[:, 1] - mouth[1] + 8) / 2, 0, 1)
    return np.asarray(paint.skin, np.float64) * shade[:, None]


def _brow(points: np.ndarray, marks: np.ndarray, paint: Paint) -> np.ndarray:
    """Give the share (N,) of a brow's paint; its marks run from the outer end to the inner one."""
    at = np.linspace(0, 1, 60)
    line = curve(marks) + np.array([0.0, paint.brow_lift, 0.0])
    line[:, 1] += paint.brow_arch * (1 - (2 * at - 0.9) ** 2)
    width = paint.brow_width * (1 - paint.brow_taper * np.clip(1 - 1.6 * at, 0, 1))
    return paint.brow_share * np.clip(2 * near(points, line, width), 0, 1)


def _add_hair(
    rng: np.random.Generator,
    colours: np.ndarray,
    vertices: np.ndarray,
    marks: np.ndarray,
    head: HeadModel,
    paint: Paint,
) -> None:
    """Colour what lies above and behind a hairline that comes down at the temples."""
    edge = marks[17:27, 1].max() + paint.hairline - 0.035 * vertices[:, 0] ** 2
    edge = np.where(vertices[:, 2] < marks[[0, 16], 2].mean() + 1.0, marks[30, 1], edge)
    share = np.clip((vertices[:, 1] - edge) / 0.5 + 0.5 + 0.5 * _unevenness(rng, vertices), 0, 1)
    inside = np.zeros(len(vertices), bool)
    for part in ("face", "head_and_neck"):
        inside[slice(*head.parts.get(part, (0, 0)))] = True
    strands = 1 + 0.25 * rng.normal(size=len(vertices))
    hair = np.asarray(paint.hair) * strands[:, None]
    share = np.where(inside, share, 0)[:, None]
    colours[:] = colours * (1 - share) + hair * share


def _eye_colours(points: np.ndarray, paint: Paint) -> np.ndarray:
    """Paint iris and pupil on the front of the eyeball, over the cornea that would cover a modelled iris."""
    centre = (points.max(0) + points.min(0)) / 2
    from_axis = np.linalg.norm(points[:, :2] - centre[:2], axis=1)
    front = points[:, 2] > centre[2]
    colours = np.tile(np.array([232.0, 228.0, 225.0]), (len(points), 1))
    colours[front & (from_axis < paint.iris_radius)] = paint.iris
    colours[front & (from_axis < 0.4 * paint.iris_radius)] = (12, 10, 10)
    return colours
