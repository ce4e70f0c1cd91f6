"""A small head that tests render and drive, and a rig made from it."""

import numpy as np
import pytest

from fau3d.synthetic.head import HeadModel
from fau3d.synthetic.rig import FaceRig, load_rig

GRID = 21


def _dome() -> tuple[np.ndarray, np.ndarray]:
    """A dome of GRID x GRID vertices over 16 x 20 cm, and its quads."""
    x, y = np.meshgrid(np.linspace(-8, 8, GRID), np.linspace(10, -10, GRID))
    vertices = np.stack([x, y, 8 - 0.06 * x**2 - 0.04 * y**2], -1).reshape(-1, 3)
    corner = np.arange(GRID * (GRID - 1)).reshape(GRID - 1, GRID)[:, :-1].ravel()
    faces = np.stack([corner, corner + GRID, corner + GRID + 1, corner + 1], -1)
    return vertices.astype(np.float32), faces.astype(np.int32)


@pytest.fixture(scope="session")
def head() -> HeadModel:
    """A dome with two identity modes and five shapes; its landmarks are spread over it."""
    vertices, faces = _dome()
    left = np.clip(0.5 + vertices[:, 0] / 4, 0, 1)[:, None]
    up = np.array([0.0, 1.0, 0.0]) * np.exp(-((vertices[:, 1:2] - 4) ** 2) / 8)
    jaw = np.array([0.0, -1.0, 0.0]) * np.clip(-vertices[:, 1:2] / 5, 0, 1)
    wide = vertices * (0.05, 0, 0)
    names = ("browInnerUp_L", "browInnerUp_R", "jawOpen", "mouthSmile_L", "mouthSmile_R")
    shapes = np.stack([up * left, up * (1 - left), jaw, wide * left, wide * (1 - left)])
    identities = np.stack([vertices * (0.02, 0, 0), vertices * (0, 0.02, 0)])
    return HeadModel(
        vertices=vertices,
        faces=faces,
        identities=identities.astype(np.float16),
        expressions=shapes.astype(np.float16),
        expression_names=names,
        landmarks_68=np.linspace(0, len(vertices) - 1, 68).astype(np.int64),
        parts={},
    )


@pytest.fixture(scope="session")
def rig() -> FaceRig:
    """The shipped rig of mediapipe478."""
    return load_rig("mediapipe478")
