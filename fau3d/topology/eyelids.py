"""Which points of a set measure how far the eyes are open."""

import numpy as np

from fau3d.topology.catalog import TOPOLOGIES, get_topology
from fau3d.topology.topology import Topology

# iBUG points: outer corner, upper lid outer and inner, inner corner, lower lid inner and outer.
_LEFT, _RIGHT = (45, 44, 43, 42, 47, 46), (36, 37, 38, 39, 40, 41)


def eyelid_points(topology: str | Topology) -> np.ndarray:
    """Give the six lid points of each eye.

    They are the points that stand for the iBUG ones, so that figures of different sets can be compared.

    Args:
        topology: A point set, or its name.

    Returns:
        Shape (2, 6), int64: the subject's left and right eye; outer corner, upper lid outer and inner, inner
        corner, lower lid inner and outer.

    Raises:
        ValueError: If the set is unknown or lacks one of the points.
    """
    chosen = get_topology(topology)
    index = chosen.to_ibug68
    if index is None and chosen.parent in TOPOLOGIES and chosen.parent_index is not None:
        above = TOPOLOGIES[chosen.parent].to_ibug68
        place = {int(point): i for i, point in enumerate(chosen.parent_index)}
        index = None if above is None else np.array([place.get(int(point), -1) for point in above])
    if index is None or (index[[*_LEFT, *_RIGHT]] < 0).any():
        raise ValueError(
            f"{chosen.name!r} lacks the twelve lid points of iBUG; use one of: ibug68, mediapipe478, "
            "mediapipe91, wholebody133, or a subset that keeps them"
        )
    return index[np.array([_LEFT, _RIGHT])].astype(np.int64)
