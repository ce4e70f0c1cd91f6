"""MediaPipe's face mesh on real frames."""

import importlib.metadata
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from fau3d.extractors import MediaPipeExtractor
from fau3d.io.video import VideoReader

mediapipe = pytest.importorskip("mediapipe")


@pytest.fixture(scope="module")
def talking(clips_dir: Path) -> list[np.ndarray]:
    """Every fifth frame of one speaker, (288, 360, 3)."""
    with VideoReader(clips_dir / "grid_brbk7n_talking.mp4") as reader:
        return [frame.image for frame in reader.frames(step=5)]


@pytest.fixture(scope="module")
def still() -> Iterator[MediaPipeExtractor]:
    """An extractor of unrelated images."""
    with MediaPipeExtractor(static=True) as extractor:
        yield extractor


def test_points_are_those_of_face_mesh_in_pixels(talking: list[np.ndarray]) -> None:
    bare = mediapipe.solutions.face_mesh.FaceMesh(refine_landmarks=True)
    with bare, MediaPipeExtractor() as extractor:
        for image in talking[:4]:
            points = bare.process(image).multi_face_landmarks[0].landmark
            height, width = image.shape[:2]
            wanted = np.array([(p.x * width, p.y * height, p.z * width) for p in points])
            ((face,),) = extractor.extract([image])
            assert face.points == pytest.approx(wanted, abs=1e-3)
            assert face.topology == "mediapipe478"
            assert (face.scores == 1).all()
            assert 0.5 < face.confidence <= 1
            assert (face.box[:2] >= 0).all()
            assert (face.box[2:] <= (width, height)).all()


def test_half_pixels_are_right(still: MediaPipeExtractor, talking: list[np.ndarray]) -> None:
    """With the first pixel's centre at 0, a point and its mirror image add up to the width less 1."""
    sums = []
    for image in talking:
        small = cv2.resize(image, (90, 72), interpolation=cv2.INTER_AREA)
        pair = still.extract([small, small[:, ::-1]])
        sums.append(sum(faces[0].points[:, 0].mean() for faces in pair))
    assert np.mean(sums) == pytest.approx(89, abs=0.25)


def test_a_second_video_is_not_touched_by_the_first(talking: list[np.ndarray]) -> None:
    with MediaPipeExtractor() as extractor:
        first = extractor.extract(talking[:3])
        extractor.extract(talking[8:])
        extractor.reset()
        again = extractor.extract(talking[:3])
    for a, b in zip(first, again, strict=True):
        assert (a[0].points == b[0].points).all()


@pytest.mark.parametrize(
    "size", [(1, 1), (16, 16), (3840, 2160), (90, 2000)], ids=["one pixel", "tiny", "4K", "ribbon"]
)
def test_odd_sizes_do_no_harm(still: MediaPipeExtractor, size: tuple[int, int]) -> None:
    assert still.extract([np.full((size[1], size[0], 3), 127, np.uint8)]) == [[]]


def test_4k_portrait_and_gray_faces_are_found(still: MediaPipeExtractor, talking: list[np.ndarray]) -> None:
    image = talking[0]
    ((plain,),) = still.extract([image])
    ((large,),) = still.extract([cv2.resize(image, (3600, 2880))])
    assert large.points[:, :2] / 10 == pytest.approx(plain.points[:, :2], abs=4)
    ((gray,),) = still.extract([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)])
    assert gray.points[:, :2] == pytest.approx(plain.points[:, :2], abs=8)
    ((tall,),) = still.extract([image[:, 90:270]])
    assert tall.points[:, :2] + (90, 0) == pytest.approx(plain.points[:, :2], abs=8)


def test_the_face_landmarker_agrees(
    shared_dir: Path, still: MediaPipeExtractor, talking: list[np.ndarray]
) -> None:
    bundle = shared_dir / "models" / "face_landmarker.task"
    with MediaPipeExtractor(static=True, model_asset_path=bundle) as task:
        assert not task.needs_timestamps
        ((face,),), ((wanted,),) = task.extract(talking[:1]), still.extract(talking[:1])
        assert face.points[:, :2] == pytest.approx(wanted.points[:, :2], abs=6)
        assert face.confidence == 0.5
    with MediaPipeExtractor(model_asset_path=bundle) as task:
        assert task.needs_timestamps
        first = task.extract(talking[:3], [0.0, 0.0001, 0.2])
        task.reset()
        again = task.extract(talking[:3], [0.0, 0.0001, 0.2])
        assert (first[2][0].points == again[2][0].points).all()
        assert len(task.extract(talking[:1])[0]) == 1


def test_it_is_quiet(talking: list[np.ndarray], capfd: pytest.CaptureFixture[str]) -> None:
    with MediaPipeExtractor(max_faces=2) as extractor:
        extractor.extract([np.zeros((64, 64, 3), np.uint8), *talking[:2]])
        extractor.reset()
        extractor.extract(talking[:2])
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_faces": 0}, "max_faces is 0"),
        ({"min_presence": 1.5}, "min_presence is 1.5"),
        ({"device": "cuda"}, "runs on the CPU"),
    ],
)
def test_options_out_of_range_are_named(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MediaPipeExtractor(**options)


def test_a_missing_or_wrong_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no Face Landmarker bundle"):
        MediaPipeExtractor(model_asset_path=tmp_path / "no.task")
    (tmp_path / "bad.task").write_bytes(b"not a bundle")
    with pytest.raises(ValueError, match=r"bad\.task: not a Face Landmarker bundle"):
        MediaPipeExtractor(model_asset_path=tmp_path / "bad.task")


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(ImportError, match=r"fau3d\[mediapipe\]"):
        MediaPipeExtractor()


def test_a_closed_extractor_says_so(talking: list[np.ndarray]) -> None:
    extractor = MediaPipeExtractor()
    extractor.close()
    extractor.close()
    with pytest.raises(RuntimeError, match="closed"):
        extractor.extract(talking[:1])
