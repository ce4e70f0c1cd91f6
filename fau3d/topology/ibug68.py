"""The 68 points of the iBUG 300-W annotation, which dlib, OpenFace and face-alignment share.

Source: Sagonas, Tzimiropoulos, Zafeiriou, Pantic, 300 Faces in-the-Wild Challenge, ICCV Workshops 2013.
"""

import numpy as np

from fau3d.topology.topology import Contour, Topology, index_array, mirror_from_pairs

# region, first point, one past the last
_RUNS = (
    ("jaw", 0, 17),
    ("right_brow", 17, 22),
    ("left_brow", 22, 27),
    ("nose", 27, 36),
    ("right_eye", 36, 42),
    ("left_eye", 42, 48),
    ("mouth", 48, 68),
)
_PAIRS = (
    [(i, 16 - i) for i in range(8)]
    + [(17 + i, 26 - i) for i in range(5)]
    + [(31, 35), (32, 34)]
    + [(36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46)]
    + [(48, 54), (49, 53), (50, 52), (55, 59), (56, 58), (60, 64), (61, 63), (65, 67)]
)


def _line(region: str, first: int, last: int, closed: bool = False) -> Contour:
    return Contour(region, tuple(range(first, last + 1)), closed)


def build_ibug68() -> Topology:
    """Build the 68-point topology."""
    names = tuple(f"{region}_{i - first}" for region, first, stop in _RUNS for i in range(first, stop))
    return Topology(
        name="ibug68",
        point_names=names,
        mirror_index=mirror_from_pairs(68, _PAIRS),
        contours=(
            _line("jaw", 0, 16),
            _line("right_brow", 17, 21),
            _line("left_brow", 22, 26),
            _line("nose", 27, 30),
            Contour("nose", (30, 33)),
            _line("nose", 31, 35),
            _line("right_eye", 36, 41, closed=True),
            _line("left_eye", 42, 47, closed=True),
            _line("mouth", 48, 59, closed=True),
            _line("mouth", 60, 67, closed=True),
        ),
        regions={region: np.arange(first, stop, dtype=np.int64) for region, first, stop in _RUNS},
        rigid=index_array([27, 28, 29, 30, 33, 36, 39, 42, 45]),
        eye_corners=index_array([45, 42, 39, 36]),
        to_ibug68=np.arange(68, dtype=np.int64),
    )
