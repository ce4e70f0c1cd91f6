import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from fau3d.functional import detection


@st.composite
def frames(draw):
    count = draw(st.integers(2, 40))
    target = draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=count, max_size=count))
    score = draw(st.lists(st.integers(0, 8), min_size=count, max_size=count))
    return np.array(target, np.int8), np.array(score) / 8


@given(frames())
@settings(max_examples=150, deadline=None)
def test_equals_scikit_learn(case):
    target, score = case
    known = target >= 0
    truth, decided = target[known], score[known] >= 0.5
    counts = detection.detection_counts(target[:, None], (score >= 0.5)[:, None])
    if (truth == 1).any():
        options = {"zero_division": 0}
        assert detection.f1_score(counts)[0] == pytest.approx(reference.f1_score(truth, decided, **options))
        assert detection.recall(counts)[0] == pytest.approx(reference.recall_score(truth, decided, **options))
        assert detection.average_precision(target, score) == pytest.approx(
            reference.average_precision_score(truth, score[known])
        )
    if decided.any():
        assert detection.precision(counts)[0] == pytest.approx(reference.precision_score(truth, decided))
    if len(truth):
        assert detection.accuracy(counts)[0] == pytest.approx(reference.accuracy_score(truth, decided))
    if len(set(truth)) == 2:
        assert detection.roc_auc(target, score) == pytest.approx(reference.roc_auc_score(truth, score[known]))
        assert detection.class_accuracy(counts)[0] == pytest.approx(
            reference.balanced_accuracy_score(truth, decided)
        )


@given(frames(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_of_frames_does_not_matter(case, random):
    target, score = case
    order = list(range(len(target)))
    random.shuffle(order)
    for figure in (detection.average_precision, detection.roc_auc, detection.best_threshold):
        np.testing.assert_equal(figure(target, score), figure(target[order], score[order]))


@given(frames(), st.sampled_from([0.5, 1.0, 2.0]))
@settings(max_examples=60, deadline=None)
def test_no_threshold_beats_the_best(case, beta):
    target, score = case
    if not (target == 1).any():
        assert detection.best_threshold(target, score, beta) == 0.5
        return
    known = target >= 0

    def figure(threshold):
        return reference.fbeta_score(target[known], score[known] >= threshold, beta=beta, zero_division=0)

    best = figure(detection.best_threshold(target, score, beta))
    assert all(best >= figure(level) - 1e-12 for level in np.arange(0, 17) / 16)


def test_a_small_beta_asks_for_more():
    target = np.array([0, 0, 0, 1, 0, 1, 1], np.int8)
    score = np.array([0.1, 0.2, 0.4, 0.5, 0.6, 0.8, 0.9])
    assert detection.best_threshold(target, score, 0.5) > detection.best_threshold(target, score, 2.0)


def test_undefined_is_nan_not_a_number():
    target = np.array([[0, -1], [0, -1]], np.int8)
    counts = detection.detection_counts(target, np.zeros((2, 2)))
    assert np.isnan(detection.f1_score(counts)).all()
    assert np.isnan(detection.precision(counts)).all()
    np.testing.assert_array_equal(detection.accuracy(counts), [1.0, np.nan])
    np.testing.assert_array_equal(detection.base_rate(counts), [0.0, np.nan])
    assert np.isnan(detection.average_precision(target[:, 0], np.zeros(2)))
    assert np.isnan(detection.roc_auc(target[:, 1], np.zeros(2)))
    assert np.isnan(detection.top_k_accuracy(target, np.zeros((2, 2)), 1))


def test_top_k_looks_past_unannotated_units():
    target = np.array([[1, -1, 0], [0, 1, 0], [0, 0, 0]], np.int8)
    score = np.array([[0.5, 0.9, 0.1], [0.9, 0.5, 0.1], [0.9, 0.1, 0.1]])
    assert detection.top_k_accuracy(target, score, 1) == 0.5
    assert detection.top_k_accuracy(target, score, 2) == 1.0
    with pytest.raises(ValueError, match="at least 1"):
        detection.top_k_accuracy(target, score, 0)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="shape"):
        detection.detection_counts(np.zeros((2, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="wanted 1, 0 and -1"):
        detection.detection_counts(np.full((2, 1), 3), np.zeros((2, 1)))
    with pytest.raises(ValueError, match="finite"):
        detection.roc_auc(np.array([0, 1]), np.array([0.1, np.nan]))


def test_a_threshold_is_not_lower_than_asked_for():
    """A unit that scores hardly tell: F1 is highest where nearly everything is called present."""
    target = np.array([0, 1] * 50)
    score = np.linspace(0.05, 0.2, 100)
    assert detection.best_threshold(target, score) < 0.06
    assert detection.best_threshold(target, score, least=0.1) >= 0.1
    assert detection.best_threshold(target, score, least=0.5) == 0.5
    clear = np.where(target == 1, 0.9, 0.1)
    assert detection.best_threshold(target, clear, least=0.25) == detection.best_threshold(target, clear)
