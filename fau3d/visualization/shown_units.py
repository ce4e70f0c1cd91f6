"""Which units of a table a picture shows where nobody names any."""

from collections.abc import Sequence

from fau3d.facs import AU_SETS, split_side


def shown_units(au_names: Sequence[str]) -> tuple[str, ...]:
    """Leave out one-sided units (`AU12_L`) whose two-sided unit (`AU12`) is there, so that rows stay few.

    Args:
        au_names: Units of a table.

    Returns:
        The others, in their order; a one-sided unit without its two-sided one is among them.
    """
    there = set(au_names)
    return tuple(name for name in au_names if not split_side(name)[1] or split_side(name)[0] not in there)


def strip_units(au_names: Sequence[str], most: int = 12) -> tuple[str, ...]:
    """Choose the units of a strip where nobody names any: those of DISFA first, which most people know.

    Args:
        au_names: Units that there are values of.
        most: How many rows the strip may have.

    Returns:
        At most so many of them, in their order.
    """
    candidates = shown_units(au_names)
    known = AU_SETS["disfa12"]
    chosen = set(sorted(candidates, key=lambda name: name not in known)[:most])
    return tuple(name for name in candidates if name in chosen)
