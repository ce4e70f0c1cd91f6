"""Keypoints to heatmap volumes, on any device, without a loop over points, frames or samples.

A joint's Gaussian is separable, so its map is the outer product of a column and a row profile. A limb's map
needs the distance to a segment, which splits into the distances along and across it: each is a sum of a term
in x and a term in y. Both volumes are therefore one broadcast expression over small factors, written once, in
the output's own type and memory format.

Pixel (row i, column j) is the point (j, i): maps are sampled at integer pixels, as in MMAction2's
`GeneratePoseTarget`, and end at `truncate` sigmas, so that what lies outside is exactly zero.
"""

import functools
import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import threshold

TRUNCATE = 3.0
# Pixels from which on a coordinate is taken as missing: beyond any image, and short of overflow.
FAR = 1e6
# Elements of one float32 temporary of the limb expression. On a CPU 4 MB, which a cache holds; elsewhere
# 512 MB, which bounds memory.
LIMB_CHUNK = {"cpu": 2**20}
LIMB_CHUNK_ELSEWHERE = 2**27


def gaussian_profiles(centre: Tensor, length: int, sigma: float, truncate: float | None = TRUNCATE) -> Tensor:
    """Sample 1D Gaussians at the integers 0 to `length` - 1.

    Args:
        centre: Any shape, pixels. A value that is not finite gives a profile of zeros.
        length: Number of samples.
        sigma: Standard deviation in pixels.
        truncate: Samples further than this many sigmas from the centre are zero; None keeps them.

    Returns:
        Shape (*centre, length), values in [0, 1], in the type of `centre` (float32 at least: half precision
        does not hold positions).
    """
    centre = centre if centre.dtype == torch.float64 else centre.float()
    scale = 1.0 / (sigma * math.sqrt(2.0))
    grid = torch.arange(length, device=centre.device, dtype=centre.dtype) * scale
    # Infinitely far away, the Gaussian is exactly zero.
    centre = torch.where(torch.isfinite(centre), centre * scale, torch.inf)
    profile = (grid - centre.unsqueeze(-1)).square().neg_().exp_()
    # Cut by value: exp falls with distance, and this is the cheapest of the passes over the profile.
    return profile if truncate is None else threshold(profile, math.exp(-0.5 * truncate * truncate), 0.0)


def joint_volume(
    keypoint: Tensor,
    score: Tensor,
    size: tuple[int, int],
    sigma: float = 0.6,
    *,
    persons: str = "merge",
    dtype: torch.dtype | None = None,
    channels_last_3d: bool = False,
    truncate: float | None = TRUNCATE,
    out: Tensor | None = None,
) -> Tensor:
    """Draw one Gaussian map per point and frame; its peak is the point's score.

    Args:
        keypoint: Shape (B, M, T, V, 2), pixels of the map (x right, y down). What is not finite, or further
            than `truncate` sigmas outside the map, gives zeros.
        score: Shape (B, M, T, V), in [0, 1]; 0 or NaN gives zeros.
        size: (height, width) of the maps in pixels.
        sigma: Standard deviation in pixels.
        persons: `merge` takes the maximum over the M persons; `fold` gives every person a batch entry.
        dtype: Of the volume; by default that of `keypoint`, float32 at least.
        channels_last_3d: Give the volume in that memory format; it is written so, not copied.
        truncate: See `gaussian_profiles`.
        out: Memory to draw in: a volume of the same shape, type and memory format.

    Returns:
        Shape (B, V, T, H, W), or (B * M, V, T, H, W) where persons are folded; values in [0, 1].

    Raises:
        ValueError: If the shapes do not fit each other, or `persons` is unknown.
    """
    _check(keypoint, score, persons)
    keypoint, score = _finite(keypoint, score)
    rows = gaussian_profiles(keypoint[..., 1], size[0], sigma, truncate) * score.unsqueeze(-1)
    columns = gaussian_profiles(keypoint[..., 0], size[1], sigma, truncate)
    dtype = dtype or rows.dtype
    if persons == "fold":
        rows, columns = rows.flatten(0, 1).unsqueeze(1), columns.flatten(0, 1).unsqueeze(1)
    # The factors (B, M, T, V, H) and (B, M, T, V, W) are small: arranging them decides the volume's layout.
    order = (1, 0, 2, 4, 3) if channels_last_3d else (1, 0, 3, 2, 4)
    rows = rows.to(dtype).permute(order).contiguous()
    columns = columns.to(dtype).permute(order).contiguous()
    if channels_last_3d:
        rows, columns = rows.unsqueeze(4), columns.unsqueeze(3)
    else:
        rows, columns = rows.unsqueeze(5), columns.unsqueeze(4)
    target = out.permute(0, 2, 3, 4, 1) if out is not None and channels_last_3d else out
    volume = torch.mul(rows[0], columns[0], out=target)
    # Person by person, so that M persons need two volumes of memory and not M + 1.
    for person in range(1, rows.shape[0]):
        volume = torch.maximum(volume, rows[person] * columns[person], out=target)
    return volume.permute(0, 4, 1, 2, 3) if channels_last_3d else volume


