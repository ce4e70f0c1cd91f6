"""A small z-buffer rasteriser, compiled by Numba: enough to show a head to a landmark extractor."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

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
    triangle = np.full(size, -1, np.int64)
    weights = np.zeros((*size, 3), np.float32)
    fill, _ = _kernels()
    fill(
        np.ascontiguousarray(points, np.float64), np.ascontiguousarray(triangles, np.int64), triangle, weights
    )
    return Raster(triangle, weights)


def vertex_normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Compute unit normals (N, 3) of a mesh, weighted by the areas of the triangles around each vertex."""
    _, add_normals = _kernels()
    normals = np.zeros((len(vertices), 3))
    add_normals(
        np.ascontiguousarray(vertices, np.float64), np.ascontiguousarray(triangles, np.int64), normals
    )
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)


@lru_cache(maxsize=1)
def _kernels() -> tuple[Callable[..., None], Callable[..., None]]:
    """Compile the two loops over triangles; only who renders waits for the compiler."""
    from numba import njit

    return njit(_fill, cache=True), njit(_add_normals, cache=True)


def _fill(points, triangles, triangle, weights):  # type: ignore[no-untyped-def]
    height, width = triangle.shape
    depth = np.full((height, width), -np.inf)
    for f in range(triangles.shape[0]):
        a, b, c = triangles[f]
        x0, y0, x1, y1, x2, y2 = (
            points[a, 0],
            points[a, 1],
            points[b, 0],
            points[b, 1],
            points[c, 0],
            points[c, 1],
        )
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if abs(area) < 1e-9:
            continue
        left, right = max(0, np.floor(min(x0, x1, x2))), min(width - 1, np.ceil(max(x0, x1, x2)))
        top, bottom = max(0, np.floor(min(y0, y1, y2))), min(height - 1, np.ceil(max(y0, y1, y2)))
        for y in range(int(top), int(bottom) + 1):
            for x in range(int(left), int(right) + 1):
                w1 = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) / area
                w2 = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / area
                w0 = 1 - w1 - w2
                if min(w0, w1, w2) < -1e-6:
                    continue
                z = w0 * points[a, 2] + w1 * points[b, 2] + w2 * points[c, 2]
                if z > depth[y, x]:
                    depth[y, x] = z
                    triangle[y, x] = f
                    weights[y, x, 0], weights[y, x, 1], weights[y, x, 2] = w0, w1, w2


def _add_normals(vertices, triangles, normals):  # type: ignore[no-untyped-def]
    for f in range(triangles.shape[0]):
        a, b, c = triangles[f]
        ux, uy, uz = vertices[b] - vertices[a]
        vx, vy, vz = vertices[c] - vertices[a]
        nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for corner in (a, b, c):
            normals[corner, 0] += nx
            normals[corner, 1] += ny
            normals[corner, 2] += nz


@dataclass(frozen=True)
class Lighting:
    """One distant light and the light from everywhere.

    Attributes:
        direction: To the light.
        ambient: Share of the colour that needs no light, in [0, 1].
        colour: Factor on red, green and blue.
    """

    direction: tuple[float, float, float] = (0.2, 0.5, 0.9)
    ambient: float = 0.45
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def lit(self, colours: np.ndarray, normals: np.ndarray) -> np.ndarray:
        """Light the colours (N, 3) of vertices with unit normals (N, 3)."""
        towards = np.asarray(self.direction, np.float64) / np.linalg.norm(self.direction)
        shade = self.ambient + (1 - self.ambient) * np.clip(normals @ towards, 0, 1)
        return colours * shade[:, None] * np.asarray(self.colour)


def render(
    vertices: np.ndarray,
    triangles: np.ndarray,
    colours: np.ndarray,
    camera: Camera,
    *,
    lighting: Lighting | None = None,
    background: tuple[float, float, float] | np.ndarray = (120.0, 125.0, 130.0),
    shift: tuple[float, float] = (0.0, 0.0),
) -> tuple[np.ndarray, Raster]:
    """Render a mesh with vertex colours.

    Args:
        vertices: Shape (N, 3), already turned to the camera.
        triangles: Shape (F, 3).
        colours: Shape (N, 3), RGB in [0, 255].
        camera: Where it is seen from.
        lighting: The light, from above and in front by default.
        background: A colour, or an image (H, W, 3), RGB in [0, 255].
        shift: How far all that is seen moves right and down, pixels.

    Returns:
        The image (H, W, 3) uint8 RGB and the raster it was made from.
    """
    projected = camera.project(vertices)
    projected[:, :2] += shift
    raster = rasterise(projected, triangles, camera.size)
    lit = (lighting or Lighting()).lit(colours, vertex_normals(vertices, triangles))
    shown = raster.triangle >= 0
    image = np.broadcast_to(np.asarray(background, np.float64), (*camera.size, 3)).copy()
    corners = triangles[raster.triangle[shown]]
    image[shown] = np.einsum("pkc,pk->pc", lit[corners], raster.weights[shown])
    return np.clip(image, 0, 255).astype(np.uint8), raster
