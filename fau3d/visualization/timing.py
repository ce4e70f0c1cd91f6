"""Action units over time: one row a unit, one panel a face, one shared axis in seconds."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fau3d.facs import describe_au
from fau3d.structures import AUTable
from fau3d.visualization.palette import BLUE, GRAY, VERMILION, Colour
from fau3d.visualization.shown_units import shown_units

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW_INCHES = 0.3
_MOST_COLUMNS = 1500
_MOST_FACES = 6
_FORMATS = ("png", "svg", "pdf")


def timing_figure(
    table: AUTable,
    au_names: Sequence[str] | None = None,
    title: str | None = None,
    max_faces: int = _MOST_FACES,
    width: float = 10.0,
) -> "Figure":
    """Draw a table as a figure: filled curves for probability, a line for intensity, a bar where present.

    Times without a face, or without a value, are hatched. Long videos are drawn with the mean over each
    pixel column, so that the figure costs the same whatever their length.

    Args:
        table: Of one source; if it holds several, the first is drawn.
        au_names: Units, one row each; by default those of the table that `shown_units` keeps.
        title: Of the figure; by default the source's name.
        max_faces: Faces to draw, those seen in most frames.
        width: Of a panel in inches.

    Returns:
        A Matplotlib figure that belongs to no global state.

    Raises:
        ValueError: If the table has no rows or there is no unit to draw.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    # The first unit stands on top; rows are counted from the foot, so that curves rise upwards.
    names = tuple(shown_units(table.au_names) if au_names is None else au_names)[::-1]
    if table.data.empty or not names:
        raise ValueError("there is nothing to draw: the table has no rows, or no action unit was named")
    source = table.data["source"].iloc[0]
    data = table.data[table.data["source"] == source]
    times = np.unique(data["timestamp"].to_numpy(np.float64))
    seen = data[data["success"] == 1]["face_id"].value_counts()
    ids = sorted(int(i) for i in seen.index[:max_faces]) or [int(data["face_id"].iloc[0])]
    height = _ROW_INCHES * len(names) + 1.2
    figure = Figure(figsize=(width + (len(ids) - 1) * width * 0.7, height), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(ids), sharex=True, sharey=True, squeeze=False)[0]
    for i, (axis, face_id) in enumerate(zip(axes, ids)):
        _draw_face(axis, AUTable(data).face(face_id), names, times)
        if len(ids) > 1 or len(seen) > 1:
            axis.set_title(f"face {face_id}", fontsize=10)
        axis.set_xlabel("time in seconds")
        if i == 0:
            axis.set_yticks(np.arange(len(names)) + 0.42, [_label(name) for name in names], fontsize=8)
    # Dollar signs in a file's name are not formulas.
    figure.suptitle((str(source) if title is None else title).replace("$", r"\$"), fontsize=11)
    _legend(figure)
    return figure


def timing_diagram(
    table: AUTable,
    path: str | PathLike[str],
    au_names: Sequence[str] | None = None,
    title: str | None = None,
    max_faces: int = _MOST_FACES,
) -> Path:
    """Write the diagram of `timing_figure` to a file.

    Args:
        table: See `timing_figure`.
        path: A name that ends in .png, .svg or .pdf.
        au_names: See `timing_figure`.
        title: See `timing_figure`.
        max_faces: See `timing_figure`.

    Returns:
        The path.

    Raises:
        ValueError: If there is nothing to draw, or the name has another ending.
    """
    path = Path(path)
    kind = path.suffix.lower().lstrip(".")
    if kind not in _FORMATS:
        raise ValueError(
            f"{path}: found the suffix {path.suffix!r}, but a diagram is written as one of "
            f"{', '.join(f'.{known}' for known in _FORMATS)}; give the file such a name"
        )
    figure = timing_figure(table, au_names, title, max_faces)
    figure.savefig(path, format=kind, facecolor="white")
    return path


def _label(name: str) -> str:
    return f"{describe_au(name).facs_name}  {name}"


