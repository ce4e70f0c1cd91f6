"""The face that stands for everybody's at rest, in any point set that it converts to."""

from functools import cache
from pathlib import Path

import numpy as np

from fau3d.topology.catalog import conversion_index


@cache
def resting_face(topology: str) -> np.ndarray:
    """Give the common resting face, seen from the front.

    It is a convention, like the order of points: weights are trained with it, so it stays as it is when
    resting faces are measured anew.

    Args:
        topology: Name of the point set wanted.

    Returns:
        Shape (V, 2), float32, read-only: x to the right in the image (the subject's left), y down, in
        distances between the outer eye corners; the origin is the middle of the four eye corners.

    Raises:
        ValueError: If the point set is not one that MediaPipe's points convert to.

    Source:
        The mean of photographed people at rest (`fau3d/synthetic/photographed_face.csv`), flattened.
    """
    path = Path(__file__).parent / "resting_face.csv"
    face = np.loadtxt(path, delimiter=",", dtype=np.float32)[conversion_index("mediapipe478", topology)]
    face.setflags(write=False)
    return face
