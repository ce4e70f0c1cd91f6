"""Maps between sets of action units: from one corpus to another, and from a face to its mirror image."""

from collections.abc import Sequence

import numpy as np

from fau3d.facs.names import get_au_set, split_side
from fau3d.facs.units import ACTION_UNITS

# A blink (45) is a short closure (43); both show closed eyes on one frame.
_NEAR = {"AU43": ("AU43E", "AU45"), "AU45": ("AU43", "AU43E"), "AU43E": ("AU43", "AU45")} | {
    "AU26": ("AU2X",),
    "AU27": ("AU2X",),
    "AU2X": ("AU26",),
}


def au_columns(source: str | Sequence[str], target: str | Sequence[str], near: bool = False) -> np.ndarray:
    """Find where each unit of one set is in another.

    A unit that the source does not have is not annotated there: mask it, do not read it as absent.

    Args:
        source: The set that the data is in: a name or units.
        target: The set that is wanted.
        near: Also accept a unit that shows nearly the same (`AU43` for `AU45`, `AU2X` for `AU26`) where the
            exact one is missing. Off by default, since the labels are not the same.

    Returns:
        Shape (len(target),), int64: column in the source, -1 where it is missing.

    Raises:
        ValueError: If a set or a unit is unknown.
    """
    position = {name: i for i, name in enumerate(get_au_set(source))}
    columns = []
    for name in get_au_set(target):
        base, side = split_side(name)
        others = _NEAR.get(base, ()) if near else ()
        candidates = [name] + [f"{other}_{side}" if side else other for other in others]
        columns.append(next((position[c] for c in candidates if c in position), -1))
    return np.array(columns, dtype=np.int64)


def map_columns(
    values: np.ndarray, source: str | Sequence[str], target: str | Sequence[str], missing: float = -1
) -> np.ndarray:
    """Bring labels from one set of units to another.

    Args:
        values: Shape (..., A), one column a unit of `source`.
        source: The set that the values are in.
        target: The set that is wanted.
        missing: What stands where the source has no such unit: -1 for occurrence, NaN for intensity.

    Returns:
        Shape (..., len(target)), of the values' type.

    Raises:
        ValueError: If the number of columns is not that of `source`, or the type cannot hold `missing`.
    """
    values = np.asarray(values)
    names = get_au_set(source)
    if values.shape[-1:] != (len(names),):
        raise ValueError(
            f"values have shape {values.shape}; wanted {len(names)} columns, one for each source unit"
        )
    if np.isnan(missing) and not np.issubdtype(values.dtype, np.floating):
        raise ValueError(f"values of type {values.dtype} cannot hold NaN; pass missing=-1 or floating values")
    if missing < 0 and np.issubdtype(values.dtype, np.unsignedinteger):
        raise ValueError(
            f"values of type {values.dtype} cannot hold {missing}; use a signed type such as int8"
        )
    columns = au_columns(names, target)
    mapped = values[..., np.maximum(columns, 0)]
    mapped[..., columns < 0] = missing
    return mapped


def mirror_index(au_names: str | Sequence[str]) -> np.ndarray:
    """Give the order of columns that fits a mirrored face: left units take right units' values.

    Args:
        au_names: A set's name or its units.

    Returns:
        Shape (A,), int64: a permutation, its own inverse; `labels[..., index]` are the mirrored labels.

    Raises:
        ValueError: If a unit is there and its mirror partner is not.
    """
    names = get_au_set(au_names)
    position = {name: i for i, name in enumerate(names)}
    index = []
    for name in names:
        base, side = split_side(name)
        partner = ACTION_UNITS[base].mirror + ({"L": "_R", "R": "_L"}[side] if side else "")
        if partner not in position:
            raise ValueError(
                f"the set has {name} without {partner}, so a mirrored face has no labels; add {partner}"
            )
        index.append(position[partner])
    return np.array(index, dtype=np.int64)
