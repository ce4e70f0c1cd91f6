"""face-alignment's network, with weights of chance that lie where its loader looks for them."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import cv2
import numpy as np
import pytest
import torch

from fau3d.extractors import FaceAlignmentExtractor
from fau3d.io.video import VideoReader

pytest.importorskip("face_alignment")


def weights_of_fan() -> dict[str, torch.Tensor]:
    """Weights of chance in the landmark network's form."""
    from face_alignment.models import FAN

    torch.manual_seed(0)
    return FAN(4).state_dict()


def weights_of_detector() -> dict[str, torch.Tensor]:
    """Weights with which the SFD detector finds no face in any image."""
    from face_alignment.detection.sfd.net_s3fd import s3fd

    torch.manual_seed(0)
    state = s3fd().state_dict()
    for name, value in state.items():
        if name.endswith("_mbox_conf.weight"):
            value.zero_()
        elif name.endswith("_mbox_conf.bias"):
            value.fill_(5.0)[-1] = -5.0
    return state


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Torch's hub cache with both files."""
    folder = tmp_path_factory.mktemp("hub")
    before = torch.hub.get_dir()
    torch.hub.set_dir(str(folder))
    (folder / "checkpoints").mkdir()
    torch.save(weights_of_fan(), folder / "checkpoints" / "2DFAN4-11f355bf06.pth.tar")
    torch.save(weights_of_detector(), folder / "checkpoints" / "s3fd-619a316812.pth")
    yield folder
    torch.hub.set_dir(before)


@pytest.fixture(scope="module")
def image(repo_root: Path) -> np.ndarray:
    """One frame with a face, (180, 320, 3)."""
    with VideoReader(repo_root / "demo" / "face.mp4") as reader:
        return cv2.resize(reader[0], (320, 180))


class KnownBoxes:
    """A detector that knows where the faces are: none in black images."""

    reference_scale = 195

    def detect_from_batch(self, batch: torch.Tensor) -> list:
        assert batch.dtype == torch.uint8
        assert batch.shape[1] == 3
        boxes = [[120.0, 20.0, 230.0, 150.0, 0.9], [10.0, 30.0, 60.0, 90.0, 0.7]]
        return [[np.array(box, np.float32) for box in boxes] if one.any() else [] for one in batch]


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "flipped"])
def extractor(cache: Path, request: pytest.FixtureRequest) -> Iterator[FaceAlignmentExtractor]:
    """Built by the package's own loader from the files in the cache."""
    with FaceAlignmentExtractor(flip_input=request.param, max_batch=3) as built:
        yield built


def test_images_without_a_face_give_none(extractor: FaceAlignmentExtractor, image: np.ndarray) -> None:
    assert extractor.extract([image, image[:90], image]) == [[], [], []]
    assert extractor.extract([]) == []


def test_points_are_those_of_the_package(
    extractor: FaceAlignmentExtractor, image: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extractor._model, "face_detector", KnownBoxes())
    found = extractor.extract([image, np.zeros_like(image), image[::-1], np.zeros((90, 90, 3), np.uint8)])
    assert [len(faces) for faces in found] == [2, 0, 2, 0]
    boxes = KnownBoxes().detect_from_batch(torch.from_numpy(image[None].transpose(0, 3, 1, 2).copy()))[0]
    boxes = [box.astype(np.float64) for box in boxes]  # the package's own call takes no float32 under NumPy 2
    points, scores, _ = extractor._model.get_landmarks_from_image(
        image, detected_faces=boxes, return_landmark_score=True
    )
    for face, wanted, score, box in zip(found[0], points, scores, boxes, strict=True):
        assert face.points == pytest.approx(wanted)
        assert face.scores == pytest.approx(
            np.clip(score / (2 if extractor.flip_input else 1), 0, 1), abs=1e-4
        )
        assert face.box == pytest.approx(box[:4])
        assert face.confidence == pytest.approx(box[4], rel=1e-6)
        assert face.topology == "ibug68"


def test_broken_boxes_are_left_out(
    extractor: FaceAlignmentExtractor, image: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(KnownBoxes):
        def detect_from_batch(self, batch: torch.Tensor) -> list:
            return [np.array([[np.nan] * 5, [10, 10, 10, 40, 0.9]]) for _ in batch]

    monkeypatch.setattr(extractor._model, "face_detector", Broken())
    assert extractor.extract([image]) == [[]]


def test_missing_weights_name_file_and_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def offline(*args: object, **kwargs: object) -> None:
        raise URLError("no network")

    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    with pytest.raises(FileNotFoundError, match=r"2DFAN4.*s3fd-619a316812\.pth and put them into"):
        FaceAlignmentExtractor()


@pytest.mark.parametrize(
    "options",
    [{"detector": "mtcnn"}, {"landmarks": "3d"}, {"dtype": "int8"}, {"network_size": 2}, {"max_batch": 0}],
)
def test_options_out_of_range_are_named(options: dict) -> None:
    with pytest.raises(ValueError, match="|".join(str(v) for v in options.values())):
        FaceAlignmentExtractor(**options)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match="pip install 'face-alignment"):
        FaceAlignmentExtractor()


def test_a_closed_extractor_says_so(cache: Path, image: np.ndarray) -> None:
    extractor = FaceAlignmentExtractor()
    extractor.close()
    with pytest.raises(RuntimeError, match="closed"):
        extractor.extract([image])
