"""Scores by hand, every prototype named by its own units, and what is missing stays missing."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from fau3d.facs import AU_SETS, EXPRESSIONS, expression_rules, map_columns
from fau3d.facs.expressions import Cue, Expression
from fau3d.functional.expressions import (
    INVALID,
    MIXED,
    NEUTRAL,
    UNNAMED,
    explain,
    expression_scores,
    intensity_activity,
    name_frames,
    neutral_threshold,
    total_activity,
    why_unscored,
)

NAMES = tuple(EXPRESSIONS)
UNITS, RULES = expression_rules()
POSTURE = {"AD29", "AU53", "AU54", "AU55", "AU56", "AU57"}

# Two units that count as one, a one-sided one, one against, one that comes with it.
SMALL = (
    Expression(
        "small",
        "other",
        (Cue(("AU12",), 1.0), Cue(("AU06", "AU07"), 0.5), Cue(("AU14_L", "AU14_R"), 0.5, one_sided=True)),
        tolerated=frozenset({"AU26"}),
        against=frozenset({"AU15"}),
    ),
    Expression("other", "other", (Cue(("AU04",), 1.0),)),
)
SMALL_UNITS, SMALL_RULES = expression_rules(SMALL)


def frame(units, **values):
    return np.array([[values.get(unit, 0.0) for unit in units]])


def shown(name, without=()):
    units = set(EXPRESSIONS[name].shown_by)
    return np.array([[np.nan if u in without else float(u in units) for u in UNITS]])


def test_scores_by_hand():
    activity = frame(
        SMALL_UNITS, AU12=0.8, AU06=0.2, AU07=0.6, AU14_L=0.5, AU14_R=0.1, AU26=1, AU15=0.2, AU04=0.3
    )
    scores, known = expression_scores(activity, *SMALL_RULES)
    support = (1.0 * 0.8 + 0.5 * 0.6 + 0.5 * 0.4) / 2
    assert scores[0, 0] == pytest.approx(support - 0.5 * 0.2 - 0.1 * 0.3)
    assert scores[0, 1] == pytest.approx(0.3 - 0.1 * (0.8 + 0.2 + 0.6 + 1 + 0.2))
    np.testing.assert_array_equal(known, 1)


def test_a_published_face_by_hand():
    scores, _ = expression_scores(frame(UNITS, AU06=1, AU12=0.5, AU25=1, AU04=0.2), *RULES)
    expected = (0.51 + 0.5 + 1) / 2.51 - 0.5 * 0.2
    assert scores[0, NAMES.index("happiness")] == pytest.approx(expected)


def test_missing_units_leave_the_mean():
    activity = frame(SMALL_UNITS, AU12=0.8, AU07=0.6, AU14_L=0.5, AU14_R=np.nan, AU06=np.nan, AU15=np.nan)
    scores, known = expression_scores(activity, *SMALL_RULES)
    assert scores[0, 0] == pytest.approx((0.8 + 0.5 * 0.6) / 1.5)
    assert known[0, 0] == pytest.approx(0.75)


def test_too_little_left_is_nan_and_says_why():
    there = np.array([unit not in ("AU12",) for unit in SMALL_UNITS])
    activity = np.where(there, 0.5, np.nan)[None]
    scores, known = expression_scores(activity, *SMALL_RULES)
    assert known[0, 0] == 0.5 and np.isfinite(scores).all()
    scores, _ = expression_scores(activity, *SMALL_RULES, least_known=0.6)
    assert np.isnan(scores[0, 0]) and np.isfinite(scores[0, 1])
    rules = (SMALL_RULES.weights, SMALL_RULES.members, SMALL_RULES.one_sided)
    reasons = why_unscored(there, ("small", "other"), SMALL_UNITS, *rules, least_known=0.6)
    assert reasons == {
        "small": "small: 50% of its weight is on units that are there; wanted 60%; missing: AU12"
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_face_with_the_units_of_an_expression_gets_its_name(name):
    scores, _ = expression_scores(shown(name), *RULES)
    index = NAMES.index(name)
    assert scores[0, index] == pytest.approx(1)
    # Published with the same six units, which subjects used at other rates.
    if name in ("angrily disgusted", "hatred"):
        assert name_frames(scores)[0] == MIXED
        assert {NAMES[i] for i in np.argsort(-scores[0])[:2]} == {"angrily disgusted", "hatred"}
    else:
        assert name_frames(scores)[0] == index


@pytest.mark.parametrize("name", NAMES)
def test_without_posture_only_what_lives_by_it_loses_its_name(name):
    scores, _ = expression_scores(shown(name, POSTURE), *RULES)
    answer = name_frames(scores)[0]
    if name in ("belligerent", "domineering"):
        assert np.isnan(scores[0, NAMES.index(name)])
    elif name in ("angrily disgusted", "hatred", "interested", "affirmative"):
        assert answer == MIXED
    else:
        assert answer == NAMES.index(name)


def test_rates_tell_angrily_disgusted_from_hatred():
    activity = shown("hatred")
    activity[0, [UNITS.index("AU09"), UNITS.index("AU17")]] = 0
    scores, _ = expression_scores(activity, *RULES)
    assert scores[0, NAMES.index("hatred")] > scores[0, NAMES.index("angrily disgusted")] + 0.05


@given(arrays(np.float64, (1, len(UNITS)), elements=st.floats(0, 1)), st.integers(0, len(UNITS) - 1))
def test_more_of_a_unit_moves_scores_one_way(activity, column):
    more = activity.copy()
    more[0, column] = 1.0
    step = expression_scores(more, *RULES)[0] - expression_scores(activity, *RULES)[0]
    named = (RULES.weights > 0) @ RULES.members[:, column] > 0
    whole = not RULES.one_sided[RULES.members[:, column]].any()
    if whole:
        assert (step[0, named] >= -1e-9).all()
    assert (step[0, ~named] <= 1e-9).all()


@given(
    arrays(np.float64, (3, len(UNITS)), elements=st.one_of(st.floats(0, 1), st.just(np.nan))),
    arrays(np.int64, 3, elements=st.integers(-1, len(NAMES) - 1)),
)
def test_what_spoke_for_it_sums_to_the_score(activity, chosen):
    scores, _ = expression_scores(activity, *RULES)
    parts = explain(activity, chosen, *RULES)
    for row, expression in enumerate(chosen):
        if expression < 0 or np.isnan(scores[row, expression]):
            assert np.isnan(parts[row]).all()
        else:
            assert parts[row].sum() == pytest.approx(scores[row, expression], abs=1e-9)
            assert not parts[row, np.isnan(activity[row])].any()


def test_the_stronger_of_two_units_gets_the_contribution():
    activity = frame(SMALL_UNITS, AU12=1, AU07=0.6, AU14_R=0.4, AU15=0.2)
    parts = dict(zip(SMALL_UNITS, explain(activity, np.array([0]), *SMALL_RULES)[0]))
    expected = {"AU12": 0.5, "AU07": 0.15, "AU14_R": 0.1, "AU15": -0.1}
    assert {unit: part for unit, part in parts.items() if part} == pytest.approx(expected)


def test_frames_without_a_face_stay_nan():
    activity = np.concatenate([shown("happiness"), np.full((1, len(UNITS)), np.nan)])
    scores, known = expression_scores(activity, *RULES)
    assert np.isfinite(scores[0]).all() and np.isnan(scores[1]).all() and not known[1].any()
    total = total_activity(activity)
    assert total[0] == 3 and np.isnan(total[1])
    assert name_frames(scores, total, 1.0).tolist() == [0, INVALID]


@pytest.mark.parametrize(
    ("au_set", "missing"),
    {"finegrained15": 0, "synthetic41": 0, "openface17": 0, "disfa12": 2, "bp4d": 5}.items(),
)
def test_which_expressions_a_set_of_units_leaves(au_set, missing):
    there = np.array([unit in AU_SETS[au_set] for unit in UNITS])
    reasons = why_unscored(there, NAMES, UNITS, RULES.weights, RULES.members, RULES.one_sided)
    assert set(reasons) >= {"belligerent", "domineering"} and len(reasons) == 2 + missing
    assert reasons["belligerent"].endswith("wanted 45%; missing: AD29")


@pytest.mark.parametrize("au_set", ["finegrained15", "openface17", "disfa12", "bp4d"])
def test_smaller_sets_of_units_still_name_a_smile(au_set):
    units = AU_SETS[au_set]
    values = np.array([[float(unit in ("AU06", "AU12", "AU25")) for unit in units]])
    activity = map_columns(values, units, UNITS, missing=np.nan)
    scores, _ = expression_scores(activity, *RULES)
    assert name_frames(scores)[0] == NAMES.index("happiness")


def test_intensities():
    np.testing.assert_allclose(intensity_activity(np.array([0, 1.5, 3, 5, np.nan])), [0, 0.5, 1, 1, np.nan])
    with pytest.raises(ValueError, match="full intensity is 0"):
        intensity_activity(np.zeros(2), full=0)


def test_neutral_lies_near_the_rest_of_the_data():
    total = np.concatenate([np.full(50, 0.5), np.full(50, 4.5), [np.nan, 90.0]])
    assert neutral_threshold(total) == pytest.approx(1.5)
    assert np.isnan(neutral_threshold(np.full(50, 3.0)))
    assert np.isnan(neutral_threshold(np.full(5, np.nan)))
    with pytest.raises(ValueError, match="share is 2"):
        neutral_threshold(total, share=2)


def test_names_of_frames():
    scores = np.array(
        [[0.9, 0.2], [0.9, 0.87], [0.3, 0.1], [0.45, 0.1], [0.6, 0.1], [np.nan] * 2, [0.5, np.nan]]
    )
    total = np.array([5, 5, 5, 1, 1, 5, np.nan])
    assert name_frames(scores).tolist() == [0, MIXED, UNNAMED, 0, 0, INVALID, 0]
    assert name_frames(scores, total, 2.0).tolist() == [0, MIXED, UNNAMED, NEUTRAL, 0, INVALID, 0]
    assert name_frames(scores, total, float("nan")).tolist() == name_frames(scores).tolist()
    assert name_frames(scores[:, :1]).tolist() == [0, 0, UNNAMED, 0, 0, INVALID, 0]


def test_hysteresis_keeps_a_name_until_another_leads_clearly():
    first = np.array([0.6, 0.58, 0.55, 0.55, 0.38, 0.2, 0.6])
    second = np.array([0.5, 0.56, 0.60, 0.70, 0.32, 0.1, 0.5])
    scores = np.stack([first, second], 1)
    assert name_frames(scores, margin=0.01).tolist() == [0, 0, 1, 1, UNNAMED, UNNAMED, 0]
    held = name_frames(scores, margin=0.05, hold=0.1)
    assert held.tolist() == [0, 0, 0, 1, 1, UNNAMED, 0]


def test_bad_input():
    with pytest.raises(ValueError, match=r"activity lies in 0 to 3; wanted 0 to 1"):
        expression_scores(frame(UNITS, AU12=3), *RULES)
    with pytest.raises(ValueError, match=r"wanted \(N, A\), \(E, C\)"):
        expression_scores(np.zeros((2, 3)), *RULES)
    with pytest.raises(ValueError, match="no cue with a weight"):
        expression_scores(frame(UNITS), *RULES._replace(weights=np.zeros_like(RULES.weights)))
    with pytest.raises(ValueError, match="chosen has shape"):
        explain(frame(UNITS), np.array([99]), *RULES)
    with pytest.raises(ValueError, match="nothing negative"):
        name_frames(np.zeros((2, 2)), margin=-1)
    with pytest.raises(ValueError, match="total has shape"):
        name_frames(np.zeros((2, 2)), np.zeros(3))


def test_the_examples_of_the_page_run(tmp_path: Path, repo_root: Path, monkeypatch: pytest.MonkeyPatch):
    page = (repo_root / "docs" / "expressions.md").read_text(encoding="utf-8")
    keys = {"source": "a.mp4", "face_id": 0, "timestamp": 0.0, "confidence": 1.0, "success": 1}
    rows = pd.DataFrame([keys] * 12)
    rows["frame"] = np.arange(12)
    for unit in AU_SETS["openface17"]:
        rows[f"{unit}_r"] = np.where(rows["frame"] < 6, 0.0, 3.0 * (unit in ("AU06", "AU12", "AU25")))
    rows.to_csv(tmp_path / "au.csv", index=False)
    monkeypatch.chdir(tmp_path)
    space: dict = {}
    for example in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(example, "expressions.md", "exec"), space)
    assert space["words"] == ["neutral"] * 6 + ["happiness"] * 6
    assert space["parts"][-1].sum() == pytest.approx(1)
    np.testing.assert_allclose(space["pleasant"], np.repeat([0, 1], 6))
    np.testing.assert_allclose(space["stirred"], np.repeat([0, 0.6], 6))
    assert len(space["rules"].weights) == 32
