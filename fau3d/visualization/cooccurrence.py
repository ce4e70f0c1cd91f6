"""Which action units are shown together, as a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fau3d.facs import describe_au
from fau3d.visualization.expression_colours import text_colour
from fau3d.visualization.palette import BLUE, VERMILION
from fau3d.visualization.timing_curves import HATCH, new_figure, plain_text, rgb, save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Paler than in a diagram of curves: whole rows of it must not outshine the values.
_HATCH: dict[str, Any] = {**HATCH, "hatch": "////", "facecolors": "0.97", "edgecolor": "0.8"}
_CELL_INCHES = 0.36
_MOST_NUMBERED = 30


@dataclass(frozen=True)
class _Measure:
    label: str
    missing: str
    signed: bool = False
    rows: str = ""
    columns: str = ""


MEASURES = {
    "phi": _Measure(
        "phi: -1 never together, 0 by chance, 1 always together",
        "undefined: a unit is always or never shown",
        signed=True,
    ),
    "jaccard": _Measure("share of the frames with either that show both", "undefined: neither is ever shown"),
    "given": _Measure(
        "share of the row's frames that also show the column's unit",
        "undefined: the row's unit is never shown",
        rows="of the frames with …",
        columns="… this share also shows",
    ),
}
"""How co-occurrence can be measured: the arrays of `fau3d.functional.cooccurrence.CoOccurrence`."""


def cooccurrence_figure(
    values: np.ndarray, au_names: Sequence[str], measure: str = "phi", title: str = ""
) -> "Figure":
    """Draw a matrix of units; cells without a value are hatched, a unit with itself is left gray.

    Args:
        values: Shape (A, A): in [-1, 1] for `phi`, else in [0, 1]; NaN = undefined.
        au_names: A units, in the order of rows and columns.
        measure: A key of `MEASURES`.
        title: Of the figure.

    Returns:
        A Matplotlib figure that belongs to no global state.

    Raises:
        ValueError: If the measure is unknown, or shape or range is another.
    """
    if measure not in MEASURES:
        raise ValueError(f"unknown measure {measure!r}; known: {', '.join(MEASURES)}")
    known, count = MEASURES[measure], len(au_names)
    values = np.asarray(values, np.float64)
    lowest = -1.0 if known.signed else 0.0
    there = values[np.isfinite(values)]
    if values.shape != (count, count) or not count:
        raise ValueError(
            f"values have shape {values.shape}; wanted a row and a column for each of {count} units"
        )
    if len(there) and (there.min() < lowest - 1e-9 or there.max() > 1 + 1e-9):
        raise ValueError(
            f"values of {measure!r} lie in {there.min():.3g} to {there.max():.3g}; wanted {lowest:g} to 1"
        )
    edge = max(_CELL_INCHES * count, 2.2)
    figure = new_figure(edge + 4.4, edge + 1.7)
    axis = figure.subplots()
    image = axis.imshow(
        np.where(np.eye(count, dtype=bool), np.nan, values), cmap=_colours(known), vmin=lowest, vmax=1
    )
    _draw_cells(axis, values, image)
    _name(axis, au_names, known)
    bar = figure.colorbar(image, ax=axis, shrink=min(1.0, 3.2 / edge), pad=0.02, aspect=18)
    bar.outline.set_visible(False)
    bar.set_label(known.label, fontsize=8)
    bar.ax.tick_params(labelsize=8)
    if title:
        figure.suptitle(plain_text(title), fontsize=11)
    _legend(figure, known)
    return figure


def cooccurrence_diagram(
    values: np.ndarray,
    au_names: Sequence[str],
    path: str | PathLike[str],
    measure: str = "phi",
    title: str = "",
) -> Path:
    """Write the matrix of `cooccurrence_figure` to a file.

    Args:
        values: See `cooccurrence_figure`, as all but the path.
        path: A name that ends in .png, .svg or .pdf.

    Returns:
        The path.

    Raises:
        ValueError: If the values do not fit, or the name has another ending.
    """
    return save_figure(cooccurrence_figure(values, au_names, measure, title), Path(path))


def _colours(measure: _Measure) -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    ends = [rgb(VERMILION), (1.0, 1.0, 1.0), rgb(BLUE)] if measure.signed else [(1.0, 1.0, 1.0), rgb(BLUE)]
    return LinearSegmentedColormap.from_list("together", ends)


def _draw_cells(axis: "Axes", values: np.ndarray, image: Any) -> None:
    """Hatch what is undefined, gray the diagonal, and write values where there are not too many."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    count = len(values)
    undefined = np.argwhere(np.isnan(values) & ~np.eye(count, dtype=bool))
    cells = [Rectangle((column - 0.5, row - 0.5), 1, 1) for row, column in undefined]
    axis.add_collection(PatchCollection(cells, **_HATCH))
    axis.add_collection(
        PatchCollection([Rectangle((k - 0.5, k - 0.5), 1, 1) for k in range(count)], facecolors="0.82")
    )
    if count > _MOST_NUMBERED:
        return
    for row, column in np.argwhere(np.isfinite(values) & ~np.eye(count, dtype=bool)):
        value = values[row, column]
        red, green, blue = (int(part) for part in image.to_rgba(value, bytes=True)[:3])
        ink = rgb(text_colour((red, green, blue)))
        axis.text(column, row, _short(value), ha="center", va="center", fontsize=7, color=ink)


def _short(value: float) -> str:
    """Write a value in as few letters as fit a cell: `.07`, `-.50`, `1`."""
    rounded = round(float(value), 2) + 0.0
    return f"{rounded:.0f}" if rounded in (-1, 0, 1) else f"{rounded:.2f}".replace("0.", ".", 1)


def _name(axis: "Axes", au_names: Sequence[str], measure: _Measure) -> None:
    places = np.arange(len(au_names))
    axis.set_yticks(places, [f"{describe_au(name).facs_name}  {name}" for name in au_names], fontsize=8)
    axis.set_xticks(places, list(au_names), fontsize=8, rotation=90)
    axis.set_ylabel(measure.rows, fontsize=8)
    axis.set_xlabel(measure.columns, fontsize=8)
    axis.set_xticks(places[1:] - 0.5, minor=True)
    axis.set_yticks(places[1:] - 0.5, minor=True)
    axis.grid(which="minor", color="white", linewidth=1.0)
    axis.tick_params(which="both", length=0)
    axis.spines[:].set_visible(False)


def _legend(figure: "Figure", measure: _Measure) -> None:
    from matplotlib.patches import Patch

    edge, ground = _HATCH["edgecolor"], _HATCH["facecolors"]
    hatched = Patch(facecolor=ground, edgecolor=edge, hatch="////", linewidth=0, label=measure.missing)
    figure.legend(handles=[hatched], loc="outside lower right", fontsize=8, frameon=False)
