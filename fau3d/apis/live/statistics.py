"""How fast a live session is: frames a second, frames dropped, and the time from camera to picture."""

from array import array
from collections import deque

import numpy as np

_RECENT = 2.0  # seconds over which the rate that is shown is taken


class LiveStatistics:
    """Count frames and their latencies.

    Attributes:
        frames: Answered and drawn.
        dropped: That came while another was being answered.
    """

    def __init__(self) -> None:
        self.frames, self.dropped = 0, 0
        self._latencies = array("f")
        self._recent: deque[float] = deque()
        self._first = self._last = 0.0

    def add(self, captured: float, finished: float, dropped: int) -> None:
        """Take one frame.

        Args:
            captured: When it came out of the source, in seconds.
            finished: When its picture was there, on the same clock.
            dropped: Frames dropped so far.
        """
        if not self.frames:
            self._first = finished
        self.frames, self.dropped, self._last = self.frames + 1, dropped, finished
        self._latencies.append(finished - captured)
        self._recent.append(finished)
        while self._recent[0] < finished - _RECENT:
            self._recent.popleft()

    @property
    def rate(self) -> float:
        """Frames a second over the last two seconds; 0 before the second frame."""
        span = self._recent[-1] - self._recent[0] if self._recent else 0.0
        return (len(self._recent) - 1) / span if span > 0 else 0.0

    @property
    def mean_rate(self) -> float:
        """Frames a second from the first frame to the last; 0 before the second."""
        span = self._last - self._first
        return (self.frames - 1) / span if span > 0 else 0.0

    def latency(self, percent: float = 50.0) -> float:
        """Give a percentile of the time from capture to picture, in seconds; NaN without frames."""
        values = np.frombuffer(self._latencies, np.float32).copy()
        return float(np.percentile(values, percent)) if len(values) else float("nan")

    @property
    def last_latency(self) -> float:
        """Seconds from capture to picture of the last frame; NaN without one."""
        return self._latencies[-1] if self._latencies else float("nan")

    def line(self) -> str:
        """Give what is written on the picture."""
        return f"{self.rate:.0f} frames/s  {self.dropped} dropped  {1000 * self.last_latency:.0f} ms"

    def __str__(self) -> str:
        if not self.frames:
            return "no frame was seen"
        shown = ", ".join(
            f"{name} {1000 * self.latency(p):.0f} ms" for name, p in (("median", 50), ("95 %", 95))
        )
        share = self.dropped / (self.frames + self.dropped)
        return (
            f"{self.frames} frames at {self.mean_rate:.1f} frames/s, {self.dropped} dropped ({share:.1%}); "
            f"from camera to picture: {shown}"
        )
