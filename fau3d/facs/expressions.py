"""Expressions that have a name, as data: which units they are made of, how often, and who says so.

A name is an inference from movements of a face. It says what a face looks like to those who made the tables,
mostly from posed faces; it does not say what anybody feels.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from fau3d.facs.names import describe_au, parse_au, split_side

KINDS = ("basic", "compound", "other")
BASES = MappingProxyType(
    {
        "shares": "shares of people published; a unit that only the second source lists has 0.3, set here",
        "units": "units published, weights set here",
        "set": "a description is published; units at second hand, weights set here",
    }
)
SOURCES = MappingProxyType(
    {
        "du2014": "Du, Tao and Martinez, Compound facial expressions of emotion, PNAS 111(15), 2014, table 1",
        "ekman2002": "Ekman, Friesen and Hager, FACS Investigator's Guide, 2002: units of emotions (EMFACS)",
        "ekman1986": "Ekman and Friesen, A new pan-cultural facial expression of emotion, Motivation and "
        "Emotion 10, 1986",
        "matsumoto2004": "Matsumoto and Ekman, The relationship among expressions, labels, and descriptions "
        "of contempt, Journal of Personality and Social Psychology 87, 2004",
        "prkachin2008": "Prkachin and Solomon, The structure, reliability and validity of pain expression, "
        "Pain 139, 2008",
        "coan2007": "Coan and Gottman, The Specific Affect Coding System (SPAFF), in: Handbook of Emotion "
        "Elicitation and Assessment, 2007",
    }
)
_FILE = Path(__file__).with_name("expressions.csv")


@dataclass(frozen=True)
class Cue:
    """What is looked for in a face: a unit, or some units that count as one.

    Attributes:
        units: One unit; or several of which the strongest counts; or the two sides of one.
        weight: In (0, 1]; the share of people who show it, where that is published.
        one_sided: The difference of the two sides counts, not their strength.
    """

    units: tuple[str, ...]
    weight: float
    one_sided: bool = False


@dataclass(frozen=True)
class Expression:
    """An expression with a name.

    Attributes:
        name: In plain words, such as `happily surprised`.
        kind: `basic`, `compound` (of two basic ones) or `other`.
        cues: What speaks for it.
        tolerated: Units that come with it and say nothing: a laugh opens the jaw.
        against: Units that make it something else.
        basis: Where the weights are from, a key of `BASES`.
        sources: Keys of `SOURCES`.
    """

    name: str
    kind: str
    cues: tuple[Cue, ...]
    tolerated: frozenset[str] = frozenset()
    against: frozenset[str] = frozenset()
    basis: str = "set"
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = [unit for cue in self.cues for unit in cue.units]
        other = [*self.tolerated, *self.against]
        unknown = [unit for unit in (*named, *other) if parse_au(unit) != unit]
        if unknown:
            raise ValueError(f"{self.name}: units are {unknown}; wanted names such as 'AU01' or 'AU14_L'")
        if not named or len(set(named + other)) < len(named + other):
            raise ValueError(
                f"{self.name}: its cues have {named}, beside them {other}; wanted each unit once, and a cue"
            )
        if any(not 0 < cue.weight <= 1 for cue in self.cues):
            raise ValueError(
                f"{self.name}: weights are {[cue.weight for cue in self.cues]}; wanted more than 0, at most 1"
            )
        if any(cue.one_sided and len(cue.units) != 2 for cue in self.cues):
            raise ValueError(f"{self.name}: a one-sided cue needs two units, the left and the right one")

    @property
    def shown_by(self) -> tuple[str, ...]:
        """Units of a face that shows all of it: of several that count as one, the first alone."""
        shown: list[str] = []
        for cue in self.cues:
            base, side = split_side(cue.units[0])
            shown += [base, cue.units[0]] if side else [base]
        return tuple(dict.fromkeys(shown))


class ExpressionRules(NamedTuple):
    """Expressions as arrays, in the order in which `fau3d.functional.expressions` takes them.

    Attributes:
        weights: Shape (E, C), at least 0: what a cue counts for an expression.
        costs: Shape (E, A), at least 0: what a unit takes away.
        members: Shape (C, A), bool: the units of a cue.
        one_sided: Shape (C,), bool: a cue is the difference between its strongest and weakest unit.
    """

    weights: np.ndarray
    costs: np.ndarray
    members: np.ndarray
    one_sided: np.ndarray


def _cue(text: str) -> Cue:
    codes, weight = text.split("=")
    one_sided = "^" in codes
    units = tuple(parse_au(code) for code in codes.split("^" if one_sided else "|"))
    return Cue(units, float(weight), one_sided)


def _units(text: str) -> frozenset[str]:
    return frozenset(parse_au(code) for code in text.split())


def _read() -> dict[str, Expression]:
    with _FILE.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    found = (
        Expression(
            row["name"],
            row["kind"],
            tuple(_cue(text) for text in row["units"].split()),
            _units(row["tolerated"]),
            _units(row["against"]),
            row["basis"],
            tuple(row["source"].split()),
        )
        for row in rows
    )
    return {expression.name: expression for expression in found}


EXPRESSIONS = MappingProxyType(_read())
"""The named expressions: 7 basic, 12 compound, 12 others."""

VALENCE = MappingProxyType({"AU12": 1.0, "AU15": -1.0, "AU04": -0.5, "AU09": -0.5, "AU20": -0.25})
"""What units say of pleasant and unpleasant.

