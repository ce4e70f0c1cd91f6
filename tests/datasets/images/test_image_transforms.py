"""Transforms on pixels."""

import cv2
import numpy as np
import pytest

from fau3d.datasets.images import (
    CropToBox,
    LoadFaceImage,
    PadToSquare,
    RandomBrightness,
    RandomImageAffine,
    ResizeImage,
)
from fau3d.datasets.transforms import MirrorFace


def picture(height=6, width=4, channels=1):
    return np.arange(height * width * channels, dtype=np.uint8).reshape(1, height, width, channels)


def test_gray_and_colour(tmp_path):
    bgr = np.zeros((5, 7, 3), np.uint8)
    bgr[..., 2] = 200
    cv2.imwrite(str(tmp_path / "red.png"), bgr)
    gray = LoadFaceImage("gray")({"image_path": tmp_path / "red.png"})
    assert gray["image"].shape == (1, 5, 7, 1) and gray["img_shape"] == (5, 7)
    assert (gray["image"] == cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)[0, 0]).all()
    assert LoadFaceImage("rgb")({"image_path": tmp_path / "red.png"})["image"][0, 0, 0].tolist() == [
        200,
        0,
        0,
    ]
    with pytest.raises(ValueError, match="'gray', 'rgb'"):
        LoadFaceImage("grey")


def test_a_crop_beyond_the_edge_is_black():
    image = picture() + 1
    cut = CropToBox()({"image": image, "box": np.array([-1, 1, 2, 3], np.float32)})["image"]
    np.testing.assert_array_equal(cut[0, ..., 0], [[0, 5, 6], [0, 9, 10]])
    outside = CropToBox()({"image": image, "box": np.array([20, 20, 22, 22], np.float32)})["image"]
    assert outside.shape == (1, 2, 2, 1) and not outside.any()
    wider = CropToBox(margin=0.5)({"image": image, "box": np.array([1, 1, 3, 3], np.float32)})["image"]
    np.testing.assert_array_equal(wider, image[:, 0:4, 0:4])


@pytest.mark.parametrize("box", [None, np.full(4, np.nan, np.float32)])
def test_no_box_no_crop(box):
    results = {"image": picture()} | ({} if box is None else {"box": box})
    np.testing.assert_array_equal(CropToBox()(results)["image"], picture())


def test_padded_to_a_square_with_the_image_in_the_middle():
    padded = PadToSquare()({"image": picture() + 1})["image"]
    assert padded.shape == (1, 6, 6, 1)
    np.testing.assert_array_equal(padded[:, :, 1:5], picture() + 1)
    assert not padded[:, :, 0].any() and not padded[:, :, 5].any()


@pytest.mark.parametrize("channels", [1, 3])
def test_one_size(channels):
    assert ResizeImage(3)({"image": picture(channels=channels)})["image"].shape == (1, 3, 3, channels)
    assert ResizeImage((12, 8))({"image": picture(channels=channels)})["image"].shape == (1, 12, 8, channels)
    flat = np.full((1, 9, 9, channels), 77, np.uint8)
    assert (ResizeImage(4)({"image": flat})["image"] == 77).all()


def test_a_mirror_swaps_sides_and_twice_is_nothing():
    results = {
        "image": picture(),
        "au_occurrence": np.array([[1, 0, 1]], np.int8),
        "au_names": ("AU12_L", "AU12_R", "AU25"),
    }
    once = MirrorFace(1.0)(dict(results))
    np.testing.assert_array_equal(once["image"], picture()[:, :, ::-1])
    assert once["au_occurrence"].tolist() == [[0, 1, 1]]
    twice = MirrorFace(1.0)(once)
    np.testing.assert_array_equal(twice["image"], picture())
    assert twice["au_occurrence"].tolist() == [[1, 0, 1]]


def test_an_affine_map_of_nothing_is_nothing_and_a_shift_is_one():
    image = np.random.default_rng(0).integers(0, 255, (1, 20, 20, 1), np.uint8)
    still = RandomImageAffine(rotate=0, scale=(1, 1), shift=0)
    np.testing.assert_array_equal(still({"image": image, "rng": np.random.default_rng(0)})["image"], image)

    class Fixed:
        prob = 1.0

        def draw(self, rng):
            return np.eye(2, dtype=np.float32), np.array([0.1, -0.05], np.float32)

    shifted = RandomImageAffine(border="black")
    shifted.map = Fixed()
    moved = shifted({"image": image, "rng": np.random.default_rng(0)})["image"]
    np.testing.assert_array_equal(moved[:, :-1, 2:], image[:, 1:, :-2])
    assert not moved[:, -1].any() and not moved[:, :, :2].any()


def test_colour_images_keep_their_channels():
    image = np.random.default_rng(0).integers(0, 255, (1, 16, 12, 3), np.uint8)
    for transform in (RandomImageAffine(), RandomBrightness()):
        out = transform({"image": image, "rng": np.random.default_rng(1)})["image"]
        assert out.shape == image.shape and out.dtype == np.uint8 and not np.array_equal(out, image)


def test_brightness_stays_in_range_and_keeps_order():
    ramp = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    for seed in range(5):
        out = RandomBrightness(0.3, 0.5)({"image": ramp, "rng": np.random.default_rng(seed)})["image"].ravel()
        assert (np.diff(out.astype(int)) >= 0).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomBrightness(contrast=1.0), "contrast is 1.0"),
        (lambda: MirrorFace(2.0), "prob is 2.0"),
        (lambda: RandomImageAffine(border="wrap"), "border is 'wrap'"),
    ],
)
def test_arguments_out_of_range(make, message):
    with pytest.raises(ValueError, match=message):
        make()
