"""A graph that joins each action unit with those that look most like it in this image."""

from torch import Tensor, nn

from fau3d.models.graph.unit_maps import init_linear


class SimilarityGraph(nn.Module):
    """One layer over the nearest neighbours by dot product: relu(x + norm(A V(x) + U(x))).

    The adjacency A holds the K most similar nodes of each node (itself among the candidates, more where some
    are as similar as the last), its rows and columns divided by the square roots of the rows' degrees. No
    gradient flows through the choice.

    Args:
        channels: C.
        units: N.
        neighbours: K, at most N.

    Raises:
        ValueError: If there are fewer nodes than neighbours.

    Source:
        Luo et al., Learning Multi-dimensional Edge Feature-based AU Relation Graph, IJCAI 2022, section 3.1.
    """

    def __init__(self, channels: int, units: int, neighbours: int = 4) -> None:
        super().__init__()
        if not 1 <= neighbours <= units:
            raise ValueError(f"neighbours is {neighbours}; wanted 1 to {units}, the number of units")
        self.neighbours = neighbours
        self.own = nn.Linear(channels, channels)
        self.others = nn.Linear(channels, channels)
        self.norm = nn.BatchNorm1d(units)
        for layer in (self.own, self.others):
            init_linear(layer, channels)

    def forward(self, nodes: Tensor) -> Tensor:
        """Map nodes (B, N, C) to nodes (B, N, C)."""
        joined = self.adjacency(nodes.detach()).to(nodes.dtype)
        return (nodes + self.norm(joined @ self.others(nodes) + self.own(nodes))).relu()

    def adjacency(self, nodes: Tensor) -> Tensor:
        """Give the normalised adjacency (B, N, N) of nodes (B, N, C), float32."""
        nodes = nodes.float()
        likeness = nodes @ nodes.transpose(1, 2)
        least = likeness.topk(self.neighbours, dim=-1).values[..., -1:]
        joined = (likeness >= least).float()
        scale = joined.sum(-1).rsqrt()
        return scale[..., :, None] * joined * scale[..., None, :]
