"""Backbones of our own."""

import pytest
import torch

from fau3d.models.backbones import C3DFeatures, FaceSTGCN, KeypointTransformer
from fau3d.models.backbones.point_norm import PointNorm
from fau3d.models.backbones.point_whitening import PointWhitening
from fau3d.topology import get_topology


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


def volume(batch=2, frames=9, points=7, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.cat(
        [
            torch.randn((batch, 2, frames, points, 1), generator=generator),
            torch.ones(batch, 1, frames, points, 1),
        ],
        dim=1,
    )


def small_stgcn(**options):
    return FaceSTGCN("ibug68", **{"base_channels": 12, "num_stages": 3, "inflate_stages": (2,), **options})


def test_the_graph_is_the_topologys_contours():
    topology = get_topology("ibug68")
    backbone = small_stgcn()
    itself, inward, outward = backbone.layers.graph.A
    wanted = {tuple(edge) for edge in topology.edges.tolist()}
    # mmaction writes the edge from i to j at [j, i].
    assert {(int(i), int(j)) for j, i in zip(*inward.nonzero())} == wanted
    assert {(int(j), int(i)) for j, i in zip(*outward.nonzero())} == wanted
    assert (itself == torch.eye(68).numpy()).all()
    torch.testing.assert_close(
        backbone.layers.gcn[0].gcn.A.data, torch.tensor(backbone.layers.graph.A).float()
    )


@pytest.mark.parametrize("by_region", [False, True])
@pytest.mark.parametrize("down", [(), (2,)])
def test_stgcn_answers_every_frame_unless_asked_otherwise(by_region, down):
    backbone = small_stgcn(by_region=by_region, down_stages=down).eval()
    rows = backbone.num_regions if by_region else 68
    with torch.no_grad():
        features = backbone(volume(frames=8, points=68))
    assert features.shape == (2, backbone.feat_dim, 4 if down else 8, rows, 1)
    assert backbone.feat_dim == 24


def test_regions_are_the_means_of_their_points():
    points, regions = small_stgcn().eval(), small_stgcn(by_region=True).eval()
    regions.load_state_dict(points.state_dict())
    with torch.no_grad():
        each, mean = points(volume(points=68)), regions(volume(points=68))
    for row, members in enumerate(get_topology("ibug68").regions.values()):
        torch.testing.assert_close(mean[..., row, 0], each[..., members.copy(), 0].mean(-1))


@pytest.mark.parametrize("depth", [0, 2])
def test_the_transformer_keeps_every_frame_and_every_weight_learns(depth):
    backbone = KeypointTransformer(7, channels=12, depth=depth, heads=3, reach=4)
    features = backbone(volume())
    assert features.shape == (2, 12, 9, 1, 1)
    (features * torch.randn_like(features)).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in backbone.parameters())


def test_the_transformer_treats_each_clip_by_itself():
    backbone = KeypointTransformer(7, channels=12, heads=3).eval()
    clips = volume(batch=3)
    with torch.no_grad():
        together = backbone(clips)
        torch.testing.assert_close(backbone(clips.flip(0)), together.flip(0))
        torch.testing.assert_close(backbone(clips[1:2]), together[1:2])


def test_testing_computes_what_training_does():
    """torch's fast path for inference would answer NaN here."""
    backbone = KeypointTransformer(7, channels=12, heads=2, dropout=0.0).eval()
    with_gradient = backbone(volume())
    with torch.inference_mode():
        torch.testing.assert_close(backbone(volume()), with_gradient.detach())


def test_positions_are_relative_and_tell_before_from_after():
    backbone = KeypointTransformer(7, channels=12, depth=1, heads=3, reach=3, dropout=0.0).eval()
    bias = backbone._bias(torch.zeros(1, 9, 12))
    torch.testing.assert_close(bias[:, 1:, 1:], bias[:, :-1, :-1])
    torch.testing.assert_close(bias[:, 0, 3], bias[:, 0, 8])
    torch.testing.assert_close(bias[:, 4], bias[:, 4].flip(1))
    torch.nn.init.normal_(backbone.positions)
    clip = volume()
    with torch.no_grad():
        assert not torch.allclose(backbone(clip.flip(2)), backbone(clip).flip(2), atol=1e-3)
        backbone.positions.copy_(backbone.positions.flip(1))
        assert not torch.allclose(backbone(clip).flip(2), backbone(clip.flip(2)), atol=1e-3)


