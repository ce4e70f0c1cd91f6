"""Losses: against formulas and other libraries, with masks, weights, and nothing annotated."""

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from fau3d.models.losses import (
    MaskedAsymmetricLoss,
    MaskedBCELoss,
    MaskedFocalLoss,
    MaskedMSELoss,
    MaskedSmoothL1Loss,
    TeacherLoss,
    WeightedAsymmetricLoss,
)

OCCURRENCE = [MaskedAsymmetricLoss, MaskedBCELoss, MaskedFocalLoss, WeightedAsymmetricLoss]
INTENSITY = [MaskedMSELoss, MaskedSmoothL1Loss]
POSITIVES, ANNOTATED = [10, 50, 1], [100, 100, 100]


def logits_and_target():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn((2, 5, 3), generator=generator) * 3
    target = torch.randint(-1, 2, (2, 5, 3), generator=generator, dtype=torch.int8)
    return logits, target


def known_values(logits, target):
    mask = target >= 0
    return logits[mask], target[mask].float()


def test_bce_equals_torch_on_what_is_annotated():
    logits, target = logits_and_target()
    wanted = F.binary_cross_entropy_with_logits(*known_values(logits, target))
    torch.testing.assert_close(MaskedBCELoss(3)(logits, target), wanted)


def test_focal_without_focus_is_bce_and_equals_its_formula_with():
    logits, target = logits_and_target()
    torch.testing.assert_close(
        MaskedFocalLoss(3, gamma=0.0)(logits, target), MaskedBCELoss(3)(logits, target)
    )
    x, y = known_values(logits, target)
    p = torch.sigmoid(x)
    p_t, alpha_t = p * y + (1 - p) * (1 - y), 0.25 * y + 0.75 * (1 - y)
    wanted = (-alpha_t * (1 - p_t) ** 2 * p_t.log()).mean()
    torch.testing.assert_close(MaskedFocalLoss(3, gamma=2.0, alpha=0.25)(logits, target), wanted)


@pytest.mark.parametrize("detach", [False, True])
def test_asymmetric_equals_its_formula(detach):
    logits, target = logits_and_target()
    x, y = known_values(logits, target)
    p = torch.sigmoid(x)
    wanted = -(y * p.log() + (1 - y) * p * (1 - p).log()).mean()
    loss = WeightedAsymmetricLoss(3, class_weight="none", detach_focus=detach)
    torch.testing.assert_close(loss(logits, target), wanted)


def test_intensity_losses_equal_torch_on_what_is_annotated():
    generator = torch.Generator().manual_seed(0)
    prediction = torch.randn((2, 5, 3), generator=generator) * 3
    target = torch.rand((2, 5, 3), generator=generator) * 5
    target[0] = float("nan")
    torch.testing.assert_close(MaskedMSELoss()(prediction, target), F.mse_loss(prediction[1], target[1]))
    wanted = F.smooth_l1_loss(prediction[1], target[1], beta=0.5)
    torch.testing.assert_close(MaskedSmoothL1Loss(beta=0.5)(prediction, target), wanted)


@pytest.mark.parametrize("loss", OCCURRENCE)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_nothing_annotated_is_zero_with_a_gradient_of_zeros(loss, dtype):
    logits = (torch.randn(2, 5, 3) * 50).to(dtype).requires_grad_()
    value = loss(3)(logits, torch.full((2, 5, 3), -1, dtype=torch.int8))
    value.backward()
    assert value.item() == 0
    assert logits.grad is not None
    assert (logits.grad == 0).all()


@pytest.mark.parametrize("loss", INTENSITY)
def test_no_intensity_annotated_is_zero_with_a_gradient_of_zeros(loss):
    prediction = torch.randn(2, 5, 3).requires_grad_()
    value = loss()(prediction, torch.full((2, 5, 3), float("nan")))
    value.backward()
    assert value.item() == 0
    assert (prediction.grad == 0).all()


@pytest.mark.parametrize("loss", OCCURRENCE)
def test_extreme_logits_stay_finite(loss):
    logits = torch.tensor([[[-200.0, 200.0, 200.0]]]).requires_grad_()
    value = loss(3)(logits, torch.tensor([[[1, 0, 1]]], dtype=torch.int8))
    value.backward()
    assert torch.isfinite(value)
    assert torch.isfinite(logits.grad).all()


def test_inverse_rates_have_mean_one_and_favour_the_rare():
    loss = MaskedBCELoss(3, class_weight="inverse_rate", max_weight=100.0)
    loss.set_class_weights(POSITIVES, ANNOTATED)
    rates = np.array([0.1, 0.5, 0.01])
    np.testing.assert_allclose(loss.class_weights, (1 / rates) / (1 / rates).mean(), rtol=1e-5)


