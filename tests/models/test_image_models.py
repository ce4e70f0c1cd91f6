"""The compact network for face crops and the preprocessor of images."""

import pytest
import torch

from fau3d.models import CompactFaceCNN, ImagePreprocessor


def batch(channels=1):
    return {"inputs": {"image": torch.randint(256, (2, 3, 8, 6, channels), dtype=torch.uint8)}}


def test_channels_come_first_and_are_standardised():
    data = batch(3)
    out = ImagePreprocessor(mean=(1, 2, 3), std=(2, 2, 4))(data)
    assert out["inputs"].shape == (2, 3, 3, 8, 6) and out["data_samples"] is None
    wanted = (data["inputs"]["image"][1, 2, 4, 5].float() - torch.tensor([1, 2, 3.0])) / torch.tensor(
        [2, 2, 4.0]
    )
    torch.testing.assert_close(out["inputs"][1, :, 2, 4, 5], wanted)


def test_what_does_not_fit_is_told():
    with pytest.raises(ValueError, match="images have 1 channels, but there are 3 means"):
        ImagePreprocessor(mean=(1, 2, 3), std=(1, 1, 1))(batch())
    with pytest.raises(ValueError, match="std above 0"):
        ImagePreprocessor(std=0)
    with pytest.raises(ValueError, match="wanted a dict with 'image'"):
        ImagePreprocessor()({"inputs": {"keypoint": torch.zeros(1)}})


@pytest.mark.parametrize("size", [(64, 64), (57, 61)])
def test_each_frame_is_read_by_itself(size):
    net = CompactFaceCNN(channels=(4, 8), blocks=(1, 2)).eval()
    clip = torch.randn(2, 1, 3, *size)
    features = net(clip)
    assert features.shape[:3] == (2, net.feat_dim, 3)
    torch.testing.assert_close(features[:, :, 1:2], net(clip[:, :, 1:2]))


def test_it_is_compact_and_leaves_a_map_of_four_by_four():
    net = CompactFaceCNN()
    assert sum(parameter.numel() for parameter in net.parameters()) < 1_300_000
    assert net.eval()(torch.zeros(1, 1, 1, 64, 64)).shape == (1, 192, 1, 4, 4)
    with pytest.raises(ValueError, match="wanted one of each a stage"):
        CompactFaceCNN(channels=(4, 8), blocks=(1,))
