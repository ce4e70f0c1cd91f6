"""Named expressions over time: how much of it each takes, and how pleasant and stirred the face looks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from fau3d.functional.timeline import check_times, frame_seconds
from fau3d.visualization.expression_colours import OTHERS, blend, expression_colours, text_colour
from fau3d.visualization.palette import BLUE, VERMILION, Colour
from fau3d.visualization.timing_curves import (
    HATCH,
    MOST_COLUMNS,
    column_means,
    columns_of,
    new_figure,
    picture_kind,
    plain_text,
    rgb,
    save_figure,
    spans,
    step_lines,
    time_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_ROWS = 10
_ROW_INCHES = 0.32


@dataclass(frozen=True)
class ExpressionTrack:
    """The expressions of one face over time.

    Attributes:
        times: Shape (T,), seconds, rising.
        names: T names, one a frame; empty where the face or its units are missing.
        score_names: E names of the columns of `scores`.
        scores: Shape (T, E), at most 1; NaN = missing. None: no scores are drawn.
        valence: Shape (T,), -1 to 1, NaN = missing, or None.
        arousal: Shape (T,), 0 to 1, NaN = missing, or None.
    """

    times: np.ndarray
    names: Sequence[str]
    score_names: Sequence[str] = ()
    scores: np.ndarray | None = None
    valence: np.ndarray | None = None
    arousal: np.ndarray | None = None

    def __post_init__(self) -> None:
        frames = len(check_times(self.times, len(self.names)))
        if self.scores is not None and np.shape(self.scores) != (frames, len(self.score_names)):
            raise ValueError(
                f"scores have shape {np.shape(self.scores)}; wanted {(frames, len(self.score_names))}, a row "
                "for each frame and a column for each name"
            )
        for kind in (self.valence, self.arousal):
            if kind is not None and np.shape(kind) != (frames,):
                raise ValueError(f"valence or arousal has shape {np.shape(kind)}; wanted ({frames},)")
        if not any(self.names):
            raise ValueError("there is nothing to draw: no frame has an expression")

    def shares(self) -> dict[str, float]:
        """Give each name's share of the time that has a name, the largest first."""
        seconds = frame_seconds(np.asarray(self.times, np.float64))
        seconds = seconds if seconds.sum() > 0 else np.ones(len(seconds))
        names = np.asarray(self.names)
        named = seconds[names != ""].sum()
        shares = {str(name): float(seconds[names == name].sum() / named) for name in np.unique(names) if name}
        return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


def expression_figure(
    track: ExpressionTrack,
    title: str = "",
    max_rows: int = _MOST_ROWS,
    max_columns: int = MOST_COLUMNS["png"],
) -> "Figure":
    """Draw the expressions: a row for each with its share of the time, all in one strip, valence and arousal.

    In a row the solid bars say when the expression has the name, the pale fill how high its score is. With
    valence and arousal there is, to the right, the path that the face takes through both.

    Args:
        track: What to draw.
        title: Of the figure.
        max_rows: At most so many rows; of more names the rarest share the last one, `others`.
        max_columns: Above so many frames a column is the mean of several; of names, the first.

    Returns:
        A Matplotlib figure that belongs to no global state.
    """
    track, shares = _without_rare(track, max_rows)
    affect = track.valence is not None and track.arousal is not None
    heights = [_ROW_INCHES * len(shares) + 0.1, 0.45] + ([1.1] if affect else [])
    figure = new_figure(13.5 if affect else 10.5, sum(heights) + 1.3)
    grid = figure.add_gridspec(
        len(heights), 2 if affect else 1, height_ratios=heights, width_ratios=[10, 3.6][: 1 + affect]
    )
    axes = [figure.add_subplot(grid[k, 0]) for k in range(len(heights))]
    colours = expression_colours(list(shares))
    columns = columns_of(np.asarray(track.times, np.float64), max_columns)
    _draw_rows(axes[0], track, shares, colours, columns)
    _draw_strip(axes[1], track, colours, columns)
    if affect:
        _draw_affect(axes[2], track, columns)
        _draw_path(figure.add_subplot(grid[:, 1]), track)
    for axis in axes[:-1]:
        time_axis(axis, columns[1][0], columns[2][-1])
        axis.set_xlabel("")
        axis.tick_params(axis="x", labelbottom=False, length=0)
        axis.spines[:].set_visible(False)
    time_axis(axes[-1], columns[1][0], columns[2][-1])
    axes[-1].spines[["top", "right"]].set_visible(False)
    _legend(figure, track)
    figure.suptitle(plain_text(title), fontsize=11)
    return figure