def test_a_clip_of_training_teaches_every_position():
    backbone = KeypointTransformer(7, channels=12, heads=3)
    (backbone(volume(frames=32)) * torch.randn(12, 1, 1, 1)).sum().backward()
    assert (backbone.positions.grad != 0).all()


def test_without_depth_each_frame_is_read_by_itself():
    backbone = KeypointTransformer(7, channels=12, depth=0, heads=3).eval()
    clip = volume()
    with torch.no_grad():
        torch.testing.assert_close(backbone(clip[:, :, 4:5]), backbone(clip)[:, :, 4:5])


def test_points_are_standardised_over_where_they_were_seen():
    norm = PointNorm(7)
    clip = volume(batch=64, frames=20)
    clip[:, :2] = clip[:, :2] * 0.3 + 2.0
    clip[:, 2, :, 3] = (torch.rand(64, 20, 1) > 0.5).float()
    clip[:, :2] *= clip[:, 2:] > 0
    out = norm(clip)
    seen = out[:, 2, :, 3] > 0
    for values in (out[:, 0, :, 1], out[:, 1, :, 3][seen]):
        assert values.mean().abs() < 0.01
        assert values.std() == pytest.approx(1.0, abs=0.01)
    assert (out[:, :2, :, 3].transpose(1, 2)[~seen] == 0).all()
    torch.testing.assert_close(norm.eval()(clip), out)


def test_a_point_never_seen_keeps_its_statistics():
    norm = PointNorm(7)
    clip = volume()
    clip[:, :, :, 2] = 0.0
    assert torch.isfinite(norm(clip)).all()
    assert (norm.mean[:, 2] == 0).all()
    assert (norm.variance[:, 2] == 1).all()


def correlated(frames=4000):
    """Points that all move together by much, and one of them also by itself, by little."""
    together, alone = torch.randn(2, frames)
    clip = torch.ones(1, 3, frames, 7, 1)
    clip[0, :2] = torch.arange(7.0)[:, None] + together[:, None, None]
    clip[0, 0, :, 3, 0] += 0.1 * alone
    return clip, alone


def test_whitening_shows_small_movements_as_large_ones():
    clip, alone = correlated()
    norm = PointWhitening(7, floor=1e-6)
    out = norm(clip)
    assert torch.corrcoef(torch.stack([out[0, 0, :, 3], alone]))[0, 1] > 0.9
    assert out[0, 0, :, 3].std() > 0.5
    torch.testing.assert_close(norm.eval()(clip), out)
    noise = PointWhitening(7, floor=1.0)(clip)
    assert noise[0, 0, :, 3].std() < 0.5


def test_whitening_of_any_data_has_a_unit_covariance():
    torch.manual_seed(0)
    clip = volume(batch=64, frames=20)
    out = PointWhitening(7, floor=1e-6)(clip)[:, :2].permute(0, 2, 1, 3).flatten(0, 1).flatten(1)
    torch.testing.assert_close(torch.cov(out.T), torch.eye(14), atol=0.01, rtol=0)


def test_whitening_leaves_frames_with_lost_points_out_of_its_statistics():
    clip, _ = correlated()
    lossy = clip.clone()
    lossy[:, :, ::2, 5] = 0.0
    norm = PointWhitening(7)
    out = norm(lossy)
    assert torch.isfinite(out).all()
    assert norm.mean[:7].tolist() == pytest.approx(range(7), abs=0.1)
    nothing = PointWhitening(7)
    nothing(torch.zeros(1, 3, 5, 7, 1))
    assert (nothing.whitening == torch.eye(14)).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: PointWhitening(7, floor=0.0), "floor is 0.0"),
        (lambda: KeypointTransformer(7, depth=-1), "depth is -1"),
        (lambda: KeypointTransformer(7, channels=10, heads=3), "10 channels cannot be shared among 3 heads"),
        (lambda: KeypointTransformer(8)(volume()), "the clip has 7 points, but the backbone reads 8"),
        (lambda: KeypointTransformer(7)(torch.zeros(2, 7, 9, 4, 4)), "give the recognizer a KeypointPrep"),
        (lambda: FaceSTGCN("face12"), "unknown topology 'face12'"),
    ],
)
def test_wrong_use_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()
