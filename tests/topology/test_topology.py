"""Properties of every point set, and each against geometry that it was not made from."""

import numpy as np
import pytest

from fau3d.topology import TOPOLOGIES, Contour, Topology, conversion_index, get_topology, subset

FACE_REGIONS = {"jaw", "left_brow", "right_brow", "left_eye", "right_eye", "nose", "mouth"}


@pytest.fixture(params=TOPOLOGIES, name="topology")
def _topology(request) -> Topology:
    return TOPOLOGIES[request.param]


def test_names_and_sizes(topology):
    wanted = {"ibug68": 68, "mediapipe478": 478, "mediapipe91": 91, "wholebody133": 133}
    assert topology.num_points == len(set(topology.point_names)) == wanted[topology.name]
    assert set(topology.regions) >= FACE_REGIONS
    assert get_topology(topology.name) is topology


def test_every_point_is_in_a_region(topology):
    assert np.array_equal(topology.region(*topology.regions), np.arange(topology.num_points))


def test_mirror_is_an_involution_that_swaps_sides(topology):
    mirror = topology.mirror_index
    assert np.array_equal(mirror[mirror], np.arange(topology.num_points))
    for name, points in topology.regions.items():
        partner = {"left": "right", "right": "left"}.get(name.split("_")[0])
        other = name if partner is None else f"{partner}_{name.split('_', 1)[1]}"
        assert set(mirror[points].tolist()) == set(topology.regions[other].tolist())
    assert np.array_equal(mirror[topology.eye_corners], topology.eye_corners[::-1])
    assert set(mirror[topology.rigid].tolist()) == set(topology.rigid.tolist())


def test_edges_lie_in_their_region_and_are_mirrored_to_edges(topology):
    assert len({frozenset(e) for e in topology.edges.tolist()}) == len(topology.edges)
    for edge, region in zip(topology.edges, topology.edge_regions):
        assert edge[0] != edge[1]
        assert np.isin(edge, topology.regions[region]).all()
    index = topology.edge_mirror_index
    assert np.array_equal(index[index], np.arange(len(index)))


def test_conversion_keeps_mirror_and_regions(topology):
    if topology.to_ibug68 is None:
        return
    ibug, index = get_topology("ibug68"), conversion_index(topology.name, "ibug68")
    assert np.array_equal(topology.mirror_index[index], index[ibug.mirror_index])
    assert np.array_equal(index[ibug.eye_corners], topology.eye_corners)
    for name, points in ibug.regions.items():
        assert np.isin(index[points], topology.regions[name]).all(), name


def test_arrays_cannot_be_changed(topology):
    with pytest.raises(ValueError, match="read-only"):
        topology.mirror_index[0] = 1


def test_sides_on_a_real_face(clips_dir):
    """The subject's left is on the image's right, and mirrored partners fall on each other."""
    points = _real_face(clips_dir)
    full = get_topology("mediapipe478")
    for name, right in full.regions.items():
        if name.startswith("right_"):
            left = full.regions[name.replace("right_", "left_")]
            assert points[left, 0].mean() > points[right, 0].mean()
    outer_left, inner_left, inner_right, outer_right = points[full.eye_corners, 0]
    assert outer_left > inner_left > inner_right > outer_right
    # In the mesh's own depth the face is nearly symmetric whatever its pose: align it with its mirror image.
    mirrored = points * [-1, 1, 1]
    partners = mirrored[full.mirror_index]
    centred, target = partners - partners.mean(0), points - points.mean(0)
    left_vectors, _, right_vectors = np.linalg.svd(target.T @ centred)
    moved = centred @ (left_vectors @ right_vectors).T
    error = np.linalg.norm(moved - target, axis=1) / np.ptp(points[:, 0])
    assert error.max() < 0.05


def test_ibug_points_on_a_real_face(clips_dir):
    points = _real_face(clips_dir)[conversion_index("mediapipe478", "ibug68"), :2]
    assert (np.diff(points[:17, 0]) > -2).all(), "the jaw runs from the subject's right to the left"
    assert points[8, 1] == points[:, 1].max(), "its lowest point is the chin"
    assert points[30, 1] < points[33, 1] < points[51, 1] < points[57, 1]
    assert points[17:27, 1].mean() < points[36:48, 1].mean()


def _real_face(clips_dir) -> np.ndarray:
    cv2 = pytest.importorskip("cv2")
    face_mesh = pytest.importorskip("mediapipe").solutions.face_mesh
    capture = cv2.VideoCapture(str(clips_dir / "pexels_wolfganglanger_expressions_occlusion.mp4"))
    read, image = capture.read()
    assert read
    with face_mesh.FaceMesh(static_image_mode=True, refine_landmarks=True) as mesh:
        found = mesh.process(np.ascontiguousarray(image[..., ::-1])).multi_face_landmarks[0].landmark
    height, width = image.shape[:2]
    return np.array([[p.x * width, p.y * height, p.z * width] for p in found])


def test_subset_joins_the_neighbours_of_points_left_out():
    full = get_topology("ibug68")
    keep = [p for p in range(68) if p not in (19, 24, 2, 14)]
    small = subset(full, keep, name="ibug64")
    assert small.num_points == 64 and small.parent == "ibug68" and small.to_ibug68 is None
    assert np.array_equal(small.parent_index, keep)
    parents = {tuple(edge) for edge in small.parent_index[small.edges].tolist()}
    assert (18, 20) in parents and (1, 3) in parents
    assert np.array_equal(conversion_index(full, small), keep)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([36, 39, 42, 45, 36], "differ"),
        ([36, 39, 42, 45, 68], "found \\[68\\]"),
        ([36, 39, 42, 45, 0], "mirror partners"),
        ([36, 45], "eye corners"),
    ],
)
def test_bad_subsets_are_refused(points, message):
    with pytest.raises(ValueError, match=message):
        subset(get_topology("ibug68"), points)


def test_bad_requests_name_the_way_out():
    with pytest.raises(ValueError, match="known: ibug68"):
        get_topology("coco17")
    with pytest.raises(ValueError, match="it can become: ibug68"):
        conversion_index("ibug68", "mediapipe478")
    with pytest.raises(ValueError, match="it has: jaw"):
        get_topology("ibug68").region("ear")


def test_a_mirror_that_is_none_is_refused():
    with pytest.raises(ValueError, match="mirror partner"):
        Topology(
            "odd",
            ("a", "b", "c"),
            np.array([1, 2, 0]),
            (Contour("x", (0, 1)),),
            {},
            np.arange(2),
            np.arange(2),
        )
