"""Reading ICT-FaceKit's head."""

import json
from pathlib import Path

import numpy as np
import pytest

from fau3d.synthetic.head import ICT_NUM_VERTICES, HeadModel, read_head, read_obj


def write_obj(path: Path, vertices: np.ndarray, faces: np.ndarray) -> None:
    """Write a mesh the way modelling programs do, with texture indices and groups."""
    lines = ["# made for a test", "mtllib head.mtl", "g face"]
    lines += [f"v {x:.5f} {y:.5f} {z:.5f}" for x, y, z in vertices] + [
        "vt 0.5 0.5",
        "vn 0 0 1",
        "usemtl skin",
    ]
    lines += ["f " + " ".join(f"{i + 1}/1/1" for i in face if i >= 0) for face in faces]
    path.write_text("\n".join(lines) + "\n")


def write_facekit(folder: Path, head: HeadModel, with_landmarks: bool = True) -> Path:
    """Write a head in ICT-FaceKit's layout; gives the repository's folder."""
    root = folder / "FaceXModel"
    root.mkdir(parents=True)
    write_obj(root / "generic_neutral_mesh.obj", head.vertices, head.faces)
    for k, mode in enumerate(head.identities):
        write_obj(root / f"identity{k:03d}.obj", head.vertices + mode.astype(np.float32), head.faces)
    for name, shape in zip(head.expression_names, head.expressions):
        write_obj(root / f"{name}.obj", head.vertices + shape.astype(np.float32), head.faces)
    if with_landmarks:
        listed = {"idx_to_landmark_verts": head.landmarks_68.tolist()}
        (root / "vertex_indices.json").write_text(json.dumps(listed))
    return folder


def test_folder_and_archive_give_the_same_head(head: HeadModel, tmp_path: Path) -> None:
    folder = read_head(write_facekit(tmp_path / "ICT-FaceKit", head))
    archive = tmp_path / "head.npz"
    np.savez(
        archive,
        vertices=head.vertices,
        faces=head.faces,
        identities=head.identities,
        expressions=head.expressions,
        expression_names=np.array(head.expression_names),
        landmarks_68=head.landmarks_68,
    )
    loaded = read_head(archive)
    assert folder.expression_names == loaded.expression_names == tuple(sorted(head.expression_names))
    for key in ("vertices", "faces", "identities", "expressions", "landmarks_68"):
        np.testing.assert_allclose(getattr(folder, key), getattr(loaded, key), atol=2e-3)


def test_faces_of_quads_and_triangles(tmp_path: Path) -> None:
    path = tmp_path / "mesh.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nf 1 2 3\nf 1/1 2/2 3/3 4/4\n")
    vertices, faces = read_obj(path)
    assert vertices.shape == (4, 3)
    assert faces.tolist() == [[0, 1, 2, -1], [0, 1, 2, 3]]


@pytest.mark.parametrize(
    ("content", "message"), [("f 1 2 3\n", "no vertices"), ("v 0 0 0\nf 1 1 1 1 1\n", "5 corners")]
)
def test_broken_meshes_say_what_is_wrong(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "mesh.obj"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        read_obj(path)


def test_missing_source_and_missing_neutral_mesh(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        read_head(tmp_path / "nothing")
    with pytest.raises(FileNotFoundError, match="generic_neutral_mesh"):
        read_head(tmp_path)


def test_mesh_of_another_size_is_named(head: HeadModel, tmp_path: Path) -> None:
    folder = write_facekit(tmp_path / "kit", head)
    write_obj(folder / "FaceXModel" / "jawOpen.obj", head.vertices[:-1], head.faces[:1])
    with pytest.raises(ValueError, match=r"jawOpen\.obj: has 440 vertices"):
        read_head(folder)


def test_unknown_mesh_needs_listed_landmarks(head: HeadModel, tmp_path: Path) -> None:
    folder = write_facekit(tmp_path / "kit", head, with_landmarks=False)
    with pytest.raises(ValueError, match=str(ICT_NUM_VERTICES)):
        read_head(folder)


def test_archive_without_an_array_is_named(tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    np.savez(path, vertices=np.zeros((3, 3)))
    with pytest.raises(ValueError, match="missing"):
        read_head(path)


def test_the_real_head(shared_dir: Path) -> None:
    head = read_head(shared_dir / "ict_facekit" / "ict_facekit_light.npz")
    assert len(head.vertices) == ICT_NUM_VERTICES and len(head.parts) > 5
    marks = head.vertices[head.landmarks_68]
    # The subject's right eye (points 36 to 41) lies at negative x, the brows above, the chin below.
    assert marks[36, 0] < 0 < marks[45, 0] and marks[19, 1] > marks[37, 1] > marks[8, 1]
