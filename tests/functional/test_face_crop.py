"""Crops of faces: where the eyes come to lie, and what a small crop of a large image shows."""

import numpy as np
import pytest

from fau3d.functional.face_crop import FaceCrop, crop_face, crop_matrix

EYES = np.array([[120.0, 80.0], [100.0, 84.0], [70.0, 86.0], [50.0, 90.0]])


def place(matrix, points):
    return points @ matrix[:, :2].T + matrix[:, 2]


def test_eyes_come_to_lie_level_and_where_they_are_wanted():
    crop = FaceCrop(size=101, span=2.5, eye_height=0.4)
    corners = place(crop_matrix(EYES, crop), EYES)
    left, right = corners[:2].mean(0), corners[2:].mean(0)
    np.testing.assert_allclose(left[1], right[1])
    np.testing.assert_allclose((left + right) / 2, [50, 40])
    np.testing.assert_allclose(np.linalg.norm(corners[0] - corners[3]), 101 / 2.5)
    assert corners[0, 0] > corners[3, 0]  # the subject's left eye stays on the right of the image


def test_without_levelling_the_face_keeps_its_tilt():
    matrix = crop_matrix(EYES, FaceCrop(size=101, level_eyes=False))
    assert matrix[0, 1] == matrix[1, 0] == 0 and matrix[0, 0] == matrix[1, 1] > 0


def test_missing_eyes_give_a_black_crop():
    image = np.full((50, 50, 3), 200, np.uint8)
    nowhere = EYES.copy()
    nowhere[2] = np.nan
    assert not crop_face(image, nowhere, FaceCrop(size=8)).any()
    assert not crop_face(image, np.ones((4, 2)), FaceCrop(size=8)).any()


def test_a_large_image_is_averaged_not_sampled():
    """Fine stripes become gray in a crop that is much smaller; a map that samples would see some of them."""
    image = np.zeros((400, 400, 1), np.uint8)
    image[:, ::2] = 255
    eyes = np.array([[300.0, 200.0], [240.0, 200.0], [160.0, 200.0], [100.0, 200.0]])
    cut = crop_face(image, eyes, FaceCrop(size=20, span=1.5, eye_height=0.5))
    assert cut.shape == (20, 20, 1)
    inside = cut[4:-4, 4:-4].astype(int)
    assert abs(inside.mean() - 127) < 3 and inside.std() < 10


def test_a_ramp_lies_where_the_matrix_says_at_every_size():
    ramp = np.tile(np.linspace(0, 250, 251).astype(np.uint8), (251, 1))[..., None]
    eyes = np.array([[175.0, 125.0], [150.0, 125.0], [100.0, 125.0], [75.0, 125.0]])
    for size in (20, 60, 200):
        crop = FaceCrop(size=size, span=1.5, eye_height=0.5)
        matrix = crop_matrix(eyes, crop)
        columns = np.arange(size)
        wanted = (columns - matrix[0, 2]) / matrix[0, 0]
        found = crop_face(ramp, eyes, crop)[size // 2, :, 0]
        np.testing.assert_allclose(found[2:-2], wanted[2:-2], atol=1.1)


def test_bad_crops_are_refused():
    with pytest.raises(ValueError, match="size of 1 or more"):
        FaceCrop(size=0)
