"""Makes a face rig in a landmark extractor's own topology: shows it the rendered head and follows its points.

Two steps. *Attachment*: the extractor's points on renders of the head from several views are carried back
to the mesh, so every point rides on the skin (irises on the eyeballs) and takes its displacements, depth
included. *Response*: each expression shape is rendered and the extractor's answer is compared with its
answer to the face at rest; this replaces the sideways and upward displacements, since a detector damps
some shapes and exaggerates others.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from tqdm import tqdm

from fau3d.synthetic.head import HeadModel
from fau3d.synthetic.rendering import rasterise
from fau3d.synthetic.rig import FaceRig
from fau3d.synthetic.studio import ATTACHMENT_VIEWS, FRONTAL_VIEWS, Detector, Studio, View

# The points of mediapipe478 that sit on the eyeballs: the irises follow all 468 points of the skin.
EYEBALL_POINTS: dict[str, dict[str, tuple[int, ...]]] = {
    "mediapipe478": {"right_eyeball": tuple(range(468, 473)), "left_eyeball": tuple(range(473, 478))}
}


# The mouth is a little open while points are attached: closed lips share pixels, and a point of the upper lip
# would stick to the lower one.
ATTACHMENT_JAW = 0.25
RESPONSE_WEIGHTS = (0.6, 1.0)
# Half width (cm) of the band around the midline in which both sides of a paired shape act.
MIDLINE_BLEND = 1.0
IDENTITY_SMOOTHING = 0.7
# Of these shapes the extractor's answer is taken whole, and little of it sideways. The mesh draws lowered
# brows together by a twentieth of the eyes' distance; of that the extractor shows a third on renders, and on
# a real frown hardly anything.
ANSWERED_WHOLLY = ("browDown",)
ANSWERED_SIDEWAYS = 0.25


def build_rig(
    head: HeadModel,
    detect: Detector,
    topology: str,
    *,
    response_share: float = 0.5,
    attachment_views: Sequence[View] = ATTACHMENT_VIEWS,
    response_views: Sequence[View] = FRONTAL_VIEWS,
    metainfo: Mapping[str, str] | None = None,
    progress: bool = True,
) -> FaceRig:
    """Make the rig of a head in the topology of a landmark extractor.

    Args:
        head: The head.
        detect: Gives the extractor's points on an RGB image, see `Detector`.
        topology: Name of the point set that it gives.
        response_share: How much of the shapes' displacements in x and y comes from the extractor's answers to
            rendered shapes, the rest from the mesh at the attached points; 0 renders no shapes at all. The
            answers to one painted head are no better a guess at those to real faces than the mesh's own
            movement, and their mean is better than both.
        attachment_views: Views from which points are carried back to the mesh.
        response_views: Frontal views (no yaw, no pitch) in which responses are measured.
        metainfo: Where the head comes from, kept in the rig.
        progress: Whether to show a progress bar.

    Returns:
        The rig.

    Raises:
        RuntimeError: If the extractor finds no face in any view.
        ValueError: If a response view is not frontal.
    """
    studio = Studio(head, detect)
    attachments = _attach_all(studio, topology, attachment_views, progress)
    neutral = _carry(attachments, head.vertices.astype(np.float64))
    expressions = np.stack([_carry(attachments, shape) for shape in head.expressions])
    identities = np.stack([_carry(attachments, mode) for mode in head.identities])
    identities = smooth_modes(identities, neutral, _on_skin(len(neutral), topology))
    if response_share > 0:
        neutral, measured = _measure(studio, neutral, expressions, response_views, progress)
        whole = [name.startswith(ANSWERED_WHOLLY) for name in head.expression_names]
        share = np.where(whole, 1.0, response_share)[:, None, None]
        expressions = share * measured + (1 - share) * expressions
        expressions[whole, :, 0] *= ANSWERED_SIDEWAYS
    return FaceRig(
        neutral.astype(np.float32),
        identities.astype(np.float32),
        expressions.astype(np.float32),
        head.expression_names,
        topology,
        dict(metainfo or {}),
    )


def smooth_modes(
    modes: np.ndarray, neutral: np.ndarray, skin: np.ndarray, length: float = IDENTITY_SMOOTHING
) -> np.ndarray:
    """Smooth displacements over neighbouring points of the face.

    Neighbouring points can be attached to folds of the mesh that move apart, as inside the lips; a detector
    gives no such kinks.

    Args:
        modes: Shape (K, V, 3).
        neutral: Shape (V, 3), centimetres.
        skin: Points to smooth (V,), bool; the others stay.
        length: Standard deviation of the kernel (cm).

    Returns:
        Shape (K, V, 3).
    """
    at = neutral[skin, :2]
    kernel = np.exp(-0.5 * ((at[:, None] - at[None]) ** 2).sum(-1) / length**2)
    kernel /= kernel.sum(1, keepdims=True)
    result = modes.copy()
    result[:, skin] = np.einsum("vw,kwd->kvd", kernel, modes[:, skin], optimize=True)
    return result


def _on_skin(num_points: int, topology: str) -> np.ndarray:
    skin = np.ones(num_points, bool)
    for ids in EYEBALL_POINTS.get(topology, {}).values():
        skin[[i for i in ids if i < num_points]] = False
    return skin


def landmark_rig(head: HeadModel, metainfo: Mapping[str, str] | None = None) -> FaceRig:
    """Make the `ibug68` rig from the head's own landmark vertices; needs no extractor."""
    at = head.landmarks_68
    return FaceRig(
        head.vertices[at].astype(np.float32),
        head.identities[:, at].astype(np.float32),
        head.expressions[:, at].astype(np.float32),
        head.expression_names,
        "ibug68",
        dict(metainfo or {}),
    )


