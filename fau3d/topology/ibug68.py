"""The 68 points of the iBUG 300-W annotation; face-alignment and OpenFace give them in this order.

Source: Sagonas et al., 300 Faces in-the-Wild Challenge, 2013. Point 0 is at the subject's right ear.
"""

from fau3d.topology.topology import Topology, make_topology

_MIRROR = [
    *range(16, -1, -1),  # jaw
    *range(26, 16, -1),  # brows
    27, 28, 29, 30,  # bridge of the nose
    35, 34, 33, 32, 31,  # base of the nose
    45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40,  # eyes
    54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55,  # outer lips
    64, 63, 62, 61, 60, 67, 66, 65,  # inner lips
]  # fmt: skip

CONTOURS = {
    "jaw": range(17),
    "right_brow": range(17, 22),
    "left_brow": range(22, 27),
    "nose_bridge": range(27, 31),
    "nose_base": range(31, 36),
    "right_eye": [*range(36, 42), 36],
    "left_eye": [*range(42, 48), 42],
    "outer_lips": [*range(48, 60), 48],
    "inner_lips": [*range(60, 68), 60],
}
REGIONS = {
    "jaw": range(17),
    "right_brow": range(17, 22),
    "left_brow": range(22, 27),
    "nose": range(27, 36),
    "right_eye": range(36, 42),
    "left_eye": range(42, 48),
    "mouth": range(48, 68),
}
RIGID = (27, 28, 29, 30, 33, 36, 39, 42, 45)
EYE_CORNERS = (45, 42, 39, 36)

IBUG68: Topology = make_topology(
    "ibug68", 68, CONTOURS, _MIRROR, REGIONS, RIGID, EYE_CORNERS, to_ibug68=range(68)
)
