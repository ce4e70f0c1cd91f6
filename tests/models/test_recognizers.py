"""Recognizers: every kind trains, saves, loads and predicts."""

import pytest
import torch
from mmengine.optim import OptimWrapper

from fau3d.registry import MODELS

POINTS, EDGES = 5, [[0, 1], [1, 2], [3, 4]]
SLOWONLY = {
    "type": "mmaction.ResNet3dSlowOnly",
    "depth": 18,
    "pretrained": None,
    "base_channels": 4,
    "num_stages": 2,
    "out_indices": (1,),
    "stage_blocks": (1, 1),
    "conv1_kernel": (1, 3, 3),
    "with_pool1": False,
    "inflate": (0, 1),
    "spatial_strides": (2, 2),
    "temporal_strides": (1, 1),
    "dilations": (1, 1),
}
X3D = {"type": "mmaction.X3D", "gamma_w": 0.4, "gamma_b": 1.0, "num_stages": 2, "spatial_strides": (1, 2)}
C3D = {"type": "C3DFeatures", "num_stages": 3}
PREPROCESSOR = {"type": "HeatmapPreprocessor", "size": (16, 16), "sigma": 0.6}


def recognizer(backbone, channels, head="DenseAUHead", preprocessor=None, in_channels=POINTS, **options):
    return MODELS.build(
        {
            "type": "AURecognizer",
            "data_preprocessor": {**PREPROCESSOR, **(preprocessor or {})},
            "backbone": {**backbone, "in_channels": in_channels},
            "head": {"type": head, "in_channels": channels, "au_set": "affwild2"},
            **options,
        }
    )


def on_keypoints(backbone, channels, **head):
    return MODELS.build(
        {
            "type": "AURecognizer",
            "data_preprocessor": {"type": "KeypointPreprocessor"},
            "backbone": backbone,
            "head": {"type": "DenseAUHead", "in_channels": channels, "au_set": "affwild2", **head},
        }
    )


def transformer(depth):
    return on_keypoints(
        {"type": "KeypointTransformer", "num_points": POINTS, "channels": 12, "depth": depth, "heads": 3}, 12
    )


STGCN = {"type": "FaceSTGCN", "topology": "ibug68", "base_channels": 12, "num_stages": 2, "by_region": True}


def dual():
    return MODELS.build(
        {
            "type": "DualStreamRecognizer",
            "data_preprocessor": {**PREPROCESSOR, "with_limb": True, "edges": EDGES, "separate": True},
            "joint_backbone": {**SLOWONLY, "in_channels": POINTS},
            "limb_backbone": {**SLOWONLY, "in_channels": len(EDGES)},
            "head": {"type": "DenseAUHead", "in_channels": 16, "au_set": "affwild2"},
        }
    )


LAST = {"channels_last_3d": True}
LIMB = {"with_joint": False, "with_limb": True, "edges": EDGES}
MAKERS = {
    "slowonly": lambda: recognizer(SLOWONLY, 8),
    "slowonly-clip": lambda: recognizer(SLOWONLY, 8, head="ClipAUHead"),
    "slowonly-last": lambda: recognizer(
        SLOWONLY, 8, preprocessor={"channels_last_3d": True}, channels_last_3d=True
    ),
    "slowonly-stride": lambda: recognizer({**SLOWONLY, "temporal_strides": (2, 1)}, 8),
    "slowonly-limb": lambda: recognizer(SLOWONLY, 8, preprocessor=LIMB, in_channels=len(EDGES)),
    "slowonly-both": lambda: recognizer(
        SLOWONLY, 8, preprocessor={**LIMB, "with_joint": True}, in_channels=POINTS + len(EDGES)
    ),
    "x3d": lambda: recognizer(X3D, 32),
    "c3d": lambda: recognizer(C3D, 256),
    "dual": dual,
    "transformer": lambda: transformer(depth=2),
    "frames": lambda: transformer(depth=0),
    "stgcn": lambda: on_keypoints(STGCN, 12, grid=(7, 1)),
}
BATCHES = {"stgcn": {"points": 68}}


