"""A graph whose edges have features of their own and decide what passes."""

from torch import Tensor, nn

from fau3d.models.graph.unit_maps import init_linear

RECTIFY = ("update", "sum")


class _GatedLayer(nn.Module):
    """One layer of `GatedGraph`."""

    def __init__(self, channels: int, units: int, rectify: str) -> None:
        super().__init__()
        self.rectify = rectify
        self.own, self.others, self.from_end, self.from_start, self.from_edge = (
            nn.Linear(channels, channels, bias=False) for _ in range(5)
        )
        for layer in (self.own, self.others, self.from_end, self.from_start, self.from_edge):
            init_linear(layer, channels)
        self.node_norm = nn.BatchNorm1d(units)
        self.edge_norm = nn.BatchNorm1d(units * units)

    def forward(self, nodes: Tensor, edges: Tensor) -> tuple[Tensor, Tensor]:
        """Update nodes (B, N, C) and edges (B, N, N, C)."""
        ends = self.from_end(nodes)[:, :, None] + self.from_start(nodes)[:, None]
        update = self.edge_norm((ends + self.from_edge(edges)).flatten(1, 2)).relu_()
        edges = edges + update.view_as(edges)
        gates = edges.sigmoid().softmax(2)
        gathered = (gates * self.others(nodes)[:, None]).sum(2) / nodes.shape[1]
        change = self.node_norm(self.own(nodes) + gathered)
        nodes = nodes + change.relu() if self.rectify == "update" else (nodes + change).relu()
        return nodes, edges


class GatedGraph(nn.Module):
    """Layers that update the features of nodes and of edges together.

    An edge's update sees its two nodes; a node takes from all others what the softmax over the sigmoids of
    its edges lets through, channel by channel.

    Args:
        channels: C.
        units: N.
        layers: How many.
        rectify: What the nodes' ReLU acts on: their `update` (as OpenGraphAU), or the `sum` of the node and
            its update (as ME-GraphAU).

    Raises:
        ValueError: If `rectify` is unknown.

    Source:
        Luo et al., Learning Multi-dimensional Edge Feature-based AU Relation Graph, IJCAI 2022, section 3.2,
        after Bresson and Laurent, Residual Gated Graph ConvNets, 2017.
    """

    def __init__(self, channels: int, units: int, layers: int = 2, rectify: str = "update") -> None:
        super().__init__()
        if rectify not in RECTIFY:
            raise ValueError(f"unknown rectify {rectify!r}; known: {', '.join(map(repr, RECTIFY))}")
        self.layers = nn.ModuleList(_GatedLayer(channels, units, rectify) for _ in range(layers))

    def forward(self, nodes: Tensor, edges: Tensor) -> tuple[Tensor, Tensor]:
        """Map nodes (B, N, C) and edges (B, N, N, C), first index the node that an edge ends in."""
        for layer in self.layers:
            nodes, edges = layer(nodes, edges)
        return nodes, edges
