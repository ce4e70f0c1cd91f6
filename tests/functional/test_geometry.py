"""Similarity alignment, affine maps, boxes and the eye line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fau3d.functional.geometry import (
    apply_affine,
    box_iou,
    box_of_points,
    eye_line_angle,
    invert_affine,
    similarity_from_points,
)


def similarity(angle: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    return np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])


@given(
    st.floats(-3.1, 3.1),
    st.floats(0.1, 10),
    st.tuples(st.floats(-100, 100), st.floats(-100, 100)),
    st.integers(0, 99),
)
def test_similarity_is_found_again(angle, scale, shift, seed):
    points = np.random.default_rng(seed).normal(size=(7, 2))
    matrix = similarity(angle, scale, shift)
    np.testing.assert_allclose(
        similarity_from_points(points, apply_affine(points, matrix)), matrix, atol=1e-8
    )


def test_similarity_over_leading_axes_and_missing_points():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(3, 4, 9, 2))
    target = rng.normal(size=(9, 2))
    expected = similarity_from_points(points[2, 1, 2:], target[2:])
    points[2, 1, :2] = np.nan
    found = similarity_from_points(points, target)
    assert found.shape == (3, 4, 2, 3)
    np.testing.assert_allclose(found[2, 1], expected)


def test_similarity_in_space_is_a_rotation_even_for_a_mirrored_target():
    points = np.random.default_rng(1).normal(size=(10, 3))
    matrix = similarity_from_points(points, points * [-1, 1, 1], scale=False)
    assert np.linalg.det(matrix[:, :3]) == pytest.approx(1)


def test_umeyama_example():
    # Umeyama 1991, section III: the target is a mirrored triangle, so the best rotation leaves an error.
    src = np.array([[0, 0], [1, 0], [0, 2]], float)
    dst = np.array([[0, 0], [-1, 0], [0, 2]], float)
    matrix = similarity_from_points(src, dst)
    np.testing.assert_allclose(matrix[:, :2], 0.721 * np.array([[0.832, 0.555], [-0.555, 0.832]]), atol=1e-3)
    np.testing.assert_allclose(matrix[:, 2], [-0.8, 0.4], atol=1e-9)


@pytest.mark.parametrize("seen", [0, 1])
def test_too_few_points_give_nan(seen):
    points = np.full((5, 2), np.nan)
    points[:seen] = 1.0
    assert np.isnan(similarity_from_points(points, np.ones((5, 2)))).all()


def test_coinciding_points_give_nan():
    assert np.isnan(
        similarity_from_points(np.ones((5, 2)), np.random.default_rng(0).normal(size=(5, 2)))
    ).all()


def test_affine_scales_depth_and_keeps_missing_and_type():
    points = np.array([[1, 2, 3], [np.nan, np.nan, np.nan]], np.float32)
    moved = apply_affine(points, similarity(np.pi / 2, 2, (10, 20)).astype(np.float32))
    np.testing.assert_allclose(moved[0], [6, 22, 6], rtol=1e-5)
    assert np.isnan(moved[1]).all() and moved.dtype == np.float32


def test_inverse_undoes():
    points = np.random.default_rng(0).normal(size=(6, 2))
    matrix = similarity(0.3, 2.5, (4, -1))
    np.testing.assert_allclose(apply_affine(apply_affine(points, matrix), invert_affine(matrix)), points)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="wanted the same"):
        similarity_from_points(np.zeros((4, 2)), np.zeros((5, 2)))
    with pytest.raises(ValueError, match="do not fit"):
        apply_affine(np.zeros((4, 2)), np.zeros((2, 2)))


def test_box_leaves_missing_points_out():
    points = np.array([[[0, 10], [4, 2], [np.nan, np.nan]], [[np.nan] * 2] * 3], float)
    boxes = box_of_points(points, margin=0.5)
    np.testing.assert_allclose(boxes[0], [-2, -2, 6, 14])
    assert np.isnan(boxes[1]).all()


def test_overlap():
    boxes = np.array([[0, 0, 2, 2], [np.nan] * 4, [5, 5, 5, 5]])
    np.testing.assert_allclose(
        box_iou(boxes, np.array([[0, 0, 2, 2], [1, 0, 3, 2.0]])), [[1, 1 / 3], [0, 0], [0, 0]]
    )


@given(st.floats(-3.1, 3.1))
def test_eye_line_turns_with_the_face(angle):
    eyes = np.array([[2, 0], [1, 0], [-1, 0], [-2, 0]], float)
    turned = apply_affine(eyes, similarity(angle, 3, (5, 5)))
    assert eye_line_angle(turned, np.arange(4)) == pytest.approx(angle, abs=1e-9)
