"""Moves a resting face onto one where real faces rest, as the extractor sees them.

Real brows, lids and noses rest elsewhere than those painted on a rendered head. Two faces say where: the mean
of photographed people at rest, and MediaPipe's canonical face, the mean that the extractor was made with,
which needs no photograph of anyone, but whose lips and jaw are ajar and whose lids are lowered.
"""

from pathlib import Path

import numpy as np

from fau3d.topology import get_topology

CANONICAL_FILE = "canonical_face.csv"
PHOTOGRAPHED_FILE = "photographed_face.csv"
RESTING_FACES = ("photographed", "canonical")
_IRISES_FROM = 468
_IRISES = {  # iris points of mediapipe478 and the ring of lid points around each
    (468, 473): (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (473, 478): (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
}

# Columns of points above and below an opening, innermost first: the canonical face has its lips ajar and
# its lids lowered, since it is a mean over states. Closed lips are a fact of a resting mouth, so all of
# that opening is taken out; how wide eyes rest is not, so they are left half way between the rig's and the
# canonical face's.
_LIP_COLUMNS_UPPER = (
    (191, 80, 81, 82, 13, 312, 311, 310, 415),
    (183, 42, 41, 38, 12, 268, 271, 272, 407),
    (184, 74, 73, 72, 11, 302, 303, 304, 408),
    (185, 40, 39, 37, 0, 267, 269, 270, 409),
)
_LIP_COLUMNS_LOWER = (
    (95, 88, 178, 87, 14, 317, 402, 318, 324),
    (96, 89, 179, 86, 15, 316, 403, 319, 325),
    (77, 90, 180, 85, 16, 315, 404, 320, 307),
    (146, 91, 181, 84, 17, 314, 405, 321, 375),
)
_LIDS_UPPER = ((161, 160, 159, 158, 157), (388, 387, 386, 385, 384))
_LIDS_LOWER = ((163, 144, 145, 153, 154), (390, 373, 374, 380, 381))


def canonical_face() -> np.ndarray:
    """Read MediaPipe's canonical face.

    Returns:
        Shape (468, 3), float32: centimetres, x to the subject's left, y up, z out of the face; the irises are
        not part of it.
    """
    return _read(CANONICAL_FILE)


def photographed_face() -> np.ndarray:
    """Read the mean resting face of photographed people, as MediaPipe sees them.

    Returns:
        Shape (478, 3), float32: centimetres of the canonical face, axes as there.

    Source:
        `tools/synthetic/measure_resting_face.py`; the file's head says of how many photographs.
    """
    return _read(PHOTOGRAPHED_FILE)


def _read(name: str) -> np.ndarray:
    return np.loadtxt(Path(__file__).parent / name, delimiter=",", comments="#", dtype=np.float32)


def turn_to_front(points: np.ndarray) -> np.ndarray:
    """Turn a seen face to the front: its rigid points onto the canonical face's.

    Args:
        points: Shape (478, 3), pixels, as the extractor gives them.

    Returns:
        Shape (478, 3): centimetres of the canonical face, axes as there.
    """
    rigid = _rigid()
    return align_similarity(points * (1, -1, -1), canonical_face().astype(np.float64), rigid)


def _rigid() -> np.ndarray:
    rigid = get_topology("mediapipe478").rigid
    return rigid[rigid < _IRISES_FROM]


def align_similarity(
    source: np.ndarray, target: np.ndarray, index: np.ndarray | slice = slice(None)
) -> np.ndarray:
    """Move, turn and scale points onto others by least squares.

    Args:
        source: Shape (N, D).
        target: Shape (M, D).
        index: The points that are compared; the others go along. All of them by default.

    Returns:
        Shape (N, D): the source in the target's frame.

    Source:
        Umeyama, IEEE PAMI 13(4), 1991.
    """
    source_mean, target_mean = source[index].mean(0), target[index].mean(0)
    a, b = source[index] - source_mean, target[index] - target_mean
    u, singular, vt = np.linalg.svd(b.T @ a)
    signs = np.ones(len(singular))
    signs[-1] = np.sign(np.linalg.det(u @ vt))
    scale = (singular * signs).sum() / (a**2).sum()
    return scale * (source - source_mean) @ (u * signs @ vt).T + target_mean


def resting_offset(neutral: np.ndarray, face: str) -> np.ndarray:
    """Give the way from a resting face to one of `RESTING_FACES`.

    Args:
        neutral: Shape (478, 3): a resting face in the points of `mediapipe478`; x to the subject's left, y
            up, z out of the face.
        face: `photographed` or `canonical`.

    Returns:
        Shape (478, 3), in the same unit; lips stay as closed as they are.

    Raises:
        ValueError: If the face has another number of points, or `face` is unknown.
    """
    if face == "canonical":
        return canonical_offset(neutral)
    if face != "photographed":
        raise ValueError(f"unknown resting face {face!r}; known: {', '.join(RESTING_FACES)}")
    _require_points(neutral)
    target = photographed_face().astype(np.float64)
    offset = align_similarity(target, np.asarray(neutral, np.float64), _rigid()) - neutral
    _keep_open(offset, _LIP_COLUMNS_UPPER, _LIP_COLUMNS_LOWER)
    return offset


def _require_points(neutral: np.ndarray) -> None:
    if neutral.shape != (478, 3):
        raise ValueError(
            f"the resting face has the shape {neutral.shape}; wanted (478, 3): the faces to rest on are of "
            "mediapipe478, use no resting offset with other points"
        )


def canonical_offset(neutral: np.ndarray) -> np.ndarray:
    """Give the way from a resting face to the canonical face.

    Args:
        neutral: Shape (478, 3): a resting face in the points of `mediapipe478`; x to the subject's left, y
            up, z out of the face.

    Returns:
        Shape (478, 3), in the same unit; irises move with the lids around them. Lips stay as closed as they
        are, and lids open half as far as the two faces differ.

    Raises:
        ValueError: If the face has another number of points.
    """
    _require_points(neutral)
    canonical = canonical_face()
    offset = np.zeros_like(neutral)
    skin = len(canonical)
    offset[:skin] = align_similarity(canonical, neutral[:skin]) - neutral[:skin]
    _keep_open(offset, _LIP_COLUMNS_UPPER, _LIP_COLUMNS_LOWER)
    for upper, lower in zip(_LIDS_UPPER, _LIDS_LOWER):
        _keep_open(offset, (upper,), (lower,), share=0.5)
    for (start, stop), ring in _IRISES.items():
        offset[start:stop] = offset[list(ring)].mean(0)
    return offset


def _keep_open(
    offset: np.ndarray,
    upper: tuple[tuple[int, ...], ...],
    lower: tuple[tuple[int, ...], ...],
    share: float = 1.0,
) -> None:
    """Take a share of the change of an opening (between the innermost rows) out of an offset, in place."""
    above, below = np.array(upper), np.array(lower)
    change = share * (offset[above[0], 1] - offset[below[0], 1]) / 2
    offset[above, 1] -= change
    offset[below, 1] += change
