"""Shares of an outline that others cover, against areas of squares."""

import numpy as np
import pytest

from fau3d.functional.cover import covered_share

SQUARE = np.array([(0, 0), (10, 0), (10, 10), (0, 10), (5, 5)], float)


@pytest.mark.parametrize(
    ("others", "share"),
    [
        ([], 0.0),
        ([SQUARE + 10], 0.0),
        ([SQUARE + (5, 0)], 0.5),
        ([SQUARE + (5, 5)], 0.25),
        ([0.5 * SQUARE + 2], 0.25),  # within
        ([3 * SQUARE - 10], 1.0),  # around
        ([SQUARE + (5, 0), SQUARE - (5, 0)], 1.0),
        ([SQUARE, SQUARE], 1.0),  # twice, and yet no more than all of it
        ([SQUARE[:2]], 0.0),
        ([SQUARE[[0, 4, 2]]], 0.0),  # on a line
    ],
)
def test_squares(others, share):
    assert covered_share(SQUARE, others) == pytest.approx(share, abs=1e-6)


def test_points_that_are_not_seen_count_nowhere():
    torn = np.concatenate([SQUARE, [(np.nan, 3)]])
    assert covered_share(torn, [torn + (5, 0)]) == pytest.approx(0.5)
    assert covered_share(np.full((4, 2), np.nan), [SQUARE]) == 0.0
