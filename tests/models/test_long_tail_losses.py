"""What losses do for rare units and wrong labels: against hand figures and formulas written out in NumPy."""

import numpy as np
import pytest
import torch

from fau3d.models.losses import (
    MaskedAsymmetricLoss,
    MaskedBCELoss,
    MaskedFocalLoss,
    MaskedMSELoss,
    MaskedSmoothL1Loss,
    OccurrenceLoss,
    WeightedAsymmetricLoss,
)

OCCURRENCE = [MaskedAsymmetricLoss, MaskedBCELoss, MaskedFocalLoss, WeightedAsymmetricLoss]
POSITIVES, ANNOTATED = [10, 50, 1], [100, 100, 100]


def logits_and_target():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn((2, 5, 3), generator=generator) * 3
    target = torch.randint(-1, 2, (2, 5, 3), generator=generator, dtype=torch.int8)
    return logits, target


def asymmetric_in_numpy(logits, target, gamma_pos, gamma_neg, clip):
    """Equation 7 of Ridnik et al., one frame and unit after the other."""
    losses = []
    for x, y in zip(logits.numpy().ravel().astype(np.float64), target.numpy().ravel()):
        if y < 0:
            continue
        p = 1 / (1 + np.exp(-x))
        shifted = max(p - clip, 0)
        positive, negative = (1 - p) ** gamma_pos * np.log(p), shifted**gamma_neg * np.log(1 - shifted)
        losses.append(-y * positive - (1 - y) * negative)
    return np.mean(losses)


@pytest.mark.parametrize("numbers", [(0.0, 4.0, 0.05), (1.0, 4.0, 0.05), (0.0, 0.0, 0.0), (0.5, 2.0, 0.2)])
@pytest.mark.parametrize("detach", [False, True])
def test_the_asymmetric_loss_equals_its_formula(numbers, detach):
    logits, target = logits_and_target()
    loss = MaskedAsymmetricLoss(3, *numbers, detach_focus=detach)
    assert loss(logits, target).item() == pytest.approx(
        asymmetric_in_numpy(logits, target, *numbers), rel=1e-5
    )


def test_the_asymmetric_loss_at_figures_worked_out_by_hand():
    # p = 1/2: a positive loses log 2; a negative 0.45^4 * -log(0.55) = 0.041006 * 0.597837.
    logits = torch.zeros(1, 1, 1)
    loss = MaskedAsymmetricLoss(1)
    assert loss(logits, torch.ones(1, 1, 1)).item() == pytest.approx(np.log(2))
    assert loss(logits, torch.zeros(1, 1, 1)).item() == pytest.approx(0.0245150, rel=1e-4)
    # A negative believed less than the clip, p = 0.0474, is left alone.
    easy = torch.full((1, 1, 1), -3.0, requires_grad=True)
    value = loss(easy, torch.zeros(1, 1, 1))
    value.backward()
    assert value.item() == 0 and easy.grad.item() == 0


def test_the_asymmetric_loss_without_asymmetry_is_the_focal_loss():
    logits, target = logits_and_target()
    torch.testing.assert_close(
        MaskedAsymmetricLoss(3, 2.0, 2.0, clip=0.0)(logits, target), MaskedFocalLoss(3, 2.0)(logits, target)
    )


@pytest.mark.parametrize("gammas", [(0.0, 4.0), (0.5, 0.5)])
@pytest.mark.parametrize("clip", [0.0, 0.05])
def test_the_asymmetric_loss_is_finite_at_the_ends(gammas, clip):
    logits = torch.tensor([-200.0, 200.0]).repeat(2).view(1, 4, 1).requires_grad_()
    value = MaskedAsymmetricLoss(1, *gammas, clip=clip)(logits, torch.tensor([0, 0, 1, 1]).view(1, 4, 1))
    value.backward()
    assert torch.isfinite(value) and torch.isfinite(logits.grad).all()


def test_effective_numbers_worked_out_by_hand():
    # beta = 0.5: E(1) = 1, E(2) = 1.5, E(3) = 1.75; inverses 1, 2/3, 4/7, whose mean is 47/63.
    loss = MaskedBCELoss(3, class_weight="effective_number", beta=0.5)
    loss.set_class_weights([1, 2, 3], [100, 100, 100])
    np.testing.assert_allclose(loss.class_weights, np.array([63, 42, 36]) / 47, rtol=1e-6)


@pytest.mark.parametrize("beta", [0.9, 0.9999, 1 - 1e-9])
def test_effective_numbers_equal_their_formula_and_lie_between_even_and_inverse_weights(beta):
    positives = np.array([20, 3000, 150])
    loss = MaskedBCELoss(3, class_weight="effective_number", beta=beta, max_weight=100)
    loss.set_class_weights(positives, [10000] * 3)
    inverse = [1 / sum(beta**power for power in range(n)) for n in positives]
    np.testing.assert_allclose(loss.class_weights, inverse / np.mean(inverse), rtol=1e-4)
    even = MaskedBCELoss(3, class_weight="effective_number", beta=0.0)
    even.set_class_weights(positives, [10000] * 3)
    np.testing.assert_allclose(even.class_weights, 1.0)
    rates = MaskedBCELoss(3, class_weight="inverse_rate", max_weight=100)
    rates.set_class_weights(positives, [10000] * 3)
    assert 1 < loss.class_weights[0] <= rates.class_weights[0] * (1 + 1e-4)


