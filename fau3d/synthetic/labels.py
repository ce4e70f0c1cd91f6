"""Labels of a performance: what a FACS coder would write down, computed from what the face did."""

from collections.abc import Mapping

import numpy as np

from fau3d.facs.names import get_au_set, split_side
from fau3d.synthetic.actions import MEASURED_AUS, SYNTHETIC_AUS, ActionMap
from fau3d.synthetic.performance import CLOSED_LIDS, Performance

LABELLED_AUS: tuple[str, ...] = get_au_set("synthetic41")

# (share of the full movement, intensity), between which lines are drawn. FACS's ranges are uneven (figure
# "Relation between the scale of evidence and intensity scores" of the manual): A and B are narrow, C is the
# widest, D wide, E narrow again. The manual gives no numbers; these are ours.
# fmt: off
MOVEMENT_LEVELS = ((0.0, 0.0), (0.1, 1.0), (0.25, 2.0), (0.45, 3.0), (0.75, 4.0), (0.95, 5.0))
# The same for what is measured: lip gaps in cm, jaw opening in weights of jawOpen.
LIP_GAP_LEVELS = ((0.0, 0.0), (0.15, 1.0), (0.35, 2.0), (0.7, 3.0), (1.2, 4.0), (2.0, 5.0))
JAW_DROP_LEVELS = ((0.0, 0.0), (0.08, 1.0), (0.16, 2.0), (0.26, 3.0), (0.38, 4.0), (0.5, 5.0))
JAW_STRETCH_LEVELS = ((0.42, 0.0), (0.5, 1.0), (0.62, 2.0), (0.74, 3.0), (0.86, 4.0), (1.0, 5.0))
# fmt: on

PRESENT_FROM = 1.0
ABSENT_BELOW = 0.5
# Activation at which a unit acts itself, and under which it does not.
ACTIVE_FROM = 0.1
PASSIVE_BELOW = 0.05
# Movement that other units lend to one that does not act: below this share of its full movement it is
# absent, from there nobody could tell.
LENT_FROM = 0.3
# Share of the full closure; closed is `CLOSED_LIDS`. A lid that droops or that AU07 narrows is not closed.
OPEN_BELOW = 0.4
# A shorter closure of both eyes is a blink (AU45), a longer one, or one of a single eye, is AU43.
BLINK_BELOW_SECONDS = 0.5

# Where the first unit shows, FACS does not score the others on top, or only on evidence that points cannot
# carry: they are left unannotated there, unless they act themselves. AU26 gives way to AU27 always.
UNSCORED_BESIDE: dict[str, tuple[str, ...]] = {
    "AU06": ("AU07",),
    "AU09": ("AU04", "AU10", "AU11"),
    "AU10": ("AU11",),
    "AU11": ("AU10",),
    "AU23": ("AU24",),
    "AU24": ("AU23",),
    "AU27": ("AU26",),
    "AU28": ("AU23", "AU24"),
}
_ALWAYS_UNSCORED_BESIDE = ("AU27",)
_COLUMN = {au: k for k, au in enumerate(SYNTHETIC_AUS)}
_LIDS = _COLUMN["AU43"]
_BLINK = len(SYNTHETIC_AUS)


