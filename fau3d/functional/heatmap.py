"""Keypoints to heatmap volumes, on any device, without a loop over points, frames or samples.

A joint's Gaussian is separable, so its map is the outer product of a column and a row profile. A limb's map
needs the distance to a segment, which splits into the distances along and across it: each is a sum of a term
in x and a term in y. Both volumes are therefore one broadcast expression over small factors, written once, in
the output's own type and memory format.

Pixel (row i, column j) is the point (j, i): maps are sampled at integer pixels, as in MMAction2's
`GeneratePoseTarget`, and end at `truncate` sigmas, so that what lies outside is exactly zero.
"""

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import threshold

TRUNCATE = 3.0
# Elements of one float32 temporary of the limb expression; 2**26 are 256 MB.
LIMB_CHUNK = 2**26


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
    chunk: int = LIMB_CHUNK,
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
        chunk: Largest number of elements of one temporary. A batch that needs more is drawn in pieces.

    Returns:
        Shape (B, E, T, H, W), or (B * M, E, T, H, W) where persons are folded; values in [0, 1].

    Raises:
        ValueError: If the shapes do not fit each other, or `persons` is unknown.
    """
    _check(keypoint, score, persons)
    keypoint, score = _finite(keypoint, score)
    edges = edges.to(keypoint.device)
    start, end = keypoint[..., edges[:, 0], :], keypoint[..., edges[:, 1], :]
    start_score, end_score = score[..., edges[:, 0]], score[..., edges[:, 1]]
    weight = torch.minimum(start_score, end_score)
    length = torch.linalg.vector_norm(end - start, dim=-1)
    short = length < collapse
    length = torch.where(short, 0.0, length)
    weight = torch.where(short & (weight > 0), start_score, weight)
    direction = (end - start) / length.clamp_min(1e-6).unsqueeze(-1)
    if persons == "fold":
        start, direction = start.flatten(0, 1).unsqueeze(1), direction.flatten(0, 1).unsqueeze(1)
        length, weight = length.flatten(0, 1).unsqueeze(1), weight.flatten(0, 1).unsqueeze(1)
    # A collapsed segment has no direction; any will do, since all of it lies at distance 0 along it.
    direction = torch.where((length > 0).unsqueeze(-1), direction, direction.new_tensor([1.0, 0.0]))
    parameters = torch.cat([start, direction, length.unsqueeze(-1), weight.unsqueeze(-1)], dim=-1)

    batch, _, frames, count = parameters.shape[:4]
    dtype = dtype or keypoint.dtype
    shape = (batch, frames, *size, count) if channels_last_3d else (batch, count, frames, *size)
    step = max(1, chunk // max(1, count * frames * size[0] * size[1]))
    # As in joint_volume, the layout of the small factors decides that of the volume.
    layout = (4, 1, 0, 2, 3) if channels_last_3d else (4, 1, 0, 3, 2)
    parameters = parameters.permute(layout).contiguous()
    if step >= batch:
        volume = _limb_maps(parameters, size, sigma, truncate, channels_last_3d, dtype)
    else:
        volume = torch.empty(shape, dtype=dtype, device=keypoint.device)
        for first in range(0, batch, step):
            piece = parameters[:, :, first : first + step]
            volume[first : first + step] = _limb_maps(piece, size, sigma, truncate, channels_last_3d, dtype)
    return volume.permute(0, 4, 1, 2, 3) if channels_last_3d else volume


def _limb_maps(
    parameters: Tensor,
    size: tuple[int, int],
    sigma: float,
    truncate: float | None,
    last: bool,
    dtype: torch.dtype,
) -> Tensor:
    """Draw maps from (6, M, b, …): start x, y, direction x, y, length, weight; `last`: edges innermost."""
    # Components as (M, b, T, 1, 1, E) or (M, b, E, T, 1, 1), so that a grid over (H, W) broadcasts against
    # them.
    parts = [p[:, :, :, None, None, :] if last else p[..., None, None] for p in parameters]
    x0, y0, dx, dy, length, weight = (p / sigma if i in (0, 1, 4) else p for i, p in enumerate(parts))
    options: dict[str, Any] = {"device": parameters.device, "dtype": parameters.dtype}
    y = torch.arange(size[0], **options).div_(sigma).view((-1, 1, 1) if last else (-1, 1))
    x = torch.arange(size[1], **options).div_(sigma).view((1, -1, 1) if last else (1, -1))
    limit = truncate * truncate if truncate is not None else float("inf")
    volume: Tensor | None = None
    for person in range(parameters.shape[1]):
        a, b, u, v = x - x0[person], y - y0[person], dx[person], dy[person]
        along = a * u + b * v
        beyond = along - along.clamp_min(0).minimum(length[person])
        squared = (b * u - a * v).square() + beyond.square()
        maps = torch.exp(-0.5 * squared) * weight[person]
        maps = torch.where(squared <= limit, maps, 0.0).to(dtype)
        volume = maps if volume is None else torch.maximum(volume, maps)
    if volume is None:
        raise ValueError("keypoint has no person (M = 0); a clip holds at least one row of M")
    return volume


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
    seen = torch.isfinite(keypoint).all(-1)
    score = torch.where(seen & torch.isfinite(score), score.to(keypoint.dtype), 0.0)
    return torch.where(seen.unsqueeze(-1), keypoint, 0.0), score
