"""Shares of forecasters: the maximum of the likelihood, found another way."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from fau3d.functional.mixture import mixture_weights


def test_two_forecasters_as_by_line_search():
    rng = np.random.default_rng(0)
    truth = rng.random(4000)
    labels = (rng.random(4000) < truth).astype(int)
    said = np.stack([np.clip(truth + rng.normal(0, s, 4000), 0.01, 0.99) for s in (0.15, 0.3)])

    def loss(share):
        mean = share * said[0] + (1 - share) * said[1]
        return -np.log(np.where(labels == 1, mean, 1 - mean)).mean()

    best = minimize_scalar(loss, bounds=(0, 1), method="bounded").x
    np.testing.assert_allclose(mixture_weights(said, labels), [best, 1 - best], atol=5e-3)


def test_who_knows_nothing_gets_nothing_and_unannotated_cases_do_not_count():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 2, 500)
    said = np.stack([np.where(labels == 1, 0.9, 0.1), rng.random(500)])
    weights = mixture_weights(said, labels)
    assert weights[0] > 0.95 and weights.sum() == pytest.approx(1)
    padded = mixture_weights(
        np.concatenate([said, said[::-1]], 1), np.concatenate([labels, -np.ones(500, int)])
    )
    np.testing.assert_allclose(padded, weights)
    np.testing.assert_array_equal(mixture_weights(said, -np.ones(500, int)), [0.5, 0.5])


def test_bad_input():
    with pytest.raises(ValueError, match=r"wanted \(K, N\)"):
        mixture_weights(np.zeros((2, 3)), np.zeros(4))
    with pytest.raises(ValueError, match="outside"):
        mixture_weights(np.full((2, 3), np.nan), np.zeros(3))
