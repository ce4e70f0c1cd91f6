"""Soft voting against figures worked by hand."""

import numpy as np
import pytest

from fau3d.functional.voting import elect, soft_vote, tied

NAN = float("nan")
FIRST = [[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [NAN, NAN, NAN], [0.4, 0.6, 0.0]]
SECOND = [[0.1, 0.6, 0.3], [NAN, 0.5, 0.5], [NAN, NAN, NAN], [0.6, 0.4, 0.0]]


def test_equal_weights():
    voted = soft_vote([FIRST, SECOND])
    np.testing.assert_allclose(voted[0], [0.4, 0.4, 0.2])
    np.testing.assert_allclose(voted[1], [0.2, 0.5, 0.3])  # the second does not answer there
    assert np.isnan(voted[2]).all()
    np.testing.assert_allclose(voted[3], [0.5, 0.5, 0.0])
    assert elect(voted).tolist() == [0, 1, -1, 0]
    assert tied(voted).tolist() == [True, False, False, True]


def test_weights_are_shared_among_those_that_answer():
    voted = soft_vote([FIRST, SECOND, [[0.2, 0.3, 0.5]] * 4], weights=[1, 2, 1])
    np.testing.assert_allclose(
        voted[0], [(0.7 + 0.2 + 0.2) / 4, (0.2 + 1.2 + 0.3) / 4, (0.1 + 0.6 + 0.5) / 4]
    )
    np.testing.assert_allclose(voted[1], [0.2, 0.4, 0.4])  # the first and the third, one vote each
    np.testing.assert_allclose(voted[2], [0.2, 0.3, 0.5])
    # 0.4 and 0.4 differ in their last digits as floats, and are a tie all the same: the first class wins.
    assert elect(voted).tolist()[:3] == [1, 1, 2]
    assert tied(voted).tolist()[:3] == [False, True, False]


def test_a_classifier_without_weight_decides_nothing():
    voted = soft_vote([FIRST, SECOND], weights=[0, 1])
    np.testing.assert_allclose(voted[0], SECOND[0])
    assert np.isnan(voted[1]).all()


def test_one_classifier_is_itself_and_rounding_is_mended():
    voted = soft_vote([[[0.33, 0.33, 0.33]]])
    np.testing.assert_allclose(voted, 1 / 3)
    assert elect(voted).tolist() == [0]


@pytest.mark.parametrize(
    ("answers", "weights", "message"),
    [
        ([], None, "no classifiers"),
        ([[[1.0, 0.0]], [[1.0, 0.0, 0.0]]], None, r"shapes \(1, 2\), \(1, 3\)"),
        ([[[1.0, 0.0]]], [1, 2], "found 2 weights for 1"),
        ([[[1.0, 0.0]]], [0], "not all 0"),
        ([[[1.0, 0.0]]], [-1], "at least 0"),
        ([[[0.5, 0.5], [0.9, 0.4]]], None, "classifier 1, row 2: .* no distribution"),
        ([[[1.5, -0.5]]], None, "classifier 1, row 1"),
        ([[[float("inf"), 0.0]]], None, "classifier 1, row 1"),
    ],
)
def test_bad_input(answers, weights, message):
    with pytest.raises(ValueError, match=message):
        soft_vote([np.array(a) for a in answers], weights)
