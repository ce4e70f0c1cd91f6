"""Which faces of photographs count, and for what."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from fau3d.structures import FaceLandmarks
from fau3d.synthetic.photographs import (
    LARGEST_IMAGE,
    Portrait,
    distinct,
    list_photographs,
    see_portraits,
    still_shapes,
)
from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.resting import photographed_face, turn_to_front

CALM = {"browInnerUp": 0.1, "browDownLeft": 0.1, "eyeBlinkLeft": 0.1, "jawOpen": 0.01, "mouthSmileLeft": 0.1}


def person(number: int) -> np.ndarray:
    """A face (478, 3) in pixels that looks at the camera; noise tells people apart."""
    noise = np.random.default_rng(number).normal(0, 0.15, (478, 3))
    return 20 * (photographed_face() + noise) * (1, -1, -1) + (150, 150, 0)


def landmarks(points: np.ndarray) -> FaceLandmarks:
    return FaceLandmarks(points, np.ones(len(points), np.float32), np.zeros(4), 1.0, "mediapipe478")


def see(folder: Path, photographs: Sequence[Sequence[np.ndarray]], others: int = 0) -> list[Portrait]:
    """Look at photographs of these faces; the shade of each says to the extractor which one it is."""
    files = []
    for shade in range(len(photographs)):
        files.append(folder / f"{shade:03d}.png")
        cv2.imwrite(str(files[-1]), np.full((8, 8, 3), shade, np.uint8))
    return list(
        see_portraits(
            files,
            lambda images: [[landmarks(points) for points in photographs[images[0][0, 0, 0]]]],
            lambda image: [CALM] * (others + len(photographs[image[0, 0, 0]])),
        )
    )


def test_each_face_to_the_front_is_a_portrait(tmp_path: Path) -> None:
    portraits = see(tmp_path, [[person(number)] for number in range(5)])
    for number, portrait in enumerate(portraits):
        np.testing.assert_array_equal(portrait.points, person(number))
        assert portrait.shapes == CALM
    assert len(portraits) == 5


def test_one_photograph_counts_once() -> None:
    again = 0.8 * person(1) @ rotation(0, 0, 0.1).T + (20, 30, 0)  # smaller, tilted and elsewhere
    portraits = [Portrait(points, CALM) for points in (person(0), person(1), again, person(0), person(2))]
    assert [portrait is portraits[k] for k, portrait in zip((0, 1, 4), distinct(portraits))] == [True] * 3
    assert len(list(distinct(portraits))) == 3


@pytest.mark.parametrize(
    "faces",
    [
        [person(7) @ rotation(0.5, 0, 0).T],
        [person(7) @ rotation(-0.5, 0, 0).T],
        [0.1 * person(7)],
        [person(7), person(8)],
        [],
    ],
    ids=["to the left", "to the right", "small", "two", "none"],
)
def test_faces_that_are_turned_small_or_not_alone_are_passed_over(
    tmp_path: Path, faces: list[np.ndarray]
) -> None:
    portraits = see(tmp_path, [faces, [person(0)]])
    assert len(portraits) == 1
    np.testing.assert_array_equal(portraits[0].points, person(0))


def test_a_face_that_only_the_blendshapes_see_is_no_stranger_to_count(tmp_path: Path) -> None:
    assert see(tmp_path, [[person(0)]], others=1) == []


@pytest.mark.parametrize(
    ("shape", "score", "above", "all_of_it"),
    [
        ("jawOpen", 0.01, True, True),
        ("jawOpen", 0.3, True, False),
        ("mouthSmileLeft", 0.5, True, False),
        ("mouthPucker", 0.9, True, False),
        ("browDownRight", 0.6, False, False),
        ("browInnerUp", 0.5, False, False),
        ("browOuterUpLeft", 0.5, False, False),
        ("eyeBlinkRight", 0.6, False, False),
        ("eyeWideLeft", 0.5, False, False),
        ("noseSneerLeft", 0.9, True, True),
    ],
)
def test_a_face_is_calm_by_parts(shape: str, score: float, above: bool, all_of_it: bool) -> None:
    portrait = Portrait(person(0), CALM | {shape: score})
    assert (portrait.calm_above, portrait.calm) == (above, all_of_it)


def test_images_are_listed_in_folders_and_alone(tmp_path: Path) -> None:
    wanted = [tmp_path / "a" / "b" / "one.JPG", tmp_path / "a" / "two.png", tmp_path / "three.bmp"]
    for path in (*wanted, tmp_path / "a" / "notes.txt"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    assert list_photographs([tmp_path / "three.bmp", tmp_path / "a"]) == wanted


def test_paths_without_images_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere: is not there; give images"):
        list_photographs([tmp_path / "nowhere"])
    with pytest.raises(FileNotFoundError, match="no image is there"):
        list_photographs([tmp_path])


def test_files_that_are_no_images_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no image")
    assert list(see_portraits([broken], lambda images: [[]], lambda image: [])) == []
    assert "broken.jpg: cannot be read as an image; left out" in capsys.readouterr().err


def test_large_images_are_shrunken_and_red_comes_first(tmp_path: Path) -> None:
    blue = np.zeros((500, 2 * LARGEST_IMAGE, 3), np.uint8)
    blue[..., 0] = 200
    cv2.imwrite(str(tmp_path / "large.png"), blue)
    seen: list[np.ndarray] = []

    def extract(images: list[np.ndarray]) -> list[list[FaceLandmarks]]:
        seen.extend(images)
        return [[]]

    assert list(see_portraits([tmp_path / "large.png"], extract, lambda image: [])) == []
    assert seen[0].shape == (250, LARGEST_IMAGE, 3)
    assert seen[0][0, 0].tolist() == [0, 0, 200]


def test_a_real_speaker_is_seen(shared_dir: Path, clips_dir: Path, tmp_path: Path) -> None:
    pytest.importorskip("mediapipe")
    from fau3d.extractors import build_extractor

    bundle, clip = shared_dir / "models" / "face_landmarker.task", clips_dir / "grid_brbk7n_talking.mp4"
    for path in (bundle, clip):
        if not path.is_file():
            pytest.skip(f"{path.name} is not there")
    capture = cv2.VideoCapture(str(clip))
    frames = [capture.read()[1] for _ in range(20)]
    for number in (0, 10, 19):
        cv2.imwrite(str(tmp_path / f"{number:02d}.png"), frames[number])
    cv2.imwrite(str(tmp_path / "two.png"), np.concatenate([frames[0], frames[10]], axis=1))
    cv2.imwrite(str(tmp_path / "none.png"), np.full_like(frames[0], 127))

    with still_shapes(bundle) as find, build_extractor("mediapipe", static=True, max_faces=2) as extractor:
        portraits = list(see_portraits(list_photographs([tmp_path]), extractor.extract, find))
    assert 1 <= len(portraits) <= 3
    for portrait in portraits:
        assert len(portrait.shapes) == 52
        front = turn_to_front(portrait.points)
        assert front[33, 0] < 0 < front[263, 0]
        assert np.abs(front - photographed_face()).mean() < 0.5


def test_blendshapes_that_are_not_there_are_named(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match=r"nowhere\.task: no such file"),
        still_shapes(tmp_path / "nowhere.task"),
    ):
        pass
