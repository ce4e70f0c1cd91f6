"""What surrounds a rendered head, and what a camera makes of it: light, background, occluders, resolution."""

from dataclasses import dataclass

import cv2
import numpy as np

from fau3d.synthetic.dynamics import wander
from fau3d.synthetic.rendering import Lighting


@dataclass(frozen=True)
class SceneRange:
    """What scenes are drawn from.

    Attributes:
        small: Share of sequences at low resolution.
        face_pixels: Width of faces there, smallest and largest, pixels.
        blurred: Share of the others that are blurred.
        gray: Share of sequences without colour.
        occluded: Share of sequences with a hand, a bar, a cap or glasses before the face.
        contrast: Factor on the spread of light and shadow; 1 is usual, more is harsher.
    """

    small: float = 0.4
    face_pixels: tuple[float, float] = (48.0, 120.0)
    blurred: float = 0.4
    gray: float = 0.35
    occluded: float = 0.2
    contrast: float = 1.0


@dataclass(frozen=True)
class Scene:
    """One sequence's surroundings, the same in all of its frames.

    Attributes:
        size: Side of the square image that is rendered, pixels.
        face_share: Width of the face as a share of it.
        distance: From the camera, cm.
        lighting: The light.
        background: Shape (S, S, 3), RGB in [0, 255].
        occluder: `hand`, `bar`, `cap`, `glasses`, or none.
        occluder_seed: Of its shape and way.
        shrink: Factor on the image's side after rendering, at most 1.
        blur: Standard deviation of a Gaussian, pixels of the shrunken image; 0 for none.
        noise: Standard deviation of the sensor's noise, of 255.
        quality: Of the JPEG compression, 1 to 100.
        gray: Without colour.
    """

    size: int
    face_share: float
    distance: float
    lighting: Lighting
    background: np.ndarray
    occluder: str
    occluder_seed: int
    shrink: float
    blur: float
    noise: float
    quality: int
    gray: bool


def draw_scene(rng: np.random.Generator, scenes: SceneRange, size: int = 256) -> Scene:
    """Draw the surroundings of a sequence."""
    share = float(rng.uniform(0.45, 0.68))
    small = rng.random() < scenes.small
    low, high = scenes.face_pixels
    wanted = np.exp(rng.uniform(np.log(low), np.log(high))) if small else np.inf
    light = (float(rng.normal(0, 0.55)), float(rng.uniform(0.0, 0.9)), 0.9)
    tint = 1 + 0.04 * rng.normal(size=3)
    ambient = float(np.clip(0.6 - scenes.contrast * rng.uniform(0.0, 0.3), 0.1, 0.9))
    brightness = float(rng.uniform(0.75, 1.25))
    colour = tuple(float(value) for value in brightness * tint)
    occluder = str(rng.choice(["hand", "bar", "cap", "glasses"])) if rng.random() < scenes.occluded else ""
    return Scene(
        size=size,
        face_share=share,
        distance=float(rng.uniform(40, 140)),
        lighting=Lighting(light, ambient, (colour[0], colour[1], colour[2])),
        background=_background(rng, size),
        occluder=occluder,
        occluder_seed=int(rng.integers(2**31)),
        shrink=float(min(1.0, wanted / (share * size))),
        blur=float(rng.uniform(0.3, 1.0 if small else 1.8)) if rng.random() < scenes.blurred else 0.0,
        noise=float(rng.uniform(0, 6)),
        quality=int(rng.integers(35, 98)),
        gray=bool(rng.random() < scenes.gray),
    )


def _background(rng: np.random.Generator, size: int) -> np.ndarray:
    """Draw a blurred room: a few boxes over a slope of colour."""

    def colour() -> np.ndarray:
        return np.clip(rng.uniform(20, 230) + 25 * rng.normal(size=3), 0, 255)

    image = np.empty((32, 32, 3), np.float32)
    image[:] = np.linspace(colour(), colour(), 32)[:, None]
    for _ in range(rng.integers(0, 6)):
        (y, x), (height, width) = rng.integers(0, 32, 2), rng.integers(3, 20, 2)
        image[y : y + height, x : x + width] = colour()
    blurred = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 2.5)))
    return cv2.resize(blurred, (size, size), interpolation=cv2.INTER_LINEAR)


def occlude(image: np.ndarray, marks: np.ndarray, scene: Scene, skin: np.ndarray, at: float) -> None:
    """Draw a scene's occluder over an image, in place.

    Args:
        image: Shape (S, S, 3), uint8.
        marks: Shape (68, 2): where the face's landmarks are seen, pixels.
        scene: The scene.
        skin: RGB of the person's skin, for hands.
        at: Where in the sequence the image is, 0 to 1: hands and bars come and go.
    """
    if not scene.occluder:
        return
    rng = np.random.default_rng(scene.occluder_seed)
    width = float(np.linalg.norm(marks[16] - marks[0]))
    shade = np.asarray(skin) * rng.uniform(0.7, 1.0)
    {"hand": _hand, "bar": _bar, "cap": _cap, "glasses": _glasses}[scene.occluder](
        image, marks, width, rng, shade, at
    )


