"""Every network on images: trains, saves, loads and predicts."""

import pytest
import torch
from mmengine.optim import OptimWrapper

from fau3d.models.heads import ImageAUHead, SubjectAdversary
from fau3d.registry import MODELS
from fau3d.structures import AUDataSample

pytest.importorskip("transformers")

SIDE, UNITS = 64, 8
PREPROCESSOR = {"type": "ImagePreprocessor", "mean": [124, 116, 104], "std": [58, 57, 57]}
RESNET = {"type": "ResNetFeatures", "depth": 18, "width": 0.125}
SWIN = {"type": "SwinFeatures", "size": "nano", "window": 2}
VIT = {"type": "ViTFeatures", "size": "nano", "image_size": SIDE}
RELATION = {"type": "UnitPairLoss", "weight": 0.05}
SUBJECTS = {"subjects": ["S0", "S1"], "strength": 2.0}


def graph(in_channels, **options):
    return {"type": "GraphAUHead", "in_channels": in_channels, "channels": 16, **options}


def linear(in_channels, **options):
    return {"type": "ImageAUHead", "in_channels": in_channels, **options}


def resnet(depth):
    return {**RESNET, "depth": depth}


MODELS_ON_IMAGES = {
    "resnet18": (RESNET, linear(64)),
    "resnet34": (resnet(34), linear(64, intensity=False)),
    "resnet50": (resnet(50), linear(256, dropout=0.2)),
    "resnet50-graph": (resnet(50), graph(256)),
    "resnet18-edges": (RESNET, graph(64, stage=2, loss_relation=RELATION)),
    "swin-graph": (SWIN, graph(192)),
    "swin-edges": (SWIN, graph(192, stage=2, rectify="sum")),
    "vit-mean": ({**VIT, "drop_path": 0.2}, linear(24)),
    "vit-token": ({**VIT, "pool": "token"}, linear(24, bias=False)),
    "vit-map-graph": ({**VIT, "pool": "map"}, graph(24)),
    "vit-adversary": (VIT, linear(24, intensity=False, adversary=SUBJECTS)),
    "emofan": ({"type": "EmoFANFeatures", "channels": 16}, linear(16)),
    "swin-dense": (SWIN, {"type": "DenseAUHead", "in_channels": 192}),
}


def build(name):
    backbone, head = MODELS_ON_IMAGES[name]
    return MODELS.build(
        {
            "type": "AURecognizer",
            "data_preprocessor": PREPROCESSOR,
            "backbone": backbone,
            "head": {**head, "au_set": "disfa8"},
        }
    )


def batch(frames=1, side=SIDE, size=2):
    generator = torch.Generator().manual_seed(0)
    samples = []
    for number in range(size):
        occurrence = torch.randint(-1, 2, (frames, UNITS), generator=generator, dtype=torch.int8)
        sample = AUDataSample(metainfo={"frame_dir": f"image_{number}", "subject": f"S{number}"})
        sample.set_data(
            {
                "gt_occurrence": occurrence,
                "gt_intensity": torch.rand((frames, UNITS), generator=generator) * 5,
            }
        )
        samples.append(sample)
    image = torch.randint(256, (size, frames, side, side, 3), generator=generator, dtype=torch.uint8)
    return {"inputs": {"image": image}, "data_samples": samples}


def side_for(name):
    return 128 if name == "emofan" else SIDE


@pytest.mark.parametrize("name", MODELS_ON_IMAGES)
def test_trains_saves_loads_and_predicts(name, tmp_path):
    torch.manual_seed(0)
    model = build(name)
    model.init_weights()
    wrapper = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01))
    data = model.data_preprocessor(batch(side=side_for(name)), True)
    sum(model(**data, mode="loss").values()).backward()
    assert all(parameter.grad is not None for parameter in model.parameters())
    losses = model.train_step(batch(side=side_for(name)), wrapper)
    assert all(torch.isfinite(loss) for loss in losses.values())
    assert ("loss_relation" in losses) == ("loss_relation" in MODELS_ON_IMAGES[name][1])

    torch.save(model.state_dict(), tmp_path / "weights.pth")
    other = build(name)
    other.load_state_dict(torch.load(tmp_path / "weights.pth", weights_only=True))
    model.eval()
    other.eval()
    clip = batch(frames=2, side=side_for(name), size=1)
    with torch.no_grad():
        found, same = model.test_step(clip)[0].clone(), other.test_step(clip)[0]
        clip["inputs"]["image"] = clip["inputs"]["image"][:, 1:]
        alone = other.test_step(clip)[0]
    assert found.pred_occurrence.shape == (2, UNITS)
    torch.testing.assert_close(found.pred_occurrence, same.pred_occurrence)
    # Frames are read one by one.
    torch.testing.assert_close(alone.pred_occurrence[0], found.pred_occurrence[1], atol=1e-5, rtol=1e-4)


def test_weights_that_were_loaded_are_not_drawn_again(tmp_path):
    first = MODELS.build(RESNET)
    first.network.save_pretrained(tmp_path)
    second = MODELS.build({**RESNET, "pretrained": str(tmp_path)})
    second.init_weights()
    for (name, value), again in zip(first.state_dict().items(), second.state_dict().values(), strict=True):
        assert torch.equal(value, again), name


