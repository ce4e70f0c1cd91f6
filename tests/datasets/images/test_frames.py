"""Pictures for the frames of an annotation file: cut out once, or read from the videos."""

import importlib.util

import numpy as np
import pytest

from fau3d.datasets import FaceKeypointDataset
from fau3d.datasets.images import CropMiddle, RandomColour
from fau3d.functional.face_crop import FaceCrop, crop_face
from fau3d.io.annotation import save_annotations
from fau3d.io.video import VideoWriter, read_image
from fau3d.topology import get_topology

FRAMES = 7


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    """Two videos whose frames are told by their gray, and the annotation file of a face in them."""
    root = tmp_path_factory.mktemp("videos")
    corners = get_topology("ibug68").eye_corners
    annotations = []
    for number, name in enumerate(("a/one", "two")):
        (root / name).parent.mkdir(exist_ok=True)
        with VideoWriter(root / f"{name}.mp4", fps=25.0, crf=0) as writer:
            for t in range(FRAMES):
                writer.write(np.full((64, 80, 3), 20 + 30 * t, np.uint8))
        keypoint = np.tile(np.random.default_rng(number).uniform(20, 60, (68, 2)), (1, FRAMES, 1, 1))
        keypoint[:, :, corners] = [[56, 30], [48, 30], [32, 30], [24, 30]]
        keypoint[:, 2] = np.nan  # no face here
        annotations.append(
            {
                "frame_dir": name, "total_frames": FRAMES, "img_shape": (64, 80), "original_shape": (64, 80),
                "keypoint": keypoint.astype(np.float32), "fps": 25.0, "subject": name,
                "keypoint_score": np.isfinite(keypoint).all(-1).astype(np.float32),
                "au_occurrence": np.zeros((FRAMES, 1), np.int8), "frame_index": np.arange(FRAMES),
            }
        )  # fmt: skip
    path = root / "corpus.pkl"
    names = [annotation["frame_dir"] for annotation in annotations]
    metainfo = {"topology": "ibug68", "au_names": ["AU12"], "label_type": "occurrence", "extractor": "x"}
    save_annotations(path, {"train": names}, annotations, metainfo)
    return root, path


@pytest.fixture(scope="module")
def crop_tool(repo_root):
    spec = importlib.util.spec_from_file_location("crop", repo_root / "tools" / "data" / "crop_faces.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main


def clip(path, *steps):
    pipeline = [*steps, {"type": "PackFaceInputs"}]
    dataset = FaceKeypointDataset(path, pipeline=pipeline, clip={"length": FRAMES}, test_mode=True)
    return dataset[0]["inputs"]["image"].numpy()


def test_crops_on_disk_and_frames_of_the_video_are_the_same_pictures(videos, crop_tool, tmp_path, capsys):
    root, path = videos
    crops = tmp_path / "crops"
    arguments = [str(path), str(root), str(crops), "--size", "32", "--workers", "0"]
    assert crop_tool(arguments) == 0
    assert "2 done" in (told := capsys.readouterr().out) and "12 crops, 2 frames without" in told
    assert crop_tool(arguments) == 2 and "--resume" in capsys.readouterr().err
    (crops / "two").rename(tmp_path / "gone")
    assert crop_tool([*arguments, "--resume"]) == 0 and "1 done, 1 skipped" in capsys.readouterr().out
    assert crop_tool([*arguments[:4], "16", "--resume"]) == 2 and "--overwrite" in capsys.readouterr().err

    stored = clip(path, {"type": "LoadFaceCrops", "folder": str(crops)})
    cut = {"type": "CropFace", "size": 32}
    read = clip(path, {"type": "LoadVideoFrames", "folder": str(root)}, cut)
    assert stored.shape == read.shape == (FRAMES, 32, 32, 3)
    assert np.abs(stored.astype(int) - read).max() <= 6  # JPEG
    assert not stored[2].any() and not read[2].any()
    grays = read[[0, 1, 3, 4, 5, 6], 14, 16, 0].astype(int)
    assert np.abs(grays - (20 + 30 * np.array([0, 1, 3, 4, 5, 6]))).max() <= 3
    eyes = np.array([[56, 30], [48, 30], [32, 30], [24, 30]])
    frame = np.full((64, 80, 3), 200, np.uint8)
    assert (
        np.abs(
            read_image(crops / "two" / "000006.jpg").astype(int) - crop_face(frame, eyes, FaceCrop(32))
        ).max()
        < 9
    )


def test_what_is_missing_is_told(videos, tmp_path, crop_tool, capsys):
    _, path = videos
    with pytest.raises(RuntimeError, match=r"crop_faces\.py makes it"):
        clip(path, {"type": "LoadFaceCrops", "folder": str(tmp_path)})
    with pytest.raises(RuntimeError, match="no video or folder of images"):
        clip(path, {"type": "LoadVideoFrames", "folder": str(tmp_path)})
    (tmp_path / "some").mkdir()
    with VideoWriter(tmp_path / "some" / "two.mp4", fps=25.0) as writer:
        writer.write(np.zeros((64, 80, 3), np.uint8))
    assert crop_tool([str(path), str(tmp_path / "some"), str(tmp_path / "c"), "--workers", "0"]) == 1
    assert "a/one: no video or images" in capsys.readouterr().out


def test_middle_and_colour():
    rng = np.random.default_rng(0)
    image = np.arange(2 * 6 * 8 * 3, dtype=np.uint8).reshape(2, 6, 8, 3)
    cut = CropMiddle(4)({"image": image})["image"]
    np.testing.assert_array_equal(cut, image[:, 1:5, 2:6])
    places = {
        CropMiddle(4, random=True)({"image": image, "rng": rng})["image"][0, 0, 0, 0] for _ in range(50)
    }
    assert len(places) == 15  # 3 x 5 places
    with pytest.raises(ValueError, match="8x6 pixels"):
        CropMiddle(7)({"image": image})
    red = np.full((1, 4, 4, 3), (200, 60, 60), np.uint8)
    changed = [RandomColour(0.5, 0.0)({"image": red.copy(), "rng": rng})["image"][0, 0, 0] for _ in range(20)]
    assert all(pixel[0] == 200 for pixel in changed) and len({int(pixel[1]) for pixel in changed}) > 5
    gray = np.full((1, 4, 4, 3), 90, np.uint8)
    np.testing.assert_array_equal(RandomColour()({"image": gray, "rng": rng})["image"], gray)
    with pytest.raises(ValueError, match="RGB"):
        RandomColour()({"image": gray[..., :1], "rng": rng})
