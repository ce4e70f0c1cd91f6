"""Which units of a table a picture shows where nobody names any."""

from collections.abc import Sequence

from fau3d.facs import split_side


def shown_units(au_names: Sequence[str]) -> tuple[str, ...]:
    """Leave out one-sided units (`AU12_L`) whose two-sided unit (`AU12`) is there, so that rows stay few.

    Args:
        au_names: Units of a table.

    Returns:
        The others, in their order; a one-sided unit without its two-sided one is among them.
    """
    there = set(au_names)
    return tuple(name for name in au_names if not split_side(name)[1] or split_side(name)[0] not in there)
