"""Expressions as data: complete, sound, and each told from the others by its units."""

from pathlib import Path

import numpy as np
import pytest

from fau3d.facs import ACTION_UNITS, EXPRESSIONS, Expression, expression_rules, split_side
from fau3d.facs.expressions import AROUSAL, BASES, KINDS, SOURCES, VALENCE, Cue, expression_units


def test_there_are_31_with_their_kinds_and_sources():
    kinds = [expression.kind for expression in EXPRESSIONS.values()]
    assert [kinds.count(kind) for kind in KINDS] == [7, 12, 12]
    for name, expression in EXPRESSIONS.items():
        assert name == expression.name == name.strip().lower()
        assert expression.sources and set(expression.sources) <= set(SOURCES)
        assert expression.basis in BASES
        assert (expression.basis == "shares") == ("du2014" in expression.sources)


def test_only_units_that_exist_and_sides_only_where_they_matter():
    for unit in (*expression_units(), *VALENCE, *AROUSAL):
        base, side = split_side(unit)
        assert base in ACTION_UNITS and (not side or ACTION_UNITS[base].sided)
    sided = {
        expression.name
        for expression in EXPRESSIONS.values()
        for cue in expression.cues
        if any(split_side(unit)[1] for unit in cue.units)
    }
    assert sided == {"contempt"}


@pytest.mark.parametrize(
    ("name", "whole", "shares"),
    [
        ("happiness", {"AU12", "AU25"}, {"AU06": 0.51}),
        ("sadness", {"AU04", "AU15"}, {"AU01": 0.60, "AU06": 0.50, "AU11": 0.26, "AU17": 0.67}),
        ("happily surprised", {"AU01", "AU02", "AU12", "AU25"}, {"AU05": 0.64, "AU26": 0.67}),
        ("sadly surprised", {"AU01", "AU04", "AU25", "AU26"}, {"AU02": 0.27, "AU06": 0.31}),
        ("awed", {"AU01", "AU02", "AU05", "AU25"}, {"AU04": 0.21, "AU20": 0.62, "AU26": 0.56}),
    ],
)
def test_shares_are_those_of_the_paper(name, whole, shares):
    weights = {cue.units[0]: cue.weight for cue in EXPRESSIONS[name].cues}
    assert weights == dict.fromkeys(whole, 1.0) | shares


def test_pain_is_the_published_sum_of_stronger_units():
    cues = {cue.units: cue.weight for cue in EXPRESSIONS["painful"].cues}
    assert cues == {("AU04",): 1, ("AU06", "AU07"): 1, ("AU09", "AU10"): 1, ("AU43",): 1}


def test_rules_of_a_small_set():
    smile = Expression("smile", "other", (Cue(("AU12",), 1.0),), against=frozenset({"AU15"}))
    smirk = Expression("smirk", "other", (Cue(("AU12_L", "AU12_R"), 0.5, one_sided=True),))
    units, rules = expression_rules([smile, smirk], against=0.7, unnamed=0.2)
    assert units == ("AU12", "AU15", "AU12_L", "AU12_R")
    np.testing.assert_array_equal(rules.weights, [[1, 0], [0, 0.5]])
    np.testing.assert_array_equal(rules.costs, [[0, 0.7, 0, 0], [0.2, 0.2, 0, 0]])
    np.testing.assert_array_equal(rules.members, [[1, 0, 0, 0], [0, 0, 1, 1]])
    np.testing.assert_array_equal(rules.one_sided, [False, True])
    assert smirk.shown_by == ("AU12", "AU12_L")


def test_turns_of_the_head_take_nothing_away():
    units, rules = expression_rules()
    turning = [units.index(unit) for unit in ("AU53", "AU55", "AU57", "AU14_L")]
    assert not rules.costs[:, turning].any()


def test_bad_expressions_are_refused():
    cue = (Cue(("AU12",), 1.0),)
    with pytest.raises(ValueError, match=r"smile: units are \['12'\]"):
        Expression("smile", "other", (Cue(("12",), 1.0),))
    with pytest.raises(ValueError, match="each unit once"):
        Expression("smile", "other", cue, against=frozenset({"AU12"}))
    with pytest.raises(ValueError, match="more than 0, at most 1"):
        Expression("smile", "other", (Cue(("AU12",), 1.5),))
    with pytest.raises(ValueError, match="the left and the right one"):
        Expression("smile", "other", (Cue(("AU12_L",), 1.0, one_sided=True),))
    with pytest.raises(ValueError, match="no expression"):
        expression_rules([])
    with pytest.raises(ValueError, match="costs are"):
        expression_rules([Expression("smile", "other", cue)], against=-1)


def _spelt(cue):
    codes = [unit.removeprefix("AU").lstrip("0") for unit in cue.units]
    text = f"{codes[0][:-2]} on one side" if cue.one_sided else "/".join(codes)
    return text if cue.weight == 1 else f"{text} ({100 * cue.weight:.0f})"


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_the_page_shows_the_data(name, repo_root: Path):
    expression = EXPRESSIONS[name]
    page = (repo_root / "docs" / "expressions.md").read_text(encoding="utf-8")
    row = f"| {name} | {expression.kind} | {', '.join(_spelt(cue) for cue in expression.cues)} |"
    assert row in page, f"docs/expressions.md wants the row {row}"
