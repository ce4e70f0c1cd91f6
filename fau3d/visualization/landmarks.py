"""Landmarks with their contours on an image."""

import cv2
import numpy as np

from fau3d.topology import Topology, get_topology
from fau3d.visualization.palette import Colour, check_image, region_colour

# cv2 reads points as fixed-point numbers with this many binary places: lines move smoothly between frames.
_SHIFT = 4
_LIMIT = 2**26


def draw_landmarks(
    image: np.ndarray,
    keypoint: np.ndarray,
    topology: str | Topology,
    score: np.ndarray | None = None,
    *,
    colour: Colour | None = None,
    points: bool = True,
    thickness: int | None = None,
    min_score: float = 0.0,
) -> np.ndarray:
    """Draw the points and contours of one face, in place.

    Args:
        image: Shape (H, W, 3), uint8 RGB.
        keypoint: Shape (V, C), pixels of the image; NaN = not seen: neither the point nor its lines appear.
        topology: The point set, or its name.
        score: Shape (V,), in [0, 1].
        colour: RGB; by default one a region of the face.
        points: Whether to draw points, or only contours.
        thickness: Of lines in pixels; by default what suits the size of the face.
        min_score: A point whose score is not above this counts as not seen.

    Returns:
        The same image.

    Raises:
        ValueError: If the image is no RGB image, or the points do not fit the topology.
    """
    check_image(image)
    known = get_topology(topology)
    keypoint = np.asarray(keypoint)
    if keypoint.ndim != 2 or len(keypoint) != known.num_points:
        raise ValueError(
            f"keypoint has shape {keypoint.shape}, but topology {known.name!r} has {known.num_points} "
            "points; name the topology that the points were extracted with"
        )
    xy = keypoint[:, :2].astype(np.float64)
    seen = np.isfinite(xy).all(1)
    if score is not None:
        seen &= np.asarray(score) > min_score
    if not seen.any():
        return image
    fixed = np.where(seen[:, None], xy, 0.0) * 2**_SHIFT
    fixed = np.clip(np.rint(fixed), -_LIMIT, _LIMIT).astype(np.int32)
    extent = float(np.ptp(xy[seen], axis=0).max())
    line = thickness or min(max(1, round(extent / 250)), 64)
    for contour in known.contours:
        paint = colour or region_colour(contour.region)
        for run, closed in _seen_runs(contour.points, contour.closed, seen):
            cv2.polylines(image, [fixed[run]], closed, paint, line, cv2.LINE_AA, _SHIFT)
    if points:
        _draw_points(image, known, fixed, seen, colour, radius=extent / (240 if len(xy) > 133 else 150))
    return image


def _seen_runs(line: tuple[int, ...], closed: bool, seen: np.ndarray) -> list[tuple[list[int], bool]]:
    """Split a line where points are missing; a closed one stays closed only if it is whole."""
    if seen[list(line)].all():
        return [(list(line), closed)]
    runs: list[list[int]] = [[]]
    for point in line + (line[:1] if closed else ()):
        if seen[point]:
            runs[-1].append(point)
        elif runs[-1]:
            runs.append([])
    return [(run, False) for run in runs if len(run) > 1]


def _draw_points(
    image: np.ndarray,
    topology: Topology,
    fixed: np.ndarray,
    seen: np.ndarray,
    colour: Colour | None,
    radius: float,
) -> None:
    size = max(round(min(radius, 64) * 2**_SHIFT), 2**_SHIFT * 3 // 4)
    for region, indices in topology.regions.items():
        paint = colour or region_colour(region)
        for point in indices[seen[indices]].tolist():
            centre = (int(fixed[point, 0]), int(fixed[point, 1]))
            cv2.circle(image, centre, size, paint, -1, cv2.LINE_AA, _SHIFT)