@pytest.mark.parametrize("kind", ["inverse_rate", "effective_number"])
def test_units_never_shown_or_never_annotated_get_finite_weights(kind):
    loss = MaskedBCELoss(3, class_weight=kind, logit_adjustment=1.0)
    loss.set_class_weights([10, 0, 0], [100, 100, 0])
    assert torch.isfinite(loss.class_weights).all() and loss.class_weights.max() <= 10
    assert loss.class_weights[2] == 1
    assert loss.prior_logits.tolist() == pytest.approx([np.log(10 / 90), np.log(1 / 100), 0])


@pytest.mark.parametrize("tau", [0.5, 1.0])
@pytest.mark.parametrize("kind", OCCURRENCE)
def test_logit_adjustment_adds_the_odds_of_training_to_the_logits(kind, tau):
    logits, target = logits_and_target()
    adjusted, plain = (kind(3, class_weight="none", logit_adjustment=t) for t in (tau, 0.0))
    adjusted.set_class_weights(POSITIVES, ANNOTATED)
    shift = tau * torch.tensor([np.log(10 / 90), 0.0, np.log(1 / 99)], dtype=torch.float32)
    torch.testing.assert_close(adjusted(logits, target), plain(logits + shift, target))


def test_with_logit_adjustment_a_constant_answer_is_even_whatever_the_rate():
    # The best constant logit of plain cross-entropy is log(0.1 / 0.9); adjusted, it is 0.
    loss = MaskedBCELoss(1, logit_adjustment=1.0)
    loss.set_class_weights([10], [100])
    logit = torch.zeros(1, requires_grad=True)
    loss(logit.expand(1, 10, 1), (torch.arange(10) == 0).view(1, 10, 1).to(torch.int8)).backward()
    assert logit.grad.item() == pytest.approx(0, abs=1e-7)


def test_priors_stay_out_of_checkpoints():
    assert "prior_logits" not in MaskedBCELoss(3, logit_adjustment=1.0).state_dict()


def test_smoothed_labels_worked_out_in_numpy():
    logits, target = logits_and_target()
    x, y = logits.double().numpy(), target.numpy()
    p, soft = 1 / (1 + np.exp(-x)), np.where(y > 0, 0.9, 0.1)
    wanted = -(soft * np.log(p) + (1 - soft) * np.log(1 - p))[y >= 0].mean()
    assert MaskedBCELoss(3, label_smoothing=0.2)(logits, target).item() == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("kind", OCCURRENCE)
def test_smoothing_leaves_masked_labels_masked(kind):
    logits, target = logits_and_target()
    logits.requires_grad_()
    smooth, plain = kind(3, label_smoothing=0.1), kind(3)
    smooth(logits, target).backward()
    assert (logits.grad[target < 0] == 0).all()
    mixed = torch.where(target < 0, target, 1 - target)
    wanted = 0.95 * plain(logits, target) + 0.05 * plain(logits, mixed)
    torch.testing.assert_close(smooth(logits, target), wanted)


@pytest.mark.parametrize("kind", OCCURRENCE)
def test_a_frame_of_weight_0_is_one_that_nobody_annotated(kind):
    logits, target = logits_and_target()
    weight = torch.ones(2, 5)
    weight[0, :3] = 0
    masked = target.masked_fill(weight[..., None] == 0, -1)
    torch.testing.assert_close(kind(3)(logits, target, weight), kind(3)(logits, masked))
    torch.testing.assert_close(kind(3)(logits, target, torch.ones(2, 5)), kind(3)(logits, target))


def test_frames_count_by_their_weights():
    # Frames whose losses are 1 and 9, weights 1 and 1/3: (1 + 3) / (4 / 3).
    prediction, target = torch.tensor([[[1.0], [3.0]]]), torch.zeros(1, 2, 1)
    weight = torch.tensor([[1.0, 1 / 3]])
    assert MaskedMSELoss()(prediction, target, weight).item() == pytest.approx(3.0)
    target[0, 0] = torch.nan  # what is masked stays masked; below a whole frame, weights scale the loss
    assert MaskedMSELoss()(prediction, target, weight).item() == pytest.approx(3.0)
    assert torch.isfinite(MaskedSmoothL1Loss()(prediction, target, weight))


class _Count(OccurrenceLoss):
    def element(self, logits, target):
        return torch.ones_like(logits)


def test_class_weights_multiply_the_loss_of_a_unit():
    loss = _Count(2, class_weight="inverse_rate")
    loss.set_class_weights([25, 50], [100, 100])  # 4 and 2, of mean 3
    assert loss.class_weights.tolist() == pytest.approx([4 / 3, 2 / 3])
    only_first = torch.tensor([[[1, -1]]])
    assert loss(torch.zeros(1, 1, 2), only_first).item() == pytest.approx(4 / 3)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (MaskedBCELoss, {"class_weight": "rare"}, "unknown class_weight 'rare'; known: .*effective_number"),
        (MaskedBCELoss, {"beta": 1.0}, "beta is 1.0"),
        (MaskedBCELoss, {"label_smoothing": -0.1}, "label_smoothing is -0.1"),
        (MaskedBCELoss, {"logit_adjustment": -1.0}, "logit_adjustment is -1.0"),
        (MaskedAsymmetricLoss, {"clip": 1.0}, "clip is 1.0"),
        (MaskedAsymmetricLoss, {"gamma_neg": -1.0}, "gamma_neg -1.0"),
    ],
)
def test_numbers_out_of_range_are_named(kind, options, message):
    with pytest.raises(ValueError, match=message):
        kind(3, **options)
