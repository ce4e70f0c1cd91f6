"""What a topology is: a named, ordered set of points, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np


@dataclass(frozen=True, eq=False)
class Topology:
    """A named, ordered set of V points on the face. `left` is always the subject's left.

    Attributes:
        name: Such as `ibug68`.
        num_points: V.
        contours: Named chains of points, in drawing order; a closed chain ends with its first point.
        mirror_index: Shape (V,), int64: the point that each becomes in a mirrored face; an involution.
        edges: Shape (E, 2), int64: neighbours along the contours (limbs).
        regions: Name to sorted point indices; sided ones are called `left_…` and `right_…`.
        rigid: Points that move with the head and hardly with expression, for alignment.
        eye_corners: Shape (4,): left outer, left inner, right inner, right outer corner.
        to_ibug68: Shape (68,): the point that stands for each of `ibug68`, or None.
        parent: Name of the point set that this one is a subset of, or None.
        parent_index: Shape (V,): each point's place in the parent, or None.
    """

    name: str
    num_points: int
    contours: Mapping[str, tuple[int, ...]]
    mirror_index: np.ndarray
    edges: np.ndarray
    regions: Mapping[str, np.ndarray]
    rigid: np.ndarray
    eye_corners: np.ndarray
    to_ibug68: np.ndarray | None = None
    parent: str | None = None
    parent_index: np.ndarray | None = None


def make_topology(
    name: str,
    num_points: int,
    contours: Mapping[str, Sequence[int]],
    mirror_index: Sequence[int] | np.ndarray,
    regions: Mapping[str, Sequence[int]],
    rigid: Sequence[int],
    eye_corners: Sequence[int],
    to_ibug68: Sequence[int] | None = None,
) -> Topology:
    """Make a topology from plain data; the edges follow from the contours.

    Raises:
        ValueError: If the mirror is not an involution over all points, or a point is out of range.
    """
    mirror = _frozen(mirror_index)
    if mirror.shape != (num_points,) or not np.array_equal(mirror[mirror], np.arange(num_points)):
        raise ValueError(f"{name}: mirroring twice must give every one of {num_points} points back")
    named = [*contours.values(), *regions.values(), rigid, eye_corners]
    largest = max(max(points) for points in named)
    if largest >= num_points:
        raise ValueError(f"{name}: point {largest} is named, but there are {num_points} points")
    return Topology(
        name=name,
        num_points=num_points,
        contours={key: tuple(chain) for key, chain in contours.items()},
        mirror_index=mirror,
        edges=_frozen([pair for chain in contours.values() for pair in pairwise(chain)]),
        regions={key: _frozen(sorted(points)) for key, points in regions.items()},
        rigid=_frozen(rigid),
        eye_corners=_frozen(eye_corners),
        to_ibug68=None if to_ibug68 is None else _frozen(to_ibug68),
    )


def subset(topology: Topology, points: Sequence[int], name: str) -> Topology:
    """Make a topology of some points of another.

    Contours skip the points left out, so edges join neighbours among those that stay.

    Args:
        topology: The parent.
        points: Indices into the parent, in the order wanted; closed under mirroring, with the eye corners.
        name: Of the subset.

    Returns:
        A topology with `parent` and `parent_index`.

    Raises:
        ValueError: If a point occurs twice, a mirror partner is missing, or an eye corner is.
    """
    place = {point: i for i, point in enumerate(points)}
    if len(place) != len(points):
        raise ValueError(f"{name}: a point occurs twice")
    needed = {int(topology.mirror_index[p]) for p in points} | {int(p) for p in topology.eye_corners}
    if missing := sorted(needed - set(place)):
        raise ValueError(f"{name}: points {missing} are needed as mirror partners or eye corners")
    contours = {key: _thin(chain, place) for key, chain in topology.contours.items()}
    regions = {key: [place[p] for p in region if p in place] for key, region in topology.regions.items()}
    made = make_topology(
        name,
        len(points),
        {key: chain for key, chain in contours.items() if len(chain) > 1},
        [place[int(topology.mirror_index[p])] for p in points],
        {key: region for key, region in regions.items() if region},
        [place[p] for p in topology.rigid if p in place],
        [place[p] for p in topology.eye_corners],
    )
    return Topology(**{**vars(made), "parent": topology.name, "parent_index": _frozen(points)})


def _thin(chain: Sequence[int], place: Mapping[int, int]) -> list[int]:
    """Leave out the points of a chain that the subset has not.

    A closed chain stays closed if most of it is left: an edge across all that is gone would be no contour.
    """
    kept = [place[p] for p in chain if p in place]
    closed = len(chain) > 1 and chain[0] == chain[-1]
    if closed and 2 * len(kept) > len(chain) and kept[0] != kept[-1]:
        kept.append(kept[0])
    return kept


def _frozen(values: Sequence | np.ndarray) -> np.ndarray:
    array = np.array(values, dtype=np.int64)
    array.setflags(write=False)
    return array
