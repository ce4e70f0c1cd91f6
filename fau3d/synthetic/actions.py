"""Action units on the rig: which shapes each unit moves, and what a set of shapes is labelled as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.rig import FaceRig

SYNTHETIC_AUS: tuple[str, ...] = tuple(
    f"AU{number:02d}"
    for number in (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 16, 17, 18, 20, 22, 23, 24, 25, 26, 27, 28, 43)
)

# Shapes at full activation. The first of each entry is ICT-FaceKit's documented counterpart of the unit; what
# follows moves along on faces: a wrinkling nose draws the brows down and the lip and cheeks up.
AU_SHAPES: dict[str, dict[str, float]] = {
    "AU01": {"browInnerUp": 1.0},
    "AU02": {"browOuterUp": 1.0},
    # The shape at 1 lowers the inner brows by 2 % of the eyes' distance; a real frown by over twice that.
    "AU04": {"browDown": 2.6},
    "AU05": {"eyeWide": 1.0},
    "AU06": {"cheekSquint": 1.0, "cheekRaiser": 0.3, "eyeSquint": 0.35},
    "AU07": {"eyeSquint": 1.0, "eyeBlink": 0.12},
    "AU09": {"noseSneer": 1.0, "browDown": 0.4, "mouthUpperUp": 0.3, "cheekSquint": 0.25, "eyeSquint": 0.3},
    "AU10": {"mouthShrugUpper": 0.4, "mouthUpperUp": 0.7, "noseSneer": 0.15},
    "AU11": {"mouthUpperUp": 0.5, "noseSneer": 0.2},
    "AU12": {"mouthSmile": 1.0},
    "AU14": {"mouthDimple": 1.0},
    "AU15": {"mouthFrown": 1.0},
    "AU16": {"mouthLowerDown": 1.0},
    "AU17": {"mouthShrugLower": 1.0},
    "AU18": {"mouthPucker": 1.0},
    "AU20": {"mouthStretch": 1.0},
    "AU22": {"mouthFunnel": 1.0},
    "AU23": {"mouthPress": 0.6, "mouthRollLower": 0.25, "mouthRollUpper": 0.25},
    "AU24": {"mouthPress": 1.0},
    "AU28": {"mouthRollLower": 1.0, "mouthRollUpper": 1.0},
    "AU43": {"eyeBlink": 1.0},
}
# Labelled by what is seen (lips apart, jaw down), whatever brought it about, and not by activation.
MEASURED_AUS = ("AU25", "AU26", "AU27")

# Where the first unit shows, FACS does not score the others on top, or only on evidence that points cannot
# carry: they are left unannotated there, unless they were activated themselves.
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

# Points of the inner lips, upper and lower, by topology: their distance says whether the lips are apart.
INNER_LIPS: dict[str, tuple[tuple[int, int], ...]] = {
    "mediapipe478": ((13, 14), (82, 87), (312, 317)),
    "ibug68": ((62, 66), (61, 67), (63, 65)),
}
# (value, intensity) along which measured units are read; lip gaps in cm, jaw opening in weights of jawOpen.
LIP_GAP_LEVELS = ((0.0, 0.0), (0.15, 1.0), (0.35, 2.0), (0.7, 3.0), (1.2, 4.0), (2.0, 5.0))
JAW_DROP_LEVELS = ((0.0, 0.0), (0.08, 1.0), (0.16, 2.0), (0.26, 3.0), (0.38, 4.0), (0.5, 5.0))
JAW_STRETCH_LEVELS = ((0.42, 0.0), (0.5, 1.0), (0.62, 2.0), (0.74, 3.0), (0.86, 4.0), (1.0, 5.0))

PRESENT_FROM = 1.0
ABSENT_BELOW = 0.5
# A lid that droops or follows the gaze is not closed.
CLOSED_FROM = 3.5
OPEN_BELOW = 2.0


@dataclass(frozen=True)
class ActionMap:
    """Turns activations of a rig's action units into weights of its shapes, and back into labels.

    Attributes:
        matrix: Shape (A, 2, E): weights of the shapes at full activation of each unit on the left and right.
        jaw: Column of `jawOpen`.
        lip_gap: Shape (E,): change of the distance between the inner lips (cm) per weight.
    """

    matrix: np.ndarray
    jaw: int
    lip_gap: np.ndarray

    def weights(self, activation: np.ndarray) -> np.ndarray:
        """Give shape weights (T, E) of activations (T, A, 2): left and right, in about [0, 1.1]."""
        return np.einsum("tas,ase->te", activation, self.matrix)


def action_map(rig: FaceRig, lip_points: Sequence[tuple[int, int]] | None = None) -> ActionMap:
    """Build the map from action units to a rig's shapes.

    Args:
        rig: The rig; shapes that it lacks are passed over, except `jawOpen`.
        lip_points: Pairs (upper, lower) of inner lip points; by default those of the rig's topology.

    Returns:
        The map.

    Raises:
        ValueError: If the lip points are not given and not known for the rig's topology.
        KeyError: If the rig has no shape `jawOpen`.
    """
    if lip_points is None:
        if rig.topology not in INNER_LIPS:
            raise ValueError(
                f"rig {rig.topology}: inner lip points are known for {sorted(INNER_LIPS)}; give lip_points"
            )
        lip_points = INNER_LIPS[rig.topology]
    upper, lower = (list(ids) for ids in zip(*lip_points))
    gap = (rig.expressions[:, upper, 1] - rig.expressions[:, lower, 1]).mean(1)
    matrix = np.zeros((len(SYNTHETIC_AUS), 2, len(rig.expressions)), np.float32)
    for row, au in enumerate(SYNTHETIC_AUS):
        for shape, weight in AU_SHAPES.get(au, {}).items():
            for side, suffix in enumerate("LR"):
                if f"{shape}_{suffix}" in rig.expression_names:
                    matrix[row, side, rig.column(f"{shape}_{suffix}")] = weight
                elif shape in rig.expression_names:
                    matrix[row, side, rig.column(shape)] = weight / 2
    return ActionMap(matrix, rig.column("jawOpen"), gap.astype(np.float32))


def intensities(actions: ActionMap, activation: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Grade what shows on the face, 0 to 5.

    Activated units are graded on the stronger side, five times the activation (so trace, A, is 0.2 of the
    full movement); AU25, AU26 and AU27 on the opening of lips and jaw that all shapes together make.

    Args:
        actions: The map of the rig.
        activation: Shape (T, A, 2), left and right.
        weights: Shape (T, E): weights of all shapes, those of speech and other unlabelled movement included.

    Returns:
        Shape (T, A), float32 in [0, 5].
    """
    graded = np.clip(5 * activation.max(2), 0, 5).astype(np.float32)
    jaw = weights[:, actions.jaw]
    measured = {
        "AU25": (np.maximum(weights @ actions.lip_gap, 0), LIP_GAP_LEVELS),
        "AU26": (jaw, JAW_DROP_LEVELS),
        "AU27": (jaw, JAW_STRETCH_LEVELS),
    }
    for au, (value, levels) in measured.items():
        at, grade = zip(*levels)
        graded[:, SYNTHETIC_AUS.index(au)] = np.interp(value, at, grade)
    return graded


