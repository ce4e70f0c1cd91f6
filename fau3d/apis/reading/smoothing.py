"""Smoothing of a face's curves before they are read."""

from dataclasses import dataclass, field, replace

import numpy as np

from fau3d.apis.reading.curves import FaceCurves
from fau3d.functional.smoothing import SMOOTHING_METHODS, smooth_over_time, smoothing_lag


@dataclass(frozen=True)
class Smoothing:
    """How curves are smoothed.

    Attributes:
        method: A key of `SMOOTHING_METHODS`.
        options: Those of its options that differ from its defaults.
    """

    method: str
    options: dict[str, float] = field(default_factory=dict)

    def apply(self, curves: FaceCurves, thresholds: np.ndarray) -> FaceCurves:
        """Smooth probabilities and intensities; what is invalid stays so.

        Args:
            curves: Of one face.
            thresholds: Shape (A,): a unit is present from this probability on.

        Raises:
            ValueError: If the time stamps are uneven and the method wants even ones, or an option is out of
                range.
        """

        def smoothed(values: np.ndarray, most: float) -> np.ndarray:
            # Savitzky-Golay's fits can leave the range.
            running = smooth_over_time(values, curves.time, self.method, **self.options)
            return np.clip(running, 0.0, most).astype(np.float32)

        probability = smoothed(curves.probability, 1.0)
        present = (probability >= thresholds).astype(np.int8)
        return replace(
            curves,
            probability=probability,
            occurrence=np.where(curves.occurrence < 0, -1, present).astype(np.int8),
            intensity=None if curves.intensity is None else smoothed(curves.intensity, 5.0),
        )

    def sentence(self, time: np.ndarray) -> str:
        """Say in a sentence what is done and how late it makes curves.

        Args:
            time: Shape (T,), seconds.
        """
        options = {**SMOOTHING_METHODS[self.method], **self.options}
        named = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in options.items())
        lag = smoothing_lag(time, self.method, **self.options)
        late = f"up to {lag.seconds:.2f} s late" if lag.seconds else "not late"
        return (
            f"Curves are smoothed ({self.method.replace('_', ' ')}: {named}; {late}); the table has them as "
            "they were."
        )


def parse_smoothing(text: str) -> Smoothing:
    """Read `METHOD` or `METHOD:VALUE`, where VALUE is the method's first option: `mean:0.4`.

    Raises:
        ValueError: If the method is unknown or the value is no number above 0.
    """
    method, _, value = text.partition(":")
    method = method.replace("-", "_")
    if method not in SMOOTHING_METHODS:
        raise ValueError(f"unknown smoothing {method!r}; known: {', '.join(SMOOTHING_METHODS)}")
    if not value:
        return Smoothing(method)
    first = next(iter(SMOOTHING_METHODS[method]))
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number < 1e4:
        raise ValueError(f"{text}: {value!r} is no {first.replace('_', ' ')}; wanted a number above 0")
    return Smoothing(method, {first: number})
