"""Released weights in our form: their answers, and what does not fit."""

import argparse
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from fau3d.engine.checkpoint import CheckpointError, load_exported, read_checkpoint
from fau3d.engine.conversion import convert_graph_weights, convert_vit_weights
from fau3d.engine.conversion.names import RESNET, SWIN, VIT, rename, split_qkv
from fau3d.registry import MODELS

pytest.importorskip("transformers")
_PATH = Path(__file__).parents[1] / "models" / "formula_weights.py"
_SPEC = importlib.util.spec_from_file_location("formula_weights", _PATH)
formula = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(formula)

TOLD = {"source": "a formula", "licence": "none"}


def answers(path, images):
    """Build what a converted file describes, and let it answer (N, 3, H, W)."""
    exported = load_exported(path)
    model = MODELS.build(dict(exported["meta"]["model"]))
    model.load_state_dict(exported["state_dict"], strict=True)
    with torch.no_grad():
        samples = model.eval()(images[:, :, None], mode="predict")
    return torch.stack([sample.pred_occurrence[0] for sample in samples]), exported["meta"]


@pytest.mark.parametrize(
    ("name", "stage", "backbone"),
    [
        ("stage1_resnet50", 1, {"type": "ResNetFeatures", "depth": 50}),
        ("stage1_swin_transformer_tiny", 1, {"type": "SwinFeatures", "size": "tiny"}),
        ("stage2_resnet50", 2, {"type": "ResNetFeatures", "depth": 50}),
    ],
)
def test_opengraphau_answers_what_the_released_network_does(shared_dir, tmp_path, name, stage, backbone):
    folder = shared_dir / "reference" / "opengraphau"
    if not folder.is_dir():
        pytest.skip("no reference answers beside the checkout")
    state, images, wanted = formula.reference(folder, name)
    torch.save({"state_dict": state}, tmp_path / "released.pth")
    convert_graph_weights(
        tmp_path / "released.pth", tmp_path / "ours.pth", shared_nodes={"AU12": "AU11"}, **TOLD
    )
    found, meta = answers(tmp_path / "ours.pth", images)
    assert np.abs(found.numpy() - wanted).max() < 1e-4
    assert meta["model"]["backbone"] == backbone
    assert meta["model"]["head"]["stage"] == stage
    assert len(meta["au_names"]) == 41
    assert "AU12_L and AU12_R use the node of AU11 (index 8)" in meta["metainfo"]["shared_nodes"]


# The other way round: from our names to those of the released files, for networks small enough for a test.


def released_resnet(state):
    rules = [
        (r"^embedder\.embedder\.convolution", "conv1"),
        (r"^embedder\.embedder\.normalization", "bn1"),
        (r"^encoder\.stages\.(\d)\.layers\.(\d)\.shortcut\.convolution", r"layer<\1>.\2.downsample.0"),
        (r"^encoder\.stages\.(\d)\.layers\.(\d)\.shortcut\.normalization", r"layer<\1>.\2.downsample.1"),
        (r"^encoder\.stages\.(\d)\.layers\.(\d)\.layer\.(\d)\.convolution", r"layer<\1>.\2.conv<\3>"),
        (r"^encoder\.stages\.(\d)\.layers\.(\d)\.layer\.(\d)\.normalization", r"layer<\1>.\2.bn<\3>"),
    ]
    return _renamed(state, rules)


def _renamed(state, rules):
    renamed = {}
    for name, value in state.items():
        for pattern, replacement in rules:
            name = re.sub(pattern, replacement, name)
        renamed[re.sub(r"<(\d+)>", lambda found: str(int(found[1]) + 1), name)] = value
    return renamed


