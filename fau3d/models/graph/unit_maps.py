"""A map of its own for each action unit, in one product."""

from torch import Tensor, nn


def init_linear(layer: nn.Linear, fan: int) -> None:
    """Draw weights from a normal distribution of variance 2 / fan; the bias starts at 0."""
    nn.init.normal_(layer.weight, std=(2.0 / fan) ** 0.5)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


class RectifiedLinear(nn.Module):
    """Linear, batch norm over channels, ReLU, for each token.

    Args:
        inward: Channels of the tokens.
        outward: Channels of the result.
        fan: What the variance of the weights is the inverse of, doubled; `outward` if None.
    """

    def __init__(self, inward: int, outward: int, fan: int | None = None) -> None:
        super().__init__()
        self.linear = nn.Linear(inward, outward)
        self.norm = nn.BatchNorm1d(outward)
        init_linear(self.linear, fan or outward)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map (B, D, inward) to (B, D, outward); statistics are over images and tokens."""
        flat = self.norm(self.linear(tokens.flatten(0, 1)))
        return flat.relu_().view(*tokens.shape[:2], -1)


class UnitMaps(nn.Module):
    """A `RectifiedLinear` for each action unit, all in one product.

    Batch norm treats channels one by one, so N of them over C channels are one over N * C.

    Args:
        channels: C.
        units: N.
    """

    def __init__(self, channels: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.block = RectifiedLinear(channels, units * channels, fan=channels)

    def forward(self, tokens: Tensor) -> Tensor:
        """Map tokens (B, D, C) to units' maps (B, D, N, C)."""
        return self.block(tokens).unflatten(2, (self.units, -1))
