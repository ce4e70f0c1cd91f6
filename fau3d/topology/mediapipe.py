"""MediaPipe's 478 face points, and the 91 of them that carry expression.

Source: the connection sets and the canonical face model of MediaPipe's Face Mesh (0.10). 0 to 467 lie on the
skin, 468 to 477 on the irises. x grows to the image's right, where the subject's left is.
"""

from fau3d.topology.mediapipe_mirror import PAIRS
from fau3d.topology.topology import Topology, make_topology, subset

_RIGHT = {
    "brow_top": [70, 63, 105, 66, 107],
    "brow_bottom": [46, 53, 52, 65, 55],
    "eye": [33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7, 33],
    "iris": [469, 470, 471, 472, 469],
    "nose_wing": [98, 64, 48, 129],
    "cheek": [118, 50, 205],
}
_MIDDLE = {
    "face_oval": [
        10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
        148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10,
    ],
    "glabella": [9, 8, 168],
    "nose_bridge": [168, 6, 197, 195, 5, 4, 1, 2],
    "nose_root": [193, 168, 417],
    "nose_base": [98, 97, 2, 326, 327],
    "chin": [200, 199, 175, 152],
    "outer_lips": [
        61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146, 61,
    ],
    "inner_lips": [
        78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95, 78,
    ],
}  # fmt: skip
_IBUG68 = [
    162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389,  # jaw
    70, 63, 105, 66, 107, 336, 296, 334, 293, 300,  # brows
    168, 197, 5, 4, 75, 97, 2, 326, 305,  # nose
    33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380,  # eyes
    61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181,  # outer lips
    78, 82, 13, 312, 308, 317, 14, 87,  # inner lips
]  # fmt: skip
# Brows (16), glabella and root of the nose (5), lids and iris centres (22), nose (10), cheeks (6), lips (28),
# chin (4).
_RIGHT91 = [
    70, 63, 105, 66, 107, 46, 52, 55, 193, 33, 161, 160, 159, 158, 157, 133, 144, 145, 153, 468,
    129, 48, 98, 205, 50, 118, 61, 40, 39, 37, 181, 91, 84, 78, 80, 82, 88, 87, 148,
]  # fmt: skip
_MIDDLE91 = [9, 8, 168, 6, 5, 1, 2, 0, 17, 13, 14, 152, 200]


def _mirror() -> list[int]:
    index = list(range(478))
    for right, left in PAIRS:
        index[right], index[left] = left, right
    return index


_MIRROR = _mirror()


def _sided(right: dict[str, list[int]]) -> dict[str, list[int]]:
    """Name the right side's chains, and add the left side's."""
    both = {f"right_{name}": chain for name, chain in right.items()}
    both.update({f"left_{name}": [_MIRROR[p] for p in chain] for name, chain in right.items()})
    return both


_CONTOURS = {**_MIDDLE, **_sided(_RIGHT)}


def _union(*names: str, extra: tuple[int, ...] = ()) -> list[int]:
    return sorted({point for name in names for point in _CONTOURS[name]} | set(extra))


_REGIONS = {
    "jaw": _union("face_oval", "chin"),
    "nose": _union("glabella", "nose_bridge", "nose_root", "nose_base", "left_nose_wing", "right_nose_wing"),
    "mouth": _union("outer_lips", "inner_lips"),
    **{
        f"{side}_{name}": _union(*(f"{side}_{part}" for part in parts), extra=extra)
        for side, iris in (("left", 473), ("right", 468))
        for name, parts, extra in (
            ("brow", ("brow_top", "brow_bottom"), ()),
            ("eye", ("eye", "iris"), (iris,)),
            ("cheek", ("cheek",), ()),
        )
    },
}

MEDIAPIPE478: Topology = make_topology(
    "mediapipe478",
    478,
    _CONTOURS,
    _MIRROR,
    _REGIONS,
    rigid=(33, 133, 362, 263, 168, 6, 197, 195, 10, 234, 454),
    eye_corners=(263, 362, 133, 33),
    to_ibug68=_IBUG68,
)
MEDIAPIPE91: Topology = subset(
    MEDIAPIPE478, [*_RIGHT91, *(_MIRROR[p] for p in _RIGHT91), *_MIDDLE91], "mediapipe91"
)
