"""MMAction2's STGCN on the contours of a face, with an answer for every frame."""

from collections.abc import Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor

from fau3d.models.backbones.point_norm import PointNorm
from fau3d.registry import MODELS
from fau3d.topology import get_topology


@MODELS.register_module()
class FaceSTGCN(BaseModule):
    """`mmaction.STGCN` as STGCN++, over the contour edges of a topology.

    The graph's edges are the topology's contours, which are not joined to one another: with
    `adaptive='init'` the graph is only where learning starts, and every point may come to reach every other.

    Args:
        topology: Name of the point set.
        base_channels: Channels of the first stage.
        num_stages: Stages.
        inflate_stages: Stages, from 1, at which the channels double.
        down_stages: Stages, from 1, at which the frame rate halves; STGCN has (5, 8), none keeps every frame.
        adaptive: `init`: the graph is learnt from the topology's; `importance`, `offset`: it is weighted, or
            added to; None: it stays.
        residual: Whether graph convolutions have a way around them.
        temporal: `mstcn`: six branches over time; `unit_tcn`: one convolution over nine frames.
        dropout: Share dropped after the convolutions over time, in [0, 1).
        by_region: Average the points of each region, so that the head can tell brows from lips; else the
            points remain.
        init_cfg: See mmengine's `BaseModule`.

    Attributes:
        feat_dim: Channels of the features.
        num_regions: R, rows of the features where points are averaged by region.

    Source:
        Duan et al., PYSKL: Towards Good Practices for Skeleton Action Recognition, ACM MM 2022; Yan et al.,
        Spatial Temporal Graph Convolutional Networks, AAAI 2018.
    """

    region_weights: Tensor

    def __init__(
        self,
        topology: str,
        base_channels: int = 64,
        num_stages: int = 10,
        inflate_stages: Sequence[int] = (5, 8),
        down_stages: Sequence[int] = (),
        adaptive: str | None = "init",
        residual: bool = True,
        temporal: str = "mstcn",
        dropout: float = 0.0,
        by_region: bool = False,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        points = get_topology(topology)
        layout = {
            "num_node": points.num_points,
            "inward": [tuple(edge) for edge in points.edges.tolist()],
            # Read by another mode of the graph only.
            "center": int(points.rigid[0]),
        }
        self.norm = PointNorm(points.num_points)
        self.layers = MODELS.build(
            {
                "type": "mmaction.STGCN",
                "graph_cfg": {"layout": layout, "mode": "spatial"},
                "in_channels": 3,
                "base_channels": base_channels,
                # Ours comes before it, and knows which points were not seen.
                "data_bn_type": "none",
                "num_stages": num_stages,
                "inflate_stages": list(inflate_stages),
                "down_stages": list(down_stages),
                "gcn_adaptive": adaptive,
                "gcn_with_res": residual,
                "tcn_type": temporal,
                "tcn_dropout": dropout,
            }
        )
        inflated = sum(2 <= stage <= num_stages for stage in inflate_stages)
        self.feat_dim = base_channels * 2**inflated
        self.num_regions = len(points.regions)
        self.by_region = by_region
        weights = torch.zeros(points.num_points, self.num_regions)
        for column, members in enumerate(points.regions.values()):
            weights[torch.as_tensor(members.copy()), column] = 1.0 / len(members)
        # Not part of the state dict: they follow from the config.
        self.register_buffer("region_weights", weights, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Compute features.

        Args:
            x: Shape (B, 3, T, V, 1), as `KeypointPreprocessor` gives it.

        Returns:
            Shape (B, feat_dim, T', V, 1), or (B, feat_dim, T', R, 1) by region.
        """
        # STGCN wants (B, M, T, V, C).
        features = self.layers(self.norm(x).permute(0, 2, 3, 1)[:, None])[:, 0]
        if self.by_region:
            features = features @ self.region_weights.to(features.dtype)
        return features[..., None]
