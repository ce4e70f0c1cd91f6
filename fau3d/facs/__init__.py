"""The vocabulary of the Facial Action Coding System: units, sets of them, maps between sets, expressions."""

from fau3d.facs.expressions import EXPRESSIONS, Expression, expression_rules
from fau3d.facs.mapping import au_columns, map_columns, mirror_index
from fau3d.facs.names import AU_SETS, describe_au, get_au_set, parse_au, split_side
from fau3d.facs.units import ACTION_UNITS, ActionUnit

__all__ = [
    "ACTION_UNITS",
    "AU_SETS",
    "EXPRESSIONS",
    "ActionUnit",
    "Expression",
    "au_columns",
    "describe_au",
    "expression_rules",
    "get_au_set",
    "map_columns",
    "mirror_index",
    "parse_au",
    "split_side",
]
