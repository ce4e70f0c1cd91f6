"""Whether two people move together, and who leads: windowed lagged cross-correlation of their curves."""

from dataclasses import dataclass

import numpy as np

from fau3d.functional.timeline import check_times, regular_step

_FLAT = 1e-5  # of a curve's variance: a window that varies less is flat, and correlates with nothing


@dataclass(frozen=True)
class Synchrony:
    """Windowed cross-correlation of A pairs of curves over W windows and L lags.

    Attributes:
        times: Shape (W,), seconds: the middle of each window of the first person.
        lags: Shape (L,), seconds, rising through 0. Above 0, the second person follows.
        correlation: Shape (W, L, A), float32 in [-1, 1]; NaN where a window is flat or too few
            frames are valid.
        peak: Shape (W, A): highest correlation of each window over the lags.
        peak_lag: Shape (W, A), seconds, of the peak; the one nearest 0 among equals.
        mean_peak: Shape (A,): mean of the peaks, by Fisher's z; the statistic that is tested.
        p: Shape (A,): share of the surrogates whose mean peak is as high or higher, the real one added to
            both; NaN where there are no surrogates.
        surrogates: How many shifts were compared.
    """

    times: np.ndarray
    lags: np.ndarray
    correlation: np.ndarray
    peak: np.ndarray
    peak_lag: np.ndarray
    mean_peak: np.ndarray
    p: np.ndarray
    surrogates: int


def synchrony(
    first: np.ndarray,
    second: np.ndarray,
    times: np.ndarray,
    window: float = 8.0,
    max_lag: float = 2.0,
    step: float = 2.0,
    surrogates: int = 99,
    min_valid: float = 0.5,
    seed: int = 0,
) -> Synchrony:
    """Correlate the curves of two people in windows, at every lag.

    A window of the first person is compared with the windows of the second that begin up to `max_lag` seconds
    earlier or later. Frames that either has missing are left out of a correlation; nothing is filled in. The
    peak is the highest correlation, not the nearest local maximum.

    The surrogates turn the second person's windows round by whole steps, so that each curve keeps its shape
    and only the timing between the two is lost; shifts at which real and shifted windows overlap are not
    used. Two people who each move in the same slow rhythm seem to be together at other shifts too: that is
    what the test finds out. The p values are not corrected for the number of units.

    Args:
        first: Shape (T, A), curves of one person; NaN = missing.
        second: Shape (T, A), the same units of the other.
        times: Shape (T,), seconds, of both, evenly spaced.
        window: Seconds.
        max_lag: Seconds.
        step: Seconds from one window to the next.
        surrogates: Shifts at most, drawn without replacement; 0 for no test.
        min_valid: Share of a window's frames that both must have.
        seed: Of the shifts.

    Returns:
        The correlations, their peaks and the test.

    Raises:
        ValueError: If the shapes differ, the time stamps are uneven, or not one window fits.

    Source:
        Boker, Xu, Rotondo and King, Windowed Cross-Correlation and Peak Picking for the Analysis of
        Variability in the Association between Behavioral Time Series, Psychological Methods 7(3), 2002. The
        shifts: Moulder, Boker, Ramseyer and Tschacher, Determining Synchrony between Behavioral Time
        Series, Psychological Methods 23(4), 2018.
    """
    first, second = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if first.ndim != 2 or first.shape != second.shape:
        raise ValueError(f"curves of shapes {first.shape} and {second.shape}; wanted (T, A) twice")
    times = check_times(times, len(first))
    frame = regular_step(times, "synchrony", jumps=False)
    if not frame or min(window, step) < frame or max_lag < 0 or window < 3 * frame:
        raise ValueError(
            f"window {window} s, step {step} s, largest lag {max_lag} s at {frame:.4g} s a frame; wanted a "
            "window of at least three frames, a step of at least one, and no lag below 0"
        )
    length, lag, stride = (round(seconds / frame) for seconds in (window, max_lag, step))
    starts = np.arange(lag, len(first) - length - lag + 1, stride)
    if not len(starts):
        raise ValueError(
            f"{len(first)} frames are {len(first) * frame:.4g} s; a window of {window} s with lags of up to "
            f"{max_lag} s to both sides needs {window + 2 * max_lag:g} s"
        )
    spectra = _Spectra(first, second, starts, length, lag, max(3.0, min_valid * length))
    correlation = spectra.correlate(0)
    lags = np.arange(-lag, lag + 1)
    peak, place = _peaks(correlation, lags)
    real = _mean_by_z(peak)
    shifts = _shifts(len(starts), stride, length + 2 * lag, surrogates, seed)
    higher = np.zeros(first.shape[1])
    for shift in shifts:
        higher += _mean_by_z(_highest(spectra.correlate(int(shift)))) >= real - 1e-6
    p = (higher + 1) / (len(shifts) + 1)
    return Synchrony(
        times=times[starts] + (length - 1) / 2 * frame,
        lags=lags * frame,
        correlation=correlation.transpose(1, 2, 0),
        peak=peak.T,
        peak_lag=np.where(np.isfinite(peak), lags[place] * frame, np.nan).T,
        mean_peak=real,
        p=np.where(np.isfinite(real), p, np.nan) if len(shifts) else np.full(len(real), np.nan),
        surrogates=len(shifts),
    )


