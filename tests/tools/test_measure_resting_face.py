"""What the face that people rest on is put together from, and when there is none."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import cv2
import numpy as np
import pytest

from fau3d.synthetic.resting import photographed_face, turn_to_front
from fau3d.topology import get_topology

CALM = {"browInnerUp": 0.1, "eyeBlinkLeft": 0.1, "jawOpen": 0.01}
TALKING = CALM | {"jawOpen": 0.3}
FROWNING = CALM | {"browDownLeft": 0.7}
FOREHEAD, CHIN, IRIS = 10, 152, 468


def person(number: int) -> np.ndarray:
    """A face (478, 3) in pixels that looks at the camera; noise tells people apart."""
    noise = np.random.default_rng(number).normal(0, 0.15, (478, 3))
    return 20 * (photographed_face() + noise) * (1, -1, -1) + (150, 150, 0)


class Album:
    """Photographs whose shade says which they are; what is to be seen on each is written down here.

    It stands in for the extractor and for the blendshapes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sights: list[tuple[np.ndarray, dict[str, float]]] = []
        folder.mkdir()

    def add(self, face: np.ndarray, shapes: dict[str, float] = CALM) -> None:
        shade = len(self.sights)
        cv2.imwrite(str(self.folder / f"{shade:03d}.png"), np.full((8, 8, 3), shade, np.uint8))
        self.sights.append((face, shapes))

    def add_people(self, numbers: range, shapes: dict[str, float] = CALM) -> None:
        for number in numbers:
            self.add(person(number), shapes)

    def extract(self, images: list[np.ndarray]) -> list[list[SimpleNamespace]]:
        return [[SimpleNamespace(points=self.sights[image[0, 0, 0]][0])] for image in images]

    def __call__(self, image: np.ndarray) -> list[dict[str, float]]:
        return [self.sights[image[0, 0, 0]][1]]

    def __enter__(self) -> "Album":
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def album(tmp_path: Path) -> Album:
    return Album(tmp_path / "photographs")


@pytest.fixture
def tool(load_tool: Callable[[Path, str], ModuleType], repo_root: Path) -> ModuleType:
    return load_tool(repo_root, "measure_resting_face")


@pytest.fixture
def measure(
    tool: ModuleType, album: Album, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., int]:
    """Measure the album; gives the exit status."""
    monkeypatch.setattr(tool, "build_extractor", lambda name, **options: album)
    monkeypatch.setattr(tool, "still_shapes", lambda task: album)

    def run(*options: str) -> int:
        output = ["-o", str(tmp_path / "face.csv"), "--blendshapes", "face_landmarker.task"]
        return tool.main([str(album.folder), *output, *options])

    return run


def test_the_median_of_calm_people_is_symmetric(measure, album, tmp_path, capsys):
    album.add_people(range(30))
    assert measure() == 0
    said = capsys.readouterr().out
    assert "30 images, 30 faces to the front, 30 with a calm upper face, 30 of them with a calm" in said
    face = np.loadtxt(tmp_path / "face.csv", delimiter=",")
    assert face.shape == (478, 3)
    mirror = get_topology("mediapipe478").mirror_index
    np.testing.assert_allclose(face[mirror] * (-1, 1, 1), face, atol=2e-4)
    assert np.abs(face - turn_to_front(photographed_face() * (1, -1, -1))).mean() < 0.04
    assert "Medians of 30 photographs (brows and eyes) and 30" in (tmp_path / "face.csv").read_text()


def test_one_photograph_counts_once(measure, album, capsys):
    album.add_people(range(12))
    album.add(0.8 * person(3) + (20, 30, 0))
    album.add(person(5))
    assert measure() == 0
    assert "14 images, 12 faces to the front" in capsys.readouterr().out


def test_mouths_that_move_count_for_the_upper_face_alone(measure, album, tmp_path, capsys):
    album.add_people(range(12))
    for number in range(20, 40):
        face = person(number)
        face[[FOREHEAD, CHIN], 1] += 20  # a centimetre down
        album.add(face, TALKING)
    assert measure() == 0
    assert "32 with a calm upper face, 12 of them with a calm mouth" in capsys.readouterr().out
    fallen = photographed_face()[:, 1] - np.loadtxt(tmp_path / "face.csv", delimiter=",")[:, 1]
    assert fallen[FOREHEAD] > 0.5
    assert abs(fallen[CHIN]) < 0.2


def test_moved_brows_count_for_nothing(measure, album, capsys):
    album.add_people(range(12))
    album.add_people(range(20, 25), FROWNING)
    assert measure() == 0
    assert "17 faces to the front, 12 with a calm upper face, 12 of them" in capsys.readouterr().out


def test_too_few_calm_people_make_no_face(measure, album, tmp_path, capsys):
    album.add_people(range(9))
    album.add_people(range(20, 30), TALKING)
    assert measure() == 1
    assert "9 calm faces; wanted at least 10: give more" in capsys.readouterr().err
    assert not (tmp_path / "face.csv").exists()


def test_a_face_that_is_there_is_kept(measure, album, tmp_path, capsys):
    album.add_people(range(12))
    (tmp_path / "face.csv").write_text("mine")
    assert measure() == 2
    assert (tmp_path / "face.csv").read_text() == "mine"
    assert "--overwrite" in capsys.readouterr().err
    assert measure("--overwrite") == 0
    assert np.loadtxt(tmp_path / "face.csv", delimiter=",").shape == (478, 3)


def test_files_that_are_no_images_are_left_out(measure, album, capsys):
    album.add_people(range(12))
    (album.folder / "broken.jpg").write_bytes(b"no image")
    assert measure() == 0
    seen = capsys.readouterr()
    assert "13 images, 12 faces" in seen.out
    assert "broken.jpg: cannot be read" in seen.err


def test_folders_that_are_not_there_are_named(tool, tmp_path):
    arguments = ["-o", str(tmp_path / "face.csv"), "--blendshapes", "face_landmarker.task"]
    with pytest.raises(SystemExit, match="nowhere: is not there; give images"):
        tool.main([str(tmp_path / "nowhere"), *arguments])


def test_a_joined_face_is_symmetric_and_takes_each_part_from_its_own(tool):
    rng = np.random.default_rng(0)
    upper, lower = (photographed_face() + rng.normal(0, 0.2, (478, 3)) + (0, k, 0) for k in (1, -1))
    face = tool.join(upper, lower)
    mirror = get_topology("mediapipe478").mirror_index
    np.testing.assert_allclose(face[mirror] * (-1, 1, 1), face, atol=1e-9)
    for part, source in ((FOREHEAD, upper), (IRIS, upper), (CHIN, lower)):
        wanted = (source[part] + source[mirror[part]] * (-1, 1, 1)) / 2
        np.testing.assert_allclose(face[part], wanted)