def _attach_all(
    studio: Studio, topology: str, views: Sequence[View], progress: bool
) -> list[tuple[np.ndarray, np.ndarray]]:
    head = studio.head
    names = head.expression_names
    jaw = head.expressions[names.index("jawOpen")] if "jawOpen" in names else 0.0
    vertices = head.vertices + ATTACHMENT_JAW * np.asarray(jaw, np.float32)
    found = []
    for view in tqdm(views, "attaching points", disable=not progress):
        points = studio.look(vertices, view)
        if points is not None:
            projected = studio.camera(view).project(studio.turned(vertices, view))
            found.append(_attach(studio, points, projected, topology, view.size))
    if not found:
        raise RuntimeError(
            f"the extractor of {topology!r} found no face in any of {len(views)} renders of the head; "
            "check the head's source and the extractor"
        )
    return found


def _attach(
    studio: Studio, points: np.ndarray, projected: np.ndarray, topology: str, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Find the surface under each point: vertices (V, 3) and their weights (V, 3)."""
    parts = studio.head.parts
    on_eyeballs = EYEBALL_POINTS.get(topology, {})
    corners = np.zeros((len(points), 3), np.int64)
    weights = np.zeros((len(points), 3))
    skin = np.setdiff1d(np.arange(len(points)), [i for ids in on_eyeballs.values() for i in ids])
    groups: list[tuple[np.ndarray, tuple[int, int]]] = [(skin, parts.get("face", (0, len(projected))))]
    groups += [
        (np.array(ids), parts[part])
        for part, ids in on_eyeballs.items()
        if part in parts and max(ids) < len(points)
    ]
    for ids, (start, stop) in groups:
        inside = ((studio.triangles >= start) & (studio.triangles < stop)).all(1)
        corners[ids], weights[ids] = _hits(points[ids], projected, studio.triangles[inside], size)
    return corners, weights


def _hits(
    points: np.ndarray, projected: np.ndarray, triangles: np.ndarray, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Intersect rays of pixels with a surface; one that misses takes the nearest vertex that is seen."""
    raster = rasterise(projected, triangles, (size, size))
    pixel = np.clip(np.rint(points).astype(np.int64), 0, size - 1)
    triangle = raster.triangle[pixel[:, 1], pixel[:, 0]]
    hit = triangle >= 0
    corners = np.zeros((len(points), 3), np.int64)
    weights = np.tile([1.0, 0.0, 0.0], (len(points), 1))
    corners[hit] = triangles[triangle[hit]]
    a, b, c = (projected[corners[:, k], :2] for k in range(3))
    area = _cross(b - a, c - a)
    with np.errstate(divide="ignore", invalid="ignore"):
        second, third = _cross(points - a, c - a) / area, _cross(b - a, points - a) / area
    # The pixel's centre lies in the triangle, the point may lie just beside it.
    bary = np.clip(np.stack([1 - second - third, second, third], axis=-1), 0, 1)
    weights[hit] = (bary / np.maximum(bary.sum(1, keepdims=True), 1e-9))[hit]
    seen = np.unique(triangles[raster.triangle[raster.triangle >= 0]])
    for i in np.flatnonzero(~hit):
        corners[i] = seen[np.argmin(((projected[seen, :2] - points[i]) ** 2).sum(1))]
    return corners, weights


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]


