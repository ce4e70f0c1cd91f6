"""Action units on the rig: which shapes each unit moves, and how far they have moved the face."""

from collections.abc import Sequence
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
    # The sneer alone would bare the teeth, which noses wrinkle without: the lower lip follows the upper one.
    "AU09": {"noseSneer": 1.0, "browDown": 0.9, "cheekSquint": 0.35, "eyeSquint": 0.3, "mouthClose": 0.15},
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

# Points of the inner lips, upper and lower, by topology: their distance says whether the lips are apart.
INNER_LIPS: dict[str, tuple[tuple[int, int], ...]] = {
    "mediapipe478": ((13, 14), (82, 87), (312, 317)),
    "ibug68": ((62, 66), (61, 67), (63, 65)),
}
# A unit's movement is read off its strongest shapes (those within this share of the strongest), which make it
# what it is: a wrinkling nose also draws the brows down, but lowered brows are no wrinkled nose ...
_CARRYING_SHARE = 0.95
# ... at the points that these move at least this share as far as the point that they move farthest.
_MOST_MOVED_SHARE = 0.5


@dataclass(frozen=True)
class Carrier:
    """How far one side of a unit has moved the face, read off the shapes that carry it.

    Attributes:
        unit: Place in `SYNTHETIC_AUS`.
        side: 0 = left, 1 = right.
        columns: Shape (K,): the rig's shapes that carry it.
        full: Shape (K,): their weights at full activation of both sides.
        moves: Shape (K, 3P): movement of the unit's P most moved points per weight, scaled so that the full
            movement has norm 1.
    """

    unit: int
    side: int
    columns: np.ndarray
    full: np.ndarray
    moves: np.ndarray

    def read(self, weights: np.ndarray) -> np.ndarray:
        """Give the share (T,) of the full movement, in about [0, 1], of shape weights (T, E)."""
        # Beyond a unit's own part of a shape, the movement is another unit's.
        part = np.clip(weights[:, self.columns], 0, self.full)
        return np.linalg.norm(part @ self.moves, axis=1)


@dataclass(frozen=True)
class ActionMap:
    """Turns activations of a rig's action units into weights of its shapes, and tells how far these move it.

    Attributes:
        matrix: Shape (A, 2, E): weights of the shapes at full activation of each unit on the left and right.
        jaw: Column of `jawOpen`.
        lip_gap: Shape (E,): change of the distance between the inner lips (cm) per weight.
        carriers: Every side of every unit that shapes carry.
    """

    matrix: np.ndarray
    jaw: int
    lip_gap: np.ndarray
    carriers: tuple[Carrier, ...]

    def weights(self, activation: np.ndarray) -> np.ndarray:
        """Give shape weights (T, E) of activations (T, A, 2): left and right, in about [0, 1.1]."""
        return np.einsum("tas,ase->te", activation, self.matrix)

    def movement(self, activation: np.ndarray) -> np.ndarray:
        """Measure how far each unit's own movement shows on the face, whichever units brought it about.

        Args:
            activation: Shape (T, A, 2), left and right.

        Returns:
            Shape (T, A, 2): root mean square displacement of the unit's most moved points against the
            neutral face, as a share of its full movement on this rig; 0 for the units of `MEASURED_AUS`.
        """
        weights = self.weights(activation)
        share = np.zeros(activation.shape, np.float64)
        for carrier in self.carriers:
            share[:, carrier.unit, carrier.side] = carrier.read(weights)
        return share


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
    return ActionMap(matrix, rig.column("jawOpen"), gap.astype(np.float32), _carriers(rig, matrix))


def _carriers(rig: FaceRig, matrix: np.ndarray) -> tuple[Carrier, ...]:
    carriers = []
    for unit, side in np.ndindex(matrix.shape[:2]):
        # A shape without sides is moved half by each: its full movement is both's.
        full = np.where(matrix[unit, side] > 0, matrix[unit].sum(0), 0)
        columns = np.flatnonzero(full >= max(_CARRYING_SHARE * full.max(), 1e-6))
        if not len(columns):
            continue
        moves = rig.expressions[columns].astype(np.float64)
        whole = np.tensordot(full[columns], moves, 1)
        reach = np.linalg.norm(whole, axis=1)
        most = reach >= _MOST_MOVED_SHARE * reach.max()
        scale = max(float(np.linalg.norm(whole[most])), 1e-9)
        carriers.append(
            Carrier(unit, side, columns, full[columns], moves[:, most].reshape(len(columns), -1) / scale)
        )
    return tuple(carriers)
