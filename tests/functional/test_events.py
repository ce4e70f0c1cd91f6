"""Events of curves drawn by hand, whose onsets, apexes and offsets are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fau3d.functional.events import EventRules, event_presence, find_events, join_events

RULES = EventRules(on=2.0, off=1.5, rest=0.5)
N = np.nan


def find(values, rules=RULES, rate=10.0):
    values = np.asarray(values, np.float64)
    return find_events(values, np.arange(len(values)) / rate, rules)


def frames(events):
    return list(zip(events.onset_frame.tolist(), events.apex_frame.tolist(), events.offset_frame.tolist()))


def test_one_bump_is_measured():
    events = find([0, 0, 1, 2, 3, 4, 2, 0, 0])
    assert frames(events) == [(2, 5, 6)]
    row = {name: values[0] for name, values in vars(events).items()}
    assert row["onset"] == pytest.approx(0.2) and row["apex"] == 0.5 and row["offset"] == pytest.approx(0.6)
    assert row["duration"] == pytest.approx(0.5) and row["peak"] == 4
    assert row["area"] == pytest.approx(1.2) and row["mean"] == pytest.approx(2.4)
    assert row["rise_speed"] == pytest.approx(4 / 0.4) and row["fall_speed"] == pytest.approx(4 / 0.2)
    assert row["invalid_share"] == row["longest_gap"] == 0
    assert not row["onset_cut"] and not row["offset_cut"]


def test_hysteresis_keeps_an_event_together_and_weak_bumps_are_none():
    assert frames(find([0, 2, 1.6, 2, 0, 1.9, 0])) == [(1, 1, 3)]


def test_events_that_meet_part_at_the_lowest_frame():
    assert frames(find([0, 1, 3, 1, 0.8, 1.2, 3, 1, 0])) == [(1, 2, 3), (4, 6, 7)]


def test_near_events_are_merged():
    values = [0, 3, 3, 0, 0, 3, 0, 0, 0, 0, 3, 0]
    assert frames(find(values)) == [(1, 1, 2), (5, 5, 5), (10, 10, 10)]
    merged = EventRules(2.0, 1.5, 0.5, merge_within=0.2)
    assert frames(find(values, merged)) == [(1, 1, 5), (10, 10, 10)]


def test_short_events_are_dropped():
    rules = EventRules(2.0, 1.5, 0.5, min_duration=0.3)
    assert frames(find([0, 3, 3, 0, 3, 3, 3, 0], rules)) == [(4, 4, 6)]


def test_a_short_gap_is_bridged_and_stated_a_long_one_cuts():
    events = find([0, 3, N, 3, 0])
    assert frames(events) == [(1, 1, 3)]
    assert events.invalid_share[0] == pytest.approx(1 / 3) and events.longest_gap[0] == pytest.approx(0.2)
    assert events.duration[0] == pytest.approx(0.3) and events.area[0] == pytest.approx(0.6)
    events = find([0, 3, N, N, 3, 4, 0])
    assert frames(events) == [(1, 1, 1), (4, 5, 5)]
    assert events.offset_cut.tolist() == [True, False] and events.onset_cut.tolist() == [False, True]
    assert np.isnan(events.fall_speed[0]) and events.rise_speed[1] == pytest.approx(10)
    # The same hole as a jump of the time stamps.
    times = np.array([0, 1, 4, 5, 6]) / 10
    assert frames(find_events(np.array([0, 3, 3, 4, 0.0]), times, RULES)) == [(1, 1, 1), (2, 3, 3)]


def test_gaps_are_not_merged_across():
    rules = EventRules(2.0, 1.5, 0.5, merge_within=9.0)
    assert len(find([0, 3, 0, N, N, 0, 3, 0], rules)) == 2


def test_ends_of_the_curve_cut_events():
    events = find([3, 4, 3])
    assert events.onset_cut.all() and events.offset_cut.all() and frames(events) == [(0, 1, 2)]


def test_uneven_time_stamps():
    times = np.array([0, 0.1, 0.22, 0.3, 0.42, 0.5])
    events = find_events(np.array([0, 2, 4, 4, 0, 0.0]), times, RULES)
    assert events.area[0] == pytest.approx(2 * 0.12 + 4 * 0.08 + 4 * 0.12)
    assert events.duration[0] == pytest.approx(0.32)


def test_levels_for_each_curve_and_presence():
    values = np.array([[0, 0], [1, 1], [0, 0], [0, 1.0]])
    rules = EventRules(on=np.array([0.5, 2.0]), off=np.array([0.4, 1.0]), rest=0.2)
    events = find(values, rules)
    assert events.curve.tolist() == [0]
    np.testing.assert_array_equal(event_presence(events, 4, 2)[:, 0], [False, True, False, False])
    assert not event_presence(events, 4, 2)[:, 1].any()
    assert EventRules.for_intensity(0.1).min_duration == 0.1


def test_nothing_there():
    assert len(find([0, 0])) == len(find([N, N])) == len(find(np.zeros((0, 3)))) == 0


def test_join_and_select():
    events = find([0, 3, 0, 0, 3, 0])
    again = join_events(events.select(np.array([1])), events.select(np.array([True, False])))
    assert frames(again) == frames(events)


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, (25, 2), elements=st.sampled_from([0.0, 0.5, 1.0, 1.6, 2.0, 3.0, N])))
def test_events_hold_their_apex_do_not_overlap_and_cover_every_high_frame(values):
    events = find(values)
    assert (events.onset_frame <= events.apex_frame).all() and (
        events.apex_frame <= events.offset_frame
    ).all()
    np.testing.assert_array_equal(values[events.apex_frame, events.curve], events.peak)
    same = np.diff(events.curve) == 0
    assert (events.onset_frame[1:][same] > events.offset_frame[:-1][same]).all()
    covered = event_presence(events, *values.shape)
    assert covered[values >= 2.0].all() and not covered[values == 0.0].any()
    assert np.isfinite(events.area).all() and (events.duration > 0).all()


def step_by_step(values, times, rules):
    """Find the events of one curve in the plainest way."""
    valid = [i for i in range(len(values)) if np.isfinite(values[i])]
    limit = max(rules.max_gap, 1.5 * np.median(np.diff(times))) + 1e-9
    stretches = []
    for i in valid:
        if not stretches or times[i] - times[stretches[-1][-1]] > limit:
            stretches.append([])
        stretches[-1].append(i)
    found = []
    for stretch in stretches:
        runs = []
        for place, i in enumerate(stretch):
            if values[i] >= rules.off:
                if runs and runs[-1][1] == place - 1:
                    runs[-1][1] = place
                else:
                    runs.append([place, place])
        runs = [run for run in runs if max(values[stretch[p]] for p in range(run[0], run[1] + 1)) >= rules.on]
        merged = []
        for run in runs:
            step = np.median(np.diff(times))
            near = merged and times[stretch[run[0]]] - times[stretch[merged[-1][1]]] - step <= (
                rules.merge_within + 1e-9
            )
            if near and rules.merge_within:
                merged[-1][1] = run[1]
            else:
                merged.append(list(run))
        taken = 0
        for k, (first, last) in enumerate(merged):
            begin, end = first, last
            while begin > taken and values[stretch[begin - 1]] > rules.rest:
                begin -= 1
            ahead = merged[k + 1][0] if k + 1 < len(merged) else len(stretch)
            while end + 1 < ahead and values[stretch[end + 1]] > rules.rest:
                end += 1
            if k + 1 < len(merged) and end + 1 == ahead:  # they meet
                between = [values[stretch[p]] for p in range(last + 1, ahead)]
                end = last + int(np.argmin(between))
            taken = end + 1
            found.append((stretch[begin], stretch[end]))
    return found


@pytest.mark.parametrize("merge", [0.0, 0.15])
@pytest.mark.parametrize("gap", [0.0, 0.25])
def test_against_the_plainest_way(merge, gap):
    rules = EventRules(2.0, 1.4, 0.6, merge_within=merge, max_gap=gap)
    rng = np.random.default_rng(5)
    for _ in range(40):
        values = np.round(rng.uniform(0, 3, (60, 2)), 1)
        values[rng.random((60, 2)) < 0.1] = N
        times = np.cumsum(np.where(rng.random(60) < 0.05, 0.3, 0.1))
        events = find_events(values, times, rules)
        for curve in range(2):
            mine = events.select(events.curve == curve)
            found = list(zip(mine.onset_frame.tolist(), mine.offset_frame.tolist()))
            assert found == step_by_step(values[:, curve], times, rules)


@pytest.mark.parametrize(
    ("rules", "message"),
    [(EventRules(1.0, 2.0, 0.5), "wanted rest <= off <= on"), (EventRules(max_gap=-1), "is negative")],
)
def test_says_what_is_wrong(rules, message):
    with pytest.raises(ValueError, match=message):
        find([0.0], rules)
