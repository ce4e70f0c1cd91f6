"""The 133 points of COCO-WholeBody: 17 of the body, 6 of the feet, 68 of the face, 42 of the hands.

Source: Jin et al., Whole-Body Human Pose Estimation in the Wild, ECCV 2020. The face is iBUG's 68 in order.
"""

import numpy as np

from fau3d.topology.ibug68 import build_ibug68
from fau3d.topology.topology import Contour, Topology, index_array, mirror_from_pairs

_BODY = (
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow "
    "left_wrist right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle"
)
_LIMBS = (
    ((5, 7, 9), (6, 8, 10), (11, 13, 15), (12, 14, 16))
    + ((5, 6), (11, 12), (5, 11), (6, 12))
    + ((3, 1, 0), (4, 2, 0), (1, 2), (3, 5), (4, 6))
)
_FOOT = ("big_toe", "small_toe", "heel")
_FINGERS = ("thumb", "index", "middle", "ring", "little")
_FACE, _LEFT_HAND, _RIGHT_HAND = 23, 91, 112


def _names() -> tuple[str, ...]:
    body = [f"body_{name}" for name in _BODY.split()]
    feet = [f"{side}_foot_{part}" for side in ("left", "right") for part in _FOOT]
    hands = []
    for side in ("left", "right"):
        hands.append(f"{side}_hand_root")
        hands += [f"{side}_hand_{finger}_{joint}" for finger in _FINGERS for joint in range(4)]
    return tuple(body + feet + list(build_ibug68().point_names) + hands)


def _contours() -> tuple[Contour, ...]:
    lines = [Contour("body", points) for points in _LIMBS]
    for side, first in (("left", 17), ("right", 20)):
        lines.append(Contour(f"{side}_foot", (first, first + 2, first + 1)))
    for contour in build_ibug68().contours:
        points = tuple(p + _FACE for p in contour.points)
        lines.append(Contour(contour.region, points, contour.closed))
    for side, root in (("left", _LEFT_HAND), ("right", _RIGHT_HAND)):
        for finger in range(5):
            first = root + 1 + 4 * finger
            lines.append(Contour(f"{side}_hand", (root, *range(first, first + 4))))
    return tuple(lines)


def build_wholebody133() -> Topology:
    """Build the 133-point topology."""
    face = build_ibug68()
    body_pairs = [(i, i + 1) for i in range(1, 17, 2)] + [(17 + i, 20 + i) for i in range(3)]
    face_pairs = [(i + _FACE, int(j) + _FACE) for i, j in enumerate(face.mirror_index) if i < j]
    hand_pairs = [(_LEFT_HAND + i, _RIGHT_HAND + i) for i in range(21)]
    regions = {name: indices + _FACE for name, indices in face.regions.items()}
    others = {
        "body": (0, 17),
        "left_foot": (17, 20),
        "right_foot": (20, 23),
        "left_hand": (_LEFT_HAND, _RIGHT_HAND),
        "right_hand": (_RIGHT_HAND, 133),
    }
    regions |= {name: np.arange(first, stop, dtype=np.int64) for name, (first, stop) in others.items()}
    return Topology(
        name="wholebody133",
        point_names=_names(),
        mirror_index=mirror_from_pairs(133, body_pairs + face_pairs + hand_pairs),
        contours=_contours(),
        regions=regions,
        rigid=index_array((face.rigid + _FACE).tolist()),
        eye_corners=index_array((face.eye_corners + _FACE).tolist()),
        to_ibug68=np.arange(_FACE, _FACE + 68, dtype=np.int64),
    )
