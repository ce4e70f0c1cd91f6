"""What timing diagrams share: curves of a face, thinned to what a picture can show, and their axes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fau3d.structures import AUTable
from fau3d.visualization.palette import BLUE, GRAY, VERMILION, Colour
from fau3d.visualization.time_axis import CLOCK_FROM, clock, tick_step, tick_times

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = ("png", "svg", "pdf")
# Columns of a picture: what a screen shows, and what keeps a file of vectors small.
MOST_COLUMNS = {"png": 850, "svg": 700, "pdf": 850}
# Heights are rounded to so many steps, so that columns that look the same become one.
_STEPS = 100


def rgb(colour: Colour) -> tuple[float, float, float]:
    """Give a colour as Matplotlib takes it, in [0, 1]."""
    red, green, blue = (value / 255 for value in colour)
    return red, green, blue


HATCH: dict[str, Any] = {"facecolors": "0.93", "edgecolor": rgb(GRAY), "hatch": "///", "linewidth": 0.0}


@dataclass(frozen=True)
class TimingCurves:
    """Curves of one face, one column a frame or a run of frames.

    Attributes:
        starts: Shape (N,): where columns begin, in seconds.
        ends: Shape (N,): where they end.
        probability: Shape (N, A), in [0, 1]; NaN where missing.
        present: Shape (N, A), share of frames with the unit; NaN where missing.
        intensity: Shape (N, A), 0 to 5; NaN where missing.
        averaged: Whether a column is a run of frames.
    """

    starts: np.ndarray
    ends: np.ndarray
    probability: np.ndarray
    present: np.ndarray
    intensity: np.ndarray
    averaged: bool

    @property
    def missing(self) -> np.ndarray:
        """Shape (N, A): whether a unit has no value of any kind."""
        return np.isnan(self.probability) & np.isnan(self.present) & np.isnan(self.intensity)


def face_curves(table: AUTable, names: Sequence[str], times: np.ndarray, most_columns: int) -> TimingCurves:
    """Give the curves of a face over all times of its video, averaged where there are many frames.

    Args:
        table: Rows of one face.
        names: A units.
        times: Shape (T,), rising, seconds: of the video's frames.
        most_columns: Above so many frames each column is the mean of an equal run of them.
    """
    place = np.searchsorted(times, table.data["timestamp"].to_numpy(np.float64))
    firsts, starts, ends = columns_of(times, most_columns)
    shape = len(firsts), len(names)
    probability, present, intensity = np.empty(shape), np.empty(shape), np.empty(shape)
    # One curve after the other: of hours of video all of them would fill the memory.
    for column, name in enumerate(names):
        for kind, means in (("probability", probability), ("occurrence", present), ("intensity", intensity)):
            full = np.full((len(times), 1), np.nan)
            full[place] = table.values(kind, [name])
            means[:, [column]] = column_means(full, firsts)
    return TimingCurves(starts, ends, probability, present, intensity, len(firsts) < len(times))


def of_first_source(table: AUTable) -> tuple[str, pd.DataFrame]:
    """Give the name and the rows of a table's first source; where it is the only one, nothing is copied."""
    source = table.data["source"].iloc[0]
    own = table.data["source"] == source
    return str(source), table.data if own.all() else table.data[own]


