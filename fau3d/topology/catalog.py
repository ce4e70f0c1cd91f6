"""The known topologies by name, and conversions between them."""

import numpy as np

from fau3d.topology.ibug68 import build_ibug68
from fau3d.topology.mediapipe478 import build_mediapipe91, build_mediapipe478
from fau3d.topology.topology import Topology
from fau3d.topology.wholebody133 import build_wholebody133

TOPOLOGIES: dict[str, Topology] = {
    topology.name: topology
    for topology in (build_ibug68(), build_mediapipe478(), build_mediapipe91(), build_wholebody133())
}
"""Every point set by its name."""


def get_topology(name: str | Topology) -> Topology:
    """Give a topology by name; a topology is given back as it is.

    Raises:
        ValueError: If the name is unknown.
    """
    if isinstance(name, Topology):
        return name
    if name not in TOPOLOGIES:
        raise ValueError(f"unknown topology {name!r}; known: {', '.join(TOPOLOGIES)}")
    return TOPOLOGIES[name]


def conversion_index(source: str | Topology, target: str | Topology) -> np.ndarray:
    """Give the points of one topology that stand for those of another.

    Args:
        source: The set that keypoints are in.
        target: The set that is wanted: the same, a subset of the source, or `ibug68`.

    Returns:
        Shape (V of target,), int64: `keypoint[..., index, :]` is in the target set.

    Raises:
        ValueError: If a set is unknown or the source has no such points.
    """
    old, new = get_topology(source), get_topology(target)
    if old.name == new.name:
        return np.arange(old.num_points, dtype=np.int64)
    if new.parent == old.name and new.parent_index is not None:
        return new.parent_index.copy()
    if new.name == "ibug68" and old.to_ibug68 is not None:
        return old.to_ibug68.copy()
    targets = [t.name for t in TOPOLOGIES.values() if t.parent == old.name]
    targets += ["ibug68"] if old.to_ibug68 is not None else []
    raise ValueError(
        f"keypoints in {old.name!r} cannot be turned into {new.name!r}; "
        f"it can become: {', '.join(targets) or 'nothing else'}"
    )
