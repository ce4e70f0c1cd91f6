import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from fau3d.functional.agreement import icc_consistency, mean_absolute_error, pearson

# Shrout and Fleiss, 1979, table 2: six targets, four judges.
SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)


def test_icc_of_the_worked_example():
    assert icc_consistency(SHROUT_FLEISS) == pytest.approx(0.71, abs=0.005)


def test_icc_equals_pingouin():
    pingouin = pytest.importorskip("pingouin")
    ratings = np.random.default_rng(3).integers(0, 6, (30, 2)).astype(float)
    table = pd.DataFrame(ratings).stack().rename_axis(["target", "rater"]).rename("rating").reset_index()
    result = pingouin.intraclass_corr(table, "target", "rater", "rating")
    expected = result[result["Type"].isin(["ICC3", "ICC(C,1)"])]["ICC"].iloc[0]
    assert icc_consistency(ratings) == pytest.approx(float(expected), abs=1e-9)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=2, max_size=30), st.integers(-9, 9)
)
@settings(max_examples=100, deadline=None)
def test_agreement_properties(pairs, shift):
    first, second = np.array(pairs, float).T / 4
    correlation = pearson(first, second)
    if np.ptp(first) and np.ptp(second):
        assert correlation == pytest.approx(stats.pearsonr(first, second)[0], abs=1e-9)
    else:
        assert np.isnan(correlation)
    icc = icc_consistency(np.stack([first, second], 1))
    if np.isnan(icc):
        assert np.ptp(first) == 0 and np.ptp(second) == 0
    else:
        assert -1 - 1e-9 <= icc <= 1 + 1e-9
        # Consistency, not absolute agreement: a rater who is stricter throughout costs nothing.
        assert icc_consistency(np.stack([first, second + shift], 1)) == pytest.approx(icc, abs=1e-9)
    assert mean_absolute_error(first, second) == pytest.approx(np.abs(first - second).mean())


def test_undefined_and_bad_input():
    assert np.isnan(icc_consistency(np.ones((4, 2))))
    assert np.isnan(pearson(np.zeros(0), np.zeros(0)))
    assert np.isnan(mean_absolute_error(np.zeros(0), np.zeros(0)))
    with pytest.raises(ValueError, match="two targets"):
        icc_consistency(np.ones((1, 2)))
    with pytest.raises(ValueError, match="NaN"):
        icc_consistency(np.array([[1, np.nan], [2, 3]]))
    with pytest.raises(ValueError, match="shapes"):
        pearson(np.zeros(2), np.zeros(3))