def columns_of(times: np.ndarray, most_columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share frames out to columns, equal runs of frames where there are too many.

    Args:
        times: Shape (T,), rising, seconds.
        most_columns: How many columns there may be.

    Returns:
        Each column's first frame, its start and its end in seconds: three arrays of shape (N,).
    """
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    firsts = np.arange(0, len(times), max(1, -(-len(times) // most_columns)))
    starts = times[firsts]
    return firsts, starts, np.append(starts[1:], times[-1] + step)


def column_means(values: np.ndarray, firsts: np.ndarray) -> np.ndarray:
    """Give the mean of each column's frames, shape (N, A); NaN where all of them are missing."""
    if len(firsts) == len(values):
        return values
    there = np.isfinite(values)
    count = np.add.reduceat(there, firsts, axis=0, dtype=np.int64)
    total = np.add.reduceat(np.where(there, values, 0.0), firsts, axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def spans(flags: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> list[tuple[float, float]]:
    """Give (start, length) in seconds of the runs of columns where a flag is set."""
    change = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(starts[a], ends[b - 1] - starts[a]) for a, b in change.reshape(-1, 2)]


def step_lines(
    values: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Give the outlines of a curve of steps, without the corners that nobody sees.

    Args:
        values: Shape (N,), heights in [0, 1]; NaN where there is none.
        starts: Shape (N,).
        ends: Shape (N,).

    Returns:
        x and y of each unbroken stretch, two points a step.
    """
    rounded = np.rint(np.clip(values, 0, 1) * _STEPS) / _STEPS
    lines = []
    there = np.isfinite(rounded)
    for a, b in np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8))).reshape(
        -1, 2
    ):
        heights = rounded[a:b]
        first = np.concatenate([[0], np.flatnonzero(np.diff(heights)) + 1])
        x = np.repeat(np.append(starts[a:b][first], ends[b - 1]), 2)[1:-1]
        lines.append((x, np.repeat(heights[first], 2)))
    return lines


def draw_row(axis: "Axes", curves: TimingCurves, unit: int, foot: float, high: float = 0.85) -> None:
    """Draw a unit into the rows from `foot` to `foot + high`: fill, line, bar where present."""
    from matplotlib.collections import PolyCollection

    starts, ends = curves.starts, curves.ends
    fills = [
        np.column_stack([np.concatenate([x[:1], x, x[-1:]]), np.concatenate([[0], y, [0]]) * high + foot])
        for x, y in step_lines(curves.probability[:, unit], starts, ends)
    ]
    axis.add_collection(PolyCollection(fills, facecolors=(*rgb(BLUE), 0.45), linewidth=0), autolim=False)
    lines = step_lines(curves.intensity[:, unit] / 5, starts, ends)
    if lines:
        # One line with holes, not a line for each stretch.
        x = np.concatenate([np.append(x, np.nan) for x, _ in lines])
        y = np.concatenate([np.append(y, np.nan) for _, y in lines])
        # In hours of video a line goes up and down in each column: a fine one leaves the fill to be seen.
        width = 0.5 if curves.averaged else 0.9
        axis.plot(x, y * high + foot, color=rgb(VERMILION), linewidth=width)
    present = spans(curves.present[:, unit] >= 0.5, starts, ends)
    axis.broken_barh(present, (foot, 0.08 * high), facecolors=rgb(BLUE), linewidth=0)


def draw_missing(axis: "Axes", flags: np.ndarray, curves: TimingCurves, foot: float, high: float) -> None:
    """Hatch columns from `foot` to `foot + high`."""
    axis.broken_barh(spans(flags, curves.starts, curves.ends), (foot, high), **HATCH)


def time_axis(axis: "Axes", start: float, end: float, most_ticks: int = 8) -> None:
    """Let an axis run from `start` to `end` seconds, in minutes where that is long."""
    clocked, step = end - start >= CLOCK_FROM, tick_step(end - start, most_ticks)
    ticks = tick_times(start, end, step)
    axis.set_xlim(start, end)
    axis.set_xticks(ticks, [clock(tick, clocked, step) for tick in ticks])
    minutes = "hours:minutes:seconds" if len(ticks) and ticks[-1] >= 3600 else "minutes:seconds"
    axis.set_xlabel(f"time in {minutes}" if clocked else "time in seconds")
    axis.grid(axis="x", color="0.9", linewidth=0.5)
    axis.set_axisbelow(True)


def timing_legend(figure: "Figure", *more: Any) -> None:
    """Say below a figure what its curves are."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=(*rgb(BLUE), 0.45), label="probability (0 to 1)"),
        Line2D([], [], color=rgb(VERMILION), linewidth=1.2, label="intensity (0 to 5)"),
        Line2D([], [], color=rgb(BLUE), linewidth=3, label="present"),
        *more,
        Patch(facecolor="0.93", edgecolor=rgb(GRAY), hatch="///", linewidth=0, label="no face or no value"),
    ]
    figure.legend(handles=handles, loc="outside lower right", ncols=len(handles), fontsize=8, frameon=False)


def new_figure(width: float, height: float) -> "Figure":
    """Make a figure that belongs to no global state.

    Args:
        width: Inches.
        height: Inches.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def plain_text(text: str) -> str:
    """Keep Matplotlib from reading dollar signs, as in a file's name, as formulas."""
    return text.replace("$", r"\$")


def picture_kind(path: Path) -> str:
    """Give the format that a file's name stands for.

    Raises:
        ValueError: If there is no such format.
    """
    kind = path.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise ValueError(
            f"{path}: found the suffix {path.suffix!r}, but a diagram is written as one of "
            f"{', '.join(f'.{known}' for known in FORMATS)}; give the file such a name"
        )
    return kind


def save_figure(figure: "Figure", path: Path) -> Path:
    """Write a figure; in an SVG file text stays text, and lines have places of a tenth of a point.

    Raises:
        ValueError: If the name has an unknown ending.
    """
    import matplotlib

    kind = picture_kind(path)
    if kind != "svg":
        figure.savefig(path, format=kind, facecolor="white")
        return path
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "fau3d"}):
        figure.savefig(path, format="svg", facecolor="white", metadata={"Date": None})
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'(?<= d=")[^"]*', _short_path, text), encoding="utf-8")
    return path


def _short_path(found: "re.Match[str]") -> str:
    """Write the path of an SVG file in half the letters."""
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", re.sub(r"(\.\d)\d+", r"\1", found[0]))
