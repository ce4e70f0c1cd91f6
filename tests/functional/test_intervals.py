"""Stretches of time."""

import numpy as np
import pytest

from fau3d.functional.intervals import clip_intervals, gaps_between, inside, join_intervals


def test_joining() -> None:
    found = join_intervals(np.array([[5, 6], [0, 2], [1, 4], [4, 4.5], [5.2, 5.5]]))
    assert found.tolist() == [[0, 4.5], [5, 6]]
    assert join_intervals(found, within=0.5).tolist() == [[0, 6]]
    assert join_intervals(np.zeros((0, 2))).shape == (0, 2)
    for bad in ([[2, 1]], [[0, np.nan]], [[0, np.inf]]):
        with pytest.raises(ValueError, match="start <= end"):
            join_intervals(np.array(bad))


def test_inside_is_half_open() -> None:
    intervals = np.array([[1.0, 2.0], [4.0, 5.0]])
    assert inside(intervals, np.array([0.9, 1, 1.9, 2, 3, 4, 5])).tolist() == [0, 1, 1, 0, 0, 1, 0]
    assert not inside(np.zeros((0, 2)), np.array([1.0])).any()


def test_gaps_and_clips() -> None:
    intervals = np.array([[1.0, 2.0], [4.0, 9.0]])
    assert gaps_between(intervals, 0, 6).tolist() == [[0, 1], [2, 4]]
    assert gaps_between(np.zeros((0, 2)), 0, 6).tolist() == [[0, 6]]
    assert clip_intervals(intervals, 1.5, 4).tolist() == [[1.5, 2]]