def labels_of(
    actions: ActionMap,
    performance: Performance,
    unscored_beside: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Label what shows on the face.

    Intensity, 0 to 5, is read off the movement of a unit's points against the neutral face; of a unit with
    two sides it is that of the stronger one. A unit is present from trace (1.0) and absent under half of it;
    between the two nobody could tell. A unit that does not act itself is absent, and unannotated where
    other units move its points far.

    Args:
        actions: The map of the rig that was driven.
        performance: What the face did.
        unscored_beside: Units that are not scored beside others, `UNSCORED_BESIDE` by default.

    Returns:
        In the order of `LABELLED_AUS`: intensity (T, 41), float32, 0 to 5, NaN = not annotated; and
        occurrence (T, 41), int8: 1, 0, -1 = not annotated. Movement between absent and trace has an
        intensity and no occurrence.
    """
    activation = performance.activation
    share = actions.movement(activation)
    graded = _grade(share, MOVEMENT_LEVELS)
    occurrence = _presence(graded)
    _grade_openings(actions, performance.weights, graded, occurrence)
    _hide_borrowed(activation, share, graded, occurrence)
    _hide_unscored(UNSCORED_BESIDE if unscored_beside is None else unscored_beside, graded, occurrence)
    graded, occurrence = (
        np.concatenate([values, np.zeros_like(values[:, :1])], 1) for values in (graded, occurrence)
    )
    _tell_blinks(share[:, _LIDS], performance.closure_seconds, graded, occurrence)
    return _columns(graded, occurrence)


def _grade(values: np.ndarray, levels: tuple[tuple[float, float], ...]) -> np.ndarray:
    at, grade = zip(*levels)
    return np.interp(values, at, grade)


def _presence(graded: np.ndarray) -> np.ndarray:
    return np.where(graded >= PRESENT_FROM, 1, np.where(graded < ABSENT_BELOW, 0, -1)).astype(np.int8)


def _grade_openings(
    actions: ActionMap, weights: np.ndarray, graded: np.ndarray, occurrence: np.ndarray
) -> None:
    """Grade AU25, AU26 and AU27 by the opening of lips and jaw that all shapes together make."""
    jaw = weights[:, actions.jaw]
    openings = (
        (np.maximum(weights @ actions.lip_gap, 0), LIP_GAP_LEVELS),
        (jaw, JAW_DROP_LEVELS),
        (jaw, JAW_STRETCH_LEVELS),
    )
    for au, (opening, levels) in zip(MEASURED_AUS, openings):
        graded[:, _COLUMN[au]] = _grade(opening, levels)[:, None]
        occurrence[:, _COLUMN[au]] = _presence(graded[:, _COLUMN[au]])


def _hide_borrowed(
    activation: np.ndarray, share: np.ndarray, graded: np.ndarray, occurrence: np.ndarray
) -> None:
    """Take back what units that do not act themselves owe to others."""
    carried = np.array([au not in MEASURED_AUS for au in SYNTHETIC_AUS])[:, None]
    passive = (activation < PASSIVE_BELOW) & carried
    lent = passive & (share >= LENT_FROM)
    graded[passive] = _grade(np.minimum(share, activation)[passive], MOVEMENT_LEVELS)
    occurrence[passive] = 0
    graded[lent] = np.nan
    occurrence[lent | (carried & ~passive & (activation < ACTIVE_FROM) & (occurrence == 1))] = -1


def _hide_unscored(beside: Mapping[str, tuple[str, ...]], graded: np.ndarray, occurrence: np.ndarray) -> None:
    shown = occurrence == 1
    for au, others in beside.items():
        here = shown[:, _COLUMN[au]].any(1)[:, None]
        for other in others:
            at = _COLUMN[other]
            hidden = here & (~shown[:, at] | (au in _ALWAYS_UNSCORED_BESIDE))
            graded[:, at][hidden] = np.nan
            occurrence[:, at][hidden] = -1


def _tell_blinks(share: np.ndarray, seconds: np.ndarray, graded: np.ndarray, occurrence: np.ndarray) -> None:
    """Divide closed lids (T, 2) between AU43 and AU45 (the last column) by how long they stay closed."""
    closed = share >= CLOSED_LIDS
    half = (share >= OPEN_BELOW) & ~closed
    both = (closed | half).all(1)[:, None]
    blink = closed & both & (seconds < BLINK_BELOW_SECONDS)
    grade = _grade(share, MOVEMENT_LEVELS)
    for column, kind in ((_LIDS, closed & ~blink), (_BLINK, blink)):
        occurrence[:, column] = np.where(kind, 1, np.where(half, -1, 0))
        # While lids are half down it is open which of the two it will be.
        graded[:, column] = np.where(kind, grade, np.where(half, np.nan, 0))


def _columns(graded: np.ndarray, occurrence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bring sides (T, 25, 2) into the order of `LABELLED_AUS`."""
    both = np.where((occurrence == 1).any(2), 1, occurrence.min(2)).astype(np.int8)
    # A side that shows is graded; where none does, one that nobody can grade leaves the whole so.
    stronger = np.where(both == 1, np.fmax(graded[..., 0], graded[..., 1]), graded.max(2))
    unit = {**_COLUMN, "AU45": _BLINK}
    intensity = np.zeros((len(graded), len(LABELLED_AUS)), np.float32)
    present = np.zeros(intensity.shape, np.int8)
    for column, name in enumerate(LABELLED_AUS):
        au, side = split_side(name)
        row = unit[au]
        intensity[:, column] = graded[:, row, "LR".index(side)] if side else stronger[:, row]
        present[:, column] = occurrence[:, row, "LR".index(side)] if side else both[:, row]
    return intensity, present