def _rgb(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = (value / 255 for value in colour)
    return red, green, blue


def _draw_face(axis: "Axes", table: AUTable, names: Sequence[str], times: np.ndarray) -> None:
    """Draw the rows of one face; row i fills y from i to i + 0.85."""
    step = float(np.median(np.diff(times))) if len(times) > 1 else 1.0
    place = np.searchsorted(times, table.data["timestamp"].to_numpy(np.float64))
    values = {}
    for kind in ("probability", "occurrence", "intensity"):
        full = np.full((len(times), len(names)), np.nan)
        full[place] = table.values(kind, names)
        values[kind] = full
    starts, curves = _thin(times, values)
    probability, present, intensity = curves["probability"], curves["occurrence"], curves["intensity"]
    missing = np.isnan(probability) & np.isnan(intensity) & np.isnan(present)
    ends = np.append(starts[1:], times[-1] + step)
    middle = (starts + ends) / 2
    for row in range(len(names)):
        axis.axhline(row, color="0.85", linewidth=0.5, zorder=0)
        curve = np.clip(probability[:, row], 0, 1) * 0.85 + row
        axis.fill_between(middle, row, curve, color=_rgb(BLUE), alpha=0.45, linewidth=0, step="mid")
        line = np.clip(intensity[:, row] / 5, 0, 1) * 0.85 + row
        axis.plot(middle, line, color=_rgb(VERMILION), linewidth=0.9, drawstyle="steps-mid")
        spans = _spans(present[:, row] >= 0.5, starts, ends)
        axis.broken_barh(spans, (row, 0.07), facecolors=_rgb(BLUE), linewidth=0)
    everywhere = missing.all(1)
    for row in range(len(names)):
        spans = _spans(missing[:, row] & ~everywhere, starts, ends)
        axis.broken_barh(spans, (row, 0.85), **_HATCH)
    axis.broken_barh(_spans(everywhere, starts, ends), (0, len(names)), **_HATCH)
    axis.set_xlim(times[0], times[-1] + step)
    axis.set_ylim(0, len(names))
    axis.grid(axis="x", color="0.9", linewidth=0.5)
    axis.set_axisbelow(True)
    axis.tick_params(axis="y", length=0)
    axis.spines[["top", "right", "left"]].set_visible(False)


_HATCH: dict[str, Any] = {
    "facecolors": "0.93",
    "edgecolor": tuple(value / 255 for value in GRAY),
    "hatch": "///",
    "linewidth": 0.0,
}


def _thin(times: np.ndarray, values: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Average over equal runs of frames where there are more than the picture can show.

    Returns:
        The start of each column in seconds, and per kind an array (columns, A); NaN where all is missing.
    """
    group = -(-len(times) // _MOST_COLUMNS)
    if group <= 1:
        return times, values
    firsts = np.arange(0, len(times), group)
    thinned = {}
    for kind, full in values.items():
        count = np.add.reduceat(np.isfinite(full), firsts, axis=0, dtype=np.int64)
        total = np.add.reduceat(np.nan_to_num(full), firsts, axis=0)
        thinned[kind] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return times[firsts], thinned


def _spans(flags: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> list[tuple[float, float]]:
    """Give (start, length) in seconds of the runs where a flag is set."""
    change = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(starts[a], ends[b - 1] - starts[a]) for a, b in change.reshape(-1, 2)]


def _legend(figure: "Figure") -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=(*_rgb(BLUE), 0.45), label="probability (0 to 1)"),
        Line2D([], [], color=_rgb(VERMILION), linewidth=1.2, label="intensity (0 to 5)"),
        Line2D([], [], color=_rgb(BLUE), linewidth=3, label="present"),
        Patch(facecolor="0.93", edgecolor=_rgb(GRAY), hatch="///", linewidth=0, label="no face or no value"),
    ]
    figure.legend(handles=handles, loc="outside lower right", ncols=4, fontsize=8, frameon=False)
