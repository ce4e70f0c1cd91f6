"""Extractors by name and config."""

from collections.abc import Sequence

import numpy as np
import pytest

from fau3d.extractors import LandmarkExtractor, build_extractor, extractor_config
from fau3d.extractors.base import as_rgb
from fau3d.registry import EXTRACTORS
from fau3d.structures import FaceLandmarks


@EXTRACTORS.register_module()
class NobodyExtractor(LandmarkExtractor):
    """Finds nobody; what an extractor costs at least: one class, one registration."""

    topology = "ibug68"

    def __init__(self, device: str = "cpu") -> None:
        self.name = f"nobody on {device}"

    def extract(
        self, images: Sequence[np.ndarray], timestamps: Sequence[float] | None = None
    ) -> list[list[FaceLandmarks]]:
        return [[] for _ in images]


def test_a_registered_class_is_built_by_name_and_config() -> None:
    assert build_extractor("NobodyExtractor").name == "nobody on cpu"
    with build_extractor({"type": "NobodyExtractor", "device": "cuda"}, device="mps") as extractor:
        assert extractor.name == "nobody on mps"
        assert build_extractor(extractor) is extractor
        with pytest.raises(TypeError, match="built already"):
            build_extractor(extractor, device="cpu")


def test_an_unknown_option_lists_the_known_ones() -> None:
    with pytest.raises(TypeError, match="NobodyExtractor has no option 'devize'; known: device"):
        build_extractor("NobodyExtractor", devize="cpu")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(KeyError, match=r"mediapip'.*face-alignment.*mediapipe"):
        build_extractor("mediapip")


def test_an_unknown_argument_is_an_error() -> None:
    with pytest.raises(TypeError, match="devise"):
        build_extractor("NobodyExtractor", devise="cpu")


def test_a_config_takes_the_arguments_that_the_extractor_knows() -> None:
    assert extractor_config("NobodyExtractor", device="cuda", max_faces=2) == {
        "type": "NobodyExtractor",
        "device": "cuda",
    }
    assert extractor_config({"type": "mediapipe", "max_faces": 3}, max_faces=2, device=None) == {
        "type": "MediaPipeExtractor",
        "max_faces": 3,
    }


def test_images_become_contiguous_rgb() -> None:
    gray = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert as_rgb(gray).shape == (3, 4, 3)
    assert (as_rgb(gray[..., None]) == gray[..., None]).all()
    turned = np.rot90(np.zeros((3, 4, 3), np.uint8))
    assert as_rgb(turned).flags.c_contiguous


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4, 3)), np.zeros((0, 4, 3), np.uint8), np.zeros((4, 4, 4), np.uint8)]
)
def test_other_images_are_refused(image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="wanted"):
        as_rgb(image)
