"""Faces cut out of raw pictures."""

import importlib.util

import cv2
import numpy as np
import pytest

from fau3d.apis.face_images import FaceImageForm, boxes_of_extractor, prepare_face_images
from fau3d.io.video import VideoReader, read_image
from fau3d.structures import FaceLandmarks


@pytest.fixture
def tool(repo_root):
    path = repo_root / "tools" / "data" / "prepare_face_images.py"
    spec = importlib.util.spec_from_file_location("prepare_face_images", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Stub:
    """Two faces, the second the larger one; none on a black picture."""

    def reset(self):
        pass

    def extract(self, images, timestamps=None):
        def face(box):
            return FaceLandmarks(np.zeros((1, 2)), np.ones(1), np.array(box, np.float32), 1.0, "ibug68")

        return [[face((0, 0, 4, 4)), face((10, 6, 30, 36))] if image.any() else [] for image in images]


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "raw" / "a"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    cv2.imwrite(str(folder / "face.png"), rng.integers(1, 255, (40, 50, 3), np.uint8))
    cv2.imwrite(str(folder / "dark.png"), np.zeros((40, 50, 3), np.uint8))
    (folder / "broken.png").write_bytes(b"no picture")
    return tmp_path / "raw"


def test_cropped_gray_square_and_resumed(pictures, tmp_path):
    out, boxes, form = tmp_path / "out", boxes_of_extractor(Stub()), FaceImageForm(margin=0)
    result = prepare_face_images(pictures, out, boxes, form)
    assert (result.done, result.skipped) == (1, 0)
    assert result.failed["a/dark.png"] == "no face was found" and "a/broken.png" in result.failed
    made = cv2.imread(str(out / "a" / "face.png"), cv2.IMREAD_UNCHANGED)
    assert made.shape == (30, 30)
    assert not made[:, :5].any() and not made[:, 25:].any()
    gray = cv2.cvtColor(cv2.imread(str(pictures / "a" / "face.png")), cv2.COLOR_BGR2GRAY)
    assert np.abs(made[:, 5:25].astype(int) - gray[6:36, 10:30]).max() <= 1
    assert prepare_face_images(pictures, out, boxes, form).skipped == 1


def test_colour_and_size(pictures, tmp_path):
    form = FaceImageForm(margin=0, gray=False, square=False, size=15)
    prepare_face_images(pictures, tmp_path / "out", boxes_of_extractor(Stub()), form)
    assert read_image(tmp_path / "out" / "a" / "face.png").shape == (15, 10, 3)


def test_what_cannot_be_is_told(tmp_path, tool, capsys):
    (tmp_path / "lists" / "data").mkdir(parents=True)
    assert tool.main([str(tmp_path), str(tmp_path / "o"), "--lists", str(tmp_path / "lists")]) == 2
    assert "has none of the lists" in capsys.readouterr().err
    with pytest.raises(FileNotFoundError, match="no pictures"):
        prepare_face_images(tmp_path, tmp_path / "o", boxes_of_extractor(Stub()), FaceImageForm())
    with pytest.raises(ValueError, match="is the folder of the pictures"):
        prepare_face_images(tmp_path, tmp_path, boxes_of_extractor(Stub()), FaceImageForm())


def test_a_real_face_by_our_extractor(clips_dir, tmp_path, tool):
    with VideoReader(clips_dir / "pexels_wolfganglanger_expressions_occlusion.mp4") as reader:
        frame = next(iter(reader.frames(330, 331))).image
    (tmp_path / "raw").mkdir()
    cv2.imwrite(str(tmp_path / "raw" / "face.jpg"), frame[..., ::-1])
    assert tool.main([str(tmp_path / "raw"), str(tmp_path / "out"), "--size", "64"]) == 0
    made = cv2.imread(str(tmp_path / "out" / "face.jpg"), cv2.IMREAD_UNCHANGED)
    assert made.shape == (64, 64) and made.std() > 20
