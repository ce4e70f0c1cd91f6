"""Figures of segments by hand, and segments that stand out."""

import numpy as np
import pytest

from fau3d.functional.events import EventRules, event_presence, find_events
from fau3d.functional.segments import (
    SegmentRules,
    asymmetry,
    find_segments,
    segment_figures,
    sided_columns,
)

TIMES = np.arange(100) / 10


def figures(segments=None):
    values = np.zeros((100, 2))
    values[10:20, 0], values[45:55, 0], values[50:60, 1] = 4.0, 2.0, np.nan
    events = find_events(values, TIMES, EventRules(on=1, off=0.5, rest=0.1))
    return segment_figures(values, event_presence(events, 100, 2), TIMES, events, segments)


def test_figures_of_the_whole():
    found = figures()
    assert found.seconds == pytest.approx([10.0])
    np.testing.assert_allclose(found.valid_seconds, [[10, 9]])
    np.testing.assert_allclose(found.events_per_minute, [[12, 0]])
    np.testing.assert_allclose(found.time_share, [[0.2, 0]])
    np.testing.assert_allclose(found.mean_intensity, [[0.6, 0]])
    np.testing.assert_allclose(found.shown_intensity, [[3, np.nan]])
    np.testing.assert_allclose(found.mean_duration, [[1, np.nan]])
    np.testing.assert_allclose(found.mean_peak, [[3, np.nan]])


def test_figures_of_segments_an_event_belongs_where_its_apex_is():
    found = figures(np.array([[0, 5], [5, 10], [5, 6], [20, 30]]))
    np.testing.assert_allclose(found.seconds, [5, 5, 1, 0])
    np.testing.assert_allclose(found.events_per_minute[:, 0], [24, 0, 0, np.nan])
    np.testing.assert_allclose(found.time_share[:, 0], [0.3, 0.1, 0.5, np.nan])
    np.testing.assert_allclose(found.mean_duration[:, 0], [1, np.nan, np.nan, np.nan])
    np.testing.assert_allclose(found.time_share[:, 1], [0, 0, np.nan, np.nan])


def test_sides():
    assert sided_columns(["AU12_R", "AU04_L", "AU06", "AU12_L"]) == [("AU12", 3, 0)]
    left, right = np.full(100, 2.0), np.full(100, 1.0)
    right[50:], left[90:] = 0.0, np.nan
    result = asymmetry(left, right, TIMES, np.array([[0, 5], [5, 10], [9, 10]]))
    np.testing.assert_allclose(result, [1 / 3, 1, np.nan])
    np.testing.assert_allclose(asymmetry(right[:, None], left[:, None], TIMES), [[(50 - 180) / 230]])


def test_long_mixed_and_rapid_segments():
    present = np.zeros((100, 3), np.int8)
    present[5:30, 0] = 1  # long, 2.5 s
    present[20:23, 2] = 0
    present[40:48, 0] = present[42:50, 1] = 1  # both for 0.6 s; changes at 30, 40, 42, 48 and 50
    present[70:95, 2] = 1  # 2.5 s, but broken
    present[80] = -1
    found = find_segments(present, TIMES)
    np.testing.assert_allclose(found["long"], [[0.5, 3.0]])
    np.testing.assert_allclose(found["mixed"], [[4.2, 4.8]])
    np.testing.assert_allclose(found["rapid"], [[3.0, 5.1]])
    # A frame in which the state changes is not long; a gap in the time stamps ends a segment too.
    times = TIMES + np.where(np.arange(100) >= 15, 3.0, 0.0)
    assert len(find_segments(present, times)["long"]) == 0
    shorter = find_segments(present, TIMES, SegmentRules(long_seconds=1.0))["long"]
    np.testing.assert_allclose(shorter, [[0.5, 3.0], [7.0, 8.0], [8.1, 9.5]])


def test_rapid_groups_are_joined_but_not_across_gaps():
    present = np.zeros((60, 1), np.int8)
    present[1:21:2] = 1
    assert find_segments(present, TIMES[:60])["rapid"] == pytest.approx(np.array([[0.1, 2.1]]))
    present[9:12] = -1
    rules = SegmentRules(rapid_changes=6)
    assert find_segments(present, TIMES[:60], rules)["rapid"] == pytest.approx(
        np.array([[0.1, 0.9], [1.3, 2.1]])
    )
    assert find_segments(np.zeros((0, 2), bool), np.zeros(0))["rapid"].shape == (0, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: figures(np.array([[2, 1]])), "begin and end in seconds"),
        (lambda: asymmetry(-np.ones(100), np.ones(100), TIMES), "no values below 0"),
        (lambda: find_segments(np.zeros(3), np.arange(3)), r"shape \(3,\); wanted \(T, A\)"),
        (lambda: find_segments(np.zeros((3, 1)), np.arange(3), SegmentRules(mixed_units=0)), "above 0"),
    ],
)
def test_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
