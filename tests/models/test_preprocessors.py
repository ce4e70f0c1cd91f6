"""The preprocessors: what goes in, what comes out."""

import pytest
import torch

from fau3d.functional.heatmap import joint_volume, limb_volume
from fau3d.models.preprocessors import HeatmapPreprocessor, KeypointPreprocessor

SIZE = (20, 24)
EDGES = [[0, 1], [1, 2], [3, 4]]


def test_points_of_the_unit_square_become_pixels(make_batch):
    batch = make_batch()
    out = HeatmapPreprocessor(SIZE, sigma=1.0)(batch)
    pixels = batch["inputs"]["keypoint"] * torch.tensor([SIZE[1], SIZE[0]])
    wanted = joint_volume(pixels, batch["inputs"]["keypoint_score"], SIZE, 1.0)
    assert out["inputs"].shape == (2, 5, 6, *SIZE)
    torch.testing.assert_close(out["inputs"], wanted)
    assert [s.frame_dir for s in out["data_samples"]] == ["clip_0", "clip_1"]


def test_limbs_alone_after_joints_and_apart(make_batch):
    batch = make_batch()
    pixels = batch["inputs"]["keypoint"] * torch.tensor([SIZE[1], SIZE[0]])
    limbs = limb_volume(pixels, batch["inputs"]["keypoint_score"], torch.tensor(EDGES), SIZE, 0.6)
    options = {"with_limb": True, "edges": EDGES}
    torch.testing.assert_close(HeatmapPreprocessor(SIZE, with_joint=False, **options)(batch)["inputs"], limbs)
    stacked = HeatmapPreprocessor(SIZE, **options)(batch)["inputs"]
    assert stacked.shape[1] == 5 + 3
    torch.testing.assert_close(stacked[:, 5:], limbs)
    apart = HeatmapPreprocessor(SIZE, separate=True, **options)(batch)["inputs"]
    torch.testing.assert_close(apart["limb"], limbs)
    torch.testing.assert_close(apart["joint"], stacked[:, :5])


def test_folded_persons_get_their_own_samples(make_batch):
    batch = make_batch(persons=3)
    out = HeatmapPreprocessor(SIZE, persons="fold")(batch)
    assert out["inputs"].shape[0] == len(out["data_samples"]) == 6
    assert [s.person for s in out["data_samples"]] == [0, 1, 2, 0, 1, 2]
    assert [s.frame_dir for s in out["data_samples"]] == ["clip_0"] * 3 + ["clip_1"] * 3
    alone = HeatmapPreprocessor(SIZE)(
        {"inputs": {key: value[1:, 2:] for key, value in batch["inputs"].items()}, "data_samples": None}
    )
    torch.testing.assert_close(out["inputs"][5:], alone["inputs"])


def test_type_follows_autocast_unless_named(make_batch):
    batch = make_batch()
    assert HeatmapPreprocessor(SIZE)(batch)["inputs"].dtype == torch.float32
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert HeatmapPreprocessor(SIZE)(batch)["inputs"].dtype == torch.bfloat16
        assert HeatmapPreprocessor(SIZE, dtype="float32")(batch)["inputs"].dtype == torch.float32
    assert HeatmapPreprocessor(SIZE, dtype="float16")(batch)["inputs"].dtype == torch.float16


@pytest.mark.parametrize("last", [False, True])
def test_memory_format(make_batch, last):
    inputs = HeatmapPreprocessor(SIZE, channels_last_3d=last)(make_batch())["inputs"]
    layout = torch.channels_last_3d if last else torch.contiguous_format
    assert inputs.is_contiguous(memory_format=layout)


def test_reused_memory_gives_the_same_volumes(make_batch):
    fresh, kept = HeatmapPreprocessor(SIZE), HeatmapPreprocessor(SIZE, reuse_memory=True)
    for batch, points in ((2, 5), (1, 5), (3, 5), (2, 4)):
        data = make_batch(batch=batch, points=points)
        torch.testing.assert_close(kept(data)["inputs"], fresh(data)["inputs"], rtol=0, atol=0)
    first = kept(make_batch())["inputs"]
    assert kept(make_batch())["inputs"].data_ptr() == first.data_ptr()


