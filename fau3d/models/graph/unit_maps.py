"""A map of its own for each action unit, in one product."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


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
        flat = tokens.flatten(0, 1)
        if self.training or torch.is_grad_enabled():
            flat = self.norm(self.linear(flat)).relu_()
        else:
            flat = self._in_place(flat)
        return flat.view(*tokens.shape[:2], -1)

    def _in_place(self, flat: Tensor) -> Tensor:
        """Answer without a copy for the norm, which would cost a fifth of the time on a CPU."""
        norm = self.norm
        assert norm.running_mean is not None and norm.running_var is not None
        scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
        shift = (self.linear.bias - norm.running_mean) * scale + norm.bias
        product = F.linear(flat, self.linear.weight)
        return product.mul_(scale.to(product.dtype)).add_(shift.to(product.dtype)).relu_()


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
