"""Errors and explained variance against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import mean_squared_error as sk_mse
from sklearn.metrics import r2_score

from fau3d.functional.regression import mean_squared_error, r_squared


def test_they_equal_scikit_learn():
    rng = np.random.default_rng(0)
    for _ in range(20):
        truth, answer = rng.normal(2, 1, (2, 30))
        assert mean_squared_error(truth, answer) == pytest.approx(sk_mse(truth, answer))
        assert r_squared(truth, answer) == pytest.approx(r2_score(truth, answer))


def test_by_hand():
    assert r_squared([1, 2, 3], [2, 2, 2]) == 0
    assert r_squared([1, 2, 3], [1, 2, 3]) == 1
    assert mean_squared_error([0, 2], [1, 4]) == 2.5


def test_undefined():
    assert np.isnan(r_squared([1, 1], [0, 1])) and np.isnan(r_squared([1], [1]))
    assert np.isnan(mean_squared_error([], []))
    with pytest.raises(ValueError, match="shapes"):
        r_squared([1, 2], [1])
