"""Released weights of others in fau3d's form."""

from fau3d.engine.conversion.graph import convert_graph_weights
from fau3d.engine.conversion.vit import convert_vit_weights

__all__ = ["convert_graph_weights", "convert_vit_weights"]
