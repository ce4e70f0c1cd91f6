"""Which face of one frame is which face of another: distances between faces, and the best pairing."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment


def box_overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compute the intersection over union of every pair of boxes.

    Args:
        first: Shape (N, 4): x0, y0, x1, y1.
        second: Shape (K, 4).

    Returns:
        Shape (N, K), in [0, 1]; 0 where a box has no area.
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    area = [np.prod(np.clip(boxes[:, 2:] - boxes[:, :2], 0, None), axis=1) for boxes in (first, second)]
    union = area[0][:, None] + area[1][None] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def point_distance(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> np.ndarray:
    """Compute the mean distance of the points of every pair of faces, in face sizes.

    Args:
        first: N faces of shape (V, 2 or more); x and y count. NaN = not seen.
        second: K faces of the same point set.

    Returns:
        Shape (N, K): mean distance of the points that both show, divided by the larger face's size (the
            longer
        side of the box around its points); infinite where no point is common.
    """
    distance = np.full((len(first), len(second)), np.inf)
    for row, a in enumerate(first):
        for column, b in enumerate(second):
            both = np.isfinite(a[:, :2]).all(axis=1) & np.isfinite(b[:, :2]).all(axis=1)
            if both.any():
                a_seen, b_seen = a[both, :2], b[both, :2]
                size = max(np.ptp(a_seen, axis=0).max(), np.ptp(b_seen, axis=0).max(), 1e-6)
                distance[row, column] = np.linalg.norm(a_seen - b_seen, axis=1).mean() / size
    return distance


def best_pairs(cost: np.ndarray, allowed: np.ndarray) -> list[tuple[int, int]]:
    """Pair rows with columns so that most are paired, and at the least total cost among those ways.

    Args:
        cost: Shape (N, K), finite where allowed.
        allowed: Shape (N, K), bool: pairs that may be.

    Returns:
        Pairs (row, column); each row and column at most once, only allowed pairs.
    """
    if not allowed.any():
        return []
    # A forbidden pair costs more than all allowed ones together, so it is taken only where nothing else is
    # left.
    ceiling = (np.abs(cost[allowed]).max() + 1) * (min(cost.shape) + 1)
    rows, columns = linear_sum_assignment(np.where(allowed, cost, ceiling))
    return [(int(r), int(c)) for r, c in zip(rows, columns, strict=True) if allowed[r, c]]