GRAPH = [
    (r"^shared\.linear", "global_linear.fc"),
    (r"^shared\.norm", "global_linear.bn"),
    (r"^vectors$", "head.sc"),
    (r"^relation\.", "head.edge_fc."),
    (r"^graph\.own", "head.gnn.U"),
    (r"^graph\.others", "head.gnn.V"),
    (r"^graph\.norm", "head.gnn.bnv"),
    (r"^graph\.layers\.(\d)\.own", r"head.gnn.U<\1>"),
    (r"^graph\.layers\.(\d)\.others", r"head.gnn.V<\1>"),
    (r"^graph\.layers\.(\d)\.from_end", r"head.gnn.A<\1>"),
    (r"^graph\.layers\.(\d)\.from_start", r"head.gnn.B<\1>"),
    (r"^graph\.layers\.(\d)\.from_edge", r"head.gnn.E<\1>"),
    (r"^graph\.layers\.(\d)\.node_norm", r"head.gnn.bnv<\1>"),
    (r"^graph\.layers\.(\d)\.edge_norm", r"head.gnn.bne<\1>"),
    (r"^edges\.face\.query", "head.edge_extractor.FAM.linear_q"),
    (r"^edges\.face\.key", "head.edge_extractor.FAM.linear_k"),
    (r"^edges\.face\.value", "head.edge_extractor.FAM.linear_v"),
    (r"^edges\.pair\.query", "head.edge_extractor.ARM.linear_q"),
    (r"^edges\.pair\.key", "head.edge_extractor.ARM.linear_k"),
    (r"^edges\.pair\.value", "head.edge_extractor.ARM.linear_v"),
    (r"^edges\.project", "head.edge_extractor.edge_proj"),
    (r"^edges\.norm", "head.edge_extractor.bn"),
]


def released_graph(model, units):
    """Give a model's weights under ME-GraphAU's names, one linear layer for each unit."""
    state = model.state_dict()
    backbone = {k.removeprefix("backbone.network."): v for k, v in state.items() if k.startswith("backbone.")}
    own = ("head.loss_", "head.thresholds", "head.logit_", "head.units.")
    head = {k.removeprefix("head."): v for k, v in state.items() if k.startswith("head.")}
    head = {k: v for k, v in head.items() if not f"head.{k}".startswith(own)}
    released = {f"backbone.{k}": v for k, v in released_resnet(backbone).items()} | _renamed(head, GRAPH)
    for name, value in state.items():
        if name.startswith("head.units.block."):
            layer = name.removeprefix("head.units.block.").replace("linear", "fc").replace("norm", "bn")
            parts = value.chunk(units) if value.ndim else [value] * units
            for unit, part in enumerate(parts):
                released[f"head.class_linears.{unit}.{layer}"] = part.clone()
    return {f"module.{k}": v for k, v in released.items()}


def small_graph(au_set, stage):
    torch.manual_seed(0)
    head = {"type": "GraphAUHead", "in_channels": 64, "channels": 16, "au_set": au_set, "stage": stage}
    if stage == 2:
        head.update(rectify="sum", loss_relation={"type": "UnitPairLoss"})
    backbone = {"type": "ResNetFeatures", "depth": 18, "width": 0.125}
    return MODELS.build({"type": "AURecognizer", "backbone": backbone, "head": head}).eval()


@pytest.mark.parametrize(("au_set", "units", "stage"), [("bp4d", 12, 1), ("disfa8", 8, 2)])
def test_megraphau_makes_the_round(tmp_path, au_set, units, stage):
    model = small_graph(au_set, stage)
    released = released_graph(model, units)
    assert f"module.head.class_linears.{units - 1}.bn.running_var" in released
    assert ("module.head.gnn.bne2.weight" in released) == (stage == 2)
    torch.save({"state_dict": released, "epoch": 3}, tmp_path / "released.pth")
    convert_graph_weights(tmp_path / "released.pth", tmp_path / "ours.pth", rectify="sum", **TOLD)
    images = torch.randn(2, 3, 64, 64)
    found, meta = answers(tmp_path / "ours.pth", images)
    with torch.no_grad():
        wanted = [s.pred_occurrence[0] for s in model(images[:, :, None], mode="predict")]
    torch.testing.assert_close(found, torch.stack(wanted))
    assert meta["au_names"][0] == "AU01"
    assert len(meta["au_names"]) == units
    assert meta["topology"] is None
    assert meta["metainfo"]["source"] == "a formula"
    assert [step["type"] for step in meta["test_pipeline"]] == [
        "LoadFaceImage",
        "CropFace",
        "CropMiddle",
        "PackFaceInputs",
    ]


