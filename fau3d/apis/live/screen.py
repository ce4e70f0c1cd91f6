"""Where a live session shows itself: a window, or a line of text."""

import os
import sys
from types import TracebackType

import cv2
import numpy as np

from fau3d.apis.live.session import LiveFrame
from fau3d.apis.live.statistics import LiveStatistics

_ESCAPE = 27
_TEXT_PERIOD = 1.0  # seconds between two lines of text
_NAMED = 6  # units in a line of text


def no_window_because() -> str:
    """Say why no window can be opened; empty where one can."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        return "there is no display"
    backend = next((line for line in cv2.getBuildInformation().splitlines() if "GUI:" in line), "GUI: NONE")
    if backend.split(":", 1)[1].strip() in ("", "NONE", "NO"):
        return "this OpenCV was built without windows (opencv-python has them, opencv-python-headless not)"
    return ""


class Window:
    """A window for pictures, with keys.

    Args:
        title: Stands above it.
    """

    def __init__(self, title: str) -> None:
        self._title = title
        self._open = False

    def show(self, picture: np.ndarray | None) -> str:
        """Show a picture.

        Args:
            picture: Shape (H, W, 3), uint8, RGB.

        Returns:
            The key that was pressed: `q` also for Esc and for a window that was closed; empty for none.
        """
        if picture is None:
            return ""
        if self._open and cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) < 1:
            return "q"
        if not self._open:
            cv2.namedWindow(self._title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
            cv2.resizeWindow(self._title, picture.shape[1], picture.shape[0])
            self._open = True
        cv2.imshow(self._title, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
        key = cv2.waitKey(1)
        if key < 0:
            return ""
        return "q" if key & 0xFF == _ESCAPE else chr(key & 0xFF).lower()


class TextLine:
    """One line of text a second: how fast, and the strongest units of each face.

    On a terminal the line is written over the one before.

    Args:
        au_names: Units of the results.
        statistics: Of the session.
        quiet: Write nothing.
    """

    def __init__(self, au_names: tuple[str, ...], statistics: LiveStatistics, quiet: bool = False) -> None:
        self._au_names, self._statistics, self._quiet = au_names, statistics, quiet
        self._next = 0.0
        self._end = "\r" if sys.stderr.isatty() else "\n"
        self._width = 0

    def show(self, shown: LiveFrame, note: str = "") -> None:
        """Write the line if it is time."""
        if self._quiet or shown.result.timestamp < self._next:
            return
        self._next = shown.result.timestamp + _TEXT_PERIOD
        parts = [f"{shown.result.timestamp:7.1f} s", self._statistics.line(), *([note] if note else [])]
        for face_id, face in sorted(shown.result.faces.items()):
            present = [n for n in np.argsort(-face.probability) if face.occurrence[n]][:_NAMED]
            units = " ".join(f"{self._au_names[n]} {face.probability[n]:.2f}" for n in present)
            parts.append(f"face {face_id}: {units or 'at rest'}")
        if not shown.result.faces:
            parts.append("no face")
        line = "  ".join(parts)
        print(line.ljust(self._width), end=self._end, file=sys.stderr, flush=True)
        self._width = len(line)

    def __enter__(self) -> "TextLine":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._width and self._end == "\r":
            print(file=sys.stderr)
