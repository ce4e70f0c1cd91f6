"""One AU table from several models' tables of the same source."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from fau3d.facs import parse_au
from fau3d.functional.geometry import box_iou
from fau3d.io.atomic import atomic_path
from fau3d.structures.au_table import BOX_COLUMNS, KEY_COLUMNS, AUTable

_KEY = ["source", "frame", "face_id"]
_KINDS = ("p", "c", "r")
_SAME_FACE = 0.3  # overlap below which two boxes are not of one face

Weights = Sequence[float] | Mapping[str, Sequence[float]] | str | os.PathLike[str]
"""What models count: one number each, numbers by unit, or the file that holds those."""


def read_weights(path: str | os.PathLike[str], count: int) -> dict[str, list[float]]:
    """Read weights by unit, as `tools/analysis/fuse_results.py --learn` writes them.

    Raises:
        ValueError: If the file is not of that form, or holds weights of another number of models.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        weights = {parse_au(name): [float(w) for w in values] for name, values in content["weights"].items()}
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path}: holds no weights ({error}); wanted what tools/analysis/fuse_results.py --learn writes"
        ) from error
    for name, values in weights.items():
        if len(values) != count:
            raise ValueError(f"{path}: {name} has {len(values)} weights; wanted {count}, one for each model")
    return weights


def write_weights(path: str | os.PathLike[str], au_names: Sequence[str], weights: np.ndarray) -> None:
    """Write weights (K, A) by unit, atomically."""
    content = {"weights": {name: np.round(weights[:, a], 4).tolist() for a, name in enumerate(au_names)}}
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def weights_by_unit(au_names: Sequence[str], weights: Weights | None, count: int) -> np.ndarray:
    """Give what each model counts for each unit.

    Args:
        au_names: A units.
        weights: One number for each model; or numbers by unit, or a file of them as `read_weights` reads it.
            Units that are not named, and None: all alike.
        count: Models K.

    Returns:
        Shape (K, A), 0 and more, no column all 0.

    Raises:
        ValueError: If they do not fit.
    """
    if isinstance(weights, str | os.PathLike):
        weights = read_weights(weights, count)
    if isinstance(weights, Mapping):
        given = {parse_au(name): values for name, values in weights.items()}
        columns = [_checked(given.get(name), name, count) for name in au_names]
    else:
        columns = [_checked(weights, "all units", count)] * len(au_names)
    return np.stack(columns, axis=1)


def _checked(weights: Sequence[float] | None, unit: str, count: int) -> np.ndarray:
    values = np.ones(count) if weights is None else np.asarray(weights, np.float64)
    if values.shape != (count,) or not np.isfinite(values).all() or (values < 0).any() or values.sum() == 0:
        raise ValueError(
            f"{unit}: weights are {values.tolist()} for {count} models; wanted one for each, at least 0, "
            "not all 0"
        )
    return values


def fuse_tables(tables: Sequence[AUTable], weights: Weights | None = None) -> AUTable:
    """Average the tables of one source, face by face and frame by frame.

    A unit that one table lacks, and a frame on which one saw no face, is the others' alone. A unit is present
    where most of the weight says so; where they are tied, from a probability of 0.5 on. What is no unit comes
    from the first table that has the row.

    Args:
        tables: Two or more, of the same source with the same identities.
        weights: One for each table, or by unit; equal by default. See `weights_by_unit`.

    Returns:
        The rows of all tables, units in the order in which they appear.

    Raises:
        ValueError: If the tables are of other sources, their identities are of other faces, or the weights
            do not fit.
    """
    if len(tables) < 2:
        raise ValueError(f"found {len(tables)} table; wanted at least two to fuse")
    _check_sources(tables)
    frames = [table.data.set_index(_KEY) for table in tables]
    rows = frames[0].index
    for frame in frames[1:]:
        rows = rows.union(frame.index, sort=False)
    placed = [frame.reindex(rows) for frame in frames]
    _check_faces(placed)
    fused = placed[0]
    for other in placed[1:]:
        fused = fused.combine_first(other)
    units = dict.fromkeys(name for table in tables for name in table.au_names)
    columns: dict[str, np.ndarray] = {}
    for unit, shares in zip(units, weights_by_unit(list(units), weights, len(tables)).T):
        columns.update(_fuse_unit(unit, placed, shares))
    fixed = [c for c in (*KEY_COLUMNS, *BOX_COLUMNS) if c in fused.columns and c not in _KEY]
    landmarks = [c for c in fused.columns if c.split("_")[0] in ("x", "y") and c not in fixed]
    result = pd.concat([fused[[*fixed, *landmarks]], pd.DataFrame(columns, index=rows)], axis=1)
    result = result.reset_index().sort_values(_KEY[1:], ignore_index=True, kind="stable")
    return AUTable(result[[*KEY_COLUMNS, *(c for c in result.columns if c not in KEY_COLUMNS)]])


