"""Which face is which: overlaps, distances, pairings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fau3d.functional.assignment import best_pairs, box_overlap, point_distance


def test_box_overlap_of_known_boxes() -> None:
    first = np.array([[0, 0, 2, 2], [0, 0, 0, 0.0]])
    second = np.array([[1, 0, 3, 2], [5, 5, 6, 6], [0, 0, 2, 2.0]])
    assert box_overlap(first, second) == pytest.approx(np.array([[1 / 3, 0, 1], [0, 0, 0]]))


def test_point_distance_is_in_face_sizes_and_skips_missing_points() -> None:
    face = np.array([[0, 0], [10, 0], [0, 5], [np.nan, np.nan]])
    moved = face + np.array([5, 0])
    moved[3] = 100
    distance = point_distance([face], [face, moved, np.full((4, 2), np.nan)])
    assert distance[0, :2] == pytest.approx([0, 0.5])
    assert np.isinf(distance[0, 2])


def test_most_pairs_come_before_least_cost() -> None:
    cost = np.array([[0.0, 1.0], [0.1, 9.0]])
    allowed = np.array([[True, True], [True, False]])
    assert sorted(best_pairs(cost, allowed)) == [(0, 1), (1, 0)]


@given(st.integers(0, 5), st.integers(0, 5), st.integers(0, 1000))
def test_pairs_are_allowed_and_unique(rows: int, columns: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    cost, allowed = draw.random((rows, columns)), draw.random((rows, columns)) < 0.5
    cost[~allowed] = np.inf
    pairs = best_pairs(cost, allowed)
    assert all(allowed[pair] for pair in pairs)
    assert len({r for r, _ in pairs}) == len({c for _, c in pairs}) == len(pairs)
