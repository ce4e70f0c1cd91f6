"""Valence and arousal: by hand, one way, in range, NaN where too little is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fau3d.facs.expressions import VALENCE
from fau3d.functional.affect import arousal, valence

UNITS = tuple(VALENCE)
WEIGHTS = np.array(list(VALENCE.values()))


def face(**values):
    return np.array([[values.get(unit, 0.0) for unit in UNITS]])


def test_valence_by_hand():
    assert valence(face(AU12=0.8), WEIGHTS)[0] == pytest.approx(0.8)
    assert valence(face(AU15=0.6, AU04=0.2), WEIGHTS)[0] == pytest.approx(-0.7)
    assert valence(face(AU12=1, AU04=1), WEIGHTS)[0] == pytest.approx(0.5)
    assert valence(face(AU15=1, AU04=1, AU09=1), WEIGHTS)[0] == -1
    assert valence(face(), WEIGHTS)[0] == 0


def test_valence_needs_both_sides():
    assert np.isnan(valence(face(AU12=np.nan), WEIGHTS)[0])
    assert np.isnan(valence(face(AU12=1, AU15=np.nan, AU04=np.nan), WEIGHTS)[0])
    assert valence(face(AU12=1, AU09=np.nan), WEIGHTS)[0] == 1


@given(arrays(np.float64, (1, len(UNITS)), elements=st.floats(0, 1)), st.integers(0, len(UNITS) - 1))
def test_valence_stays_in_range_and_moves_one_way(activity, column):
    more = activity.copy()
    more[0, column] = 1.0
    before, after = valence(activity, WEIGHTS)[0], valence(more, WEIGHTS)[0]
    assert -1 <= before <= 1
    assert (after - before) * np.sign(WEIGHTS[column]) >= -1e-12


def test_arousal_is_the_mean_of_the_strongest():
    activity = np.array([[0.1, 0.9, 0.5, 0.2], [0.1, np.nan, np.nan, np.nan], [np.nan, 1, 1, 0]])
    np.testing.assert_allclose(arousal(activity, strongest=2), [0.7, np.nan, 1])
    assert np.isnan(arousal(activity)).all()


def test_bad_input():
    with pytest.raises(ValueError, match="one sign"):
        valence(face(), np.abs(WEIGHTS))
    with pytest.raises(ValueError, match=r"wanted \(N, A\), \(A,\)"):
        valence(face(), WEIGHTS[:2])
    with pytest.raises(ValueError, match="over 0 units"):
        arousal(face(), strongest=0)
