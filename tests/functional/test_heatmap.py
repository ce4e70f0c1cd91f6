"""Heatmap volumes: against MMAction2, and by their properties."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fau3d.functional.heatmap import gaussian_profiles, joint_volume, limb_volume

EDGES = torch.tensor([[0, 1], [1, 2], [2, 3], [4, 5], [0, 5]])
SIZE = (20, 24)


def clip(batch=1, persons=1, frames=3, points=6, dtype=torch.float32, spread=1.2, seed=0):
    """Random points in and around the map, and scores."""
    generator = torch.Generator().manual_seed(seed)
    unit = torch.rand((batch, persons, frames, points, 2), generator=generator, dtype=dtype) * spread
    keypoint = (unit - (spread - 1) / 2) * torch.tensor([SIZE[1], SIZE[0]], dtype=dtype)
    return keypoint, torch.rand((batch, persons, frames, points), generator=generator, dtype=dtype)


def reference(keypoint, score, sigma, limb):
    """MMAction2's volume for one sample: (C, T, H, W)."""
    pytest.importorskip("mmaction")
    from mmaction.datasets.transforms import GeneratePoseTarget

    transform = GeneratePoseTarget(
        sigma=sigma, use_score=True, with_kp=not limb, with_limb=limb, skeletons=EDGES.tolist()
    )
    results = {"keypoint": keypoint.numpy(), "keypoint_score": score.numpy(), "img_shape": SIZE}
    return transform.transform(results)["imgs"].transpose(1, 0, 2, 3)


def distance_to(keypoint, limb):
    """Distance from every pixel to the nearest person's point or segment: (C, T, H, W)."""
    points = keypoint.double().numpy()
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(float)
    items = EDGES.tolist() if limb else [(v, v) for v in range(points.shape[2])]
    out = np.full((len(items), points.shape[1], *SIZE), np.inf)
    for person, frames in enumerate(points):
        for t, frame in enumerate(frames):
            for c, (i, j) in enumerate(items):
                a, b = frame[i], frame[j]
                if ((b - a) ** 2).sum() < 1:
                    b = a
                along = (x - a[0]) * (b - a)[0] + (y - a[1]) * (b - a)[1]
                share = np.clip(along / max(((b - a) ** 2).sum(), 1e-12), 0, 1)
                gap = np.hypot(x - a[0] - share * (b - a)[0], y - a[1] - share * (b - a)[1])
                out[c, t] = np.minimum(out[c, t], gap)
        assert person >= 0
    return out


@pytest.mark.parametrize("limb", [False, True], ids=["joint", "limb"])
@pytest.mark.parametrize("sigma", [0.6, 1.5])
@pytest.mark.parametrize("persons", [1, 2])
def test_equals_mmaction_inside_three_sigmas(limb, sigma, persons):
    keypoint, score = clip(persons=persons, frames=8)
    keypoint[:, :, 0, 1] = keypoint[:, :, 0, 0] + 0.3  # a segment shorter than a pixel
    keypoint[:, :, 1, 2] = keypoint[:, :, 1, 1]  # and one without length
    score[:, :, 2] = 0
    wanted = reference(keypoint[0], score[0], sigma, limb)
    if limb:
        found = limb_volume(keypoint, score, EDGES, SIZE, sigma)[0].numpy()
    else:
        found = joint_volume(keypoint, score, SIZE, sigma)[0].numpy()
    # Where one person's Gaussian ends, another's may still be large: both take the maximum, so where the
    # nearest is inside, what the cut leaves out is below its value at three sigmas.
    inside = distance_to(keypoint[0], limb) <= 3 * sigma
    tolerance = 1e-3 if persons == 1 else np.exp(-4.5)
    np.testing.assert_allclose(found[inside], wanted[inside], atol=tolerance)
    assert np.abs(found - wanted).max() <= np.exp(-4.5)


@pytest.mark.parametrize("limb", [False, True], ids=["joint", "limb"])
def test_one_pixel_of_a_known_map(limb):
    keypoint = torch.tensor([[4.0, 5.0], [10.0, 5.0]], dtype=torch.float64).view(1, 1, 1, 2, 2)
    score = torch.tensor([0.5, 0.8], dtype=torch.float64).view(1, 1, 1, 2)
    if limb:
        volume = limb_volume(keypoint, score, torch.tensor([[0, 1]]), SIZE, 1.0)
        assert volume[0, 0, 0, 5, 7].item() == pytest.approx(0.5)  # on the segment; the smaller score
        assert volume[0, 0, 0, 6, 7].item() == pytest.approx(0.5 * np.exp(-0.5))  # one pixel below it
        assert volume[0, 0, 0, 5, 12].item() == pytest.approx(0.5 * np.exp(-2))  # two beyond its end
    else:
        volume = joint_volume(keypoint, score, SIZE, 1.0)
        assert volume[0, 1, 0, 5, 10].item() == pytest.approx(0.8)
        assert volume[0, 1, 0, 6, 12].item() == pytest.approx(0.8 * np.exp(-2.5))


