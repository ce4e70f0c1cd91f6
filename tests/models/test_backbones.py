"""Backbones of our own."""

import pytest
import torch

from fau3d.models.backbones import C3DFeatures


@pytest.mark.parametrize("stages", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("pool", [True, False])
def test_c3d_takes_any_volume(stages, pool):
    backbone = C3DFeatures(in_channels=7, num_stages=stages, temporal_pool=pool).eval()
    with torch.no_grad():
        features = backbone(torch.randn(1, 7, 16, 32, 32))
    halvings = max(0, stages - 2) if pool else 0
    side = 32 // 2 ** (stages - 1)
    assert features.shape == (1, backbone.feat_dim, 16 // 2**halvings, side, side)


def test_c3d_has_no_linear_layers_and_normalises():
    layers = list(C3DFeatures(in_channels=7).modules())
    assert not any(isinstance(layer, torch.nn.Linear) for layer in layers)
    assert sum(isinstance(layer, torch.nn.BatchNorm3d) for layer in layers) == 6


def test_c3d_has_five_stages():
    with pytest.raises(ValueError, match="num_stages is 6; wanted 1 to 5"):
        C3DFeatures(in_channels=7, num_stages=6)
