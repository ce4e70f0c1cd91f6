"""MediaPipe's 478 face points (468 of the face mesh, 10 of the irises), and 91 of them that carry expression.

Source: Kartynnik et al., Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs, 2019;
Grishchenko et al., Attention Mesh, 2020. The model and its point order are Google's, Apache-2.0.
"""

import numpy as np

from fau3d.topology.mediapipe_points import MIRROR_PAIRS, REGIONS
from fau3d.topology.topology import Contour, Topology, index_array, mirror_from_pairs, subset

# region, points, closed; a right line implies the left one
_LINES = (
    ("right_brow", "70 63 105 66 107", False),
    ("right_brow", "46 53 52 65 55", False),
    ("right_eye", "33 7 163 144 145 153 154 155 133 173 157 158 159 160 161 246", True),
    ("right_eye", "469 470 471 472", True),
    ("nose", "168 6 197 195 5 4 1 19 94 2", False),
    ("nose", "98 97 2 326 327", False),
    ("nose", "98 64 48 129", False),
    ("nose", "327 294 278 358", False),
    ("nose", "9 8 168", False),
    ("nose", "193 168 417", False),
    ("right_cheek", "118 50 205", False),
    ("chin", "200 199 175 152", False),
    (
        "mouth",
        "61 146 91 181 84 17 314 405 321 375 291 409 270 269 267 0 37 39 40 185",
        True,
    ),
    (
        "mouth",
        "78 95 88 178 87 14 317 402 318 324 308 415 310 311 312 13 82 81 80 191",
        True,
    ),
    (
        "jaw",
        "127 234 93 132 58 172 136 150 149 176 148 152 377 400 378 379 365 397 288 361 323 454 356",
        False,
    ),
    ("forehead", "127 162 21 54 103 67 109 10 338 297 332 284 251 389 356", False),
)
_TO_IBUG68 = (
    "127 234 132 58 172 136 149 148 152 377 378 365 397 288 361 454 356 "  # jaw
    "70 63 105 66 107 336 296 334 293 300 "  # brows
    "168 197 5 4 98 97 2 326 327 "  # nose
    "33 160 158 133 153 144 362 385 387 263 373 380 "  # eyes
    "61 40 37 0 267 270 291 321 314 17 84 91 "  # outer lips
    "78 81 13 311 308 402 14 178"  # inner lips
)
# The right half, then its mirror partners, then the midline: brows (16), glabella and root of the nose (5),
# lids and iris centres (22), nose (10), cheeks (6), lips (28), chin (4). Weights depend on the order.
_EXPRESSIVE_RIGHT = (
    "70 63 105 66 107 46 52 55 193 33 161 160 159 158 157 133 144 145 153 468 "
    "129 48 98 205 50 118 61 40 39 37 181 91 84 78 80 82 88 87 148"
)
_EXPRESSIVE_MIDDLE = "9 8 168 6 5 1 2 0 17 13 14 152 200"


def _partners() -> np.ndarray:
    pairs = [(int(a), int(b)) for a, b in (pair.split(":") for pair in MIRROR_PAIRS.split())]
    return mirror_from_pairs(478, pairs)


def build_mediapipe478() -> Topology:
    """Build the 478-point topology."""
    mirror = _partners()
    regions: dict[str, np.ndarray] = {}
    for name, points in REGIONS.items():
        regions[name] = index_array(points)
        if name.startswith("right_"):
            regions[name.replace("right_", "left_")] = np.sort(mirror[regions[name]])
    contours = []
    for region, text, closed in _LINES:
        line = index_array(text)
        contours.append(Contour(region, tuple(line.tolist()), closed))
        if region.startswith("right_"):
            left = tuple(mirror[line].tolist())
            contours.append(Contour(region.replace("right_", "left_"), left, closed))
    names = [""] * 478
    for region, indices in regions.items():
        for point in indices:
            names[point] = names[point] or f"{region}_{point}"
    return Topology(
        name="mediapipe478",
        point_names=tuple(names),
        mirror_index=mirror,
        contours=tuple(contours),
        regions=regions,
        rigid=index_array("33 133 263 362 168 6 197 195 5 4 9 10 151 127 356"),
        eye_corners=index_array([263, 362, 133, 33]),
        to_ibug68=index_array(_TO_IBUG68),
    )


def build_mediapipe91() -> Topology:
    """Build the 91-point subset: brows, lids, irises, nose, lips, cheeks, chin, and some rigid points."""
    full = build_mediapipe478()
    right, middle = index_array(_EXPRESSIVE_RIGHT), index_array(_EXPRESSIVE_MIDDLE)
    points = np.concatenate([right, full.mirror_index[right], middle])
    return subset(full, points, name="mediapipe91")