def limb_volume(
    keypoint: Tensor,
    score: Tensor,
    edges: Tensor,
    size: tuple[int, int],
    sigma: float = 0.6,
    *,
    persons: str = "merge",
    dtype: torch.dtype | None = None,
    channels_last_3d: bool = False,
    truncate: float | None = TRUNCATE,
    collapse: float = 1.0,
    chunk: int | None = None,
) -> Tensor:
    """Draw one map per edge and frame: a Gaussian of the distance to the segment between its two points.

    The peak is the smaller score of the two.

    Args:
        keypoint: Shape (B, M, T, V, 2), pixels of the map.
        score: Shape (B, M, T, V), in [0, 1]; an edge with a missing end gives zeros.
        edges: Shape (E, 2), integer: the points that each edge joins.
        size: (height, width) of the maps in pixels.
        sigma: Standard deviation in pixels.
        persons: See `joint_volume`.
        dtype: See `joint_volume`.
        channels_last_3d: See `joint_volume`.
        truncate: Pixels further than this many sigmas from the segment are zero; None keeps them.
        collapse: A segment shorter than this many pixels is drawn as its first point with that point's score,
            as MMAction2 does; 0 draws it as the segment it is.
        chunk: Largest number of elements of one temporary; a volume that needs more is drawn in pieces. By
            default what suits the device.

    Returns:
        Shape (B, E, T, H, W), or (B * M, E, T, H, W) where persons are folded; values in [0, 1].

    Raises:
        ValueError: If the shapes do not fit each other, or `persons` is unknown.
    """
    _check(keypoint, score, persons)
    keypoint, score = _finite(keypoint, score)
    scale = 1.0 / (sigma * math.sqrt(2.0))
    parameters = _segments(keypoint, score, edges.to(keypoint.device), scale, collapse)
    if persons == "fold":
        parameters = parameters.flatten(1, 2).unsqueeze(2)

    # As in joint_volume, the layout of the small factors decides that of the volume: (6, M, rows, inner); a
    # row is a frame with its edges, or an edge with its frames.
    batch, _, frames, count = parameters.shape[1:]
    layout = (0, 2, 1, 3, 4) if channels_last_3d else (0, 2, 1, 4, 3)
    parameters = parameters.permute(layout).flatten(2, 3).contiguous()
    rows, inner = parameters.shape[2:]
    shape = (rows, *size, inner) if channels_last_3d else (rows, inner, *size)
    volume = torch.empty(shape, dtype=dtype or keypoint.dtype, device=keypoint.device)
    chunk = chunk or LIMB_CHUNK.get(keypoint.device.type, LIMB_CHUNK_ELSEWHERE)
    step = max(1, chunk // max(1, inner * size[0] * size[1]))
    grids = [torch.arange(n, device=keypoint.device, dtype=keypoint.dtype) * scale for n in size]
    limit = math.inf if truncate is None else 0.5 * truncate * truncate
    pieces = range(0, rows, step) if step < rows else (0,)
    for first in pieces:
        piece = slice(first, first + step)
        volume[piece] = _limb_maps(parameters[:, :, piece], grids, limit, channels_last_3d)
    if channels_last_3d:
        return volume.view(batch, frames, *size, count).permute(0, 4, 1, 2, 3)
    return volume.view(batch, count, frames, *size)


def _segments(keypoint: Tensor, score: Tensor, edges: Tensor, scale: float, collapse: float) -> Tensor:
    """Describe each edge's segment for `_limb_maps`.

    Returns:
        Shape (6, B, M, T, E): middle x, y, direction x, y, half length, logarithm of the weight. Lengths are
        multiplied by `scale`: the Gaussian is then exp(-d^2).
    """
    start, end = keypoint[..., edges[:, 0], :], keypoint[..., edges[:, 1], :]
    start_score, end_score = score[..., edges[:, 0]], score[..., edges[:, 1]]
    weight = torch.minimum(start_score, end_score)
    length = torch.linalg.vector_norm(end - start, dim=-1)
    short = length < collapse
    length = torch.where(short, 0.0, length)
    weight = torch.where(short & (weight > 0), start_score, weight)
    # A collapsed segment has no direction; any will do, since all of it lies at distance 0 along it.
    direction = (end - start) / length.clamp_min(1e-6).unsqueeze(-1)
    direction = torch.where((length > 0).unsqueeze(-1), direction, direction.new_tensor([1.0, 0.0]))
    half = 0.5 * scale * length
    middle = start * scale + direction * half.unsqueeze(-1)
    return torch.stack([*middle.unbind(-1), *direction.unbind(-1), half, weight.log()])


def _limb_maps(parameters: Tensor, grids: Sequence[Tensor], limit: float, last: bool) -> Tensor:
    """Draw maps of segments (6, M, rows, inner), as `_segments` describes them.

    Returns:
        Shape (rows, H, W, inner) with `last`, else (rows, inner, H, W).
    """
    y, x = grids
    # One factor over the rows of pixels, one over the columns, each broadcast against the other.
    to_rows, to_columns = ((1, -1, 1, 1), (1, 1, -1, 1)) if last else ((1, 1, -1, 1), (1, 1, 1, -1))
    y, x = y.view(to_rows), x.view(to_columns)
    drawn = []
    for person in range(parameters.shape[1]):
        parts = [p[:, None, None, :] if last else p[:, :, None, None] for p in parameters[:, person]]
        middle_x, middle_y, u, v, half, log_weight = parts
        across_x, across_y = x - middle_x, y - middle_y
        along = across_x * u + across_y * v
        beyond = along.abs_().sub_(half).relu_()
        aside = across_y * u - across_x * v
        exponent = torch.addcmul(beyond.new_zeros(()), beyond, beyond, value=-1).addcmul_(
            aside, aside, value=-1
        )
        # Cut before the exponential, whose zero is exact.
        drawn.append(threshold(exponent, -limit, -math.inf).add_(log_weight).exp_())
    return functools.reduce(torch.maximum, drawn)


def _check(keypoint: Tensor, score: Tensor, persons: str) -> None:
    if keypoint.ndim != 5 or keypoint.shape[-1] != 2:
        raise ValueError(f"keypoint has shape {tuple(keypoint.shape)}; wanted (B, M, T, V, 2)")
    if score.shape != keypoint.shape[:-1]:
        raise ValueError(
            f"score has shape {tuple(score.shape)}; wanted {tuple(keypoint.shape[:-1])}, one for "
            "each keypoint"
        )
    if keypoint.shape[1] == 0:
        raise ValueError("keypoint has no person (M = 0); a clip holds at least one row of M")
    if persons not in ("merge", "fold"):
        raise ValueError(f"unknown persons {persons!r}; known: 'merge', 'fold'")


def _finite(keypoint: Tensor, score: Tensor) -> tuple[Tensor, Tensor]:
    """Put missing points at the origin with score 0, so that no NaN or infinity enters a product."""
    keypoint = keypoint if keypoint.dtype == torch.float64 else keypoint.float()
    # A comparison with NaN is false, so that it holds for seen points only.
    seen = (keypoint.abs() < FAR).all(-1)
    score = torch.where(seen & torch.isfinite(score), score.to(keypoint.dtype), 0.0)
    return torch.where(seen.unsqueeze(-1), keypoint, 0.0), score
