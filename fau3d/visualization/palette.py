"""Colours that colour-blind people can tell apart, and smooth text for images.

Source of the colours: Okabe and Ito, Color Universal Design, 2008.
"""

from functools import lru_cache

import cv2
import numpy as np

Colour = tuple[int, int, int]

ORANGE: Colour = (230, 159, 0)
SKY: Colour = (86, 180, 233)
GREEN: Colour = (0, 158, 115)
YELLOW: Colour = (240, 228, 66)
BLUE: Colour = (0, 114, 178)
VERMILION: Colour = (213, 94, 0)
PURPLE: Colour = (204, 121, 167)
GRAY: Colour = (150, 150, 150)

FACE_COLOURS = (SKY, ORANGE, GREEN, PURPLE, YELLOW, VERMILION, BLUE)
REGION_COLOURS = {
    "brow": ORANGE,
    "eye": SKY,
    "nose": GREEN,
    "mouth": VERMILION,
    "cheek": PURPLE,
    "chin": YELLOW,
    "jaw": GRAY,
    "forehead": GRAY,
}
_OVERSAMPLING = 4
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def face_colour(face_id: int) -> Colour:
    """Give the colour of a face; ids seven apart share one."""
    return FACE_COLOURS[face_id % len(FACE_COLOURS)]


def region_colour(region: str) -> Colour:
    """Give the colour of a region; both sides share one."""
    return REGION_COLOURS.get(region.removeprefix("left_").removeprefix("right_"), GRAY)


def check_image(image: np.ndarray) -> None:
    """Refuse what is no RGB image.

    Raises:
        ValueError: If it is not (H, W, 3) uint8.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise ValueError(f"image has shape {image.shape} and type {image.dtype}; wanted (H, W, 3) uint8, RGB")


@lru_cache(maxsize=1024)
def text_mask(text: str, height: int) -> np.ndarray:
    """Give the coverage of a line of text.

    Args:
        text: ASCII text; other letters show as '?'.
        height: Of the line in pixels, from the top of a capital letter to the foot of a g.

    Returns:
        Shape (height, width), float32 in [0, 1], read-only.
    """
    text = text.encode("ascii", "replace").decode() or " "
    big = max(height, 1) * _OVERSAMPLING
    # A Hershey letter is 22 units from foot to top and reaches 7 below.
    scale = big / 32.0
    thickness = max(1, round(big / 14))
    width = cv2.getTextSize(text, _FONT, scale, thickness)[0][0] + 2 * thickness
    canvas = np.zeros((big, -(-width // _OVERSAMPLING) * _OVERSAMPLING), np.uint8)
    cv2.putText(canvas, text, (thickness, round(big * 24 / 32)), _FONT, scale, (255,), thickness, cv2.LINE_AA)
    size = (canvas.shape[1] // _OVERSAMPLING, max(height, 1))
    mask = cv2.resize(canvas, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    mask.setflags(write=False)
    return mask


def put_text(image: np.ndarray, text: str, corner: tuple[int, int], height: int, colour: Colour) -> None:
    """Write text into an image, in place; what lies outside is cut off.

    Args:
        image: Shape (H, W, 3), uint8.
        text: One line.
        corner: x, y of its top left, in pixels.
        height: Of the line in pixels.
        colour: RGB.
    """
    mask = text_mask(text, height)
    x, y = corner
    x0, y0 = max(x, 0), max(y, 0)
    x1, y1 = min(x + mask.shape[1], image.shape[1]), min(y + mask.shape[0], image.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    cover = mask[y0 - y : y1 - y, x0 - x : x1 - x, None]
    patch = image[y0:y1, x0:x1]
    patch[:] = patch + cover * (np.array(colour, np.float32) - patch) + 0.5
