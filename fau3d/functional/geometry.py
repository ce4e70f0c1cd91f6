"""Geometry of points and boxes, on NumPy arrays; a point that is not finite is missing."""

import numpy as np


def similarity_from_points(src: np.ndarray, dst: np.ndarray, scale: bool = True) -> np.ndarray:
    """Find the rotation, scale and shift that bring points nearest to others (least squares).

    Args:
        src: Shape (..., V, D), D = 2 or 3; the points to move.
        dst: Shape (..., V, D); where they should go; leading axes broadcast. A point that is missing on
            either side is left out.
        scale: Whether the size may change.

    Returns:
        Shape (..., D, D + 1), float64: the matrix of `apply_affine`; never a reflection. All NaN where fewer
        than two different points are seen (three in 3D, not on one line).

    Raises:
        ValueError: If the shapes do not fit each other.

    Source:
        Umeyama, IEEE PAMI 13(4), 1991.
    """
    src, dst = np.asarray(src, np.float64), np.asarray(dst, np.float64)
    if src.ndim < 2 or src.shape[-2:] != dst.shape[-2:] or src.shape[-1] not in (2, 3):
        raise ValueError(f"points have shapes {src.shape} and {dst.shape}; wanted the same (..., V, 2 or 3)")
    src, dst = np.broadcast_arrays(src, dst)
    dims = src.shape[-1]
    seen = np.isfinite(src).all(-1) & np.isfinite(dst).all(-1)
    weight = seen[..., None] / np.maximum(seen.sum(-1), 1)[..., None, None]
    src, dst = np.where(seen[..., None], src, 0.0), np.where(seen[..., None], dst, 0.0)
    src_mean, dst_mean = (src * weight).sum(-2), (dst * weight).sum(-2)
    centred = src - src_mean[..., None, :]
    covariance = np.swapaxes((dst - dst_mean[..., None, :]) * weight, -1, -2) @ centred
    left, singular, right = np.linalg.svd(covariance)
    sign = np.ones(singular.shape)
    sign[..., -1] = np.sign(np.linalg.det(left) * np.linalg.det(right))
    rotation = (left * sign[..., None, :]) @ right
    variance = (np.square(centred) * weight).sum((-1, -2))
    defined = singular[..., dims - 2] > 1e-12 * np.maximum(singular[..., 0], 1e-300)
    defined &= (seen.sum(-1) >= dims) & (variance > 0)
    factor = np.ones(variance.shape)
    if scale:
        factor = (singular * sign).sum(-1) / np.where(variance > 0, variance, 1.0)
    linear = rotation * factor[..., None, None]
    shift = dst_mean - (linear @ src_mean[..., None])[..., 0]
    matrix = np.concatenate([linear, shift[..., None]], axis=-1)
    return np.where(defined[..., None, None], matrix, np.nan)


def apply_affine(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Move points by an affine map.

    Args:
        points: Shape (..., V, C), floating. With C = 3 and a map of the plane, z takes the scale of the map
            (the root of its determinant's size), so that the face keeps its shape.
        matrix: Shape (..., D, D + 1), D = 2 or 3; leading axes broadcast.

    Returns:
        Shape (..., V, C), in the type of the points; what was NaN stays NaN.

    Raises:
        ValueError: If the shapes do not fit each other.
    """
    points, matrix = np.asarray(points), np.asarray(matrix)
    dims = matrix.shape[-2] if matrix.ndim >= 2 else 0
    if (
        matrix.shape[-1:] != (dims + 1,)
        or points.ndim < 2
        or points.shape[-1] not in (dims, 3)
        or dims not in (2, 3)
    ):
        raise ValueError(
            f"points {points.shape} and matrix {matrix.shape} do not fit; wanted (..., V, D), (..., D, D+1)"
        )
    linear, shift = matrix[..., :dims], matrix[..., dims]
    moved = points[..., :dims] @ np.swapaxes(linear, -1, -2) + shift[..., None, :]
    if points.shape[-1] > dims:
        size = np.sqrt(np.abs(np.linalg.det(linear)))[..., None, None]
        moved = np.concatenate([moved, points[..., dims:] * size], axis=-1)
    return moved.astype(np.result_type(points.dtype, np.float16), copy=False)


def invert_affine(matrix: np.ndarray) -> np.ndarray:
    """Give the map that undoes an affine map.

    Args:
        matrix: Shape (..., D, D + 1).

    Returns:
        Shape (..., D, D + 1).

    Raises:
        numpy.linalg.LinAlgError: If the map cannot be undone.
    """
    linear = np.linalg.inv(matrix[..., :-1])
    return np.concatenate([linear, -(linear @ matrix[..., -1:])], axis=-1)


def box_of_points(points: np.ndarray, margin: float = 0.0) -> np.ndarray:
    """Give the box around points.

    Args:
        points: Shape (..., V, C), x and y first; missing points are left out.
        margin: Share of the box's width and height to add on each side.

    Returns:
        Shape (..., 4): x0, y0, x1, y1; NaN where no point is seen.
    """
    points = np.asarray(points)[..., :2]
    points = points.astype(np.result_type(points.dtype, np.float32), copy=False)
    seen = np.isfinite(points).all(-1, keepdims=True)
    low = np.where(seen, points, np.inf).min(-2)
    high = np.where(seen, points, -np.inf).max(-2)
    some = seen.any(-2)
    low, high = np.where(some, low, np.nan), np.where(some, high, np.nan)
    extra = (high - low) * margin
    return np.concatenate([low - extra, high + extra], axis=-1)


def box_iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Give the overlap of every box with every other: intersection over union.

    Args:
        boxes: Shape (N, 4): x0, y0, x1, y1.
        others: Shape (K, 4).

    Returns:
        Shape (N, K), in [0, 1]; 0 where a box is missing or empty.
    """
    a, b = np.asarray(boxes, np.float64)[:, None], np.asarray(others, np.float64)[None]
    sides = np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2])
    both = np.maximum(sides, 0.0).prod(-1)
    union = (
        np.maximum(a[..., 2:] - a[..., :2], 0).prod(-1)
        + np.maximum(b[..., 2:] - b[..., :2], 0).prod(-1)
        - both
    )
    defined = np.isfinite(union) & (union > 0)
    return np.where(defined, both / np.where(defined, union, 1.0), 0.0)


def eye_line_angle(points: np.ndarray, eye_corners: np.ndarray) -> np.ndarray:
    """Give the turn of the eyes in the image.

    Args:
        points: Shape (..., V, C), pixels, x right, y down.
        eye_corners: Shape (4,): left outer, left inner, right inner, right outer corner, as in `Topology`.

    Returns:
        Shape (...): radians in (-pi, pi]; 0 = level, positive = turned clockwise as one sees it; NaN where a
        corner is missing.
    """
    corners = np.asarray(points)[..., np.asarray(eye_corners), :2]
    line = corners[..., :2, :].mean(-2) - corners[..., 2:, :].mean(-2)
    return np.arctan2(line[..., 1], line[..., 0])
