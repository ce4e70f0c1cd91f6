"""A small z-buffer rasteriser in NumPy: enough to show a head to a landmark extractor."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Camera:
    """A pinhole camera in front of the head, looking along -z at the point `target`.

    Attributes:
        distance: From the target, in the head's unit (cm).
        focal: In pixels.
        size: (height, width) of the image in pixels.
        target: The point of the head (x, y, z) that falls on the middle of the image.
    """

    distance: float
    focal: float
    size: tuple[int, int]
    target: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Project points.

        Args:
            points: Shape (..., 3): x right, y up, z to the camera.

        Returns:
            Shape (..., 3): x and y in pixels (y down), and the depth z in units of the head's, larger =
            nearer.
        """
        centred = points - np.asarray(self.target, points.dtype)
        scale = self.focal / np.maximum(self.distance - centred[..., 2], 1e-3)
        height, width = self.size
        return np.stack(
            [
                centred[..., 0] * scale + (width - 1) / 2,
                -centred[..., 1] * scale + (height - 1) / 2,
                centred[..., 2],
            ],
            axis=-1,
        )


def rotation(yaw: float, pitch: float, roll: float) -> np.ndarray:
    """Build the rotation matrix (3, 3) of a head: yaw about y, then pitch about x, then roll about z
    (radians).
    """
    (cy, sy), (cp, sp), (cr, sr) = ((np.cos(a), np.sin(a)) for a in (yaw, pitch, roll))
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_z @ about_x @ about_y


@dataclass(frozen=True)
class Raster:
    """What each pixel of a rendered image shows.

    Attributes:
        triangle: Shape (H, W), int64: index of the triangle seen, -1 = background.
        weights: Shape (H, W, 3), float32: barycentric weights of its corners.
    """

    triangle: np.ndarray
    weights: np.ndarray


def rasterise(points: np.ndarray, triangles: np.ndarray, size: tuple[int, int]) -> Raster:
    """Find the nearest triangle of each pixel.

    Args:
        points: Shape (N, 3): pixels x, y and depth (larger = nearer), as `Camera.project` gives.
        triangles: Shape (F, 3), vertex indices.
        size: (height, width) in pixels.

    Returns:
        The triangle and weights of each pixel.
    """
    height, width = size
    corners = points[triangles]
    low = np.floor(corners[..., :2].min(1)).astype(np.int64)
    extent = (np.ceil(corners[..., :2].max(1)).astype(np.int64) - low + 1).max(1)
    inside = (low < (width, height)).all(1) & (low + extent[:, None] > 0).all(1)
    candidates = []
    # Triangles of like size share one square grid of candidate pixels, so the work is in arrays.
    sizes = 2 ** np.ceil(np.log2(np.maximum(extent, 1))).astype(np.int64)
    for side in np.unique(sizes[inside]):
        members = np.flatnonzero(inside & (sizes == side))
        candidates.append(_cover(corners, low, members, int(side), size))
    triangle = np.full(height * width, -1, np.int64)
    weights = np.zeros((height * width, 3), np.float32)
    if candidates:
        pixel, index, bary, depth = (np.concatenate(part) for part in zip(*candidates))
        order = np.lexsort((-depth, pixel))
        seen, first = np.unique(pixel[order], return_index=True)
        triangle[seen] = index[order][first]
        weights[seen] = bary[order][first]
    return Raster(triangle.reshape(size), weights.reshape(*size, 3))


def _cover(
    corners: np.ndarray, low: np.ndarray, members: np.ndarray, side: int, size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """List (pixel, triangle, weights, depth) of every pixel centre that lies in one of the triangles
    `members`.
    """
    height, width = size
    step = np.arange(side)
    x = (low[members, 0, None, None] + step[None, None, :]).repeat(side, 1)
    y = (low[members, 1, None, None] + step[None, :, None]).repeat(side, 2)
    (x0, y0), (x1, y1), (x2, y2) = (
        (corners[members, k, 0, None, None], corners[members, k, 1, None, None]) for k in range(3)
    )
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    safe = np.where(np.abs(area) < 1e-9, np.inf, area)
    w1 = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) / safe
    w2 = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / safe
    w0 = 1 - w1 - w2
    hit = (np.minimum(np.minimum(w0, w1), w2) >= -1e-6) & np.isfinite(safe)
    hit &= (x >= 0) & (x < width) & (y >= 0) & (y < height)
    which = np.broadcast_to(members[:, None, None], hit.shape)[hit]
    bary = np.stack([w0[hit], w1[hit], w2[hit]], axis=-1)
    depth = (bary * corners[which, :, 2]).sum(-1)
    return y[hit] * width + x[hit], which, bary.astype(np.float32), depth


def vertex_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Compute unit normals (N, 3) of a mesh, weighted by the areas of the triangles around each vertex."""
    corners = vertices[triangles]
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(vertices, dtype=np.float64)
    for corner in range(3):
        for axis in range(3):
            normals[:, axis] += np.bincount(triangles[:, corner], facing[:, axis], minlength=len(vertices))
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)


def render(
    vertices: np.ndarray,
    triangles: np.ndarray,
    colours: np.ndarray,
    camera: Camera,
    *,
    light: tuple[float, float, float] = (0.2, 0.5, 0.9),
    ambient: float = 0.45,
    background: tuple[float, float, float] = (120.0, 125.0, 130.0),
) -> tuple[np.ndarray, Raster]:
    """Render a mesh with vertex colours and one distant light.

    Args:
        vertices: Shape (N, 3), already turned to the camera.
        triangles: Shape (F, 3).
        colours: Shape (N, 3), RGB in [0, 255].
        camera: Where it is seen from.
        light: Direction to the light.
        ambient: Share of the colour that needs no light, in [0, 1].
        background: RGB in [0, 255].

    Returns:
        The image (H, W, 3) uint8 RGB and the raster it was made from.
    """
    raster = rasterise(camera.project(vertices), triangles, camera.size)
    towards = np.asarray(light, np.float64) / np.linalg.norm(light)
    shade = ambient + (1 - ambient) * np.clip(vertex_normals(vertices, triangles) @ towards, 0, 1)
    lit = colours * shade[:, None]
    shown = raster.triangle >= 0
    image = np.broadcast_to(np.asarray(background, np.float64), (*camera.size, 3)).copy()
    corners = triangles[raster.triangle[shown]]
    image[shown] = (lit[corners] * raster.weights[shown][..., None]).sum(1)
    return np.clip(image, 0, 255).astype(np.uint8), raster