class _Spectra:
    """The windows of both people, transformed once, so that each comparison costs one way back.

    Where a window has missing frames, the sums of a correlation run over the frames that both have: they are
    correlations of masks and masked values too. That costs six times as much, so it is done there only.
    """

    def __init__(
        self,
        first: np.ndarray,
        second: np.ndarray,
        starts: np.ndarray,
        length: int,
        lag: int,
        min_count: float,
    ) -> None:
        from scipy.fft import next_fast_len

        self._size = next_fast_len(length + 2 * lag, real=True)
        self._lags, self._length, self._min_count = 2 * lag + 1, length, min_count
        inside = starts[:, None] + np.arange(length)
        around = starts[:, None] - lag + np.arange(length + 2 * lag)
        x, x_there = _standardised(first)
        y, y_there = _standardised(second)
        self._x_whole, self._y_whole = x_there.T[:, inside].all(-1), y_there.T[:, around].all(-1)
        gaps = not (self._x_whole.all() and self._y_whole.all())
        self._x = [self._forward(part.T[:, inside]).conj() for part in (x, x * x, x_there)[: 1 + 2 * gaps]]
        self._y = [self._forward(part.T[:, around]) for part in (y, y * y, y_there)[: 1 + 2 * gaps]]
        self._x_sums = [part.T[:, inside].sum(-1)[..., None] for part in (x, x * x)]
        views = np.lib.stride_tricks.sliding_window_view
        running = [np.cumsum(np.pad(part, [(1, 0), (0, 0)]), axis=0).T for part in (y, y * y)]
        offsets = views(np.arange(len(first) + 1), self._lags)[starts - lag]
        self._y_sums = [total[:, offsets + length] - total[:, offsets] for total in running]

    def _forward(self, windows: np.ndarray) -> np.ndarray:
        from scipy.fft import rfft

        return rfft(windows.astype(np.float32), self._size, axis=-1)

    def _product(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        from scipy.fft import irfft

        return irfft(x * y, self._size, axis=-1)[..., : self._lags]

    def correlate(self, shift: int) -> np.ndarray:
        """Give the correlations (A, W, L) of each window with the one `shift` windows on, in a circle."""
        turned = (np.arange(len(self._y_whole[0])) + shift) % len(self._y_whole[0])
        sum_y, squares_y = (part[:, turned] for part in self._y_sums)
        product = self._product(self._x[0], self._y[0][:, turned])
        sum_x, squares_x = self._x_sums
        result = _pearson(product, sum_x, squares_x, sum_y, squares_y, float(self._length))
        broken = ~(self._x_whole & self._y_whole[:, turned])
        if broken.any():
            unit, window = np.nonzero(broken)
            x = [part[unit, window] for part in self._x]
            result[unit, window] = self._masked(x, [part[unit, turned[window]] for part in self._y])
        return result

    def _masked(self, x: list[np.ndarray], y: list[np.ndarray]) -> np.ndarray:
        """Give the correlations (N, L) of windows with missing frames."""
        count = np.rint(self._product(x[2], y[2]))
        product, sum_x, squares_x, sum_y, squares_y = (
            self._product(x[i], y[j]) for i, j in ((0, 0), (0, 2), (1, 2), (2, 0), (2, 1))
        )
        result = _pearson(product, sum_x, squares_x, sum_y, squares_y, np.maximum(count, 1.0))
        return np.where(count >= self._min_count, result, np.float32(np.nan))


def _standardised(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give curves with mean 0 and variance 1 over their valid frames, 0 elsewhere, and where those are."""
    there = np.isfinite(values)
    count = np.maximum(there.sum(0), 1)
    centred = np.where(there, values - np.where(there, values, 0.0).sum(0) / count, 0.0)
    spread = np.sqrt((centred**2).sum(0) / count)
    return centred / np.where(spread > 1e-12, spread, 1.0), there.astype(np.float64)


def _pearson(
    xy: np.ndarray, x: np.ndarray, xx: np.ndarray, y: np.ndarray, yy: np.ndarray, count: np.ndarray | float
) -> np.ndarray:
    first, second = xx / count - (x / count) ** 2, yy / count - (y / count) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        result = (xy / count - x * y / count**2) / np.sqrt(first * second)
    flat = (first <= _FLAT) | (second <= _FLAT)
    return np.where(flat, np.nan, np.clip(result, -1.0, 1.0)).astype(np.float32)


def _highest(correlation: np.ndarray) -> np.ndarray:
    """Give the highest correlation over the lags (A, W); NaN where there is none."""
    return np.fmax.reduce(correlation, axis=-1)


def _peaks(correlation: np.ndarray, lags: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the highest correlations (A, W) and the places of their lags, the nearest to 0 among equals."""
    order = np.argsort(np.abs(lags), kind="stable")
    filled = np.where(np.isnan(correlation), -np.inf, correlation)[..., order]
    return _highest(correlation).astype(np.float64), order[np.argmax(filled, axis=-1)]


def _mean_by_z(peak: np.ndarray) -> np.ndarray:
    """Average correlations (A, W) over windows, by Fisher's z."""
    there = np.isfinite(peak)
    z = np.arctanh(np.clip(np.where(there, peak, 0.0).astype(np.float64), -0.999999, 0.999999))
    count = there.sum(1)
    return np.where(count > 0, np.tanh(z.sum(1) / np.maximum(count, 1)), np.nan)


def _shifts(windows: int, stride: int, reach: int, wanted: int, seed: int) -> np.ndarray:
    """Draw shifts in windows, so far round the circle that no frame is compared with one of its own time."""
    apart = -(-reach // stride)
    possible = np.arange(apart, windows - apart + 1)
    return np.random.default_rng(seed).permutation(possible)[: max(0, wanted)]
