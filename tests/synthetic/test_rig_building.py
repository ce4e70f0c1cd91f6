"""Making a rig: a detector that knows where its points lie must get them back, with their movement."""

import numpy as np
import pytest

from fau3d.synthetic.head import HeadModel
from fau3d.synthetic.rig_building import build_rig, landmark_rig, smooth_modes
from fau3d.synthetic.studio import Studio, View

VIEWS = (View(), View(yaw=0.2, size=300), View(yaw=-0.2, size=300))
POINTS = np.array([[-3.0, 4.2], [3.0, 4.2], [0.0, 0.3], [-2.0, -4.1], [2.0, -4.1]])


class FakeDetector:
    """Follows points of the dome by looking at where the studio projected it last."""

    def __init__(self, head: HeadModel) -> None:
        self.surface = np.array([np.argmin(((head.vertices[:, :2] - at) ** 2).sum(1)) for at in POINTS])
        self.seen: np.ndarray | None = None

    def __call__(self, image: np.ndarray) -> np.ndarray | None:
        assert image.dtype == np.uint8 and image.shape[2] == 3
        return self.seen


@pytest.fixture
def detector(head: HeadModel, monkeypatch: pytest.MonkeyPatch) -> FakeDetector:
    fake = FakeDetector(head)
    look = Studio.look

    def remembering(studio: Studio, vertices: np.ndarray, view: View) -> np.ndarray | None:
        projected = studio.camera(view).project(studio.turned(vertices, view))
        fake.seen = projected[fake.surface, :2]
        return look(studio, vertices, view)

    monkeypatch.setattr(Studio, "look", remembering)
    return fake


def test_points_are_found_on_the_mesh(head: HeadModel, detector: FakeDetector) -> None:
    rig = build_rig(head, detector, "five", response_share=0, attachment_views=VIEWS, progress=False)
    np.testing.assert_allclose(rig.neutral, head.vertices[detector.surface], atol=0.08)
    np.testing.assert_allclose(
        rig.expressions, head.expressions[:, detector.surface].astype(np.float32), atol=0.05
    )
    assert rig.expression_names == head.expression_names and rig.topology == "five"


def test_a_faithful_detector_answers_what_the_mesh_does(head: HeadModel, detector: FakeDetector) -> None:
    rig = build_rig(
        head,
        detector,
        "five",
        response_share=1,
        attachment_views=VIEWS,
        response_views=VIEWS[:1],
        progress=False,
    )
    jaw = rig.expressions[rig.column("jawOpen")]
    np.testing.assert_allclose(jaw[3:, 1], head.expressions[2][detector.surface[3:], 1], atol=0.06)
    # Paired shapes are measured together and shared out: each side's point belongs to its side.
    left, right = (rig.expressions[rig.column(f"browInnerUp_{side}")] for side in "LR")
    assert left[1, 1] > 0.8 and abs(left[0, 1]) < 0.05
    assert right[0, 1] > 0.8 and abs(right[1, 1]) < 0.05


def test_no_face_in_any_view_is_an_error(head: HeadModel) -> None:
    with pytest.raises(RuntimeError, match="found no face in any of 3 renders"):
        build_rig(head, lambda image: None, "five", attachment_views=VIEWS, progress=False)


def test_responses_need_frontal_views(head: HeadModel, detector: FakeDetector) -> None:
    with pytest.raises(ValueError, match="frontal views"):
        build_rig(head, detector, "five", attachment_views=VIEWS, response_views=VIEWS[1:], progress=False)


def test_landmark_rig_takes_the_landmark_vertices(head: HeadModel) -> None:
    rig = landmark_rig(head)
    np.testing.assert_array_equal(rig.neutral, head.vertices[head.landmarks_68])
    assert rig.topology == "ibug68"


def test_smoothing_keeps_even_fields_and_irises(head: HeadModel) -> None:
    neutral = head.vertices[:50].astype(float)
    modes = np.ones((1, 50, 3))
    np.testing.assert_allclose(smooth_modes(modes, neutral, np.ones(50, bool)), modes)
    skin = np.ones(50, bool)
    skin[-3:] = False
    noisy = np.random.default_rng(0).normal(size=(2, 50, 3))
    smoothed = smooth_modes(noisy, neutral, skin, length=2.0)
    np.testing.assert_array_equal(smoothed[:, -3:], noisy[:, -3:])
    assert smoothed[:, :-3].std() < 0.9 * noisy[:, :-3].std()
