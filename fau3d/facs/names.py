"""Reading the many spellings of an action unit, and the named sets of units that corpora and tools use."""

import re
from collections.abc import Sequence

from fau3d.facs.units import ACTION_UNITS, SIDES, ActionUnit

_BY_CODE = {unit.name[2:].lstrip("0") or "0": unit.name for unit in ACTION_UNITS.values()} | {"26/27": "AU2X"}
# The side is a capital letter: OpenFace's AU12_r is an intensity column, not the right side.
_SPELLING = re.compile(r"(?:(?:AU|AD|au|ad|Au|Ad)[\s_]*)?([LR])?[\s_]*(26/27|2X|43E|\d{1,2})(?:_?([LR]))?")


def _parse(text: str) -> tuple[str, str]:
    """Give the two-sided name and the side ('' for none) of one spelling."""
    spelt = str(text).strip().strip("'\"").strip()
    match = _SPELLING.fullmatch(spelt)
    if match is None:
        raise ValueError(
            f"{text!r} is not an action unit; write it like 'AU01', '1', 'AD19', 'AU12_L' or 'L12' "
            "(the side as a capital letter)"
        )
    before, code, after = match.groups()
    if before and after:
        raise ValueError(f"{text!r} names a side twice; write it like 'AU12_L'")
    name = _BY_CODE.get(code.lstrip("0") or "0")
    if name is None:
        raise ValueError(f"{text!r}: FACS number {code} is not known; known: {', '.join(ACTION_UNITS)}")
    side = before or after or ""
    if side and not ACTION_UNITS[name].sided:
        raise ValueError(f"{text!r}: {name} ({ACTION_UNITS[name].facs_name}) cannot be on one side only")
    return name, side


def parse_au(text: str | int) -> str:
    """Give the name that fau3d uses for an action unit.

    Args:
        text: Any common spelling: `1`, `AU1`, `'AU 1'`, `AUL12`, `L12`, `AU12_L`, `2X`, `AU19`. The word
            AU or AD does not matter, the number does: `AU19` is `AD19`.

    Returns:
        The zero-padded name, with the side as suffix: `AU01`, `AD19`, `AU12_L`.

    Raises:
        ValueError: If it is no action unit, or one that cannot be on one side only.
    """
    name, side = _parse(str(text))
    return f"{name}_{side}" if side else name


def describe_au(name: str) -> ActionUnit:
    """Give the unit that a name stands for, sided names (`AU12_L`) and other spellings included.

    Raises:
        ValueError: If it is no action unit.
    """
    return ACTION_UNITS[_parse(name)[0]]


def split_side(name: str) -> tuple[str, str]:
    """Split `AU12_L` into `('AU12', 'L')` and `AU12` into `('AU12', '')`.

    Raises:
        ValueError: If it is no action unit.
    """
    return _parse(name)


def _names(codes: str) -> tuple[str, ...]:
    return tuple(parse_au(code) for code in codes.split())


_OPENGRAPHAU_MAIN = "1 2 4 5 6 7 9 10 11 12 13 14 15 16 17 18 19 20 22 23 24 25 26 27 32 38 39"
_HRM22 = "1 2 4 6 7 9 10 12 14 15 16 17 18 19 20 23 24 25 2X 28 32 43E"

_SYNTHETIC24 = "1 2 4 5 6 7 9 10 11 12 14 15 16 17 18 20 22 23 24 25 26 27 28 43"
_ONE_SIDED = tuple(f"AU{number:02d}_{side}" for number in (1, 2, 4, 6, 10, 12, 14) for side in SIDES)

AU_SETS: dict[str, tuple[str, ...]] = {
    "affwild2": _names("1 2 4 6 7 10 12 15 23 24 25 26"),
    "bp4d": _names("1 2 4 6 7 10 12 14 15 17 23 24"),
    "disfa8": _names("1 2 4 6 9 12 25 26"),
    "disfa12": _names("1 2 4 5 6 9 12 15 17 20 25 26"),
    "openface17": _names("1 2 4 5 6 7 9 10 12 14 15 17 20 23 25 26 45"),
    "openface18": _names("1 2 4 5 6 7 9 10 12 14 15 17 20 23 25 26 28 45"),
    "opengraphau27": _names(_OPENGRAPHAU_MAIN),
    "opengraphau41": _names(_OPENGRAPHAU_MAIN) + _ONE_SIDED,
    "hrm": _names(
        "1 2 4 5 6 7 43 8 9 10 12 13 14 15 16 17 18 19 20 21 22 23 24 25 2X 28 29 30 31 32 33 34 35 36 37 0"
    ),
    "hrm22": _names(_HRM22),
    "hrm17": tuple(n for n in _names(_HRM22) if n not in _names("18 19 28 32 43E")),
    "finegrained15": _names("1 2 4 5 6 9 10 12 14 15 17 20 25 26 43"),
    "synthetic24": _names(_SYNTHETIC24),
    "synthetic25": _names(_SYNTHETIC24 + " 45"),
    "synthetic41": _names(_SYNTHETIC24 + " 45") + _ONE_SIDED + ("AU43_L", "AU43_R"),
}
"""Named sets in the column order of their source."""


def get_au_set(name_or_names: str | Sequence[str]) -> tuple[str, ...]:
    """Give the units of a named set, or clean a list of units.

    Args:
        name_or_names: A key of `AU_SETS`, or units in any spelling that `parse_au` reads.

    Returns:
        Names in order.

    Raises:
        ValueError: If the set is unknown, a unit is unknown, or one appears twice.
    """
    if isinstance(name_or_names, str):
        if name_or_names not in AU_SETS:
            raise ValueError(
                f"unknown AU set {name_or_names!r}; known: {', '.join(sorted(AU_SETS))}; "
                "or give a list of units such as ['AU01', 'AU12_L']"
            )
        return AU_SETS[name_or_names]
    names = tuple(parse_au(name) for name in name_or_names)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"an AU set holds each unit once; found twice: {', '.join(twice)}")
    return names
