"""Calibration error against a hand-worked example; Platt scaling against scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from fau3d.functional.calibration import expected_calibration_error, logits, platt_scaling


def test_error_of_a_hand_worked_example():
    # Two bins: 0.1 0.2 0.3 with one of three shown, 0.6 0.8 1.0 with two of three.
    probability = np.array([0.8, 0.1, 0.6, 0.3, 1.0, 0.2, 0.99])
    target = np.array([0, 0, 1, 1, 1, 0, -1])
    wanted = (3 * abs(1 / 3 - 0.2) + 3 * abs(2 / 3 - 0.8)) / 6
    assert expected_calibration_error(target, probability, bins=2) == pytest.approx(wanted)
    assert wanted == pytest.approx(0.4 / 3)


def test_frames_of_one_probability_lie_in_one_bin_in_whatever_order():
    target, probability = np.array([1, 0] * 20), np.full(40, 0.5)
    assert expected_calibration_error(target, probability) == 0
    order = np.argsort(target)
    assert expected_calibration_error(target[order], probability[order]) == 0


def test_error_of_perfect_and_of_inverted_answers():
    target = np.array([0, 1] * 50)
    assert expected_calibration_error(target, target.astype(float)) == 0
    assert expected_calibration_error(target, 1.0 - target) == 1


def test_undefined_and_bad_input():
    assert np.isnan(expected_calibration_error(np.array([-1]), np.array([0.3])))
    with pytest.raises(ValueError, match="not logits"):
        expected_calibration_error(np.array([0, 1]), np.array([-2.0, 3.0]))
    with pytest.raises(ValueError, match="bins is 0"):
        expected_calibration_error(np.array([0]), np.array([0.3]), bins=0)


def drawn(scale: float, shift: float, count: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    logit = rng.normal(0, 2, count)
    target = (rng.random(count) < 1 / (1 + np.exp(-(scale * logit + shift)))).astype(np.int8)
    return target, logit


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (0.4, -2.0), (2.5, 1.0)])
def test_platt_scaling_equals_logistic_regression(scale, shift):
    target, logit = drawn(scale, shift)
    target[::7] = -1
    known = target >= 0
    reference = LogisticRegression(C=1e8, tol=1e-8).fit(logit[known, None], target[known])
    found = platt_scaling(target, logit)
    # Platt's targets are one frame of each class nearer to the middle.
    np.testing.assert_allclose(found, [reference.coef_[0, 0], reference.intercept_[0]], atol=0.05)
    np.testing.assert_allclose(found, [scale, shift], atol=0.25)
    before = expected_calibration_error(target, 1 / (1 + np.exp(-logit)))
    after = expected_calibration_error(target, 1 / (1 + np.exp(-(found[0] * logit + found[1]))))
    assert after < 0.03 and (after < before or scale == 1)


def test_platt_scaling_where_there_is_little_to_fit():
    assert platt_scaling(np.array([0, 0, -1]), np.zeros(3)) == (1.0, 0.0)
    # Told apart without fault: the scale stays finite. Told apart the wrong way round: it stays above 0.
    target = np.array([0] * 50 + [1] * 50)
    scale, shift = platt_scaling(target, np.where(target, 0.5, -0.5))
    assert 1 < scale <= 20 and abs(shift) < 0.1
    scale, shift = platt_scaling(target[:60], np.where(target, -3.0, 3.0)[:60])
    assert scale == 0.05 and np.isfinite(shift)


def test_logits_are_finite():
    np.testing.assert_allclose(logits(np.array([0.5, 0.9])), [0, np.log(9)])
    assert np.isfinite(logits(np.array([0.0, 1.0], np.float32))).all()
