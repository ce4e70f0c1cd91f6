"""Figures of an AU table against another of the same face, or against what the face cannot be doing.

All work on `probabilities(table)`: a row for each frame with a face, a column for each unit.
"""

import numpy as np
import pandas as pd

from fau3d.facs import mirror_index
from fau3d.facs.names import split_side
from fau3d.structures import AUTable

MOVES = 0.02  # least sd of a probability over a clip for a correlation to mean something
COMPARED = ("correlation", "difference", "relative")
SPEECH = frozenset(f"AU{number}" for number in (10, 16, 17, 18, 20, 22, 23, 24, 25, 26, 27, 28))
BLINKS = frozenset({"AU43", "AU45"})


def probabilities(table: AUTable) -> pd.DataFrame:
    """Give the probabilities of one face: a row for each frame with a face, a column for each unit."""
    return _values(table, "p")


def occurrences(table: AUTable) -> pd.DataFrame:
    """Give 1 or 0 as the rival's own thresholds say, shaped as `probabilities`."""
    return _values(table, "c")


def _values(table: AUTable, kind: str) -> pd.DataFrame:
    seen = table.data[table.data["success"] == 1].drop_duplicates("frame").set_index("frame")
    units = [unit for unit in table.au_names if f"{unit}_{kind}" in seen]
    return seen[[f"{unit}_{kind}" for unit in units]].set_axis(units, axis=1)


def compare(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Compare two answers unit by unit, over the frames that both have.

    Args:
        one: Probabilities, the plain answer.
        other: Probabilities, which should be the same.

    Returns:
        By unit: `correlation` (Pearson; NaN where the plain answer's sd is below `MOVES` or the other stands
        still), `difference`, the mean absolute one, in [0, 1], and `relative`, the same in sds of the plain
        answer (NaN where that is below `MOVES`): an answer that hardly moves gets a small difference for
        nothing.
    """
    frames = one.index.intersection(other.index)
    units = [unit for unit in one if unit in other]
    a, b = one.loc[frames, units].to_numpy(float), other.loc[frames, units].to_numpy(float)
    rows = []
    for x, y in zip(a.T, b.T):
        both = np.isfinite(x) & np.isfinite(y)
        x, y = x[both], y[both]
        difference = float(np.abs(x - y).mean()) if len(x) else np.nan
        moves = len(x) > 1 and x.std() >= MOVES
        rows.append(
            {
                "correlation": float(np.corrcoef(x, y)[0, 1]) if moves and y.std() > 0 else np.nan,
                "difference": difference,
                "relative": difference / x.std() if moves else np.nan,
            }
        )
    return pd.DataFrame(rows, index=pd.Index(units, name="unit"), columns=list(COMPARED))


def unmirror(answer: pd.DataFrame) -> pd.DataFrame:
    """Rename the answer to a mirrored face: what is left there is right here."""
    units = list(answer)
    return answer.iloc[:, mirror_index(units)].set_axis(units, axis=1)


def silence(present: pd.DataFrame, probability: pd.DataFrame) -> pd.DataFrame:
    """Say how often each unit is said to be there.

    Returns:
        By unit: `share` of the frames with a face, mean `probability`, and `group`: `speech` and `blink` for
        units that may come and go while a neutral person talks, `quiet` for those that should not.
    """
    groups = []
    for unit in probability:
        base = split_side(unit)[0]
        groups.append("speech" if base in SPEECH else "blink" if base in BLINKS else "quiet")
    return pd.DataFrame(
        {"share": present.mean(), "probability": probability.mean(), "group": groups},
        index=pd.Index(list(probability), name="unit"),
    )


def repetition_difference(looped: pd.DataFrame, length: int, loops: int) -> pd.DataFrame:
    """Compare the last repetition of a looped clip with the first; the frames are numbered on and on."""
    last = looped[looped.index >= (loops - 1) * length]
    return compare(looped[looped.index < length], last.set_axis(last.index - (loops - 1) * length))


def frozen_drift(frozen: pd.DataFrame, fps: float) -> pd.DataFrame:
    """Say how an answer to one frame, repeated, changes over time.

    Returns:
        By unit: `drift`, the absolute difference between the means over the last and the first second, and
        `range`, largest minus smallest answer, and `inner range`, the same without the first and last second.
    """
    second = max(1, round(fps))
    drift = (frozen.iloc[-second:].mean() - frozen.iloc[:second].mean()).abs()
    inner = frozen.iloc[second:-second]
    return pd.DataFrame(
        {"drift": drift, "range": frozen.max() - frozen.min(), "inner range": inner.max() - inner.min()}
    )


def roughness(answer: pd.DataFrame) -> pd.DataFrame:
    """Say how an answer steps from a frame to the next; steps over a missing frame are left out.

    Returns:
        By unit: `difference`, the mean absolute step, and `relative`, the same in sds of the answer, as in
        `compare`.
    """
    steps = answer.diff().abs()
    mean = steps[np.diff(answer.index, prepend=-9) == 1].mean()
    spread = answer.std(ddof=0)
    return pd.DataFrame({"difference": mean, "relative": (mean / spread).where(spread >= MOVES)})
