"""Adaptation to unlabelled frames: a set of faces is brought to where those that were learned from lie."""

import numpy as np

MEAN, SPREAD = "their mean face", "their mean face and spread"
ADAPTATIONS = (MEAN, SPREAD)
# Few frames say little about the spread of 182 coordinates: so much of it is taken to be even.
SHRINKAGE = 0.1


def adapt(points: np.ndarray, known: np.ndarray, kind: str) -> np.ndarray:
    """Bring faces to others.

    Args:
        points: Shape (N, 91, 2): all frames that are asked.
        known: Shape (M, 91, 2): the frames that a network learned from.
        kind: `MEAN`: their mean face becomes that of the others. `SPREAD`: their covariance too (CORAL).

    Returns:
        Points (N, 91, 2).

    Raises:
        ValueError: If there is no such kind.

    Source:
        Sun, Feng and Saenko, Return of Frustratingly Easy Domain Adaptation, AAAI 2016.
    """
    if kind not in ADAPTATIONS:
        raise ValueError(f"no adaptation {kind!r}; known: {list(ADAPTATIONS)}")
    flat, others = (faces.reshape(len(faces), -1).astype(np.float64) for faces in (points, known))
    middle, goal = flat.mean(0), others.mean(0)
    moved = flat - middle
    if kind == SPREAD:
        moved = moved @ _root(moved, -0.5) @ _root(others - goal, 0.5)
    return (moved + goal).reshape(points.shape).astype(np.float32)


def _root(centred: np.ndarray, power: float) -> np.ndarray:
    """Give a power of the shrunken covariance of rows (N, D): shape (D, D)."""
    covariance = centred.T @ centred / len(centred)
    even = np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    values, vectors = np.linalg.eigh((1 - SHRINKAGE) * covariance + SHRINKAGE * even)
    return (vectors * values**power) @ vectors.T
