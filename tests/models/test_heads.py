"""Heads: shapes, targets, masks, thresholds."""

import pytest
import torch
from torch import nn

from fau3d.facs import get_au_set
from fau3d.models.heads import ClipAUHead, DenseAUHead

FRAMES = 6


def dense(**options):
    return DenseAUHead(**{"in_channels": 8, "au_set": "affwild2", **options})


def clip(**options):
    return ClipAUHead(**{"in_channels": 8, "au_set": "affwild2", **options})


HEADS = pytest.mark.parametrize("make_head", [dense, clip], ids=["dense", "clip"])


@HEADS
@pytest.mark.parametrize("intensity", [True, False])
@pytest.mark.parametrize("strided", [1, 2, 6])
def test_every_frame_gets_an_answer(make_head, intensity, strided):
    head = make_head(intensity=intensity)
    answers = head(torch.randn(2, 8, FRAMES // strided, 3, 3), FRAMES)
    assert set(answers) == ({"occurrence", "intensity"} if intensity else {"occurrence"})
    assert all(answer.shape == (2, FRAMES, 12) for answer in answers.values())


@pytest.mark.parametrize("options", [{"grid": (3, 2)}, {"hidden_channels": 16, "temporal_kernel": 5}])
def test_dense_options_keep_the_shape(options):
    assert dense(**options)(torch.randn(2, 8, 3, 6, 6), FRAMES)["occurrence"].shape == (2, FRAMES, 12)


def test_the_clips_reference_starts_without_effect_and_then_tells_a_departure():
    torch.manual_seed(0)
    features = torch.randn(1, 8, FRAMES, 2, 2)
    plain = dense(hidden_channels=16).eval()
    head = dense(hidden_channels=16, clip_reference=True).eval()
    head.init_weights()
    head.load_state_dict(plain.state_dict(), strict=False)
    torch.testing.assert_close(head(features, FRAMES)["occurrence"], plain(features, FRAMES)["occurrence"])
    torch.nn.init.ones_(head.departure.weight)
    constant = features[:, :, :1].expand(-1, -1, FRAMES, -1, -1)
    assert not torch.allclose(head(features, FRAMES)["occurrence"], plain(features, FRAMES)["occurrence"])
    torch.testing.assert_close(head(constant, FRAMES)["occurrence"], plain(constant, FRAMES)["occurrence"])
    with pytest.raises(ValueError, match="hidden_channels"):
        dense(clip_reference=True)


def test_a_grid_tells_places_apart_and_an_average_does_not():
    features = torch.zeros(1, 8, 2, 4, 4)
    features[..., 0, 0] = 1.0
    moved = features.flip((3, 4))
    for grid, same in (((1, 1), True), ((2, 2), False)):
        head = dense(grid=grid).eval()
        answers = [head(volume, 2)["occurrence"] for volume in (features, moved)]
        assert torch.allclose(*answers) == same


def test_upsampling_is_linear_in_time():
    head = dense(intensity=False).eval()
    nn.init.constant_(head.occurrence.weight, 1.0)
    nn.init.zeros_(head.occurrence.bias)
    features = torch.arange(4.0).view(1, 1, 4, 1, 1).expand(1, 8, 4, 1, 1)
    answer = head(features, 8)["occurrence"][0, :, 0] / 8
    torch.testing.assert_close(answer[1:-1], torch.arange(0.25, 3.0, 0.5))


@HEADS
def test_predictions_are_in_range_and_keep_the_sample(make_head, make_sample):
    samples = [make_sample(seed=3), make_sample(seed=4)]
    head = make_head().eval()
    for layer in (head.occurrence, head.strength):
        nn.init.normal_(layer.weight, std=10.0)
    filled = head.predict(torch.randn(2, 8, FRAMES, 3, 3), FRAMES, samples)
    assert [s.frame_dir for s in filled] == ["clip_3", "clip_4"]
    for sample in filled:
        assert sample.pred_occurrence.shape == sample.pred_intensity.shape == (FRAMES, 12)
        assert 0 <= sample.pred_occurrence.min() <= sample.pred_occurrence.max() <= 1
        assert 0 <= sample.pred_intensity.min() <= sample.pred_intensity.max() <= 5


def test_predicting_needs_no_samples():
    filled = dense().eval().predict(torch.randn(3, 8, FRAMES, 2, 2), FRAMES)
    assert len(filled) == 3
    assert filled[0].pred_occurrence.dtype == torch.float32


@HEADS
def test_calibration_acts_on_predictions_only(make_head, make_sample):
    torch.manual_seed(0)
    features, samples = torch.randn(1, 8, FRAMES, 2, 2), [make_sample(seed=3)]
    head = make_head().eval()
    plain = head.predict(features, FRAMES)[0].pred_occurrence
    loss = head.loss(features, FRAMES, samples)["loss_occurrence"]
    head.set_calibration(torch.full((12,), 2.0), torch.full((12,), -1.0))
    torch.testing.assert_close(
        head.predict(features, FRAMES)[0].pred_occurrence, (2 * plain.logit() - 1).sigmoid()
    )
    assert head.loss(features, FRAMES, samples)["loss_occurrence"] == loss
    # Weights from before there was calibration load strictly, and answer as they did.
    old = {key: value for key, value in head.state_dict().items() if "logit_" not in key}
    head.load_state_dict(old, strict=True)
    assert torch.equal(head.predict(features, FRAMES)[0].pred_occurrence, plain)


def test_padding_and_absent_labels_are_not_annotated(make_sample):
    padded = make_sample(frame_inds=torch.tensor([0, 1, 2, 3, -1, -1]).numpy())
    padded.gt_occurrence = torch.ones_like(padded.gt_occurrence)
    plain = make_sample(seed=1, intensity=False)
    occurrence, intensity = dense().targets([padded, plain], torch.device("cpu"))
    assert (occurrence[0, :4] == 1).all()
    assert (occurrence[0, 4:] == -1).all()
    assert intensity[0, 4:].isnan().all()
    assert intensity[1].isnan().all()


@HEADS
def test_a_batch_without_labels_costs_nothing_and_reaches_every_weight(make_head, make_sample):
    sample = make_sample()
    sample.gt_occurrence = torch.full((FRAMES, 12), -1, dtype=torch.int8)
    sample.gt_intensity = torch.full((FRAMES, 12), float("nan"))
    head = make_head()
    losses = head.loss(torch.randn(1, 8, FRAMES, 2, 2), FRAMES, [sample])
    sum(losses.values()).backward()
    assert all(loss.item() == 0 for loss in losses.values())
    for name, parameter in head.named_parameters():
        assert parameter.grad is not None, name
        assert (parameter.grad == 0).all(), name


def clip_targets(head, columns):
    """Targets of one clip whose first unit has these labels over time."""
    from fau3d.structures import AUDataSample

    occurrence = torch.full((len(columns), 12), -1, dtype=torch.int8)
    occurrence[:, 0] = torch.tensor(columns, dtype=torch.int8)
    intensity = torch.full((len(columns), 12), float("nan"))
    known = torch.tensor(columns) >= 0
    intensity[known, 0] = torch.tensor(columns, dtype=torch.float32)[known] * 4
    sample = AUDataSample(gt_occurrence=occurrence, gt_intensity=intensity)
    present, strength = head.targets([sample], torch.device("cpu"))
    assert present.shape == strength.shape == (1, 1, 12)
    assert (present[0, 0, 1:] == -1).all()
    assert strength[0, 0, 1:].isnan().all()
    return present[0, 0, 0].item(), strength[0, 0, 0].item()


@pytest.mark.parametrize(
    ("columns", "majority", "largest"),
    [
        ([1, 1, 0, 0, 1, 1], (0, 0.0), (0, 0.0)),  # only the two in the middle count
        ([0, 0, 1, 0, 0, 0], (1, 2.0), (1, 4.0)),  # half of them is a majority
        ([0, 0, -1, 1, 0, 0], (1, 4.0), (1, 4.0)),
    ],
)
def test_the_clip_label_comes_from_the_middle(columns, majority, largest):
    assert clip_targets(clip(clip_label="majority"), columns) == majority
    assert clip_targets(clip(clip_label="max"), columns) == largest


def test_an_unannotated_middle_leaves_the_clip_unannotated():
    for label in ("majority", "max"):
        present, strength = clip_targets(clip(clip_label=label), [1, 1, -1, -1, 1, 1])
        assert present == -1
        assert strength != strength


def test_thresholds_are_half_and_travel_in_the_state_dict():
    head = dense()
    assert head.au_names == get_au_set("affwild2")
    assert (head.thresholds == 0.5).all()
    head.thresholds.copy_(torch.linspace(0.1, 0.9, 12))
    other = dense()
    other.load_state_dict(head.state_dict())
    torch.testing.assert_close(other.thresholds, head.thresholds)


def test_labels_for_other_units_are_an_error(make_sample):
    with pytest.raises(ValueError, match=r"clip_0: gt_occurrence has 5 action units, the head has 12"):
        dense().targets([make_sample(aus=5)], torch.device("cpu"))


@HEADS
def test_teachers_answers_are_learnt_but_not_on_padding(make_head, make_sample):
    inds = torch.tensor([0, 1, 2, 3, -1, -1]).numpy()
    sample, plain = make_sample(frame_inds=inds), make_sample(frame_inds=inds)
    sample.teacher_occurrence = torch.full((FRAMES, 12), 0.5)
    sample.teacher_intensity = torch.full((FRAMES, 12), torch.nan)
    torch.manual_seed(0)
    head = make_head(loss_teacher={"type": "TeacherLoss"}).eval()
    features = torch.randn(1, 8, FRAMES, 2, 2)
    losses = head.loss(features, FRAMES, [sample])
    assert losses["loss_teacher_occurrence"] > 0
    assert losses["loss_teacher_intensity"] == 0
    sample.teacher_occurrence[4:] = 1.0
    torch.testing.assert_close(head.loss(features, FRAMES, [sample]), losses)
    assert not [key for key in head.state_dict() if "teacher" in key]
    with pytest.raises(ValueError, match=r"clip_0: has no teacher_occurrence.*TeacherHook"):
        head.loss(features, FRAMES, [plain])
    assert len(head.predict(features, FRAMES, [plain])) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: dense(temporal_kernel=4), "odd number"),
        (lambda: clip(clip_label="mean"), "unknown clip_label"),
        (lambda: clip(centre=0.0), "share in"),
        (lambda: dense()(torch.randn(1, 9, 2, 1, 1), 2), "gives 9 channels, the head was built for 8"),
    ],
)
def test_wrong_options_are_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@HEADS
def test_frame_weights_reach_both_losses_unless_they_are_not_to_count(make_head, make_sample):
    torch.manual_seed(0)
    features = torch.randn(2, 8, FRAMES, 2, 2)
    samples = [make_sample(seed=3), make_sample(seed=4)]
    head = make_head().eval()
    nn.init.normal_(head.occurrence.weight)  # answers that differ from frame to frame
    plain = head.loss(features, FRAMES, samples)
    samples[1].set_data({"frame_weight": torch.zeros(FRAMES)})
    weighted, first = head.loss(features, FRAMES, samples), head.loss(features[:1], FRAMES, samples[:1])
    for name in ("loss_occurrence", "loss_intensity"):
        torch.testing.assert_close(weighted[name], first[name])
        assert weighted[name] != plain[name]
    head.frame_weights = False
    for name, loss in head.loss(features, FRAMES, samples).items():
        assert loss == plain[name]