def _check_sources(tables: Sequence[AUTable]) -> None:
    first = set(tables[0].data["source"])
    for number, table in enumerate(tables[1:], start=2):
        other = set(table.data["source"])
        if first != other:
            raise ValueError(
                f"table 1 is of {', '.join(map(str, sorted(first)))}, table {number} of "
                f"{', '.join(map(str, sorted(other)))}; wanted tables of one source"
            )


def _check_faces(placed: Sequence[pd.DataFrame]) -> None:
    for number, frame in enumerate(placed[1:], start=2):
        if not all(set(BOX_COLUMNS) <= set(f.columns) for f in (placed[0], frame)):
            continue
        boxes = [_corners(f) for f in (placed[0], frame)]
        both = np.isfinite(boxes[0]).all(1) & np.isfinite(boxes[1]).all(1)
        if both.any():
            overlap = np.array(
                [box_iou(a[None], b[None])[0, 0] for a, b in zip(boxes[0][both], boxes[1][both])]
            )
            if np.median(overlap) < _SAME_FACE:
                raise ValueError(
                    f"the faces of table {number} lie elsewhere than those of table 1 (median overlap "
                    f"{np.median(overlap):.2f}); wanted the same identities: analyse with one extractor"
                )


def _corners(frame: pd.DataFrame) -> np.ndarray:
    x, y, w, h = (frame[name].to_numpy(np.float64) for name in BOX_COLUMNS)
    return np.stack([x, y, x + w, y + h], axis=1)


def _fuse_unit(unit: str, placed: Sequence[pd.DataFrame], weights: np.ndarray) -> dict[str, np.ndarray]:
    """Give the columns of one unit that any table has."""
    means = {}
    for kind in _KINDS:
        name = f"{unit}_{kind}"
        if not any(name in frame.columns for frame in placed):
            continue
        nothing = np.full(len(placed[0]), np.nan)
        values = np.stack(
            [frame[name].to_numpy(np.float64) if name in frame.columns else nothing for frame in placed]
        )
        means[name] = weighted_mean(values, weights[:, None])
    vote = means.get(f"{unit}_c")
    if vote is not None:
        probability = means.get(f"{unit}_p", vote)
        present = np.where(np.isclose(vote, 0.5), probability >= 0.5, vote > 0.5).astype(float)
        means[f"{unit}_c"] = np.where(np.isnan(vote), np.nan, present)
    return means


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Average what several models say.

    Args:
        values: Shape (K, ...): of K models; NaN = says nothing.
        weights: What each counts, of a shape that fits.

    Returns:
        Shape (...): the mean over those that say something; alike where only models of weight 0 do, NaN where
        none does.
    """
    seen = np.isfinite(values)
    share = seen * weights
    share = np.where(share.sum(0) > 0, share, seen)
    total = share.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, (np.where(seen, values, 0) * share).sum(0) / total, np.nan)