Lip corners: up pleasant, down unpleasant. The frown (corrugator) follows unpleasantness in electromyography
(Larsen, Norris and Cacioppo, Psychophysiology 40, 2003). The size of all weights is set here.
"""

AROUSAL = tuple(
    parse_au(number) for number in (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 18, 20, 22, 23, 24, 25, 26, 27)
)
"""Units whose strength counts as arousal: of brows, lids, nose, lips and jaw, but no closed eyes."""


def expression_units(expressions: Iterable[Expression] = EXPRESSIONS.values()) -> tuple[str, ...]:
    """Give the units that expressions speak of, whole ones first, then one-sided ones, in FACS's order."""
    units = {
        unit
        for expression in expressions
        for unit in (
            *(u for cue in expression.cues for u in cue.units),
            *expression.tolerated,
            *expression.against,
        )
    }
    return tuple(sorted(units, key=lambda unit: (bool(split_side(unit)[1]), unit[2:])))


def expression_rules(
    expressions: Iterable[Expression] = EXPRESSIONS.values(), against: float = 0.5, unnamed: float = 0.1
) -> tuple[tuple[str, ...], ExpressionRules]:
    """Turn expressions into the arrays that score them.

    Args:
        expressions: All by default.
        against: What a unit that speaks against an expression takes away at full strength.
        unnamed: What a unit takes away that an expression does not name at all, so that of two expressions
            that a face shows in full the one wins that leaves less unexplained. Turns of head and eyes take
            nothing, nor do one-sided units: the whole unit does.

    Returns:
        The units of the columns, as `expression_units`, and the arrays, one row an expression.

    Raises:
        ValueError: If there is no expression, or a cost is negative.
    """
    listed = tuple(expressions)
    if not listed:
        raise ValueError("there is no expression to make rules of; wanted at least one")
    if min(against, unnamed) < 0:
        raise ValueError(f"costs are {against} and {unnamed}; wanted 0 or more")
    units = expression_units(listed)
    column = {unit: i for i, unit in enumerate(units)}
    keys = list(dict.fromkeys((cue.units, cue.one_sided) for e in listed for cue in e.cues))
    members = np.zeros((len(keys), len(units)), bool)
    for row, (names, _) in enumerate(keys):
        members[row, [column[name] for name in names]] = True
    weights = np.zeros((len(listed), len(keys)))
    costs = np.tile([unnamed * _says_something(unit) for unit in units], (len(listed), 1))
    for row, expression in enumerate(listed):
        for cue in expression.cues:
            weights[row, keys.index((cue.units, cue.one_sided))] = cue.weight
            costs[row, [column[name] for name in cue.units]] = 0.0
        costs[row, [column[name] for name in expression.tolerated]] = 0.0
        costs[row, [column[name] for name in expression.against]] = against
    return units, ExpressionRules(weights, costs, members, np.array([sided for _, sided in keys]))


def _says_something(unit: str) -> bool:
    """Whether an expression that does not name the unit leaves a movement of the face unexplained."""
    return not split_side(unit)[1] and describe_au(unit).region not in ("head", "gaze")
