"""The rasteriser against geometry that can be worked out by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fau3d.synthetic.appearance import Paint, paint_head
from fau3d.synthetic.head import HeadModel
from fau3d.synthetic.rendering import Camera, rasterise, render, rotation, vertex_normals

SQUARE = np.array([[2.0, 2, 0], [10, 2, 0], [10, 10, 0], [2, 10, 0]])
TWO = np.array([[0, 1, 2], [0, 2, 3]])


def test_a_square_fills_its_pixels_once() -> None:
    raster = rasterise(SQUARE, TWO, (14, 16))
    filled = raster.triangle >= 0
    assert filled.sum() == 81 and filled[2:11, 2:11].all()
    np.testing.assert_allclose(raster.weights[filled].sum(-1), 1, atol=1e-6)


def test_weights_give_back_the_pixel() -> None:
    raster = rasterise(SQUARE, TWO, (14, 16))
    for y, x in np.argwhere(raster.triangle >= 0):
        at = raster.weights[y, x] @ SQUARE[TWO[raster.triangle[y, x]]]
        np.testing.assert_allclose(at[:2], (x, y), atol=1e-5)


@pytest.mark.parametrize("first_is_near", [True, False])
def test_the_nearer_triangle_is_seen(first_is_near: bool) -> None:
    depth = (5.0, -5.0) if first_is_near else (-5.0, 5.0)
    points = np.concatenate([SQUARE[:3] + (0, 0, depth[0]), SQUARE[:3] + (0, 0, depth[1])])
    raster = rasterise(points, np.array([[0, 1, 2], [3, 4, 5]]), (14, 16))
    assert set(np.unique(raster.triangle)) == {-1, 0 if first_is_near else 1}


def test_outside_and_flat_triangles_leave_the_image_empty() -> None:
    away = SQUARE + (100, 0, 0)
    flat = SQUARE[[0, 0, 0, 0]]
    for points in (away, flat):
        assert (rasterise(points, TWO, (14, 16)).triangle == -1).all()
    assert (rasterise(SQUARE, np.zeros((0, 3), int), (14, 16)).triangle == -1).all()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000))
def test_random_triangles_agree_with_a_plain_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = rng.uniform(-4, 20, (9, 3))
    triangles = rng.integers(0, 9, (5, 3))
    raster = rasterise(points, triangles, (16, 16))
    for y, x in rng.integers(0, 16, (12, 2)):
        best, seen = -np.inf, -1
        for k, corners in enumerate(points[triangles]):
            system = np.vstack([corners[:, :2].T, np.ones(3)])
            if abs(np.linalg.det(system)) < 1e-6:
                continue
            weights = np.linalg.solve(system, (x, y, 1))
            depth = weights @ corners[:, 2]
            if weights.min() >= 0 and depth > best:
                best, seen = depth, k
        if seen >= 0 and raster.triangle[y, x] != seen:
            # Equal depths may go either way.
            corners = points[triangles[raster.triangle[y, x]]]
            assert raster.weights[y, x] @ corners[:, 2] == pytest.approx(best, abs=1e-4)
        elif seen < 0:
            assert raster.triangle[y, x] == -1


def test_rotation_is_one_and_turns_the_nose_to_the_image_right() -> None:
    turn = rotation(0.3, -0.2, 0.1)
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-12)
    assert (rotation(0.3, 0, 0) @ (0, 0, 1))[0] > 0


def test_camera_puts_its_target_in_the_middle_and_near_things_larger() -> None:
    camera = Camera(50.0, 400.0, (100, 200), (1.0, 2.0, 3.0))
    np.testing.assert_allclose(camera.project(np.array([1.0, 2, 3])), [99.5, 49.5, 0])
    near, far = camera.project(np.array([[2.0, 2, 8], [2.0, 2, -2]]))
    assert near[0] - 99.5 > far[0] - 99.5 > 0


def test_normals_of_a_plane_point_out_of_it() -> None:
    np.testing.assert_allclose(vertex_normals(SQUARE, TWO), [[0, 0, 1]] * 4)


def test_render_shows_paint_on_the_dome(head: HeadModel) -> None:
    colours = paint_head(head, Paint(skin=(200, 100, 50)))
    camera = Camera(60.0, 150.0, (64, 64))
    image, raster = render(head.vertices, head.triangles(), colours, camera, background=(0, 0, 255))
    assert image.shape == (64, 64, 3) and image.dtype == np.uint8
    assert (image[raster.triangle < 0] == (0, 0, 255)).all()
    seen = image[raster.triangle >= 0].astype(float)
    assert len(seen) > 500 and seen[:, 0].mean() > seen[:, 2].mean()