def test_overwriting_a_volume_that_backward_needs_is_an_error_not_a_wrong_gradient(make_batch):
    kept = HeatmapPreprocessor(SIZE, reuse_memory=True)
    layer = torch.nn.Conv3d(5, 2, 1)
    loss = layer(kept(make_batch())["inputs"]).sum()
    kept(make_batch())
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_volumes_made_before_pass_scaled():
    heatmap = torch.tensor([0, 51, 255], dtype=torch.uint8).view(1, 3, 1, 1, 1).expand(1, 3, 2, 4, 4)
    out = HeatmapPreprocessor(SIZE)({"inputs": {"heatmap": heatmap}})
    torch.testing.assert_close(out["inputs"][0, :, 0, 0, 0], torch.tensor([0.0, 0.2, 1.0]))
    assert out["data_samples"] is None
    as_float = HeatmapPreprocessor(SIZE)({"inputs": {"heatmap": heatmap / 255.0}})
    torch.testing.assert_close(as_float["inputs"], out["inputs"])


def test_edges_by_the_name_of_a_topology():
    from fau3d.topology import get_topology

    preprocessor = HeatmapPreprocessor(SIZE, with_joint=False, with_limb=True, edges="ibug68")
    assert preprocessor.edges.tolist() == get_topology("ibug68").edges.tolist()
    assert not preprocessor.state_dict()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"with_joint": False}, "draws nothing"),
        ({"with_limb": True}, "needs edges"),
        ({"dtype": "int8"}, "unknown dtype"),
        ({"persons": "all"}, "unknown persons"),
        ({"with_limb": True, "edges": [0, 1]}, "wanted \\(E, 2\\)"),
    ],
)
def test_wrong_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        HeatmapPreprocessor(SIZE, **options)


def test_wrong_inputs_are_named(make_batch):
    with pytest.raises(ValueError, match="end the pipeline with PackFaceInputs"):
        HeatmapPreprocessor(SIZE)({"inputs": torch.zeros(3)})
    with pytest.raises(ValueError, match="edges name point 9, but the clip has 5 points"):
        HeatmapPreprocessor(SIZE, with_limb=True, edges=[[0, 9]])(make_batch())


def test_keypoints_become_a_volume_of_places_and_scores(make_batch):
    batch = make_batch(persons=2)
    batch["inputs"]["keypoint_score"][0, 0, 2, 3] = 0.0
    out = KeypointPreprocessor(scale=4.0)(batch)
    volume, keypoint = out["inputs"], batch["inputs"]["keypoint"]
    assert volume.shape == (2, 3, 6, 5, 1)
    torch.testing.assert_close(volume[1, 0, ..., 0], (keypoint[1, 0, ..., 0] - 0.5) * 4.0)
    torch.testing.assert_close(volume[1, 1, ..., 0], (keypoint[1, 0, ..., 1] - 0.5) * 4.0)
    torch.testing.assert_close(volume[:, 2, ..., 0], batch["inputs"]["keypoint_score"][:, 0])
    assert (volume[0, :, 2, 3] == 0).all()
    assert [s.frame_dir for s in out["data_samples"]] == ["clip_0", "clip_1"]


def test_folded_persons_of_keypoints_get_their_own_samples(make_batch):
    batch = make_batch(persons=3)
    out = KeypointPreprocessor(persons="fold")(batch)
    assert [s.person for s in out["data_samples"]] == [0, 1, 2, 0, 1, 2]
    alone = KeypointPreprocessor()({"inputs": {key: v[1:, 2:] for key, v in batch["inputs"].items()}})
    torch.testing.assert_close(out["inputs"][5:], alone["inputs"])
    assert alone["data_samples"] is None


def test_keypoints_keep_their_precision_under_autocast(make_batch):
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert KeypointPreprocessor()(make_batch())["inputs"].dtype == torch.float32


def test_keypoints_are_wanted():
    with pytest.raises(ValueError, match="unknown persons 'merge'; known: 'first', 'fold'"):
        KeypointPreprocessor(persons="merge")
    with pytest.raises(ValueError, match=r"hold \['heatmap'\]; wanted a dict with 'keypoint' and"):
        KeypointPreprocessor()({"inputs": {"heatmap": torch.zeros(1, 3, 2, 4, 4)}})