def _way(rng: np.random.Generator, at: float) -> float:
    """Give how far away (in face widths) something is that comes to the face and leaves it."""
    middle, half = rng.uniform(0.1, 0.9), rng.uniform(0.1, 0.4)
    return float(np.clip((abs(at - middle) - half) * 6, 0, 1.5))


def _hand(
    image: np.ndarray, marks: np.ndarray, width: float, rng: np.random.Generator, skin: np.ndarray, at: float
) -> None:
    target = marks[rng.choice([8, 4, 12, 57, 36, 45, 2, 14])]
    away = _way(rng, at)
    side = rng.choice([-1.0, 1.0])
    place = target + np.array([side * (0.25 + away), 0.35 + away]) * width
    angle = float(rng.uniform(-60, 60))
    for finger in range(4):
        turn = np.deg2rad(angle + 12 * (finger - 1.5))
        tip = place + 0.55 * width * np.array([np.sin(turn) - 0.5 * side, -np.cos(turn)])
        tint = tuple(float(value) for value in skin * (0.92 + 0.04 * finger))
        _line(image, place, tip, tint, max(2, round(0.13 * width)))
    tint = tuple(float(value) for value in skin)
    axes = (max(2, round(0.28 * width)), max(2, round(0.34 * width)))
    cv2.ellipse(image, _pixel(place), axes, angle, 0, 360, tint, -1, cv2.LINE_AA)


def _bar(
    image: np.ndarray, marks: np.ndarray, width: float, rng: np.random.Generator, skin: np.ndarray, at: float
) -> None:
    tint = tuple(float(value) for value in rng.uniform(10, 240, 3))
    middle = marks[[27, 33, 57, 8][rng.integers(4)]] + (0, _way(rng, at) * width)
    turn = rng.uniform(0, np.pi)
    reach = width * np.array([np.cos(turn), np.sin(turn)])
    _line(image, middle - reach, middle + reach, tint, max(2, round(rng.uniform(0.08, 0.3) * width)))


def _cap(
    image: np.ndarray, marks: np.ndarray, width: float, rng: np.random.Generator, skin: np.ndarray, at: float
) -> None:
    tint = tuple(float(value) for value in rng.uniform(10, 200, 3))
    brow = marks[17:27].mean(0)
    up = (brow - marks[8]) / np.linalg.norm(brow - marks[8])
    middle = brow + up * width * rng.uniform(0.5, 0.6)
    angle = float(np.degrees(np.arctan2(up[0], -up[1])))
    axes = (round(0.66 * width), round(0.5 * width))
    cv2.ellipse(image, _pixel(middle), axes, angle, 0, 360, tint, -1, cv2.LINE_AA)


def _glasses(
    image: np.ndarray, marks: np.ndarray, width: float, rng: np.random.Generator, skin: np.ndarray, at: float
) -> None:
    tint = tuple(float(value) for value in rng.uniform(5, 120, 3))
    thick = max(1, round(rng.uniform(0.01, 0.035) * width))
    axes = (round(rng.uniform(0.17, 0.21) * width), round(rng.uniform(0.11, 0.17) * width))
    right, left = marks[36:42].mean(0), marks[42:48].mean(0)
    across = (left - right) / np.linalg.norm(left - right)
    angle = float(np.degrees(np.arctan2(across[1], across[0])))
    dark = rng.random() < 0.1
    for eye in (right, left):
        cv2.ellipse(image, _pixel(eye), axes, angle, 0, 360, tint, -1 if dark else thick, cv2.LINE_AA)
    _line(image, right + across * axes[0], left - across * axes[0], tint, thick)
    _line(image, right - across * axes[0], marks[0], tint, thick)
    _line(image, left + across * axes[0], marks[16], tint, thick)


def _pixel(place: np.ndarray) -> tuple[int, int]:
    x, y = np.clip(np.rint(place), -10_000, 10_000)
    return int(x), int(y)


def _line(
    image: np.ndarray, start: np.ndarray, stop: np.ndarray, colour: tuple[float, ...], thickness: int
) -> None:
    cv2.line(image, _pixel(start), _pixel(stop), colour, thickness, cv2.LINE_AA)


def record(rng: np.random.Generator, image: np.ndarray, scene: Scene) -> np.ndarray:
    """Give what a camera records of an image (S, S, 3) uint8: smaller, blurred, noisy, compressed, RGB."""
    if scene.shrink < 1:
        side = round(scene.shrink * scene.size)
        image = cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA)
    if scene.blur:
        image = cv2.GaussianBlur(image, (0, 0), scene.blur)
    noisy = image + scene.noise * rng.standard_normal(image.shape[:2], dtype=np.float32)[..., None]
    image = np.clip(noisy, 0, 255).astype(np.uint8)
    if scene.gray:
        image = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    _, coded = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, scene.quality])
    return cv2.imdecode(coded, cv2.IMREAD_COLOR)


def places(rng: np.random.Generator, times: np.ndarray, scene: Scene) -> np.ndarray:
    """Draw where the face lies beside the image's middle (T, 2), pixels."""
    room = 0.5 * (1 - scene.face_share) * scene.size
    return np.clip(
        rng.normal(0, 0.25, 2) * room + 0.1 * room * wander(rng, times, 2, 1.0), -0.6 * room, 0.6 * room
    )
