"""The tool that makes rigs, on a small head in ICT-FaceKit's layout."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from fau3d.synthetic.rig import load_rig

SIDE = 9
SHAPES = {"jawOpen": (0.0, -1.0, 0.0), "mouthSmile_L": (0.5, 0.5, 0.0), "mouthSmile_R": (-0.5, 0.5, 0.0)}


@pytest.fixture(scope="module")
def tool(repo_root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "build_face_rig", repo_root / "tools/data/build_face_rig.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def facekit(tmp_path: Path) -> Path:
    """ICT-FaceKit's folder with a head of 81 vertices."""
    x, y = np.meshgrid(np.linspace(-8, 8, SIDE), np.linspace(10, -10, SIDE))
    vertices = np.stack([x, y, 8 - 0.05 * (x**2 + y**2)], -1).reshape(-1, 3)
    corner = np.arange(SIDE * (SIDE - 1)).reshape(SIDE - 1, SIDE)[:, :-1].ravel()
    faces = np.stack([corner, corner + SIDE, corner + SIDE + 1, corner + 1], -1) + 1
    root = tmp_path / "ICT-FaceKit" / "FaceXModel"
    root.mkdir(parents=True)
    meshes = {"generic_neutral_mesh": vertices, "identity000": vertices * (1.05, 1, 1)}
    meshes |= {name: vertices + way for name, way in SHAPES.items()}
    for name, points in meshes.items():
        lines = ["v " + " ".join(f"{value:.5f}" for value in point) for point in points]
        lines += ["f " + " ".join(map(str, face)) for face in faces]
        (root / f"{name}.obj").write_text("\n".join(lines))
    listed = {"idx_to_landmark_verts": list(range(68))}
    (root / "vertex_indices.json").write_text(json.dumps(listed))
    return root.parent


def test_makes_the_68_points_without_an_extractor(tool: ModuleType, facekit: Path, tmp_path: Path) -> None:
    assert tool.main([str(facekit), str(tmp_path / "rigs"), "--only-ibug68"]) == 0
    rig = load_rig(tmp_path / "rigs" / "rig_ibug68.npz")
    assert rig.num_points == 68 and rig.expression_names == tuple(sorted(SHAPES))
    np.testing.assert_allclose(rig.expressions[rig.column("jawOpen")], [SHAPES["jawOpen"]] * 68, atol=1e-3)
    assert "ICT-FaceKit" in rig.metainfo["source"]


def test_makes_the_extractors_topology(
    tool: ModuleType, facekit: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fau3d.extractors import LandmarkExtractor
    from fau3d.structures import FaceLandmarks

    class Middle(LandmarkExtractor):
        topology, name = "two", "middle 1.0"

        def extract(self, images, timestamps=None):  # type: ignore[no-untyped-def]
            height, width = images[0].shape[:2]
            points = np.array([[width / 2, height / 2], [width / 2, height / 2 + 20]], np.float32)
            box = np.array([0, 0, width, height], np.float32)
            return [[FaceLandmarks(points, np.ones(2, np.float32), box, 1.0, "two")]]

    monkeypatch.setattr(tool, "extractor_config", lambda name, **wanted: name)
    monkeypatch.setattr(tool, "build_extractor", lambda name: Middle())
    assert tool.main([str(facekit), str(tmp_path / "rigs"), "--response-share", "0"]) == 0
    rig = load_rig(tmp_path / "rigs" / "rig_two.npz")
    assert rig.num_points == 2 and rig.metainfo["extractor"] == "middle 1.0"
    assert abs(rig.neutral[0, 0]) < 0.5 and rig.neutral[1, 1] < rig.neutral[0, 1]


def test_does_not_overwrite_unasked(
    tool: ModuleType, facekit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(facekit), str(tmp_path), "--only-ibug68"]
    assert tool.main(arguments) == 0
    written = (tmp_path / "rig_ibug68.npz").stat().st_mtime_ns
    assert tool.main(arguments) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert (tmp_path / "rig_ibug68.npz").stat().st_mtime_ns == written
    assert tool.main([*arguments, "--overwrite"]) == 0


def test_a_missing_source_is_one_sentence(
    tool: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tool.main([str(tmp_path / "nowhere"), str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert "nowhere: no such file or folder" in error and error.count("\n") == 1


@pytest.mark.slow
def test_the_shipped_68_points_come_from_the_real_head(
    tool: ModuleType, shared_dir: Path, tmp_path: Path
) -> None:
    source = shared_dir / "ict_facekit" / "ict_facekit_light.npz"
    assert tool.main([str(source), str(tmp_path), "--only-ibug68"]) == 0
    made, shipped = load_rig(tmp_path / "rig_ibug68.npz"), load_rig("ibug68")
    np.testing.assert_array_equal(made.expressions, shipped.expressions)
