"""A panel with one bar an action unit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fau3d.facs import describe_au, split_side
from fau3d.visualization.palette import Colour, check_image, put_text, text_mask

_BACKGROUND: Colour = (24, 26, 30)
_TRACK: Colour = (52, 56, 62)
_DIM: Colour = (150, 154, 160)
_LIT: Colour = (255, 255, 255)
_DOT: Colour = (255, 255, 255)


@dataclass(frozen=True)
class AUBars:
    """The values of one face that a panel shows.

    Attributes:
        probability: Shape (A,), in [0, 1]; NaN = missing. The length of the bar.
        occurrence: Shape (A,): 1 = present: the bar is bright; None: bright from 0.5.
        intensity: Shape (A,), 0 to 5: a white tick on the bar; None: no tick.
        colour: RGB of the bars.
    """

    probability: np.ndarray
    occurrence: np.ndarray | None
    intensity: np.ndarray | None
    colour: Colour


def au_label(name: str, with_name: bool) -> str:
    """Give the text of a row, such as `AU12 Lip corner puller`."""
    if not with_name:
        return name
    side = {"L": " (left)", "R": " (right)", "": ""}[split_side(name)[1]]
    return f"{name} {describe_au(name).facs_name}{side}"


class AUBarPanel:
    """Draws a panel of bars of a fixed size; the unchanging parts are drawn once.

    Args:
        au_names: Units, one row each.
        width: Of the panel in pixels.
        height: Of the panel in pixels.
        numbers: Whether the probability stands behind each bar, in percent; of the first face where there are
            several.
    """

    def __init__(self, au_names: Sequence[str], width: int, height: int, numbers: bool = False) -> None:
        self.au_names, self.width, self.height = tuple(au_names), width, height
        rows = max(len(self.au_names), 1)
        pad = max(2, round(min(width, height) * 0.02))
        pitch = (height - 2 * pad) / rows
        self._tops = np.rint(pad + pitch * np.arange(rows + 1)).astype(int)
        text = max(5, min(int(pitch * 0.92), round(width / 9)))
        short = max((text_mask(au_label(n, False), text).shape[1] for n in self.au_names), default=0)
        full = max((text_mask(au_label(n, True), text).shape[1] for n in self.au_names), default=0)
        spelt = full <= 0.55 * width
        label = full if spelt else min(short, int(0.6 * width))
        self._bar_left = pad + label + max(2, pad)
        self._text, self._numbers = text, numbers
        room = text_mask("100 %", text).shape[1] + pad if numbers else 0
        self._bar_right = max(width - pad - room, self._bar_left + 1)
        self._gap = 1 if pitch < 12 else max(1, round(pitch * 0.14))
        self._dim = self._base(spelt, text, pad, _DIM)
        self._lit = self._base(spelt, text, pad, _LIT)

    def _base(self, spelt: bool, text: int, pad: int, colour: Colour) -> np.ndarray:
        panel = np.empty((self.height, self.width, 3), np.uint8)
        panel[:] = _BACKGROUND
        for row, name in enumerate(self.au_names):
            top, bottom = self._tops[row], self._tops[row + 1]
            panel[top + self._gap : bottom - self._gap, self._bar_left : self._bar_right] = _TRACK
            put_text(panel, au_label(name, spelt), (pad, top + (bottom - top - text + 1) // 2), text, colour)
        return panel

    def draw(self, faces: Sequence[AUBars], out: np.ndarray | None = None) -> np.ndarray:
        """Draw the bars of some faces, one below another within each row.

        Args:
            faces: What to show; none gives empty rows.
            out: Shape (height, width, 3), uint8: where to draw.

        Returns:
            The panel, shape (height, width, 3), uint8 RGB.

        Raises:
            ValueError: If a face has not one value a unit.
        """
        panel = np.empty_like(self._dim) if out is None else out
        panel[:] = self._dim
        for face in faces:
            if np.shape(face.probability) != (len(self.au_names),):
                raise ValueError(
                    f"a face has probabilities of shape {np.shape(face.probability)}; wanted one for each of "
                    f"{len(self.au_names)} units"
                )
        present = [self._present(face) for face in faces]
        for row in range(len(self.au_names)):
            top, bottom = int(self._tops[row]), int(self._tops[row + 1])
            if any(there[row] for there in present):
                panel[top:bottom, : self._bar_left] = self._lit[top:bottom, : self._bar_left]
            low, high = top + self._gap, bottom - self._gap
            for i, (face, there) in enumerate(zip(faces, present)):
                first = low + (high - low) * i // len(faces)
                last = max(low + (high - low) * (i + 1) // len(faces), first + 1)
                self._bar(panel[first:last], face, row, bool(there[row]))
            if self._numbers and faces:
                self._number(panel, float(faces[0].probability[row]), (top + bottom - self._text + 1) // 2)
        return panel

    def _number(self, panel: np.ndarray, value: float, top: int) -> None:
        if np.isfinite(value):
            percent = f"{round(100 * value)} %"
            left = self.width - text_mask(percent, self._text).shape[1] - 2
            put_text(panel, percent, (left, top), self._text, _LIT if value >= 0.5 else _DIM)

    def _present(self, face: AUBars) -> np.ndarray:
        if face.occurrence is None:
            return np.asarray(face.probability) >= 0.5
        return np.asarray(face.occurrence) == 1

    def _bar(self, strip: np.ndarray, face: AUBars, row: int, present: bool) -> None:
        value = float(face.probability[row])
        span = self._bar_right - self._bar_left
        if np.isfinite(value):
            right = self._bar_left + round(min(max(value, 0.0), 1.0) * span)
            colour = face.colour if present else tuple(c * 9 // 20 for c in face.colour)
            strip[:, self._bar_left : right] = colour
        if face.intensity is not None and np.isfinite(face.intensity[row]):
            share = min(max(float(face.intensity[row]) / 5.0, 0.0), 1.0)
            width = max(2, span // 60)
            left = self._bar_left + min(round(share * span), span - width)
            strip[:, left : left + width] = _DOT


def draw_au_bars(
    image: np.ndarray,
    au_names: Sequence[str],
    faces: Sequence[AUBars],
    corner: tuple[int, int] = (0, 0),
    size: tuple[int, int] | None = None,
) -> np.ndarray:
    """Draw a panel of bars onto an image, in place; to draw many frames, keep an `AUBarPanel`.

    Args:
        image: Shape (H, W, 3), uint8 RGB.
        au_names: Units, one row each.
        faces: What to show.
        corner: x, y of the panel's top left in pixels.
        size: (width, height) of the panel; by default a third of the width and the height that is left.

    Returns:
        The same image.

    Raises:
        ValueError: If the panel is not within the image.
    """
    check_image(image)
    x, y = corner
    width, height = size or (max(image.shape[1] // 3, 1), image.shape[0] - y)
    if min(x, y) < 0 or x + width > image.shape[1] or y + height > image.shape[0] or min(width, height) < 1:
        raise ValueError(
            f"a panel of {width}x{height} at {corner} is not within an image of "
            f"{image.shape[1]}x{image.shape[0]}"
        )
    AUBarPanel(au_names, width, height).draw(faces, image[y : y + height, x : x + width])
    return image
