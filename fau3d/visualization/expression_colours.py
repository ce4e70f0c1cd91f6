"""One colour an expression, the same in every picture."""

from collections.abc import Iterable

from fau3d.facs import EXPRESSIONS
from fau3d.visualization.palette import (
    BLUE,
    FACE_COLOURS,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
    Colour,
)

_BASIC = {
    "happiness": YELLOW,
    "sadness": BLUE,
    "anger": VERMILION,
    "fear": PURPLE,
    "disgust": GREEN,
    "surprise": SKY,
    "contempt": ORANGE,
}
OTHERS = "others"
_STATES = {
    OTHERS: (232, 230, 224),
    "neutral": (196, 199, 204),
    "unnamed": (146, 150, 156),
    "mixed": (92, 96, 102),
}
_WHITE, _BLACK = (255, 255, 255), (0, 0, 0)
# Shades of the seven colours for further names: how far towards which end.
_SHADES = ((_WHITE, 0.5), (_BLACK, 0.35), (_WHITE, 0.72), (_BLACK, 0.58))


def blend(colour: Colour, other: Colour, share: float) -> Colour:
    """Mix `share` of another colour, in [0, 1], into a colour."""
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(colour, other))
    return red, green, blue


def text_colour(ground: Colour) -> Colour:
    """Give black or white, whichever reads better on a ground."""
    # Relative luminance as the Web Content Accessibility Guidelines (W3C, 2.1) define it; black and white
    # have the same contrast to 0.179.
    linear = [((part / 255 + 0.055) / 1.055) ** 2.4 for part in ground]
    return _BLACK if 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] > 0.179 else _WHITE


def expression_colours(names: Iterable[str]) -> dict[str, Colour]:
    """Give the colours of expressions: pure ones for the basic, shades of the same for the others.

    Those of `fau3d.facs.EXPRESSIONS` and the grays of `neutral`, `mixed`, `unnamed` and `others` are the same
    in every picture; other names get what is left, in their order. From the 29th on shades repeat.

    Args:
        names: Of expressions; repetitions are allowed.
    """
    known = {**_BASIC, **_STATES}
    others = [name for name in (*EXPRESSIONS, *names) if name not in known]
    for place, name in enumerate(dict.fromkeys(others)):
        end, share = _SHADES[place // len(FACE_COLOURS) % len(_SHADES)]
        known[name] = blend(FACE_COLOURS[place % len(FACE_COLOURS)], end, share)
    return {name: known[name] for name in names}
