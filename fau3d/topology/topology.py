"""A topology: a named, ordered set of points with their mirror partners, contours and regions, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np


@dataclass(frozen=True)
class Contour:
    """A line along the face through points of one region.

    Attributes:
        region: The region that holds every point of the line.
        points: Indices in drawing order.
        closed: Whether the last point joins the first.
    """

    region: str
    points: tuple[int, ...]
    closed: bool = False

    @property
    def edges(self) -> list[tuple[int, int]]:
        """Its edges, as pairs of indices."""
        following = self.points[1:] + (self.points[:1] if self.closed else ())
        return list(zip(self.points, following))


@dataclass(frozen=True, eq=False)
class Topology:
    """A point set. Left is the subject's left, which an unmirrored camera shows on the right of the image.

    Attributes:
        name: Such as `ibug68`.
        num_points: V.
        point_names: One name a point, unique.
        mirror_index: Shape (V,), int64: the partner of each point in a mirrored face; a midline point is its
            own. `keypoint[..., mirror_index, :]` of a mirrored image is in the right order again.
        contours: The lines along the face.
        regions: Indices by region: `jaw, left_brow, right_brow, left_eye, right_eye, nose, mouth` and, where
            the set has such points, more.
        rigid: Points that expressions hardly move, for alignment.
        eye_corners: Shape (4,): left outer, left inner, right inner, right outer corner.
        to_ibug68: Shape (68,): the point that stands for each iBUG point, or None where there is none.
        parent: The set that this one was chosen from, or None.
        parent_index: Shape (V,): the index of each point in the parent, or None.
    """

    name: str
    point_names: tuple[str, ...]
    mirror_index: np.ndarray
    contours: tuple[Contour, ...]
    regions: Mapping[str, np.ndarray]
    rigid: np.ndarray
    eye_corners: np.ndarray
    to_ibug68: np.ndarray | None = None
    parent: str | None = None
    parent_index: np.ndarray | None = field(default=None)

    def __post_init__(self) -> None:
        if len(self.mirror_index) != self.num_points:
            raise ValueError(
                f"{self.name}: {len(self.mirror_index)} mirror partners for {self.num_points} points"
            )
        if not np.array_equal(self.mirror_index[self.mirror_index], np.arange(self.num_points)):
            raise ValueError(f"{self.name}: the mirror partner of a point's mirror partner must be the point")
        arrays = [self.mirror_index, self.rigid, self.eye_corners, self.to_ibug68, self.parent_index]
        for array in [*arrays, *self.regions.values()]:
            if array is not None:
                array.setflags(write=False)

    @property
    def num_points(self) -> int:
        """Number of points V."""
        return len(self.point_names)

    @cached_property
    def edges(self) -> np.ndarray:
        """Shape (E, 2), int64: the edges of all contours, one limb map each."""
        edges = np.array([e for contour in self.contours for e in contour.edges], dtype=np.int64)
        edges = edges.reshape(-1, 2)
        edges.setflags(write=False)
        return edges

    @cached_property
    def edge_regions(self) -> tuple[str, ...]:
        """The region of each edge."""
        return tuple(contour.region for contour in self.contours for _ in contour.edges)

    @cached_property
    def edge_mirror_index(self) -> np.ndarray:
        """Shape (E,), int64: the edge that each edge becomes in a mirrored face."""
        position = {frozenset(edge): i for i, edge in enumerate(self.edges.tolist())}
        mirrored = self.mirror_index[self.edges].tolist()
        index = np.array([position[frozenset(edge)] for edge in mirrored], dtype=np.int64)
        index.setflags(write=False)
        return index

    def region(self, *names: str) -> np.ndarray:
        """Give the points of one or several regions, each once, in rising order.

        Args:
            names: Region names; `brow`, `eye` and `cheek` without a side stand for both.

        Returns:
            Indices, int64.

        Raises:
            ValueError: If the set has no such region.
        """
        found: list[np.ndarray] = []
        for name in names:
            both = [key for key in self.regions if key in (name, f"left_{name}", f"right_{name}")]
            if not both:
                raise ValueError(f"{self.name} has no region {name!r}; it has: {', '.join(self.regions)}")
            found += [self.regions[key] for key in both]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)


def index_array(values: Sequence[int] | str) -> np.ndarray:
    """Give indices as an int64 array; a string holds them separated by blanks."""
    return np.array(values.split() if isinstance(values, str) else list(values), dtype=np.int64)


def mirror_from_pairs(num_points: int, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
    """Build a mirror index from left and right partners; every other point is its own partner."""
    index = np.arange(num_points, dtype=np.int64)
    for a, b in pairs:
        index[a], index[b] = b, a
    return index


def subset(topology: Topology, points: Sequence[int] | np.ndarray, name: str | None = None) -> Topology:
    """Choose points of a topology; contours skip the points left out and join their neighbours.

    Args:
        topology: The set to choose from.
        points: Indices to keep, in the new order.
        name: Name of the new set; built from the old one by default.

    Returns:
        The smaller set, with `parent` and `parent_index`. `to_ibug68` is None unless every point that it
        needs was kept.

    Raises:
        ValueError: If a point is unknown, named twice, is kept without its mirror partner, or if an eye
            corner is left out.
    """
    chosen = index_array([int(p) for p in points])
    if len(set(chosen.tolist())) != len(chosen):
        raise ValueError(f"{topology.name}: the points of a subset must differ from one another")
    outside = chosen[(chosen < 0) | (chosen >= topology.num_points)]
    if len(outside):
        raise ValueError(
            f"{topology.name} has points 0 to {topology.num_points - 1}; found {outside.tolist()}"
        )
    place = {int(p): i for i, p in enumerate(chosen)}
    alone = [int(p) for p in chosen if int(topology.mirror_index[p]) not in place]
    if alone:
        raise ValueError(f"{topology.name}: points {alone} are kept without their mirror partners; add those")
    corners = [int(p) for p in topology.eye_corners if int(p) not in place]
    if corners:
        raise ValueError(f"{topology.name}: the eye corners {corners} are needed for alignment; keep them")

    def kept(indices: np.ndarray | Sequence[int]) -> list[int]:
        return [place[int(p)] for p in indices if int(p) in place]

    contours = []
    for contour in topology.contours:
        line = tuple(kept(contour.points))
        if len(line) >= 2:
            # An edge across all that is gone would be no contour.
            closed = contour.closed and len(line) >= 3 and 2 * len(line) >= len(contour.points)
            contours.append(Contour(contour.region, line, closed))
    old = topology.to_ibug68
    converts = old is not None and all(int(p) in place for p in old)
    regions = {key: index_array(kept(indices)) for key, indices in topology.regions.items()}
    return Topology(
        name=name or f"{topology.name}_subset{len(chosen)}",
        point_names=tuple(topology.point_names[p] for p in chosen),
        mirror_index=index_array([place[int(topology.mirror_index[p])] for p in chosen]),
        contours=tuple(contours),
        regions={key: indices for key, indices in regions.items() if len(indices)},
        rigid=index_array(kept(topology.rigid)),
        eye_corners=index_array(kept(topology.eye_corners)),
        to_ibug68=index_array(kept(old)) if old is not None and converts else None,
        parent=topology.name,
        parent_index=chosen,
    )
