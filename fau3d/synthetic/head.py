"""The 3D head that a face rig is made from: ICT-FaceKit's mesh, its identity modes and its expression
shapes.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

# Vertices of ICT-FaceKit's mesh by part (half-open ranges), as its README lists them.
ICT_PARTS: dict[str, tuple[int, int]] = {
    "face": (0, 9409),
    "head_and_neck": (9409, 11248),
    "mouth_socket": (11248, 13294),
    "eye_sockets": (13294, 14062),
    "gums_and_tongue": (14062, 17039),
    "teeth": (17039, 21451),
    "left_eyeball": (21451, 23021),
    "right_eyeball": (23021, 24591),
    "eye_covers": (24591, 25351),
    "eyelashes": (25351, 26719),
}
ICT_NUM_VERTICES = 26719

# The 68 iBUG landmarks as vertices of that mesh, for folders without `vertex_indices.json`.
_ICT_LANDMARKS = (
    "1225 1888 1052 367 1719 1722 2199 1447 966 3661 4390 3927 3924 2608 3272 4088 3443 268 493 1914 2044 "
    "1401 3615 4240 4114 2734 2509 978 4527 4942 4857 1140 2075 1147 4269 3360 1507 1542 1537 1528 1518 "
    "1511 3742 3751 3756 3721 3725 3732 5708 5695 2081 0 4275 6200 6213 6346 6461 5518 5957 5841 5702 5711 "
    "5533 6216 6207 6470 5517 5966"
)


@dataclass(frozen=True)
class HeadModel:
    """A head as a mesh with linear identity modes and expression shapes.

    Attributes:
        vertices: Shape (N, 3), float32: the neutral mean head; centimetres, x to the subject's left, y up,
            z out of the face.
        faces: Shape (F, 4), int32 vertex indices; -1 in the last column of a triangle.
        identities: Shape (K, N, 3): displacement of each identity mode at weight 1.
        expressions: Shape (E, N, 3): displacement of each expression shape at weight 1.
        expression_names: E names, sided ones ending in `_L` and `_R`.
        landmarks_68: Shape (68,), vertices of the iBUG landmarks.
        parts: Half-open vertex ranges by name, see `ICT_PARTS`; may be empty.
    """

    vertices: np.ndarray
    faces: np.ndarray
    identities: np.ndarray
    expressions: np.ndarray
    expression_names: tuple[str, ...]
    landmarks_68: np.ndarray
    parts: dict[str, tuple[int, int]]

    def triangles(self) -> np.ndarray:
        """Split the faces into triangles, shape (F', 3), int32."""
        quads = self.faces[:, 3] >= 0
        return np.concatenate([self.faces[:, [0, 1, 2]], self.faces[quads][:, [0, 2, 3]]]).astype(np.int32)


def read_head(source: str | Path) -> HeadModel:
    """Read a head from ICT-FaceKit's repository or from an archive of its arrays.

    Args:
        source: The repository's folder or its `FaceXModel` folder (`generic_neutral_mesh.obj`,
            `identity000.obj` …, one OBJ for each expression), or an `.npz` with `vertices`, `faces`,
            `identities`, `expressions`, `expression_names` and `landmarks_68`.

    Returns:
        The head.

    Raises:
        FileNotFoundError: If the source does not exist or the folder lacks the neutral mesh.
        ValueError: If a mesh has another number of vertices than the neutral one, or an array is missing.
    """
    source = Path(source)
    if not source.exists():
        raise FileNotFoundError(
            f"{source}: no such file or folder; give ICT-FaceKit's folder or an npz of it"
        )
    return _read_folder(source) if source.is_dir() else _read_archive(source)


def _parts(num_vertices: int) -> dict[str, tuple[int, int]]:
    return dict(ICT_PARTS) if num_vertices == ICT_NUM_VERTICES else {}


def _read_archive(path: Path) -> HeadModel:
    wanted = ("vertices", "faces", "identities", "expressions", "expression_names", "landmarks_68")
    with np.load(path, allow_pickle=False) as archive:
        missing = [key for key in wanted if key not in archive]
        if missing:
            raise ValueError(
                f"{path}: found {sorted(archive)}, missing {missing}; give an archive of a head model"
            )
        data = {key: archive[key] for key in wanted}
    return HeadModel(
        vertices=data["vertices"].astype(np.float32),
        faces=data["faces"].astype(np.int32),
        identities=data["identities"],
        expressions=data["expressions"],
        expression_names=tuple(str(name) for name in data["expression_names"]),
        landmarks_68=data["landmarks_68"].astype(np.int64),
        parts=_parts(len(data["vertices"])),
    )


def _read_folder(folder: Path) -> HeadModel:
    root = folder / "FaceXModel" if (folder / "FaceXModel").is_dir() else folder
    neutral = root / "generic_neutral_mesh.obj"
    if not neutral.is_file():
        raise FileNotFoundError(f"{neutral}: not found; give the folder of ICT-FaceKit that holds it")
    vertices, faces = read_obj(neutral)
    shapes = sorted(path for path in root.glob("*.obj") if path != neutral)
    identity_files = [path for path in shapes if path.stem.startswith("identity")]
    expression_files = [path for path in shapes if not path.stem.startswith("identity")]

    def displacement(path: Path) -> np.ndarray:
        moved, _ = read_obj(path, with_faces=False)
        if moved.shape != vertices.shape:
            raise ValueError(
                f"{path}: has {len(moved)} vertices, but {neutral.name} has {len(vertices)}; "
                "take all meshes from one version of the model"
            )
        # ICT's displacements stay under 16 cm: float16 keeps them to a twentieth of a millimetre.
        return (moved - vertices).astype(np.float16)

    none = np.zeros((0, *vertices.shape), np.float16)
    return HeadModel(
        vertices=vertices,
        faces=faces,
        identities=np.stack([displacement(p) for p in identity_files]) if identity_files else none,
        expressions=np.stack([displacement(p) for p in expression_files]) if expression_files else none,
        expression_names=tuple(path.stem for path in expression_files),
        landmarks_68=_read_landmarks(root / "vertex_indices.json", len(vertices)),
        parts=_parts(len(vertices)),
    )


def _read_landmarks(path: Path, num_vertices: int) -> np.ndarray:
    if path.is_file():
        listed = json.loads(path.read_text()).get("idx_to_landmark_verts")
        if listed is not None and len(listed) == 68:
            return np.asarray(listed, np.int64)
    landmarks = np.array([int(item) for item in _ICT_LANDMARKS.split()])
    if num_vertices != ICT_NUM_VERTICES:
        raise ValueError(
            f"{path.parent}: a mesh of {num_vertices} vertices, and no 'idx_to_landmark_verts' of 68 "
            f"vertices in {path.name}; the built-in landmarks hold for {ICT_NUM_VERTICES} vertices only"
        )
    return landmarks


def read_obj(path: str | Path, with_faces: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Read the vertices and faces of a Wavefront OBJ file.

    Args:
        path: The file; texture coordinates, normals, groups and materials are passed over.
        with_faces: Whether to read faces too.

    Returns:
        Vertices (N, 3) float32 and faces (F, 4) int32 from 0, -1 in the last column of a triangle; (0, 4)
        without faces.

    Raises:
        ValueError: If the file has no vertices, or a face that is neither a triangle nor a quad.
    """
    vertices: list[list[float]] = []
    faces: list[list[int]] = []
    with Path(path).open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.startswith("v "):
                vertices.append([float(item) for item in line.split()[1:4]])
            elif with_faces and line.startswith("f "):
                corners = [int(item.split("/")[0]) - 1 for item in line.split()[1:]]
                if len(corners) not in (3, 4):
                    raise ValueError(f"{path}: a face with {len(corners)} corners; wanted triangles or quads")
                faces.append(corners + [-1] * (4 - len(corners)))
    if not vertices:
        raise ValueError(f"{path}: no vertices found; wanted a Wavefront OBJ file")
    return np.array(vertices, np.float32), np.array(faces, np.int32).reshape(-1, 4)
