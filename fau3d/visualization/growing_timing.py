"""The timing diagram that grows below an overlay's frames, a column or two a frame."""

from collections.abc import Sequence

import numpy as np

from fau3d.visualization.bars import au_label
from fau3d.visualization.expression_colours import blend, expression_colours, text_colour
from fau3d.visualization.palette import GRAY, ORANGE, SKY, Colour, check_image, put_text, text_mask
from fau3d.visualization.shown_units import strip_units
from fau3d.visualization.time_axis import CLOCK_FROM, clock, tick_step, tick_times

_GROUND: Colour = (24, 26, 30)
_GRID: Colour = (52, 56, 62)
_TEXT: Colour = (205, 208, 212)
_NOW: Colour = (255, 255, 255)
_FILL = blend(_GROUND, SKY, 0.42)
_FILL_PRESENT = blend(_GROUND, SKY, 0.75)
_HATCH_GROUND = blend(_GROUND, GRAY, 0.18)
_HATCH = blend(_GROUND, GRAY, 0.75)
_HATCH_PERIOD = 6


class GrowingTiming:
    """A strip with one row an action unit, to which each frame adds its columns.

    Probability is a filled curve, bright with a bar at its foot where the unit is present; intensity is a
    line; times without a value are hatched. Below stands a band with the expression's name, then the time.
    A column shows the mean of the frames that touch it (an expression: the first of them), so the strip of a
    frame does not depend on when it was looked at. A frame costs the same at any place of any video. Of
    several faces each has a strip; they are put below each other.

    >>> strip = GrowingTiming(names, width, duration=len(reader) / reader.fps, frame_seconds=1 / reader.fps)
    >>> strip.append(result.timestamp, face.probability, face.occurrence, face.intensity, "happiness")
    >>> writer.write(strip.below(picture), result.timestamp)

    Args:
        au_names: Units of the values, in their order.
        width: Of the strip in pixels, that of the overlay.
        duration: Seconds of the whole video: the strip has room for all of it.
        window: Seconds that are shown of a stream without an end: the strip moves on. Give one of the two.
        frame_seconds: How long a frame lasts.
        shown: Units to show, one row each; by default `strip_units`.
        row_height: Pixels of a row; by default what suits the width.
        expressions: Whether there is a band for expressions.
        title: Stands below the units' names, such as the face's id.

    Attributes:
        height: Of the strip in pixels, an even number.
        width: Of the strip in pixels.

    Raises:
        ValueError: If a unit is unknown, none is left, the time span is not one positive number, or the width
            leaves no room for curves.
    """

    def __init__(
        self,
        au_names: Sequence[str],
        width: int,
        duration: float | None = None,
        window: float | None = None,
        frame_seconds: float = 0.04,
        shown: Sequence[str] | None = None,
        row_height: int | None = None,
        expressions: bool = True,
        title: str = "",
    ) -> None:
        self.au_names = tuple(au_names)
        self.shown = strip_units(self.au_names) if shown is None else tuple(shown)
        absent = [name for name in self.shown if name not in self.au_names]
        if absent or not self.shown:
            raise ValueError(
                f"cannot show {', '.join(absent) or 'no unit at all'}: values are of {', '.join(au_names)}"
            )
        span = duration if window is None else window
        if span is None or (duration is not None and window is not None) or not min(span, frame_seconds) > 0:
            raise ValueError(
                f"duration is {duration}, window {window}, frame_seconds {frame_seconds}; wanted a duration "
                "or a window of more than 0 seconds, and a frame that lasts"
            )
        self._units = [self.au_names.index(name) for name in self.shown]
        self._scrolls, self._span, self._step = window is not None, span, frame_seconds
        self._row = row_height or min(max(width // 50, 13), 48)
        self._text = max(8, round(self._row * 0.8))
        self._rows_high = self._row * len(self.shown)
        self._band = self._row + 2 if expressions else 0
        self._left = self._label_width(width, title)
        self._columns = width - self._left - max(2, width // 100)
        if self._columns < 16:
            raise ValueError(f"a strip of {width} pixels has no room for curves; wanted {width + 16} or more")
        self.width = width
        self.height = -(-(self._rows_high + self._band + self._text + 8) // 2) * 2
        self._clocked = span >= CLOCK_FROM and not self._scrolls
        self._tick = tick_step(span, max(1, self._columns // (self._text * 5)))
        self._base = self._draw_base(title)
        self._forget()

    def _label_width(self, width: int, title: str) -> int:
        others = [title, "expr." if self._band else ""]
        other = min(max(text_mask(text, self._text).shape[1] for text in others), width // 4)
        full = max(text_mask(au_label(name, True), self._text).shape[1] for name in self.shown)
        short = max(text_mask(au_label(name, False), self._text).shape[1] for name in self.shown)
        self._spelt = full <= 0.27 * width
        return max(full if self._spelt else short, other) + self._text

    def _draw_base(self, title: str) -> np.ndarray:
        """Draw what no frame changes: names, and the time where all of it is known."""
        base = np.empty((self.height, self.width, 3), np.uint8)
        base[:] = _GROUND
        pad = self._text // 2
        for row, name in enumerate(self.shown):
            top = row * self._row + (self._row - self._text + 1) // 2
            put_text(base, au_label(name, self._spelt), (pad, top), self._text, _TEXT)
        if self._band:
            top = self._rows_high + (self._band - self._text + 1) // 2
            put_text(base, "expression" if self._spelt else "expr.", (pad, top), self._text, _TEXT)
        if title:
            below = base[self._rows_high + self._band :, : self._left - 2]
            put_text(below, title, (pad, 3), self._text, _TEXT)
        if not self._scrolls:
            self._draw_times(base, 0.0)
        return base

    def _draw_times(self, strip: np.ndarray, start: float) -> None:
        """Write the times below the columns, the first of which is at `start` seconds."""
        top, rate = self._rows_high + self._band + 3, self._columns / self._span
        for time in tick_times(start, start + self._span, self._tick):
            text = clock(time, self._clocked or time >= CLOCK_FROM, self._tick)
            text = text if self._clocked or ":" in text else f"{text} s"
            width = text_mask(text, self._text).shape[1]
            left = self._left + round((time - start) * rate) - width // 2
            if left >= self._left or not self._scrolls:
                left = min(max(left, self._left), self.width - width)
                put_text(strip, text, (left, top), self._text, _TEXT)

    def _forget(self) -> None:
        """Begin with an empty diagram."""
        units, columns = len(self.shown), self._columns
        self._sums = np.zeros((3, units, columns))
        self._counts = np.zeros((3, units, columns), np.int64)
        self._newest, self._last_time = -1, -np.inf
        self._canvas = np.empty((self._rows_high + self._band, columns, 3), np.uint8)
        self._canvas[:] = _GROUND
        self._clear(np.arange(columns))
        self._run: tuple[str, int] = ("", 0)
        self._text_from = 0
        self._colours: dict[str, Colour] = {}

    def _clear(self, columns: np.ndarray) -> None:
        """Empty columns, given by their number since the beginning, and draw the grid."""
        places = columns % self._columns
        self._sums[:, :, places] = 0
        self._counts[:, :, places] = 0
        self._canvas[:, places] = self._ground(columns)

    def _ground(self, columns: np.ndarray) -> np.ndarray:
        ground = np.empty((len(self._canvas), len(columns), 3), np.uint8)
        ground[:] = _GROUND
        ground[self._row - 1 : self._rows_high : self._row] = _GRID
        each = self._tick * self._columns / self._span
        ground[:, (np.ceil(columns / each - 1e-9) * each).astype(np.int64) == columns] = _GRID
        return ground

    def append(
        self,
        timestamp: float,
        probability: np.ndarray | None = None,
        occurrence: np.ndarray | None = None,
        intensity: np.ndarray | None = None,
        expression: str = "",
    ) -> None:
        """Add a frame.

        Args:
            timestamp: Seconds since the first frame; not before the frame that was added last.
            probability: Shape (A,), in [0, 1]; NaN = missing. None: no face.
            occurrence: Shape (A,): 1 = present; None: from a probability of 0.5.
            intensity: Shape (A,), 0 to 5, or None.
            expression: Its name; empty where there is none to name.

        Raises:
            ValueError: If the time runs backwards, or there is not one value a unit.
        """
        if not timestamp >= max(self._last_time, 0.0):
            raise ValueError(
                f"a frame at {timestamp} s comes after one at {max(self._last_time, 0.0)} s; wanted frames "
                "in the order of their times"
            )
        self._last_time = timestamp
        rate = self._columns / self._span
        first, last = int(timestamp * rate + 1e-6), int((timestamp + self._step) * rate - 1e-6)
        if not self._scrolls:
            first, last = min(first, self._columns - 1), min(last, self._columns - 1)
        last = max(first, last)
        new = np.arange(max(self._newest, last - self._columns) + 1, last + 1)
        if self._scrolls:
            self._clear(new)
        columns = np.arange(max(first, last - self._columns + 1), last + 1)
        places = columns % self._columns
        values = self._values(probability, occurrence, intensity)
        there = np.isfinite(values)
        self._sums[:, :, places] += np.where(there, values, 0.0)[:, :, None]
        self._counts[:, :, places] += there[:, :, None]
        self._paint(columns)
        if self._band:
            self._paint_expression(columns[columns > self._newest], expression)
        self._newest = max(self._newest, last)

    def _values(
        self, probability: np.ndarray | None, occurrence: np.ndarray | None, intensity: np.ndarray | None
    ) -> np.ndarray:
        """Give probability, presence and intensity of the units shown, each in [0, 1], shape (3, R)."""
        values = np.full((3, len(self.shown)), np.nan)
        for kind, (given, full) in enumerate(((probability, 1.0), (occurrence, 1.0), (intensity, 5.0))):
            if given is None:
                continue
            if np.shape(given) != (len(self.au_names),):
                raise ValueError(
                    f"a frame has values of shape {np.shape(given)}; wanted one for each of "
                    f"{len(self.au_names)} units"
                )
            values[kind] = np.clip(np.asarray(given, np.float64)[self._units] / full, 0.0, 1.0)
        if occurrence is None:
            values[1] = np.where(np.isfinite(values[0]), values[0] >= 0.5, np.nan)
        return values

    def _paint(self, columns: np.ndarray) -> None:
        """Draw the curves of columns anew; the column before says where the intensity's line comes from."""
        around = np.concatenate([[max(columns[0] - 1, 0)], columns]) % self._columns
        counts = self._counts[:, :, around]
        means = np.divide(
            self._sums[:, :, around], counts, out=np.full(counts.shape, np.nan), where=counts > 0
        )
        foot = max(2, self._row // 7)
        height = self._row - foot - 1
        probability, present, line = means[0, :, 1:], means[1, :, 1:] >= 0.5, np.rint(means[2] * (height - 1))
        before, line = np.where(np.isnan(line[:, :-1]), line[:, 1:], line[:, :-1]), line[:, 1:]
        low, high = np.minimum(before, line)[:, None], np.maximum(before, line)[:, None]
        # Levels are counted upwards from the bar at the foot; compared with NaN they are never reached.
        level = np.arange(self._row - 1, -1, -1)[:, None] - foot
        filled = (level >= 0) & (level < np.rint(probability * height)[:, None])
        block = self._ground(columns)[: self._rows_high].reshape(len(self.shown), self._row, len(columns), 3)
        block[filled] = _FILL
        block[filled & present[:, None]] = _FILL_PRESENT
        block[(level < 0) & present[:, None]] = SKY
        # Where there is no strength there is no line, so that quiet units stay quiet.
        block[(level >= low) & (level <= high + self._row // 26) & (high > 0)] = ORANGE
        missing = ~counts[:, :, 1:].any(0)
        if missing.any():
            hatch = self._hatch(columns, self._rows_high).reshape(block.shape)
            hatched = np.broadcast_to(missing[:, None] & (level < height), block.shape[:3])
            block[hatched] = hatch[hatched]
        self._canvas[: self._rows_high, columns % self._columns] = block.reshape(-1, len(columns), 3)

    def _hatch(self, columns: np.ndarray, height: int) -> np.ndarray:
        stripe = (columns[None] + np.arange(height)[:, None]) % _HATCH_PERIOD == 0
        return np.where(stripe[..., None], _HATCH, _HATCH_GROUND).astype(np.uint8)

    def _paint_expression(self, columns: np.ndarray, name: str) -> None:
        """Colour the band of new columns, and write the name as soon as there is room for it."""
        if not len(columns):
            return
        if name not in self._colours and name:
            self._colours |= expression_colours([name])
        places, top = columns % self._columns, self._rows_high + 1
        band = self._canvas[top : top + self._row]
        band[:, places] = self._colours[name] if name else self._hatch(columns, self._row)
        if name != self._run[0] or columns[0] > self._newest + 1:
            self._run = (name, int(columns[0]))
            self._text_from = int(columns[0])
        width = text_mask(name, self._text).shape[1]
        if name and columns[-1] + 1 - self._text_from >= width + 2:
            ground = self._colours[name]
            patch = np.empty((self._row, width, 3), np.uint8)
            patch[:] = ground
            put_text(patch, name, (0, (self._row - self._text + 1) // 2), self._text, text_colour(ground))
            band[:, (self._text_from + 1 + np.arange(width)) % self._columns] = patch
            # A long run says its name again, so that a strip that moves on always shows one.
            self._text_from += max(2 * width, self._columns // 3)

    def draw(self, out: np.ndarray | None = None) -> np.ndarray:
        """Give the strip as it is now, with a line at the newest column.

        Args:
            out: Shape (height, width, 3), uint8: where to draw.

        Returns:
            The strip, shape (height, width, 3), uint8 RGB.
        """
        strip = np.empty_like(self._base) if out is None else out
        strip[:] = self._base
        high, right = len(self._canvas), self._left + self._columns
        start = max(self._newest + 1 - self._columns, 0)
        turn = start % self._columns
        strip[:high, self._left : right - turn] = self._canvas[:, turn:]
        if turn:
            strip[:high, right - turn : right] = self._canvas[:, :turn]
        if self._scrolls:
            self._draw_times(strip, start * self._span / self._columns)
        if self._newest >= 0:
            now = self._left + self._newest - start
            strip[: high + 2, now : now + max(1, self._row // 16)] = _NOW
        return strip

    def below(self, picture: np.ndarray) -> np.ndarray:
        """Put the strip below a picture of its width.

        Args:
            picture: Shape (H, width, 3), uint8 RGB; it stays as it is.

        Returns:
            Shape (H + height, width, 3), uint8 RGB.

        Raises:
            ValueError: If the picture has another width.
        """
        check_image(picture)
        if picture.shape[1] != self.width:
            raise ValueError(f"the picture is {picture.shape[1]} pixels wide, the strip {self.width}")
        joined = np.empty((picture.shape[0] + self.height, self.width, 3), np.uint8)
        joined[: picture.shape[0]] = picture
        self.draw(joined[picture.shape[0] :])
        return joined