def expression_map(track: ExpressionTrack, path: str | PathLike[str], title: str = "") -> Path:
    """Write the picture of `expression_figure` to a file, such as `expression_map.png`.

    Args:
        track: What to draw.
        path: A name that ends in .png, .svg or .pdf.
        title: Of the figure.

    Returns:
        The path.

    Raises:
        ValueError: If the name has another ending.
    """
    path = Path(path)
    figure = expression_figure(track, title, max_columns=MOST_COLUMNS[picture_kind(path)])
    return save_figure(figure, path)


def _without_rare(track: ExpressionTrack, max_rows: int) -> tuple[ExpressionTrack, dict[str, float]]:
    """Put the rarest names together where there are too many; give shares, the largest first."""
    shares = track.shares()
    if len(shares) <= max_rows:
        return track, shares
    rare = set(list(shares)[max_rows - 1 :])
    kept = {name: share for name, share in shares.items() if name not in rare}
    names = [OTHERS if name in rare else name for name in track.names]
    return replace(track, names=names), kept | {OTHERS: 1.0 - sum(kept.values())}


_Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


def _draw_rows(
    axis: "Axes",
    track: ExpressionTrack,
    shares: dict[str, float],
    colours: dict[str, Colour],
    columns: _Columns,
) -> None:
    """Draw a row a name, the most frequent one on top; row i fills y from i to i + 0.8."""
    firsts, starts, ends = columns
    names = np.asarray(track.names)[firsts]
    order = list(shares)[::-1]
    for row, name in enumerate(order):
        axis.axhline(row, color="0.88", linewidth=0.5, zorder=0)
        if track.scores is not None and name in track.score_names:
            scores = np.asarray(track.scores, np.float64)[:, [list(track.score_names).index(name)]]
            for x, y in step_lines(column_means(scores, firsts)[:, 0], starts, ends):
                axis.fill_between(x, row, row + 0.8 * y, color=rgb(colours[name]), alpha=0.4, linewidth=0)
                axis.plot(x, row + 0.8 * y, color=_edge(colours[name]), linewidth=0.6)
        held = spans(names == name, starts, ends)
        ground = rgb(colours[name])
        axis.broken_barh(held, (row, 0.34), facecolors=ground, edgecolor=_edge(colours[name]), linewidth=0.5)
    _hatch(axis, names == "", columns, len(order))
    axis.set_ylim(-0.05, len(order))
    axis.set_yticks(np.arange(len(order)) + 0.4, order, fontsize=9)
    right = axis.secondary_yaxis("right")
    right.set_yticks(np.arange(len(order)) + 0.4, [_percent(shares[name]) for name in order], fontsize=9)
    axis.set_title("share of time", loc="right", fontsize=8, color="0.35")
    right.spines[:].set_visible(False)
    for side in (axis, right):
        side.tick_params(axis="y", length=0)


def _edge(colour: Colour) -> tuple[float, float, float]:
    """Give a darker shade, so that pale colours show on white."""
    return rgb(blend(colour, (0, 0, 0), 0.3))


def _percent(share: float) -> str:
    return "< 1 %" if share < 0.01 else f"{share:.0%}".replace("%", " %")


def _hatch(axis: "Axes", flags: np.ndarray, columns: _Columns, high: float) -> None:
    axis.broken_barh(spans(flags, columns[1], columns[2]), (0, high), **HATCH)


