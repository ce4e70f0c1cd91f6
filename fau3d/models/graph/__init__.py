"""Graphs over action units: each unit's own map, similar units, features of pairs."""

from fau3d.models.graph.edges import EdgeFeatures
from fau3d.models.graph.gated import GatedGraph
from fau3d.models.graph.similarity import SimilarityGraph
from fau3d.models.graph.unit_maps import RectifiedLinear, UnitMaps

__all__ = ["EdgeFeatures", "GatedGraph", "RectifiedLinear", "SimilarityGraph", "UnitMaps"]
