"""CPU seconds that each reading of curves takes: an hour of 41 units at 30 frames per second, by default.

The curves are made up: bumps of a second or two with noise on them, and stretches without a face. `synchrony`
is of ten minutes of 20 units at 25 frames per second, with its surrogate test.

Examples:
    python benchmarks/reading_curves.py
    python benchmarks/reading_curves.py --minutes 10 --units 20
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from fau3d.functional.baseline import neutral_baseline, subtract_baseline
from fau3d.functional.cooccurrence import co_occurrence
from fau3d.functional.events import EventRules, event_presence, find_events
from fau3d.functional.eyes import calibrate_eyes, eye_openness, find_closures, join_eyes, perclos
from fau3d.functional.segments import asymmetry, find_segments, segment_figures
from fau3d.functional.smoothing import SMOOTHING_METHODS, smooth_over_time
from fau3d.functional.synchrony import synchrony


def made_up_curves(minutes: float, units: int, rate: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Give intensities (T, A), NaN where no face is seen, and time stamps (T,)."""
    rng = np.random.default_rng(seed)
    frames = int(minutes * 60 * rate)
    bump = np.hanning(int(1.5 * rate))
    values = np.zeros((frames + len(bump), units))
    for unit in range(units):
        for start in rng.integers(0, frames, max(1, int(6 * minutes))):
            values[start : start + len(bump), unit] += 3 * rng.random() * bump
    values = np.clip(values[:frames] + 0.1 * rng.standard_normal((frames, units)), 0, 5)
    for start in rng.integers(0, frames, max(1, int(minutes))):
        values[start : start + rng.integers(1, int(3 * rate))] = np.nan
    return values, np.arange(frames) / rate


def made_up_eyes(times: np.ndarray, seed: int = 0) -> np.ndarray:
    """Give eye aspect ratios (T, 2) with a blink every four seconds."""
    rng = np.random.default_rng(seed)
    ratio = 0.3 + 0.01 * rng.standard_normal((len(times), 2))
    return np.where((times % 4 < 0.15)[:, None], 0.06, ratio)


def parse_args() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--units", type=int, default=41)
    parser.add_argument("--rate", type=float, default=30.0, help="frames per second")
    parser.add_argument("--repeats", type=int, default=3, help="the fastest of so many runs is printed")
    return parser.parse_args()


def main() -> None:
    """Print a table."""
    args = parse_args()
    values, times = made_up_curves(args.minutes, args.units, args.rate)
    ratio = made_up_eyes(times)
    quiet = subtract_baseline(values, neutral_baseline(values))
    rules = EventRules.for_intensity(min_duration=0.1, merge_within=0.2)
    events = find_events(quiet, times, rules)
    present = event_presence(events, *values.shape)
    states = np.where(np.isfinite(values), present, -1).astype(np.int8)
    minutes = np.arange(0, args.minutes)[:, None] * 60 + [0, 60]
    half = args.units // 2

    def eyes() -> None:
        closure = 1 - join_eyes(eye_openness(ratio, calibrate_eyes(ratio), clip=False))
        find_closures(closure, times)
        perclos(closure, times, window=60)

    def smoothed(method: str) -> Callable[[], object]:
        return lambda: smooth_over_time(values, times, method)

    rows: dict[str, Callable[[], object]] = {
        "neutral level, taken away": lambda: subtract_baseline(values, neutral_baseline(values)),
        "events": lambda: find_events(quiet, times, rules),
        "eyes: levels, blinks, PERCLOS": eyes,
        "co-occurrence": lambda: co_occurrence(states),
        "figures of every minute": lambda: segment_figures(values, present, times, events, minutes),
        "asymmetry": lambda: asymmetry(values[:, :half], values[:, half : 2 * half], times, minutes),
        "long, mixed, rapid segments": lambda: find_segments(states, times),
    }
    smoothing = {f"smoothing: {method}": smoothed(method) for method in SMOOTHING_METHODS}
    first, at = made_up_curves(10, 20, 25.0, seed=1)
    second, _ = made_up_curves(10, 20, 25.0, seed=2)
    pair = {"synchrony, 10 minutes of 20 units": lambda: synchrony(first, second, at)}
    print(f"{len(times)} frames, {args.units} units, {len(events)} events")
    seconds = {}
    for name, run in {**rows, **smoothing, **pair}.items():
        taken = []
        for _ in range(args.repeats):
            begin = time.process_time()
            run()
            taken.append(time.process_time() - begin)
        seconds[name] = min(taken)
        print(f"{name:36} {seconds[name]:7.3f} s", flush=True)
    total = sum(seconds[name] for name in rows) + seconds["smoothing: exponential"]
    print(f"{'all but synchrony, one smoothing':36} {total:7.3f} s")


if __name__ == "__main__":
    main()