def test_a_unit_that_is_never_shown_or_never_annotated_gets_a_finite_weight():
    loss = MaskedBCELoss(3, class_weight="inverse_rate", positive_weight="balanced")
    loss.set_class_weights([10, 0, 0], [100, 100, 0])
    assert torch.isfinite(loss.class_weights).all()
    assert loss.class_weights.max() <= 10
    assert loss.positive_weights.tolist() == pytest.approx([9.0, 10.0, 1.0])


def test_balanced_positive_weights_are_negatives_over_positives():
    for name, power in (("balanced", 1.0), ("sqrt", 0.5)):
        loss = MaskedBCELoss(3, positive_weight=name, max_weight=1000.0)
        loss.set_class_weights(POSITIVES, ANNOTATED)
        np.testing.assert_allclose(loss.positive_weights, np.array([9.0, 1.0, 99.0]) ** power, rtol=1e-6)


def test_weights_travel_in_the_state_dict():
    loss = MaskedBCELoss(3, class_weight="inverse_rate", positive_weight="sqrt")
    loss.set_class_weights(POSITIVES, ANNOTATED)
    other = MaskedBCELoss(3, class_weight="inverse_rate", positive_weight="sqrt")
    other.load_state_dict(loss.state_dict())
    torch.testing.assert_close(other.class_weights, loss.class_weights)
    torch.testing.assert_close(other.positive_weights, loss.positive_weights)


def test_wrong_counts_and_names_are_named():
    with pytest.raises(ValueError, match="one count for each of 3"):
        MaskedBCELoss(3).set_class_weights([1, 2], [3, 4])
    with pytest.raises(ValueError, match="unknown class_weight 'rare'"):
        MaskedFocalLoss(3, class_weight="rare")
    with pytest.raises(ValueError, match="unknown positive_weight"):
        MaskedBCELoss(3, positive_weight="all")


def teacher_and_student():
    generator = torch.Generator().manual_seed(0)
    student = torch.randn((2, 5, 3), generator=generator) * 3
    probability = torch.rand((2, 5, 3), generator=generator)
    intensity = torch.rand((2, 5, 3), generator=generator) * 5
    return {"occurrence": student, "intensity": student}, probability, intensity


def test_a_student_that_equals_its_teacher_loses_nothing():
    answers, _, _ = teacher_and_student()
    for temperature in (1.0, 4.0):
        losses = TeacherLoss(temperature=temperature)(
            answers, answers["occurrence"].sigmoid(), answers["intensity"].clamp(0, 5)
        )
        for loss in losses.values():
            assert abs(loss.item()) < 1e-6


def test_teacher_loss_equals_cross_entropy_but_for_a_constant():
    answers, probability, intensity = teacher_and_student()
    student = answers["occurrence"].requires_grad_()
    losses = TeacherLoss(weight=0.3, intensity_weight=0.7)(answers, probability, intensity)
    (gradient,) = torch.autograd.grad(losses["loss_teacher_occurrence"], student)
    plain = 0.3 * F.binary_cross_entropy_with_logits(student, probability)
    torch.testing.assert_close(gradient, torch.autograd.grad(plain, student)[0])
    torch.testing.assert_close(losses["loss_teacher_intensity"], 0.7 * F.smooth_l1_loss(student, intensity))


def test_temperature_softens_both_sides():
    answers, probability, intensity = teacher_and_student()
    student, teacher = answers["occurrence"], probability.logit()
    loss = TeacherLoss(weight=1.0, temperature=3.0)(answers, probability, intensity)
    p, q = (teacher / 3).sigmoid(), (student / 3).sigmoid()
    wanted = 9 * (p * (p / q).log() + (1 - p) * ((1 - p) / (1 - q)).log()).mean()
    torch.testing.assert_close(loss["loss_teacher_occurrence"], wanted)


def test_what_no_teacher_answers_is_left_out():
    answers, probability, intensity = teacher_and_student()
    student = answers["occurrence"].requires_grad_()
    probability[..., 1] = intensity[..., 1] = torch.nan
    losses = TeacherLoss()({"occurrence": student, "intensity": student}, probability, intensity)
    sum(losses.values()).backward()
    assert (student.grad[..., 1] == 0).all()
    assert (student.grad[..., 0] != 0).any()
    nothing = torch.full_like(probability, torch.nan)
    assert all(loss.item() == 0 for loss in TeacherLoss()(answers, nothing, nothing).values())


def test_certain_teachers_and_a_clips_one_answer_stay_finite():
    certain = torch.tensor([0.0, 1.0, 0.5]).expand(1, 4, 3)
    losses = TeacherLoss()({"occurrence": torch.tensor([[[200.0, -200.0, 0.0]]])}, certain, certain)
    assert set(losses) == {"loss_teacher_occurrence"}
    assert torch.isfinite(losses["loss_teacher_occurrence"])
    with pytest.raises(ValueError, match="temperature is 0"):
        TeacherLoss(temperature=0)