def test_what_is_missing_or_left_over_is_listed(tmp_path):
    released = released_graph(small_graph("disfa8", 1), 8)
    del released["module.head.gnn.U.weight"]
    released["module.head.extra.weight"] = torch.zeros(3)
    released["module.global_linear.bn.weight"] = torch.zeros(5)
    torch.save({"state_dict": released}, tmp_path / "released.pth")
    with pytest.raises(CheckpointError) as error:
        convert_graph_weights(tmp_path / "released.pth", tmp_path / "ours.pth", **TOLD)
    assert "1 missing: head.graph.own.weight" in str(error.value)
    assert "1 left over: head.extra.weight" in str(error.value)
    assert "1 of another shape: head.shared.norm.weight has (5,), wanted (16,)" in str(error.value)
    assert not (tmp_path / "ours.pth").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"state_dict": {"fc.weight": torch.zeros(2, 2)}}, "is no AU relation graph"),
        ({"state_dict": {"head.sc": torch.zeros(12, 4)}}, "its backbone is none that is known"),
        ({"epoch": 3}, "holds no weights, nor any under state_dict"),
    ],
)
def test_other_files_are_refused(tmp_path, content, message):
    torch.save(content, tmp_path / "other.pth")
    with pytest.raises(CheckpointError, match=message):
        convert_graph_weights(tmp_path / "other.pth", tmp_path / "ours.pth", **TOLD)


def timm_vit(norm="fc_norm", head="head", units=8, extra=()):
    """Give formula weights under timm's names of a ViT of 64 pixels, width 24 and two layers."""
    width, shapes = 24, {"cls_token": (1, 1, 24), "pos_embed": (1, 17, 24), **dict(extra)}
    shapes |= {"patch_embed.proj.weight": (width, 3, 16, 16), "patch_embed.proj.bias": (width,)}
    for block in range(2):
        at = f"blocks.{block}."
        shapes |= {f"{at}norm{n}.{kind}": (width,) for n in (1, 2) for kind in ("weight", "bias")}
        shapes |= {f"{at}attn.qkv.weight": (3 * width, width), f"{at}attn.qkv.bias": (3 * width,)}
        shapes |= {f"{at}attn.proj.weight": (width, width), f"{at}attn.proj.bias": (width,)}
        shapes |= {f"{at}mlp.fc1.weight": (4 * width, width), f"{at}mlp.fc1.bias": (4 * width,)}
        shapes |= {f"{at}mlp.fc2.weight": (width, 4 * width), f"{at}mlp.fc2.bias": (width,)}
    shapes |= {f"{norm}.weight": (width,), f"{norm}.bias": (width,)}
    if head:
        shapes |= {f"{head}.weight": (units, width), f"{head}.bias": (units,)}
    return formula.formula_state(shapes)


def literal_vit(state, images, norm):
    """A ViT by its definition, from timm's names: 2 heads of 12 channels."""
    linear, layer_norm = torch.nn.functional.linear, torch.nn.functional.layer_norm

    def weights(name):
        return state[f"{name}.weight"], state[f"{name}.bias"]

    def normed(x, name):
        return layer_norm(x, (24,), *weights(name), eps=1e-6)

    x = torch.nn.functional.conv2d(images, *weights("patch_embed.proj"), stride=16).flatten(2).transpose(1, 2)
    x = torch.cat([state["cls_token"].expand(len(x), -1, -1), x], 1) + state["pos_embed"]
    for block in range(2):
        at = f"blocks.{block}."
        qkv = linear(normed(x, f"{at}norm1"), *weights(f"{at}attn.qkv"))
        q, k, v = qkv.unflatten(2, (3, 2, 12)).permute(2, 0, 3, 1, 4)
        attended = (q @ k.transpose(-2, -1) / 12**0.5).softmax(-1) @ v
        x = x + linear(attended.transpose(1, 2).flatten(2), *weights(f"{at}attn.proj"))
        hidden = torch.nn.functional.gelu(linear(normed(x, f"{at}norm2"), *weights(f"{at}mlp.fc1")))
        x = x + linear(hidden, *weights(f"{at}mlp.fc2"))
    return normed(x[:, 1:].mean(1), norm) if norm == "fc_norm" else normed(x, norm)[:, 0]