def _draw_strip(axis: "Axes", track: ExpressionTrack, colours: dict[str, Colour], columns: _Columns) -> None:
    """Draw the name of each time in one strip, written where it has room."""
    firsts, starts, ends = columns
    names = np.asarray(track.names)[firsts]
    letter = 0.0085 * (ends[-1] - starts[0])
    for name, colour in colours.items():
        runs = spans(names == name, starts, ends)
        axis.broken_barh(runs, (0, 1), facecolors=rgb(colour), linewidth=0)
        for start, length in runs:
            if length > letter * (len(name) + 1):
                axis.text(
                    start + length / 2, 0.47, name, ha="center", va="center", fontsize=8.5,
                    color=rgb(text_colour(colour)),
                )  # fmt: skip
    _hatch(axis, names == "", columns, 1)
    axis.set_ylim(0, 1)
    axis.set_yticks([0.5], ["expression"], fontsize=9)
    axis.tick_params(axis="y", length=0)


def _draw_affect(axis: "Axes", track: ExpressionTrack, columns: _Columns) -> None:
    firsts, starts, ends = columns
    for values, name, colour in ((track.valence, "valence", BLUE), (track.arousal, "arousal", VERMILION)):
        means = column_means(np.asarray(values, np.float64)[:, None], firsts)[:, 0]
        axis.plot((starts + ends) / 2, means, color=rgb(colour), linewidth=1.2, label=name)
    axis.axhline(0, color="0.7", linewidth=0.7, zorder=0)
    neither = np.isnan(column_means(_both(track), firsts)).all(1)
    axis.broken_barh(spans(neither, starts, ends), (-1.05, 2.1), **HATCH)
    axis.set_ylim(-1.05, 1.05)
    axis.set_yticks([-1, 0, 1])
    axis.tick_params(axis="y", labelsize=8)
    axis.legend(loc="lower left", ncols=2, fontsize=8, frameon=False, borderaxespad=0.1)
    axis.spines[["top", "right"]].set_visible(False)


def _both(track: ExpressionTrack) -> np.ndarray:
    return np.stack([np.asarray(kind, np.float64) for kind in (track.valence, track.arousal)], axis=1)


def _draw_path(axis: "Axes", track: ExpressionTrack) -> None:
    """Draw valence against arousal, light at the beginning and dark at the end."""
    from matplotlib.collections import LineCollection

    times = np.asarray(track.times, np.float64)
    firsts, starts, _ = columns_of(times, 400)
    both = column_means(_both(track), firsts)
    pieces = np.stack([both[:-1], both[1:]], axis=1)
    whole = np.isfinite(pieces).all((1, 2))
    width = 0.7 if len(firsts) < len(times) / 2 else 1.4
    lines = LineCollection(
        list(pieces[whole]), cmap=_path_colours(), array=starts[:-1][whole], linewidth=width
    )
    axis.add_collection(lines)
    seen = both[np.isfinite(both).all(1)]
    for place, name, face in ((0, "start", "white"), (-1, "end", "black")):
        x, y = seen[place] if len(seen) else (np.nan, np.nan)
        axis.plot(x, y, "o", color="black", markerfacecolor=face, markersize=6, label=name, zorder=4)
    axis.axvline(0, color="0.8", linewidth=0.7, zorder=0)
    axis.set_box_aspect(1)
    axis.set_xlim(-1.05, 1.05)
    axis.set_xticks([-1, -0.5, 0, 0.5, 1])
    axis.set_ylim(-0.05, 1.05)
    axis.set_xlabel("valence: unpleasant to pleasant", fontsize=8)
    axis.set_ylabel("arousal: calm to stirred", fontsize=8)
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)
    axis.legend(loc="upper left", fontsize=8, frameon=False)


def _legend(figure: "Figure", track: ExpressionTrack) -> None:
    from matplotlib.patches import Patch

    missing = Patch(
        facecolor=HATCH["facecolors"], edgecolor=HATCH["edgecolor"], hatch="///", linewidth=0,
        label="no face or no value",
    )  # fmt: skip
    handles = [Patch(facecolor="0.55", label="the face's expression"), missing]
    if track.scores is not None:
        handles.insert(1, Patch(facecolor="0.85", edgecolor="0.6", linewidth=0.6, label="score (0 to 1)"))
    figure.legend(handles=handles, loc="outside lower right", ncols=len(handles), fontsize=8, frameon=False)


def _path_colours() -> Any:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("path", [(0.68, 0.82, 0.92), rgb(BLUE), (0.0, 0.12, 0.25)])
