"""Which points a clip holds."""

import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.registry import TRANSFORMS
from fau3d.topology import get_topology


@TRANSFORMS.register_module()
class SelectPoints(BaseTransform):
    """Keep the points of a registered subset, such as `mediapipe91` of `mediapipe478`.

    A clip that already has the subset passes unchanged.

    Args:
        topology: Name of the subset, whose `parent` is the clip's point set.

    Raises:
        ValueError: If the topology is no subset of another.
    """

    def __init__(self, topology: str) -> None:
        self.topology = topology
        subset = get_topology(topology)
        parent, index = subset.parent, subset.parent_index
        if parent is None or index is None:
            raise ValueError(
                f"topology {topology!r} is not a subset of another; to convert, use ConvertTopology"
            )
        self.parent, self.index = parent, np.asarray(index)

    def transform(self, results: dict) -> dict:
        """Select from `keypoint` (M, T, V, C) and `keypoint_score` (M, T, V)."""
        if results["topology"] == self.topology:
            return results
        if results["topology"] != self.parent:
            raise ValueError(
                f"{results.get('frame_dir')}: has points of {results['topology']!r}; {self.topology!r} is "
                f"a subset of {self.parent!r}; name the subset of the extracted point set"
            )
        results["keypoint"] = results["keypoint"].take(self.index, axis=2)
        results["keypoint_score"] = results["keypoint_score"].take(self.index, axis=2)
        results["topology"] = self.topology
        return results


@TRANSFORMS.register_module()
class ConvertTopology(BaseTransform):
    """Convert any point set that knows its way to another, such as `mediapipe478` to `ibug68`.

    Args:
        topology: Name of the point set wanted.
    """

    def __init__(self, topology: str = "ibug68") -> None:
        self.topology = topology
        get_topology(topology)

    def points_from(self, source: str) -> np.ndarray:
        """Give, for each wanted point, its place in the source.

        Args:
            source: Name of the point set that the clip has.

        Returns:
            Shape (V,), int64.

        Raises:
            ValueError: If there is no conversion.
        """
        known, wanted = get_topology(source), get_topology(self.topology)
        if source == self.topology:
            return np.arange(wanted.num_points)
        if self.topology == "ibug68" and known.to_ibug68 is not None:
            return np.asarray(known.to_ibug68)
        if wanted.parent == source and wanted.parent_index is not None:
            return np.asarray(wanted.parent_index)
        raise ValueError(
            f"there is no conversion from {source!r} to {self.topology!r}; "
            "'ibug68' and the subsets of a point set are what points convert to"
        )

    def transform(self, results: dict) -> dict:
        """Convert `keypoint` (M, T, V, C) and `keypoint_score` (M, T, V)."""
        if results["topology"] == self.topology:
            return results
        index = self.points_from(results["topology"])
        results["keypoint"] = results["keypoint"].take(index, axis=2)
        results["keypoint_score"] = results["keypoint_score"].take(index, axis=2)
        results["topology"] = self.topology
        return results