@pytest.mark.parametrize(("norm", "head"), [("fc_norm", "head"), ("norm", "AU_head")])
def test_a_vision_transformer_answers_what_its_definition_does(tmp_path, norm, head):
    extra = {"ID_head.weight": (5, 24), "ID_head.bias": (5,)} if head == "AU_head" else {}
    state = timm_vit(norm, head, extra=extra.items())
    torch.save({"model": state}, tmp_path / "released.pth")
    convert_vit_weights(tmp_path / "released.pth", tmp_path / "ours.pth", au_set="disfa8", **TOLD)
    images = torch.randn(2, 3, 64, 64)
    found, meta = answers(tmp_path / "ours.pth", images)
    features = literal_vit(state, images, norm)
    wanted = torch.nn.functional.linear(features, state[f"{head}.weight"], state[f"{head}.bias"]).sigmoid()
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)
    assert meta["model"]["backbone"]["pool"] == ("mean" if norm == "fc_norm" else "token")
    assert meta["metainfo"]["left_out"] == ("subject classifier" if extra else "nothing")


def test_pre_trained_weights_become_a_start_for_any_head(tmp_path):
    extra = {"mask_token": (1, 1, 32), "decoder_embed.weight": (32, 24)}
    state = timm_vit("norm", None, extra=extra.items())
    # As the authors' programs write them: with their arguments and their optimizer.
    arguments = argparse.Namespace(lr=0.1, output_dir="out", betas=(0.9, 0.95))
    torch.save({"model": state, "args": arguments, "epoch": 3}, tmp_path / "released.pth")
    meta = convert_vit_weights(tmp_path / "released.pth", tmp_path / "ours.pth", **TOLD)
    assert meta["left_out"] == "decoder"
    weights = torch.load(tmp_path / "ours.pth", weights_only=True)["state_dict"]
    for pool in ("mean", "token"):
        model = torch.nn.Module()
        model.backbone = MODELS.build({**meta["backbone"], "pool": pool})
        model.load_state_dict(weights, strict=True)


def test_arguments_beside_weights_are_read_as_plain_values(tmp_path):
    arguments = argparse.Namespace(lr=0.1, names=["a"])
    torch.save({"model": {}, "args": arguments}, tmp_path / "released.pth")
    assert read_checkpoint(tmp_path / "released.pth")["args"] == {"lr": 0.1, "names": ["a"]}


def test_units_of_a_vision_transformer_are_named(tmp_path):
    torch.save({"model": timm_vit()}, tmp_path / "released.pth")
    for au_set in (None, "bp4d"):
        with pytest.raises(CheckpointError, match=r"answers 8 units, but (0|12) are named"):
            convert_vit_weights(tmp_path / "released.pth", tmp_path / "ours.pth", au_set=au_set, **TOLD)


def test_names():
    one = torch.zeros(6)
    assert list(rename({"layer4.2.bn3.weight": one}, RESNET)) == [
        "encoder.stages.3.layers.2.layer.2.normalization.weight"
    ]
    swin = split_qkv(rename({"layers.0.blocks.1.attn.qkv.bias": torch.arange(6)}, SWIN))
    assert swin["encoder.layers.0.blocks.1.attention.k_proj.bias"].tolist() == [2, 3]
    assert list(rename({"blocks.11.mlp.fc1.weight": one}, VIT)) == ["network.layers.11.mlp.fc1.weight"]
