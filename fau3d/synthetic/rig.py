"""A face rig: the points of one topology as a linear function of identity and expression weights."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

SHIPPED_RIGS = {"mediapipe478": "rig_mediapipe478.npz", "ibug68": "rig_ibug68.npz"}
FORMAT = "fau3d-rig-1"


@dataclass(frozen=True)
class FaceRig:
    """The points of a topology on a head with linear identity modes and expression shapes.

    Attributes:
        neutral: Shape (V, 3), float32: the mean face at rest; centimetres, x to the subject's left, y up,
            z out of the face.
        identities: Shape (K, V, 3), float32: displacement of each identity mode at weight 1.
        expressions: Shape (E, V, 3), float32: displacement of each expression shape at weight 1.
        expression_names: E names; sided shapes end in `_L` and `_R` (the subject's sides).
        topology: Name of the point set.
        metainfo: Where the rig comes from, plain strings.
    """

    neutral: np.ndarray
    identities: np.ndarray
    expressions: np.ndarray
    expression_names: tuple[str, ...]
    topology: str
    metainfo: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        points = self.neutral.shape
        if len(points) != 2 or points[1] != 3:
            raise ValueError(f"rig {self.topology}: the neutral face has shape {points}; wanted (V, 3)")
        for name, modes in (("identities", self.identities), ("expressions", self.expressions)):
            if modes.shape[1:] != points:
                raise ValueError(
                    f"rig {self.topology}: {name} have shape {modes.shape}; wanted (*, {points[0]}, 3)"
                )
        if len(self.expression_names) != len(self.expressions):
            raise ValueError(
                f"rig {self.topology}: {len(self.expression_names)} expression names for "
                f"{len(self.expressions)} expression shapes"
            )

    @property
    def num_points(self) -> int:
        """Number of points V."""
        return len(self.neutral)

    def column(self, shape: str) -> int:
        """Give the index of an expression shape.

        Raises:
            KeyError: If the rig has no such shape.
        """
        if shape not in self.expression_names:
            raise KeyError(
                f"rig {self.topology}: no expression shape {shape!r}; known: {list(self.expression_names)}"
            )
        return self.expression_names.index(shape)

    def face(self, identity: np.ndarray) -> np.ndarray:
        """Give the resting face (V, 3) of identity weights (K,)."""
        return self.neutral + np.tensordot(identity.astype(np.float32), self.identities, 1)

    def pose(self, resting: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Add expressions to a resting face.

        Args:
            resting: Shape (V, 3), as `face` gives.
            weights: Shape (..., E): weights of the expression shapes, usually in [0, 1].

        Returns:
            Shape (..., V, 3), float32.
        """
        flat = self.expressions.reshape(len(self.expressions), -1)
        moved = weights.astype(np.float32) @ flat
        return resting.astype(np.float32) + moved.reshape(*weights.shape[:-1], *self.neutral.shape)

    def select(self, points: Sequence[int] | np.ndarray, topology: str) -> "FaceRig":
        """Give the rig of some of its points, under the name of their topology."""
        index = np.asarray(points)
        return FaceRig(
            self.neutral[index],
            self.identities[:, index],
            self.expressions[:, index],
            self.expression_names,
            topology,
            self.metainfo,
        )

    def save(self, path: str | Path) -> None:
        """Write the rig as an npz; modes are kept in float16 (under a twentieth of a millimetre)."""
        with Path(path).open("wb") as file:
            np.savez_compressed(
                file,
                format=FORMAT,
                neutral=self.neutral.astype(np.float32),
                identities=self.identities.astype(np.float16),
                expressions=self.expressions.astype(np.float16),
                expression_names=np.array(self.expression_names),
                topology=self.topology,
                metainfo=np.array([[str(k), str(v)] for k, v in self.metainfo.items()]).reshape(-1, 2),
            )


def load_rig(name_or_path: str | Path) -> FaceRig:
    """Load a rig.

    Args:
        name_or_path: The topology of a shipped rig (`mediapipe478`, `ibug68`), or the path of a rig's npz.

    Returns:
        The rig.

    Raises:
        FileNotFoundError: If there is neither such a shipped rig nor such a file.
        ValueError: If the file is no rig.
    """
    shipped = SHIPPED_RIGS.get(str(name_or_path))
    path = Path(__file__).parent / shipped if shipped else Path(name_or_path)
    if not path.is_file():
        raise FileNotFoundError(
            f"{name_or_path}: no such rig; shipped: {sorted(SHIPPED_RIGS)}, "
            "others are made by tools/data/build_face_rig.py"
        )
    with np.load(path, allow_pickle=False) as archive:
        if "format" not in archive or str(archive["format"]) != FORMAT:
            raise ValueError(
                f"{path}: not a rig of format {FORMAT}; make one with tools/data/build_face_rig.py"
            )
        return FaceRig(
            neutral=archive["neutral"].astype(np.float32),
            identities=archive["identities"].astype(np.float32),
            expressions=archive["expressions"].astype(np.float32),
            expression_names=tuple(str(name) for name in archive["expression_names"]),
            topology=str(archive["topology"]),
            metainfo={str(key): str(value) for key, value in archive["metainfo"]},
        )