def test_the_adversary_turns_gradients_round():
    adversary = SubjectAdversary(4, ["a", "b"], strength=2.0)
    samples = [AUDataSample(metainfo={"subject": name}) for name in "ab"]
    features = torch.randn(2, 1, 4, requires_grad=True)
    loss = adversary(features, samples)
    turned = torch.autograd.grad(loss, features, retain_graph=True)[0]
    plain = torch.nn.functional.cross_entropy(adversary.classifier(features)[:, 0], torch.arange(2))
    torch.testing.assert_close(turned, -2 * torch.autograd.grad(plain, features)[0])
    torch.testing.assert_close(loss, plain)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MODELS.build({**RESNET, "depth": 20}), "depth is 20; known: 18, 34, 50, 101"),
        (lambda: MODELS.build({**SWIN, "size": "huge"}), "unknown size 'huge'; known: nano, tiny"),
        (lambda: MODELS.build({**VIT, "pool": "max"}), "unknown pool 'max'; known: token, mean, map"),
        (lambda: MODELS.build({**VIT, "drop_path": 1.0}), "drop_path is 1.0"),
        (lambda: MODELS.build({**VIT, "image_size": 60}), "patches of 16 pixels do not fill"),
        (lambda: MODELS.build(SWIN)(torch.zeros(1, 3, 1, 32, 32)), "wanted at least 64 pixels"),
        (lambda: MODELS.build(SWIN)(torch.zeros(1, 3, 64, 64)), r"wanted \(B, 3, T, H, W\)"),
        (lambda: SubjectAdversary(4, ["a", "a"]), "2 subjects of 1 names"),
        (
            lambda: SubjectAdversary(4, ["a", "b"])(
                torch.zeros(1, 1, 4), [AUDataSample(metainfo={"frame_dir": "x", "subject": "c"})]
            ),
            "x: is of subject 'c', which the adversary does not know",
        ),
    ],
)
def test_wrong_use_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def painter(**options):
    shape = {"size": "nano", "image_size": SIDE, "painter_width": 32, "painter_depth": 1, "painter_heads": 2}
    return MODELS.build({"type": "MaskedFacePainter", "data_preprocessor": PREPROCESSOR, **shape, **options})


def test_pre_training_paints_what_was_hidden_and_gives_a_backbone():
    torch.manual_seed(0)
    model = painter()
    model.init_weights()
    wrapper = OptimWrapper(torch.optim.AdamW(model.parameters(), lr=1e-3))
    losses = [model.train_step(batch(), wrapper)["loss_painting"].item() for _ in range(4)]
    assert losses[-1] < losses[0]
    inputs = model.data_preprocessor(batch())["inputs"]
    answers = model(inputs)
    assert answers["painted"].shape == (2, 16, 16 * 16 * 3)
    assert answers["hidden"].sum(1).tolist() == [12, 12]
    with pytest.raises(ValueError, match="has nothing to evaluate"):
        model(inputs, mode="predict")

    fine = MODELS.build(VIT)
    state = {
        k.removeprefix("backbone."): v for k, v in model.state_dict().items() if k.startswith("backbone.")
    }
    fine.load_state_dict(state, strict=True)


def test_the_painters_target_is_the_libraries():
    transformers = pytest.importorskip("transformers")
    model = painter(normalise_patches=True)
    peer = transformers.ViTMAEForPreTraining(model.backbone["network"].config)
    images = torch.randn(2, 3, SIDE, SIDE)
    patches = peer.patchify(images)
    wanted = (patches - patches.mean(-1, keepdim=True)) / (patches.var(-1, keepdim=True) + 1e-6).sqrt()
    torch.testing.assert_close(model.target(images), wanted)


def test_a_frozen_landmark_network_stays_as_it_is():
    model = MODELS.build({"type": "EmoFANFeatures", "channels": 16, "frozen": True}).train()
    before = {k: v.clone() for k, v in model.landmarks.state_dict().items()}
    model(torch.randn(1, 3, 1, 128, 128)).sum().backward()
    assert all(p.grad is None for p in model.landmarks.parameters())
    assert all(torch.equal(v, before[k]) for k, v in model.landmarks.state_dict().items())


def test_the_plain_head_is_one_layer_on_the_mean():
    head = ImageAUHead(4, "disfa8", bias=False, intensity=False).eval()
    features = torch.randn(2, 4, 3, 2, 2)
    wanted = features.mean((3, 4)).transpose(1, 2) @ head.occurrence.weight.T
    torch.testing.assert_close(head(features, 3)["occurrence"], wanted)


@pytest.mark.parametrize("name", ["resnet18-edges", "swin-graph", "vit-mean"])
def test_mixed_precision_trains_and_answers_about_the_same(name):
    torch.manual_seed(0)
    model = build(name)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        losses = model(**model.data_preprocessor(batch(), True), mode="loss")
    sum(losses.values()).backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in model.parameters())
    model.eval()
    with torch.no_grad():
        whole = model.test_step(batch())[0].pred_occurrence.clone()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            half = model.test_step(batch())[0].pred_occurrence
    torch.testing.assert_close(half, whole, atol=0.02, rtol=0)
