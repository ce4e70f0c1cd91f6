"""The head that lets action units look at each other before they answer."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from fau3d.facs import parse_au, split_side
from fau3d.models.graph import EdgeFeatures, GatedGraph, RectifiedLinear, SimilarityGraph, UnitMaps
from fau3d.models.heads.base import AUHead
from fau3d.models.losses.edge import JOINT_CLASSES
from fau3d.registry import MODELS

# Nearer to 0 and 1 a probability has no logit in float32; the published loss stops at this value too.
_LEAST = 1e-8


@MODELS.register_module()
class GraphAUHead(AUHead):
    """Answer each frame by the likeness of each unit's node with a learned vector.

    A map is made for each two-sided unit from the face's; its mean over tokens is the unit's node. In stage 1
    a graph joins each node with those most like it; in stage 2, trained after it, edges have features of
    their own. A unit's probability is the cosine between its node and a vector that is not negative;
    one-sided units have vectors of their own and share the node of their two-sided unit.

    Logits are those of the cosine, so that losses, calibration and predictions are what they are elsewhere.

    Args:
        in_channels: Channels of the backbone's map.
        au_set: See `AUHead`. A one-sided unit needs its two-sided one beside it.
        channels: C, width of the graph; published: a quarter of a ResNet's channels, a half of a Swin's.
        stage: 1 or 2.
        neighbours: K, of stage 1.
        rectify: Of stage 2, see `GatedGraph`.
        shared_nodes: Two-sided units whose one-sided ones use another unit's node. OpenGraphAU's released
            weights need `{"AU12": "AU11"}`; none for training.
        loss_relation: Config of a `UnitPairLoss`, for stage 2.
        intensity: These networks answer none; only False.
        kwargs: See `AUHead`.

    Raises:
        ValueError: If a unit has no node, or an option is out of range.

    Source:
        Luo et al., Learning Multi-dimensional Edge Feature-based AU Relation Graph, IJCAI 2022.
    """

    node_of: Tensor

    def __init__(
        self,
        in_channels: int,
        au_set: str | Sequence[str],
        channels: int = 512,
        stage: int = 1,
        neighbours: int = 4,
        rectify: str = "update",
        shared_nodes: Mapping[str, str] | None = None,
        loss_relation: dict[str, Any] | None = None,
        intensity: bool = False,
        **kwargs: Any,
    ) -> None:
        if intensity:
            raise ValueError("GraphAUHead answers occurrence only; set intensity=False")
        if stage not in (1, 2):
            raise ValueError(f"stage is {stage}; known: 1 (similar nodes), 2 (features of edges)")
        if loss_relation and stage == 1:
            raise ValueError("loss_relation asks the edges, which stage 1 does not have; set stage=2")
        super().__init__(au_set, intensity=False, **kwargs)
        self.stage = stage
        self.node_names, index = _nodes(self.au_names, dict(shared_nodes or {}))
        units = len(self.node_names)
        self.shared = RectifiedLinear(in_channels, channels)
        self.units = UnitMaps(channels, units)
        if stage == 1:
            self.graph: nn.Module = SimilarityGraph(channels, units, neighbours)
        else:
            self.edges = EdgeFeatures(channels, units)
            self.graph = GatedGraph(channels, units, rectify=rectify)
        self.vectors = nn.Parameter(nn.init.xavier_uniform_(torch.empty(self.num_aus, channels)))
        self.relation: nn.Linear | None = None
        self.loss_relation: nn.Module | None = None
        if loss_relation:
            self.relation = nn.Linear(channels, JOINT_CLASSES)
            self.loss_relation = MODELS.build(loss_relation)
        # Both follow from the config: which node answers a unit, and which units are nodes.
        self.register_buffer("node_of", torch.tensor(index), persistent=False)
        self._main = [self.au_names.index(name) for name in self.node_names]

    def forward(self, features: Tensor, num_frames: int) -> dict[str, Tensor]:
        """See `AUHead.forward`; with `loss_relation` also `relation`, (B, T, N, N, 4) logits."""
        batch, _, frames = features.shape[:3]
        if frames != num_frames:
            raise ValueError(
                f"the backbone gives {frames} maps for {num_frames} frames; GraphAUHead wants one for each: "
                "give it a backbone that reads images"
            )
        tokens = features.transpose(1, 2).flatten(0, 1).flatten(2).transpose(1, 2)
        nodes, edges = self.describe(tokens)
        answers = {"occurrence": self._logits(nodes).unflatten(0, (batch, frames))}
        if self.relation is not None and edges is not None:
            answers["relation"] = self.relation(edges).unflatten(0, (batch, frames))
        return answers

    def describe(self, tokens: Tensor) -> tuple[Tensor, Tensor | None]:
        """Give nodes (B, N, C), and in stage 2 edges (B, N, N, C), of tokens (B, D, in_channels)."""
        face = self.shared(tokens)
        maps = self.units(face)
        nodes = maps.mean(1)
        if self.stage == 1:
            return self.graph(nodes), None
        return self.graph(nodes, self.edges(maps.transpose(1, 2), face))

    def _logits(self, nodes: Tensor) -> Tensor:
        # One-sided units compare with the node of their two-sided one.
        nodes = F.normalize(nodes.float(), dim=-1)[:, self.node_of]
        cosine = (nodes * F.normalize(self.vectors.float().relu(), dim=-1)).sum(-1)
        return cosine.clamp_min(_LEAST).log() - (1 - cosine).clamp_min(_LEAST).log()

    def _losses(
        self, answers: dict[str, Tensor], occurrence: Tensor, intensity: Tensor, weight: Tensor | None
    ) -> dict[str, Tensor]:
        """See `AUHead`; with `loss_relation` also that of the pairs of two-sided units."""
        losses = super()._losses(answers, occurrence, intensity, weight)
        if self.loss_relation is not None:
            relation = self.loss_relation(answers["relation"], occurrence[..., self._main], weight)
            losses["loss_relation"] = relation
        return losses


def _nodes(au_names: Sequence[str], shared: dict[str, str]) -> tuple[tuple[str, ...], list[int]]:
    """Give the units that have a node, and the node of each unit."""
    shared = {parse_au(unit): parse_au(other) for unit, other in shared.items()}
    nodes = tuple(name for name in au_names if not split_side(name)[1])
    index = []
    for name in au_names:
        base, side = split_side(name)
        node = shared.get(base, base) if side else base
        if node not in nodes:
            raise ValueError(f"{name} needs the node of {node}, which the AU set has not; add {node} to it")
        index.append(nodes.index(node))
    return nodes, index