@pytest.mark.parametrize("name", MAKERS)
def test_trains_saves_loads_and_predicts(name, make_batch, tmp_path):
    torch.manual_seed(0)
    model, batch = MAKERS[name](), make_batch(**BATCHES.get(name, {}))
    before = {key: value.clone() for key, value in model.named_parameters()}
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.1))
    data = model.data_preprocessor(batch, True)
    sum(model(**data, mode="loss").values()).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    losses = model.train_step(batch, wrapper)
    assert set(losses) == {"loss", "loss_occurrence", "loss_intensity"}
    assert all(torch.isfinite(loss) for loss in losses.values())
    assert any(not torch.equal(value, before[key]) for key, value in model.named_parameters())

    torch.save(model.state_dict(), tmp_path / "weights.pth")
    other = MAKERS[name]()
    other.load_state_dict(torch.load(tmp_path / "weights.pth", weights_only=True))
    model.eval()
    other.eval()
    with torch.no_grad():
        samples = model.test_step(make_batch(**BATCHES.get(name, {})))
        again = other.test_step(make_batch(**BATCHES.get(name, {})))
    for sample, same in zip(samples, again, strict=True):
        assert sample.pred_occurrence.shape == sample.pred_intensity.shape == (6, 12)
        torch.testing.assert_close(sample.pred_occurrence, same.pred_occurrence)
        torch.testing.assert_close(sample.pred_intensity, same.pred_intensity)


def test_tensor_mode_gives_raw_answers(make_batch):
    model = recognizer(SLOWONLY, 8).eval()
    inputs = model.data_preprocessor(make_batch())["inputs"]
    assert model(inputs)["occurrence"].shape == (2, 6, 12)
    assert model.au_names[0] == "AU01"


def test_channels_last_weights_compute_the_same(make_batch):
    plain = recognizer(SLOWONLY, 8).eval()
    last = recognizer(SLOWONLY, 8, preprocessor=LAST, channels_last_3d=True).eval()
    last.load_state_dict(plain.state_dict())
    assert last.backbone.conv1.conv.weight.is_contiguous(memory_format=torch.channels_last_3d)
    with torch.no_grad():
        a, b = (m.test_step(make_batch())[0].pred_occurrence for m in (plain, last))
    torch.testing.assert_close(a, b, atol=1e-5, rtol=0)


def test_folded_persons_are_answered_one_by_one(make_batch):
    model = recognizer(SLOWONLY, 8, preprocessor={"persons": "fold"}).eval()
    with torch.no_grad():
        samples = model.test_step(make_batch(persons=2))
    assert len(samples) == 4
    assert not torch.equal(samples[0].pred_occurrence, samples[1].pred_occurrence)


@pytest.mark.parametrize("name", ["slowonly", "transformer"])
def test_learns_which_point_moves(name, make_batch):
    torch.manual_seed(0)
    model = MAKERS[name]()
    model.init_weights()
    wrapper = OptimWrapper(torch.optim.Adam(model.parameters(), lr=0.01))
    batch = make_batch(batch=8)
    high = batch["inputs"]["keypoint"][:, 0, :, 0, 1] > batch["inputs"]["keypoint"][:, 0, :, 1, 1]
    for sample, label in zip(batch["data_samples"], high, strict=True):
        sample.gt_occurrence = label[:, None].expand(-1, 12).to(torch.int8)
    model.head.dropout.p = 0.0
    losses = [model.train_step(batch, wrapper)["loss_occurrence"].item() for _ in range(60)]
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize("name", ["transformer", "stgcn"])
def test_networks_on_keypoints_train_in_mixed_precision(name, make_batch):
    model, batch = MAKERS[name](), make_batch(**BATCHES.get(name, {}))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        losses = model(**model.data_preprocessor(batch, True), mode="loss")
    sum(losses.values()).backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters())


def test_wrong_use_is_named(make_batch):
    model = recognizer(SLOWONLY, 8)
    inputs = model.data_preprocessor(make_batch())["inputs"]
    with pytest.raises(ValueError, match="unknown mode 'train'"):
        model(inputs, mode="train")
    with pytest.raises(ValueError, match="needs data_samples"):
        model(inputs, mode="loss")
    with pytest.raises(ValueError, match="reads one volume"):
        model({"joint": inputs, "limb": inputs})
    with pytest.raises(ValueError, match="reads a joint and a limb volume"):
        dual()(inputs)
