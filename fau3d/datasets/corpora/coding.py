"""What FACS coders write of a face (`1+L12+25`, `T23`, `4+?`, `null`), and the labels that it stands for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from fau3d.datasets.corpora.base import CodingRules, CorpusError
from fau3d.facs import describe_au, parse_au, split_side
from fau3d.facs.units import SIDES

_TOKEN = re.compile(r"(?:AU)?\s*([LRTB])?\s*(\d{1,2})\s*(\?)?", re.IGNORECASE)
# Sniff, speech, head and gaze behaviours, swallow and the like: FACS codes that are no facial action units.
_OTHER_CODES = frozenset({40, 50, 59, 60, 68, 69, 80, 81, 82, 84, 85, 91, 92, 97, 98})
_ALL_REGIONS = frozenset({"brow", "eye", "gaze", "cheek", "nose", "mouth", "jaw", "neck", "head", "whole"})
_NOT_VISIBLE = {
    70: frozenset({"brow"}),
    71: frozenset({"eye", "gaze", "cheek"}),
    72: frozenset({"cheek", "nose", "mouth", "jaw", "neck"}),
    73: _ALL_REGIONS,
    74: _ALL_REGIONS,
}
# Other units are met on one side too rarely to learn anything of it.
_ONE_SIDED = tuple(f"AU{number:02d}" for number in (1, 2, 4, 6, 10, 12, 14))


@dataclass
class FacsCode:
    """The coding of one face.

    Attributes:
        seen: Where each unit is seen: '' for the whole of it, `L` and `R` for the subject's sides, `T` and
            `B` for the upper and the lower lip.
        unsure: Units that the coder doubted.
        complete: Whether units that are not listed are absent.
        hidden: Regions of the face that could not be coded.
    """

    seen: dict[str, set[str]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    complete: bool = True
    hidden: set[str] = field(default_factory=set)


def unit_of(number: int) -> str | None:
    """Give the unit that a FACS number stands for; None for a code that is no action unit (`50`: speech).

    Raises:
        ValueError: If FACS has no such number.
    """
    if number in _OTHER_CODES or number in _NOT_VISIBLE:
        return None
    return parse_au(number)


def parse_facs(text: str, where: str) -> FacsCode:
    """Read a string of FACS codes, joined by `+`.

    A code is a number, with `L`, `R`, `T` or `B` before it for one side or one lip, and `?` behind it where
    the coder was not sure. `?` alone leaves open what else there is; `null` says that nothing is there.

    Args:
        text: What the coder wrote.
        where: File and line, for messages.

    Raises:
        CorpusError: If a code is of another form, or of a number that FACS does not have.
    """
    code = FacsCode()
    if text.strip().lower() == "null":
        return code
    for token in (part.strip() for part in text.split("+")):
        if token == "?":
            code.complete = False
            continue
        match = _TOKEN.fullmatch(token)
        try:
            if match is None:
                raise ValueError(token)
            number = int(match[2])
            unit = unit_of(number)
        except ValueError:
            raise CorpusError(
                f"{where}: found {token!r} in {text!r}; wanted FACS codes joined by '+', such as "
                "'1+L12+25', with 'L', 'R', 'T' or 'B' before a unit on one side only, or '?'"
            ) from None
        code.hidden |= _NOT_VISIBLE.get(number, frozenset())
        if unit is not None and match[3]:
            code.unsure.add(unit)
        elif unit is not None:
            code.seen.setdefault(unit, set()).add((match[1] or "").upper())
    return code


def with_sides(au_names: tuple[str, ...], rules: CodingRules) -> tuple[str, ...]:
    """Add sided columns (`AU12_L`, `AU12_R`) where the rules keep sides."""
    if rules.sides != "keep":
        return au_names
    sided = [f"{name}_{side}" for name in _ONE_SIDED if name in au_names for side in SIDES]
    return (*au_names, *(name for name in sided if name not in au_names))


def code_row(
    code: FacsCode, au_names: Sequence[str], rules: CodingRules, uncoded: frozenset[str] = frozenset()
) -> np.ndarray:
    """Give the labels that a coding stands for.

    Args:
        code: The coding.
        au_names: Label columns; sided ones (`AU12_L`) say what is on that side.
        rules: `sides` decides on a unit that is seen on one side, or on one lip, only.
        uncoded: Units that the corpus's coders did not look for: not listing them says nothing.

    Returns:
        Shape (A,), int8: 1, 0, -1 = not annotated.
    """
    labels = [_label(code, *split_side(name), rules) for name in au_names]
    said = [label == 1 or split_side(name)[0] not in uncoded for name, label in zip(au_names, labels)]
    return np.where(said, labels, -1).astype(np.int8)


def _label(code: FacsCode, unit: str, side: str, rules: CodingRules) -> int:
    parts = describe_au(unit).part_of
    if parts and unit not in code.seen:
        return _joined([_label(code, part, side, rules) for part in parts])
    marks = code.seen.get(unit, set())
    if "" in marks or {"L", "R"} <= marks or {"T", "B"} <= marks:
        return 1
    if marks and not side:
        return -1 if rules.sides == "unknown" else 1
    if marks & {"L", "R"}:
        return int(side in marks)
    open_question = unit in code.unsure or not code.complete or describe_au(unit).region in code.hidden
    neutral_is_not_said = unit == "AU00" and not code.seen
    return -1 if marks or open_question or neutral_is_not_said else 0


def _joined(labels: Sequence[int]) -> int:
    """Say of a joined unit (26 or 27) what is known of its parts; of a grade (43E) only that it is absent."""
    if len(labels) == 1:
        return 0 if labels[0] == 0 else -1
    return 1 if 1 in labels else min(labels)