def _carry(attachments: Sequence[tuple[np.ndarray, np.ndarray]], field_: np.ndarray) -> np.ndarray:
    """Read a field over the mesh (N, 3) at the attached points, averaged over views: (V, 3)."""
    values = [
        (field_[corners].astype(np.float64) * weights[..., None]).sum(1) for corners, weights in attachments
    ]
    return np.mean(values, axis=0)


def _measure(
    studio: Studio, neutral: np.ndarray, expressions: np.ndarray, views: Sequence[View], progress: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Replace x and y of the neutral face and of the shapes by what the detector answers to them."""
    if any(view.yaw or view.pitch for view in views):
        raise ValueError("responses are measured in frontal views; give views without yaw and pitch")
    head = studio.head
    resting: dict[View, np.ndarray] = {}
    for view in views:
        seen = studio.look_frontal(head.vertices, view, neutral)
        if seen is not None:
            resting[view] = seen
    if not resting:
        raise RuntimeError("the extractor found no face in any frontal render of the resting head")
    neutral, measured = neutral.copy(), expressions.copy()
    neutral[:, :2] = np.mean(list(resting.values()), axis=0)
    for members in tqdm(_pairs(head.expression_names), "measuring responses", disable=not progress):
        shape = head.expressions[members].astype(np.float32).sum(0)
        expected = expressions[members].sum(0)
        answers = []
        for view in resting:
            for weight in RESPONSE_WEIGHTS:
                seen = studio.look_frontal(head.vertices + weight * shape, view, neutral + weight * expected)
                if seen is not None:
                    answers.append((seen - resting[view]) / weight)
        if answers:
            _share_out(measured, members, np.mean(answers, axis=0), neutral[:, 0])
    return neutral, measured


def _pairs(names: Sequence[str]) -> list[list[int]]:
    """Group shapes into left and right pairs (left first) and single ones."""
    groups: dict[str, list[int]] = {}
    for k in sorted(range(len(names)), key=lambda k: names[k]):
        groups.setdefault(names[k].removesuffix("_L").removesuffix("_R"), []).append(k)
    return list(groups.values())


def _share_out(measured: np.ndarray, members: Sequence[int], answer: np.ndarray, x: np.ndarray) -> None:
    """Give each side of a pair its half of the answer, blended over the midline.

    Pairs are measured together since a detector expects faces to be symmetric: it answers a brow that rises
    alone with a fraction of what it answers to both.
    """
    if len(members) == 1:
        measured[members[0], :, :2] = answer
        return
    left = np.clip(0.5 + x / (2 * MIDLINE_BLEND), 0, 1)[:, None]
    measured[members[0], :, :2] = answer * left
    measured[members[1], :, :2] = answer * (1 - left)
