"""Bringing the points of a frame to one scale in every direction in which they move together."""

import torch
from torch import Tensor, nn

from fau3d.models.backbones.point_norm import read_points

_MOMENTUM = 0.01


class PointWhitening(nn.Module):
    """Turn the places of a frame's points into as many numbers of about unit variance that do not covary.

    Points of a face move together: who it is and how the head is turned move many of them far, lips that are
    drawn in a few of them by little. A network that reads places learns the former first and the latter late,
    if at all. Here every direction counts alike, but for those below the floor, which are noise. The result
    is as near to the places as it can be (ZCA), so that it still belongs to points.

    Statistics are those of frames in which every point was seen; they are followed in training and used in it
    too, as in `PointNorm`. A point that was not seen stands at its mean.

    Args:
        num_points: V.
        floor: Variance below which a direction is noise, as a share of the largest one.

    Raises:
        ValueError: If the floor is not above 0.

    Source:
        Kessy, Lewin, Strimmer, Optimal Whitening and Decorrelation, The American Statistician 72(4), 2018.
    """

    mean: Tensor
    covariance: Tensor
    whitening: Tensor
    num_batches_tracked: Tensor

    def __init__(self, num_points: int, floor: float = 1e-3) -> None:
        super().__init__()
        if not floor > 0:
            raise ValueError(f"floor is {floor}; wanted a number above 0")
        self.num_points, self.floor = num_points, floor
        size = 2 * num_points
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("covariance", torch.eye(size))
        self.register_buffer("whitening", torch.eye(size))
        self.register_buffer("num_batches_tracked", torch.tensor(0, dtype=torch.long))

    def forward(self, volume: Tensor) -> Tensor:
        """Whiten the places; the score stays.

        Args:
            volume: Shape (B, 3, T, V, 1), as `KeypointPreprocessor` gives it.

        Returns:
            Shape (B, 3, T, V), float32.

        Raises:
            ValueError: If it is not such a volume, or has another number of points.
        """
        place, score = read_points(volume, self.num_points)
        seen = score > 0
        flat = place.permute(0, 2, 1, 3).flatten(2)
        # Small movements are what this is for, and bfloat16 has no place for them.
        with torch.autocast(flat.device.type, enabled=False):
            if self.training:
                self._track(flat.detach()[seen.all(3)[:, 0]])
            departure = (flat - self.mean) * seen.transpose(1, 2).expand(-1, -1, 2, -1).flatten(2)
            white = departure @ self.whitening
        return torch.cat([white.unflatten(2, (2, -1)).transpose(1, 2), score], dim=1)

    @torch.no_grad()
    def _track(self, frames: Tensor) -> None:
        """Follow the statistics of whole frames (N, 2 V)."""
        if len(frames) < 2:
            return
        # A plain average at the start, a running one later.
        share = max(1.0 / (self.num_batches_tracked.item() + 1.0), _MOMENTUM)
        self.mean.lerp_(frames.mean(0), share)
        departure = frames - self.mean
        self.covariance.lerp_(departure.T @ departure / len(frames), share)
        self.num_batches_tracked += 1
        variance, directions = torch.linalg.eigh(self.covariance.double())
        scale = (variance.clamp_min(0) + self.floor * variance[-1]).rsqrt()
        self.whitening.copy_(directions * scale @ directions.T)
