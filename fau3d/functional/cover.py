"""How much of one outline others cover."""

from collections.abc import Sequence

import cv2
import numpy as np


def covered_share(points: np.ndarray, others: Sequence[np.ndarray]) -> float:
    """Give the share of the area within a set of points' convex hull that others' hulls cover.

    Args:
        points: Shape (V, 2), such as a face's; NaN = not seen.
        others: Shape (N, 2) each, such as a hand's joints. Where several overlap each other, what they share
            counts once for each; the sum ends at 1.

    Returns:
        In [0, 1]; 0 where the points span no area.
    """
    own = _hull(points)
    if own is None or cv2.contourArea(own) == 0:
        return 0.0
    hulls = [hull for hull in map(_hull, others) if hull is not None]
    covered = [float(cv2.intersectConvexConvex(own, hull)[0]) for hull in hulls]
    return min(sum(covered) / cv2.contourArea(own), 1.0)


def _hull(points: np.ndarray) -> np.ndarray | None:
    """Give the convex hull, (K, 1, 2); None where it has no area."""
    seen = np.asarray(points, np.float32)
    seen = seen[np.isfinite(seen).all(axis=1)]
    if len(seen) < 3:
        return None
    hull = cv2.convexHull(seen)
    return hull if len(hull) > 2 else None