def draw(kind, keypoint, score, **options):
    if kind == "limb":
        return limb_volume(keypoint, score, EDGES, SIZE, **options)
    return joint_volume(keypoint, score, SIZE, **options)


KINDS = pytest.mark.parametrize("kind", ["joint", "limb"])


@KINDS
@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf"), 1e6, -1e6, 3e38])
def test_missing_and_far_points_give_exact_zeros(kind, bad):
    keypoint, score = clip(batch=2)
    keypoint[1, 0, 1, :, 0] = bad
    volume = draw(kind, keypoint, score)
    assert torch.isfinite(volume).all()
    assert (volume[1, :, 1] == 0).all()
    assert (volume[0] > 0).any()


@KINDS
@pytest.mark.parametrize("bad", [0.0, float("nan")])
def test_unscored_points_give_exact_zeros(kind, bad):
    keypoint, score = clip()
    score[0, 0, 1] = bad
    volume = draw(kind, keypoint, score)
    assert (volume[0, :, 1] == 0).all()
    assert (volume[0, :, 0] > 0).any()


def test_an_edge_with_one_missing_end_is_not_drawn():
    keypoint, score = clip()
    score += 0.1
    keypoint[..., 1, :] = float("nan")
    volume = limb_volume(keypoint, score, EDGES, SIZE)
    assert (volume[:, :2] == 0).all()


@KINDS
@pytest.mark.parametrize("persons", ["merge", "fold"])
def test_memory_format_changes_the_layout_and_nothing_else(kind, persons):
    keypoint, score = clip(batch=2, persons=2)
    plain = draw(kind, keypoint, score, persons=persons)
    last = draw(kind, keypoint, score, persons=persons, channels_last_3d=True)
    assert plain.is_contiguous()
    assert last.is_contiguous(memory_format=torch.channels_last_3d)
    torch.testing.assert_close(plain, last, rtol=0, atol=1e-6)


@KINDS
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_close(kind, dtype):
    keypoint, score = clip()
    found = draw(kind, keypoint, score, dtype=dtype)
    assert found.dtype == dtype
    torch.testing.assert_close(found.float(), draw(kind, keypoint, score), rtol=0, atol=0.01)


@KINDS
def test_merging_is_the_maximum_of_folded_persons(kind):
    keypoint, score = clip(batch=2, persons=3)
    folded = draw(kind, keypoint, score, persons="fold")
    assert folded.shape[0] == 6
    merged = draw(kind, keypoint, score)
    torch.testing.assert_close(merged, folded.unflatten(0, (2, 3)).amax(1), rtol=0, atol=1e-6)


@KINDS
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_mirroring_points_mirrors_the_map(kind, seed):
    keypoint, score = clip(dtype=torch.float64, seed=seed)
    mirrored = keypoint.clone()
    mirrored[..., 0] = SIZE[1] - 1 - mirrored[..., 0]
    expected = draw(kind, keypoint, score).flip(-1)
    torch.testing.assert_close(draw(kind, mirrored, score), expected, rtol=0, atol=1e-9)


@KINDS
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), dx=st.integers(-3, 3), dy=st.integers(-3, 3))
def test_shifting_points_by_pixels_shifts_the_map(kind, seed, dx, dy):
    keypoint, score = clip(dtype=torch.float64, seed=seed)
    shift = torch.tensor([dx, dy], dtype=torch.float64)
    base = draw(kind, keypoint, score)[..., 3:-3, 3:-3]
    moved = draw(kind, keypoint + shift, score)
    rows, columns = slice(3 + dy, SIZE[0] - 3 + dy), slice(3 + dx, SIZE[1] - 3 + dx)
    torch.testing.assert_close(moved[..., rows, columns], base, rtol=0, atol=1e-9)


@KINDS
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_values_stay_between_zero_and_the_score(kind, seed):
    keypoint, score = clip(dtype=torch.float64, seed=seed)
    volume = draw(kind, keypoint, score)
    assert volume.min() >= 0
    peak = score[:, :, :, EDGES].amax(-1) if kind == "limb" else score
    assert (volume.amax((-1, -2)) <= peak[:, 0].transpose(1, 2) + 1e-12).all()


