"""Action units over time: one row a unit, one panel a face, one shared axis."""

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fau3d.facs import describe_au
from fau3d.structures import AUTable
from fau3d.visualization.shown_units import shown_units
from fau3d.visualization.timing_curves import (
    MOST_COLUMNS,
    TimingCurves,
    draw_missing,
    draw_row,
    face_curves,
    new_figure,
    of_first_source,
    picture_kind,
    plain_text,
    save_figure,
    time_axis,
    timing_legend,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW_INCHES = 0.3
_MOST_FACES = 6


def timing_figure(
    table: AUTable,
    au_names: Sequence[str] | None = None,
    title: str | None = None,
    max_faces: int = _MOST_FACES,
    width: float = 10.0,
    max_columns: int = MOST_COLUMNS["png"],
) -> "Figure":
    """Draw a table as a figure: filled curves for probability, a line for intensity, a bar where present.

    Times without a face, or without a value, are hatched. Long videos are drawn with the mean over each
    pixel column, so that the figure costs the same whatever their length; their axis counts in minutes.

    Args:
        table: Of one source; if it holds several, the first is drawn.
        au_names: Units, one row each; by default those of the table that `shown_units` keeps.
        title: Of the figure; by default the source's name.
        max_faces: Faces to draw, those seen in most frames.
        width: Of a panel in inches.
        max_columns: Of a panel; above so many frames a column is the mean of several.

    Returns:
        A Matplotlib figure that belongs to no global state.

    Raises:
        ValueError: If the table has no rows or there is no unit to draw.
    """
    # The first unit stands on top; rows are counted from the foot, so that curves rise upwards.
    names = tuple(shown_units(table.au_names) if au_names is None else au_names)[::-1]
    if table.data.empty or not names:
        raise ValueError("there is nothing to draw: the table has no rows, or no action unit was named")
    source, data = of_first_source(table)
    times = np.unique(data["timestamp"].to_numpy(np.float64))
    seen = data[data["success"] == 1]["face_id"].value_counts()
    ids = sorted(int(i) for i in seen.index[:max_faces]) or [int(data["face_id"].iloc[0])]
    figure = new_figure(width + (len(ids) - 1) * width * 0.7, _ROW_INCHES * len(names) + 1.2)
    axes = figure.subplots(1, len(ids), sharex=True, sharey=True, squeeze=False)[0]
    for i, (axis, face_id) in enumerate(zip(axes, ids)):
        _draw_face(axis, face_curves(AUTable(data).face(face_id), names, times, max_columns))
        if len(ids) > 1 or len(seen) > 1:
            axis.set_title(f"face {face_id}", fontsize=10)
        if i == 0:
            axis.set_yticks(np.arange(len(names)) + 0.42, [_label(name) for name in names], fontsize=8)
    figure.suptitle(plain_text(source if title is None else title), fontsize=11)
    timing_legend(figure)
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
    kind = picture_kind(path)
    columns = MOST_COLUMNS[kind]
    if kind == "svg":
        columns = max(columns // max(1, min(table.data["face_id"].nunique(), max_faces)), 250)
    return save_figure(timing_figure(table, au_names, title, max_faces, max_columns=columns), path)


def _label(name: str) -> str:
    return f"{describe_au(name).facs_name}  {name}"


def _draw_face(axis: "Axes", curves: TimingCurves) -> None:
    """Draw the rows of one face; row i fills y from i to i + 0.85."""
    rows, missing = curves.missing.shape[1], curves.missing
    everywhere = missing.all(1)
    for row in range(rows):
        axis.axhline(row, color="0.85", linewidth=0.5, zorder=0)
        draw_row(axis, curves, row, row)
        draw_missing(axis, missing[:, row] & ~everywhere, curves, row, 0.85)
    draw_missing(axis, everywhere, curves, 0, rows)
    axis.set_ylim(0, rows)
    time_axis(axis, curves.starts[0], curves.ends[-1])
    axis.tick_params(axis="y", length=0)
    axis.spines[["top", "right", "left"]].set_visible(False)
