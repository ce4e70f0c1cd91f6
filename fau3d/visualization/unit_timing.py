"""One action unit over time, large, with its events."""

from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fau3d.facs import describe_au, split_side
from fau3d.functional.events import Events
from fau3d.structures import AUTable
from fau3d.visualization.palette import BLUE, ORANGE, VERMILION
from fau3d.visualization.timing_curves import (
    MOST_COLUMNS,
    draw_missing,
    draw_row,
    face_curves,
    new_figure,
    of_first_source,
    picture_kind,
    plain_text,
    rgb,
    save_figure,
    time_axis,
    timing_legend,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAND_FOOT, _BAND_HIGH = 1.04, 0.10


def unit_figure(
    table: AUTable,
    au_name: str,
    events: Events | None = None,
    face_id: int | None = None,
    title: str | None = None,
    width: float = 11.0,
    max_columns: int = MOST_COLUMNS["png"],
) -> "Figure":
    """Draw one unit of one face, with a band of events above: onset to offset, a mark at the apex.

    Args:
        table: Of one source; if it holds several, the first is drawn.
        au_name: The unit.
        events: Of this unit and face only, in the seconds of the table: `events.select(events.curve == i)`.
        face_id: By default the face that is seen in most frames.
        title: Of the figure; by default the source's name.
        width: Inches.
        max_columns: Above so many frames a column is the mean of several.

    Returns:
        A Matplotlib figure that belongs to no global state.

    Raises:
        ValueError: If the table has no such unit or face.
    """
    if au_name not in table.au_names or table.data.empty:
        raise ValueError(
            f"cannot draw {au_name}: the table has {len(table.data)} rows of {', '.join(table.au_names)}"
        )
    source, data = of_first_source(table)
    faces = data.groupby("face_id")["success"].sum()
    if face_id is None:
        face_id = int(faces.index[int(faces.argmax())])
    if face_id not in faces.index:
        raise ValueError(f"cannot draw face {face_id}: {source} has the faces {list(faces.index)}")
    times = np.unique(data["timestamp"].to_numpy(np.float64))
    curves = face_curves(AUTable(data).face(face_id), [au_name], times, max_columns)
    figure = new_figure(width, 3.6)
    axis = figure.subplots()
    draw_row(axis, curves, 0, 0.0, high=1.0)
    draw_missing(axis, curves.missing[:, 0], curves, 0.0, 1.0)
    if events is not None:
        _draw_events(axis, events)
    _axes(axis, events is not None, bool(np.isfinite(curves.intensity).any()))
    time_axis(axis, curves.starts[0], curves.ends[-1], most_ticks=11)
    side = {"L": ", left", "R": ", right", "": ""}[split_side(au_name)[1]]
    of_face = f", face {face_id}" if len(faces) > 1 else ""
    named = plain_text(source if title is None else title)
    figure.suptitle(f"{au_name}  {describe_au(au_name).facs_name}{side}{of_face}  —  {named}", fontsize=11)
    timing_legend(figure, *(_event_handles() if events is not None else ()))
    return figure


def unit_diagram(
    table: AUTable,
    au_name: str,
    path: str | PathLike[str],
    events: Events | None = None,
    face_id: int | None = None,
    title: str | None = None,
) -> Path:
    """Write the diagram of `unit_figure` to a file, such as `timing_AU12.png`.

    Args:
        table: See `unit_figure`, as all but the path.
        path: A name that ends in .png, .svg or .pdf.

    Returns:
        The path.

    Raises:
        ValueError: If there is nothing to draw, or the name has another ending.
    """
    path = Path(path)
    columns = MOST_COLUMNS[picture_kind(path)]
    return save_figure(unit_figure(table, au_name, events, face_id, title, max_columns=columns), path)


def _draw_events(axis: "Axes", events: Events) -> None:
    """Draw the band of events; an open end stands for an onset or offset that was not seen."""
    ends = events.onset + events.duration
    middle = _BAND_FOOT + _BAND_HIGH / 2
    bars = list(zip(events.onset, events.duration))
    axis.broken_barh(bars, (_BAND_FOOT, _BAND_HIGH), facecolors=(*rgb(ORANGE), 0.45), linewidth=0)
    for times, cut in ((events.onset, events.onset_cut), (ends, events.offset_cut)):
        seen = times[~np.asarray(cut, bool)]
        axis.vlines(seen, _BAND_FOOT, _BAND_FOOT + _BAND_HIGH, color=rgb(VERMILION), linewidth=1.5)
        # Thin lines lead the eye down to the curve.
        axis.vlines(
            seen, 0, _BAND_FOOT, color=rgb(VERMILION), linewidth=0.4, linestyle=(0, (2, 3)), alpha=0.7
        )
    axis.plot(events.apex, np.full(len(events), middle), "v", color="black", markersize=4.5, zorder=5)


def _axes(axis: "Axes", with_events: bool, with_intensity: bool) -> None:
    axis.set_ylim(0, _BAND_FOOT + _BAND_HIGH + 0.02 if with_events else 1.02)
    ticks, labels = [0.0, 0.25, 0.5, 0.75, 1.0], ["0", "0.25", "0.5", "0.75", "1"]
    band = [_BAND_FOOT + _BAND_HIGH / 2] if with_events else []
    axis.set_yticks(ticks + band, labels + ["events"] * len(band))
    axis.set_ylabel("probability", color=rgb(BLUE))
    axis.spines[["top", "right"]].set_visible(False)
    if with_intensity:
        right = axis.secondary_yaxis("right")
        right.set_yticks(np.arange(6) / 5, [str(level) for level in range(6)])
        right.set_ylabel("intensity", color=rgb(VERMILION))


def _event_handles() -> list[object]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    return [
        Patch(facecolor=(*rgb(ORANGE), 0.45), label="event"),
        Line2D([], [], color=rgb(VERMILION), linewidth=1.5, label="onset, offset"),
        Line2D([], [], color="black", marker="v", linestyle="", markersize=4.5, label="apex"),
    ]