def test_reversing_an_edge_changes_nothing_when_segments_are_not_collapsed():
    keypoint, score = clip(dtype=torch.float64)
    there = limb_volume(keypoint, score, EDGES, SIZE, collapse=0.0)
    back = limb_volume(keypoint, score, EDGES.flip(1), SIZE, collapse=0.0)
    torch.testing.assert_close(there, back, rtol=0, atol=1e-9)


def test_pieces_give_the_same_limbs():
    keypoint, score = clip(batch=5)
    whole = limb_volume(keypoint, score, EDGES, SIZE)
    torch.testing.assert_close(limb_volume(keypoint, score, EDGES, SIZE, chunk=1), whole, rtol=0, atol=0)
    last = limb_volume(keypoint, score, EDGES, SIZE, chunk=1, channels_last_3d=True)
    assert last.is_contiguous(memory_format=torch.channels_last_3d)
    torch.testing.assert_close(last, whole, rtol=0, atol=1e-6)


def test_profiles_without_truncation_are_the_whole_gaussian():
    profile = gaussian_profiles(torch.tensor(2.0, dtype=torch.float64), 30, 1.0, truncate=None)
    np.testing.assert_allclose(profile, np.exp(-0.5 * (np.arange(30) - 2.0) ** 2))
    assert (gaussian_profiles(torch.tensor(2.0), 30, 1.0)[6:] == 0).all()


@pytest.mark.parametrize(
    ("shape", "score_shape", "message"),
    [
        ((1, 3, 6, 2), (1, 3, 6), r"wanted \(B, M, T, V, 2\)"),
        ((1, 1, 3, 6, 3), (1, 1, 3, 6), r"wanted \(B, M, T, V, 2\)"),
        ((1, 1, 3, 6, 2), (1, 1, 3, 5), "one for each keypoint"),
        ((1, 0, 3, 6, 2), (1, 0, 3, 6), "no person"),
    ],
)
def test_wrong_shapes_are_named(shape, score_shape, message):
    with pytest.raises(ValueError, match=message):
        joint_volume(torch.zeros(shape), torch.zeros(score_shape), SIZE)


def test_an_unknown_way_to_join_persons_is_an_error():
    with pytest.raises(ValueError, match="'merge', 'fold'"):
        joint_volume(*clip(), SIZE, persons="sum")


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("persons", ["merge", "fold"])
def test_drawing_in_given_memory(last, persons):
    keypoint, score = clip(batch=2, persons=2)
    wanted = joint_volume(keypoint, score, SIZE, persons=persons, channels_last_3d=last)
    memory = torch.full_like(wanted, 7.0)
    found = joint_volume(keypoint, score, SIZE, persons=persons, channels_last_3d=last, out=memory)
    assert found.data_ptr() == memory.data_ptr()
    torch.testing.assert_close(memory, wanted, rtol=0, atol=0)


@KINDS
def test_gradients_reach_the_keypoints(kind):
    keypoint, score = clip(frames=2, dtype=torch.float64)
    keypoint.requires_grad_()
    draw(kind, keypoint, score, sigma=1.0).square().sum().backward()
    assert torch.isfinite(keypoint.grad).all()
    assert keypoint.grad.abs().sum() > 0


@KINDS
@pytest.mark.parametrize("last", [False, True])
def test_can_be_traced_as_one_graph(kind, last):
    keypoint, score = clip(batch=2, persons=2)
    function = torch.compile(limb_volume if kind == "limb" else joint_volume, backend="eager", fullgraph=True)
    arguments = (keypoint, score, EDGES, SIZE) if kind == "limb" else (keypoint, score, SIZE)
    found = function(*arguments, channels_last_3d=last)
    torch.testing.assert_close(found, draw(kind, keypoint, score, channels_last_3d=last), rtol=0, atol=1e-6)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@KINDS
@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_the_gpu_draws_what_the_cpu_draws(kind, last, dtype):
    keypoint, score = clip(batch=3, persons=2)
    found = draw(kind, keypoint.cuda(), score.cuda(), dtype=dtype, channels_last_3d=last)
    assert found.is_contiguous(memory_format=torch.channels_last_3d if last else torch.contiguous_format)
    tolerance = 1e-5 if dtype == torch.float32 else 0.01
    torch.testing.assert_close(found.float().cpu(), draw(kind, keypoint, score), rtol=0, atol=tolerance)
