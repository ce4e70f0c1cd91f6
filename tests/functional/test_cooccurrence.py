"""Co-occurrence against NumPy's correlation, scikit-learn's Jaccard score and counts by hand."""

import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from fau3d.functional.cooccurrence import co_occurrence


def test_against_other_libraries_with_invalid_frames_out():
    present = np.random.default_rng(0).choice([-1, 0, 1], (200, 4), p=[0.1, 0.5, 0.4])
    found = co_occurrence(present)
    for i in range(4):
        for j in range(4):
            both = (present[:, i] >= 0) & (present[:, j] >= 0)
            a, b = present[both, i], present[both, j]
            assert found.frames[i, j] == both.sum() and found.together[i, j] == (a & b).sum()
            assert found.phi[i, j] == pytest.approx(np.corrcoef(a, b)[0, 1])
            assert found.jaccard[i, j] == pytest.approx(jaccard_score(a, b))
            assert found.given[i, j] == pytest.approx(b[a == 1].mean())


def test_nan_and_booleans_and_what_is_undefined():
    found = co_occurrence(np.array([[1.0, 0.0], [0.0, 0.0], [np.nan, 1.0]]))
    assert found.frames.tolist() == [[2, 2], [2, 3]]
    assert np.isnan(found.phi[0, 1]) and found.jaccard[0, 1] == 0 and found.given[0, 1] == 0
    assert np.isnan(found.given[1, 0])
    assert co_occurrence(np.array([[True, True]])).jaccard[0, 1] == 1


@pytest.mark.parametrize("present", [np.array([[0.3]]), np.zeros(3)])
def test_says_what_is_wrong(present):
    with pytest.raises(ValueError, match="apply thresholds to probabilities or intensities first"):
        co_occurrence(present)
