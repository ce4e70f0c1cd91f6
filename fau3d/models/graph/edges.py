"""Features of every ordered pair of action units, without a map for every pair."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.models.graph.unit_maps import init_linear


class _Attention(nn.Module):
    """The layers of a cross-attention with one head, whose keys and queries are half as wide."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.query = nn.Linear(channels, half)
        self.key = nn.Linear(channels, half)
        self.value = nn.Linear(channels, channels)
        self.scale = half**-0.5
        init_linear(self.query, half)
        init_linear(self.key, half)
        init_linear(self.value, channels)

    def weights(self, query: Tensor, key: Tensor) -> Tensor:
        """Give softmaxed weights (..., D, D) of queries and keys (..., D, half)."""
        return (query * self.scale @ key.transpose(-2, -1)).softmax(-1)


class EdgeFeatures(nn.Module):
    """Features of pairs: each unit's map reads the whole face's, then each unit's map reads each other's.

    As published, every pair's map of D tokens is projected, normalised over the batch, its tokens and
    channels, and averaged over tokens: N^2 maps of D * C numbers. What is done to them is linear in the
    attended map but for the norm, and weights of an attention sum to 1; so the projection is done once for
    each unit, only the mean of a pair's weights over its tokens is applied to it, and the norm's statistics
    come from the weights and the products between tokens. No map of a pair is ever made.

    Args:
        channels: C.
        units: N.

    Source:
        Luo et al., Learning Multi-dimensional Edge Feature-based AU Relation Graph, IJCAI 2022, section 3.2.
    """

    def __init__(self, channels: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.face = _Attention(channels)
        self.pair = _Attention(channels)
        self.project = nn.Linear(channels, channels)
        # Holds weights and statistics; it is applied to means over tokens.
        self.norm = nn.BatchNorm2d(units * units)
        init_linear(self.project, channels)

    def forward(self, maps: Tensor, face: Tensor) -> Tensor:
        """Compute the features of pairs.

        Args:
            maps: Shape (B, N, D, C), each unit's map.
            face: Shape (B, D, C), the map they are made from.

        Returns:
            Shape (B, N, N, C); entry (i, j) is what unit j finds in unit i.
        """
        batch, units, tokens, channels = maps.shape
        # All units ask the same face: their tokens are so many queries.
        asked = self.face.query(maps.reshape(batch, units * tokens, channels))
        read = self.face.weights(asked, self.face.key(face)) @ self.face.value(face)
        read = read.view(batch, units, tokens, channels)

        values = self.project(self.pair.value(read))
        # All tokens of all units ask those of all units: one product, softmaxed a unit at a time.
        read = read.flatten(1, 2)
        asks = self.pair.query(read) * self.pair.scale @ self.pair.key(read).transpose(1, 2)
        weights = asks.view(batch, units, tokens, units, tokens).softmax(-1)
        # Statistics and sums of squares want more digits than autocast leaves.
        with torch.autocast(maps.device.type, enabled=False):
            return self._normalised(weights.float(), values.float())

    def _normalised(self, weights: Tensor, values: Tensor) -> Tensor:
        """Average over tokens and normalise.

        Args:
            weights: Shape (B, N of j, D of j, N of i, D of i).
            values: Shape (B, N, D, C), the projected maps of units i.

        Returns:
            Shape (B, N of i, N of j, C).
        """
        means = weights.mean(2).transpose(1, 2) @ values
        assert self.norm.running_mean is not None and self.norm.running_var is not None
        mean, variance = self.norm.running_mean, self.norm.running_var
        if self.training:
            mean, variance = self._statistics(weights, values, means)
            self._remember(mean, variance, values[:, 0].numel())
        scale = self.norm.weight * (variance + self.norm.eps).rsqrt()
        shift = self.norm.bias - mean * scale
        shape = (1, self.units, self.units, 1)
        return means * scale.view(shape) + shift.view(shape)

    def _statistics(self, weights: Tensor, values: Tensor, means: Tensor) -> tuple[Tensor, Tensor]:
        """Give mean and variance (N^2,) of the pairs' maps over images, tokens and channels.

        Taken around the mean of what unit i offers, since a difference of large squares loses its digits.
        """
        around = values.detach().mean((0, 2, 3))
        offered = values - around[:, None, None]
        products = offered @ offered.transpose(-2, -1)  # (B, N, D, D)
        batch, units, tokens, channels = values.shape
        of_unit = weights.permute(0, 3, 1, 2, 4).reshape(batch, units, units * tokens, tokens)
        squares = (of_unit @ products * of_unit).sum(3).view(batch, units, units, tokens)
        squares = squares.sum(3).mean(0) / (tokens * channels)
        mean = means.mean((0, 3))
        variance = squares - (mean - around[:, None]).square()
        return mean.flatten(), F.relu(variance).flatten()

    @torch.no_grad()
    def _remember(self, mean: Tensor, variance: Tensor, count: int) -> None:
        norm = self.norm
        assert norm.running_mean is not None and norm.running_var is not None
        assert norm.num_batches_tracked is not None and norm.momentum is not None
        norm.num_batches_tracked += 1
        norm.running_mean.lerp_(mean, norm.momentum)
        norm.running_var.lerp_(variance * (count / max(count - 1, 1)), norm.momentum)
