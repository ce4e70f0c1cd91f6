"""Point sets on the face: names, mirror, contours, regions, and the ways between them."""

from fau3d.topology.ibug68 import IBUG68
from fau3d.topology.mediapipe import MEDIAPIPE91, MEDIAPIPE478
from fau3d.topology.topology import Topology, subset
from fau3d.topology.wholebody133 import WHOLEBODY133

TOPOLOGIES: dict[str, Topology] = {t.name: t for t in (IBUG68, MEDIAPIPE478, MEDIAPIPE91, WHOLEBODY133)}


def get_topology(name: str) -> Topology:
    """Look a point set up.

    Raises:
        ValueError: If the name is unknown; the message lists the known ones.
    """
    if name not in TOPOLOGIES:
        raise ValueError(f"unknown topology {name!r}; known: {', '.join(sorted(TOPOLOGIES))}")
    return TOPOLOGIES[name]


__all__ = ["TOPOLOGIES", "Topology", "get_topology", "subset"]
