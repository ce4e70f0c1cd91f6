"""Pictures: landmarks, heatmap volumes, overlays with AU bars, timing diagrams. Images are RGB."""

from fau3d.visualization.bars import AUBarPanel, AUBars, draw_au_bars
from fau3d.visualization.cooccurrence import cooccurrence_diagram, cooccurrence_figure
from fau3d.visualization.expression_map import ExpressionTrack, expression_figure, expression_map
from fau3d.visualization.growing_timing import GrowingTiming
from fau3d.visualization.heatmaps import heatmap_montage
from fau3d.visualization.landmarks import draw_landmarks
from fau3d.visualization.overlay import OverlayFace, OverlayRenderer
from fau3d.visualization.shown_units import shown_units, strip_units
from fau3d.visualization.timing import timing_diagram, timing_figure
from fau3d.visualization.unit_timing import unit_diagram, unit_figure

__all__ = [
    "AUBarPanel",
    "AUBars",
    "ExpressionTrack",
    "GrowingTiming",
    "OverlayFace",
    "OverlayRenderer",
    "cooccurrence_diagram",
    "cooccurrence_figure",
    "draw_au_bars",
    "draw_landmarks",
    "expression_figure",
    "expression_map",
    "heatmap_montage",
    "shown_units",
    "strip_units",
    "timing_diagram",
    "timing_figure",
    "unit_diagram",
    "unit_figure",
]
