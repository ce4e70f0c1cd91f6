"""Point sets of the face: names, mirror partners, contours, regions, and conversions between them."""

from fau3d.topology.catalog import TOPOLOGIES, conversion_index, get_topology
from fau3d.topology.eyelids import eyelid_points
from fau3d.topology.resting import resting_face
from fau3d.topology.topology import Contour, Topology, subset

__all__ = [
    "TOPOLOGIES",
    "Contour",
    "Topology",
    "conversion_index",
    "eyelid_points",
    "get_topology",
    "resting_face",
    "subset",
]
