"""Networks that read pictures, in the same analyser: faces are cut out as the pipeline says."""

import numpy as np
import pytest
import torch

from fau3d.apis import AUInferencer
from fau3d.apis.face_crops import split_image_steps
from fau3d.cli import main
from fau3d.engine.checkpoint import EXPORT_FORMAT
from fau3d.functional.face_crop import FaceCrop, crop_face
from fau3d.io.video import VideoReader
from fau3d.registry import MODELS
from fau3d.topology import get_topology

COLOUR = [
    {"type": "LoadFaceImage", "color": "rgb"},
    {"type": "CropFace", "size": 64},
    {"type": "CropMiddle", "size": 56},
    {"type": "PackFaceInputs"},
]
GRAY = [
    {"type": "LoadFaceImage"},
    {"type": "CropToBox", "margin": 0.1},
    {"type": "PadToSquare"},
    {"type": "ResizeImage", "size": 32},
    {"type": "PackFaceInputs"},
]


def checkpoint(path, steps, **backbone):
    torch.manual_seed(0)
    model = {
        "type": "AURecognizer",
        "data_preprocessor": {"type": "ImagePreprocessor"},
        "backbone": backbone,
        "head": {
            "type": "ImageAUHead",
            "in_channels": backbone.pop("out"),
            "au_set": "bp4d",
            "intensity": False,
        },
    }
    built = MODELS.build(model)
    meta = {
        "format": EXPORT_FORMAT, "model": model, "test_pipeline": steps, "clip": {"length": 1, "stride": 1},
        "topology": None, "au_names": list(built.au_names), "label_type": "occurrence", "fps": None,
        "thresholds_split": None, "metainfo": {},
    }  # fmt: skip
    torch.save({"state_dict": built.state_dict(), "meta": meta}, path)
    return built.eval()


@pytest.fixture(scope="module")
def clip(clips_dir):
    return clips_dir / "pexels_wolfganglanger_expressions_occlusion.mp4"


@pytest.fixture(scope="module")
def frames(clip):
    with VideoReader(clip) as reader:
        return np.stack([reader[i] for i in range(340, 349)])


def test_answers_are_the_networks_own_of_the_cut_out_face(tmp_path, frames):
    network = checkpoint(tmp_path / "m.pth", COLOUR, type="ResNetFeatures", depth=18, width=0.125, out=64)
    with AUInferencer(tmp_path / "m.pth", batch_size=4) as inferencer:
        results = list(inferencer.results(frames))
    assert len(results) == 9
    for frame, result in zip(frames, results):
        (face,) = result.faces.values()
        eyes = face.landmarks.points[get_topology("mediapipe478").eye_corners, :2]
        cut = crop_face(frame, eyes, FaceCrop(size=64))[4:60, 4:60]
        inputs = {"image": torch.from_numpy(cut.copy())[None, None]}
        with torch.no_grad():
            ready = network.data_preprocessor({"inputs": inputs})["inputs"]
            wanted = network(ready, mode="tensor")["occurrence"].sigmoid()[0, 0]
        np.testing.assert_allclose(face.probability, wanted.double(), atol=1e-5)


def test_gray_squares_of_the_face_box_and_stills(tmp_path, frames):
    widths, blocks = (8, 16), (1, 1)
    checkpoint(tmp_path / "g.pth", GRAY, type="CompactFaceCNN", channels=widths, blocks=blocks, out=16)
    with AUInferencer(tmp_path / "g.pth") as inferencer:
        (result,) = inferencer.stills([("still", frames[0])])
    assert np.isfinite(result.faces[0].probability).all() and result.image is not None


def test_command_writes_table_overlay_and_panel(tmp_path, clip, capsys):
    checkpoint(tmp_path / "m.pth", COLOUR, type="ResNetFeatures", depth=18, width=0.125, out=64)
    import cv2

    with VideoReader(clip) as reader:
        cv2.imwrite(str(tmp_path / "face.png"), reader[345][..., ::-1])
    out = tmp_path / "out"
    command = ["analyze", str(tmp_path / "face.png"), "-o", str(out), "--checkpoint", str(tmp_path / "m.pth")]
    assert main([*command, "--panel", "--quiet"]) == 0
    assert {path.name for path in out.iterdir()} == {"au.csv", "overlay.png"}


def test_a_pipeline_that_does_not_say_how_faces_are_cut_is_refused():
    with pytest.raises(ValueError, match="CropFace"):
        split_image_steps([{"type": "LoadFaceImage"}, {"type": "PackFaceInputs"}], "some.pth")
    assert split_image_steps([{"type": "AlignEyes"}], "points.pth") == (None, [{"type": "AlignEyes"}])


def test_a_released_file_is_used_as_it_was_downloaded(tmp_path, shared_dir, repo_root, frames):
    import importlib.util
    import json

    spec = importlib.util.spec_from_file_location(
        "formula", repo_root / "tests" / "models" / "formula_weights.py"
    )
    formula = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(formula)
    shapes = json.loads((shared_dir / "reference" / "opengraphau" / "stage1_resnet50.json").read_text())
    torch.save({"state_dict": formula.formula_state(shapes, "module.")}, tmp_path / "released.pth")
    with AUInferencer(tmp_path / "released.pth", released="opengraphau-resnet50") as inferencer:
        (result,) = inferencer.stills([("still", frames[0])])
        assert len(inferencer.recognizer.au_names) == 41
    assert np.isfinite(result.faces[0].probability).all()
    for name, text in (("opengraphau-swin-tiny", "its backbone is resnet50"), ("openface", "unknown model")):
        with pytest.raises(ValueError, match=text):
            AUInferencer(tmp_path / "released.pth", released=name)
    with pytest.raises(FileNotFoundError, match="downloaded from the project"):
        AUInferencer(tmp_path / "nowhere.pth", released="megraphau")
