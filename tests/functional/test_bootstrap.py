import time

import numpy as np
import pytest
from sklearn.metrics import f1_score as sklearn_f1
from sklearn.metrics import roc_auc_score

from fau3d.functional import bootstrap, detection


def frames(groups=6, length=40, units=3, seed=0):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), length)
    target = rng.integers(-1, 2, (len(group), units)).astype(np.int8)
    score = np.clip(0.5 + 0.2 * target + rng.normal(0, 0.3, target.shape), 0, 1).round(2)
    return group, target, score


def repeated(draw, group):
    return np.concatenate([np.flatnonzero(group == g) for g, times in enumerate(draw) for _ in range(times)])


def test_resampled_figures_are_those_of_the_frames_drawn():
    group, target, score = frames()
    draws = bootstrap.draw_groups(6, 20, seed=3)
    assert (draws.sum(1) == 6).all() and (bootstrap.draw_groups(6, 20, seed=3) == draws).all()
    counts = bootstrap.counts_by_group(target, score >= 0.5, group)
    f1 = detection.f1_score(bootstrap.resample_counts(counts, draws))
    for row, draw in enumerate(draws):
        rows = repeated(draw, group)
        for unit in range(3):
            known = rows[target[rows, unit] >= 0]
            expected = sklearn_f1(target[known, unit], score[known, unit] >= 0.5)
            assert f1[row, unit] == pytest.approx(expected)
    auc = bootstrap.resample_auc(target[:, 0], score[:, 0], group, draws)
    for row, draw in enumerate(draws):
        rows = repeated(draw, group)
        known = rows[target[rows, 0] >= 0]
        assert auc[row] == pytest.approx(roc_auc_score(target[known, 0], score[known, 0]))


def test_binned_scores_hardly_change_the_area():
    rng = np.random.default_rng(0)
    target = (rng.random(20000) < 0.1).astype(np.int8)
    score = 1 / (1 + np.exp(-(rng.normal(0, 1, 20000) + 1.5 * target - 6)))
    group = np.arange(20000) % 10
    (area,) = bootstrap.resample_auc(target, score, group, np.ones((1, 10), np.int64))
    assert area == pytest.approx(detection.roc_auc(target, score), abs=5e-4)


def test_undefined_stays_undefined():
    nothing = np.full(8, -1, np.int8)
    draws = bootstrap.draw_groups(2, 5)
    assert np.isnan(bootstrap.resample_auc(nothing, np.zeros(8), np.arange(8) % 2, draws)).all()
    low, high = bootstrap.percentile_interval(np.full((5, 2), np.nan))
    assert np.isnan(low).all() and np.isnan(high).all()
    assert np.isnan(bootstrap.two_sided_p(np.full((5, 1), np.nan))).all()
    with pytest.raises(ValueError, match="0 groups"):
        bootstrap.draw_groups(0, 5)


def test_the_interval_covers_as_often_as_it_says():
    # Means of 30 normal groups: the true mean, 0, is to be inside in about 95 of 100 cases.
    rng = np.random.default_rng(1)
    draws = bootstrap.draw_groups(30, 400, seed=2)
    inside = 0
    for _ in range(300):
        low, high = bootstrap.percentile_interval((draws @ rng.normal(0, 1, 30) / 30)[:, None])
        inside += bool(low[0] <= 0 <= high[0])
    assert 0.88 < inside / 300 < 0.98


def test_p_is_small_for_what_never_crosses_zero():
    differences = np.stack([np.full(999, 0.1), np.linspace(-1, 1, 999), np.zeros(999)], 1)
    assert bootstrap.two_sided_p(differences) == pytest.approx([0.002, 1, 1])


def test_a_corpus_is_resampled_in_a_moment():
    group, target, score = frames(groups=40, length=3500, units=1)
    began = time.process_time()
    draws = bootstrap.draw_groups(40, 1000)
    bootstrap.resample_counts(bootstrap.counts_by_group(target, score >= 0.5, group), draws)
    bootstrap.resample_auc(target[:, 0], score[:, 0], group, draws)
    assert time.process_time() - began < 2