def occurrences(
    intensity: np.ndarray, unscored_beside: Mapping[str, tuple[str, ...]] | None = None
) -> np.ndarray:
    """Decide presence from intensities.

    A unit is present from trace (1.0) and absent under half of it; between the two nobody could tell, so
    it is left unannotated. AU43 is present only where the lid has come down most of the way.

    Args:
        intensity: Shape (T, A), 0 to 5.
        unscored_beside: Units that are not scored beside others, `UNSCORED_BESIDE` by default.

    Returns:
        Shape (T, A), int8: 1, 0, -1 = not annotated.
    """
    beside = UNSCORED_BESIDE if unscored_beside is None else unscored_beside
    present = np.full(intensity.shape[1], PRESENT_FROM)
    absent = np.full(intensity.shape[1], ABSENT_BELOW)
    lids = SYNTHETIC_AUS.index("AU43")
    present[lids], absent[lids] = CLOSED_FROM, OPEN_BELOW
    occurrence = np.where(intensity >= present, 1, np.where(intensity < absent, 0, -1)).astype(np.int8)
    shown = occurrence == 1
    for au, others in beside.items():
        column = shown[:, SYNTHETIC_AUS.index(au)]
        for other in others:
            at = SYNTHETIC_AUS.index(other)
            occurrence[column & ~(shown[:, at] & (au != "AU27")), at] = -1
    return occurrence
