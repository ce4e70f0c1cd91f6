"""The 133 points of COCO-WholeBody: 17 of the body, 6 of the feet, 68 of the face, 21 of each hand.

Source: Jin et al., Whole-Body Human Pose Estimation in the Wild, ECCV 2020. Points 23 to 90 are `ibug68`.
"""

from fau3d.topology.ibug68 import CONTOURS, EYE_CORNERS, IBUG68, REGIONS, RIGID
from fau3d.topology.topology import Topology, make_topology

_FACE = 23
_LEFT_HAND, _RIGHT_HAND = 91, 112
_BODY_MIRROR = [0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15, 20, 21, 22, 17, 18, 19]
_MIRROR = [
    *_BODY_MIRROR,
    *(int(point) + _FACE for point in IBUG68.mirror_index),
    *range(_RIGHT_HAND, 133),
    *range(_LEFT_HAND, _RIGHT_HAND),
]


def _shift(points: object) -> list[int]:
    return [int(point) + _FACE for point in points]  # type: ignore[attr-defined]


WHOLEBODY133: Topology = make_topology(
    "wholebody133",
    133,
    {name: _shift(chain) for name, chain in CONTOURS.items()},
    _MIRROR,
    {
        **{name: _shift(points) for name, points in REGIONS.items()},
        "body": range(17),
        "feet": range(17, 23),
        "left_hand": range(_LEFT_HAND, _RIGHT_HAND),
        "right_hand": range(_RIGHT_HAND, 133),
    },
    _shift(RIGID),
    _shift(EYE_CORNERS),
    to_ibug68=range(_FACE, _FACE + 68),
)
