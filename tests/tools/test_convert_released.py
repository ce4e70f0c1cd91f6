"""The tools that convert released weights."""

import importlib.util

import pytest
import torch

from fau3d.engine.checkpoint import load_exported

pytest.importorskip("transformers")


@pytest.fixture
def tool(repo_root):
    def load(name):
        spec = importlib.util.spec_from_file_location(name, repo_root / "tools" / "convert" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.main

    return load


@pytest.fixture
def formula(repo_root):
    path = repo_root / "tests" / "models" / "formula_weights.py"
    spec = importlib.util.spec_from_file_location("formula_weights", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def swin_graph(formula, main=27, sided=14, width=24, channels=12):
    """Give formula weights of stage 1 on a very small Swin, under OpenGraphAU's names."""
    shapes = {
        "backbone.patch_embed.proj.weight": (width, 3, 4, 4),
        "backbone.patch_embed.proj.bias": (width,),
    }
    shapes |= {f"backbone.patch_embed.norm.{k}": (width,) for k in ("weight", "bias")}
    for layer in range(4):
        c, at = width * 2**layer, f"backbone.layers.{layer}.blocks.0."
        shapes |= {f"{at}norm{n}.{k}": (c,) for n in (1, 2) for k in ("weight", "bias")}
        shapes |= {f"{at}attn.relative_position_bias_table": (169, 2**layer)}
        shapes |= {f"{at}attn.relative_position_index": (49, 49)}
        shapes |= {f"{at}attn.qkv.weight": (3 * c, c), f"{at}attn.qkv.bias": (3 * c,)}
        shapes |= {f"{at}attn.proj.weight": (c, c), f"{at}attn.proj.bias": (c,)}
        shapes |= {f"{at}mlp.fc1.weight": (4 * c, c), f"{at}mlp.fc1.bias": (4 * c,)}
        shapes |= {f"{at}mlp.fc2.weight": (c, 4 * c), f"{at}mlp.fc2.bias": (c,)}
        if layer < 3:
            down = f"backbone.layers.{layer}.downsample."
            shapes |= {f"{down}reduction.weight": (2 * c, 4 * c)}
            shapes |= {f"{down}norm.weight": (4 * c,), f"{down}norm.bias": (4 * c,)}
    last = 8 * width
    shapes |= {"backbone.norm.weight": (last,), "backbone.norm.bias": (last,)}
    blocks = {"global_linear": last} | {f"head.main_class_linears.{i}": channels for i in range(main)}
    for name, inward in blocks.items():
        shapes |= {f"{name}.fc.weight": (channels, inward), f"{name}.fc.bias": (channels,)}
        shapes |= norm(f"{name}.bn", channels)
    shapes |= {f"head.gnn.{k}.weight": (channels, channels) for k in "UV"}
    shapes |= {f"head.gnn.{k}.bias": (channels,) for k in "UV"} | norm("head.gnn.bnv", main)
    shapes |= {"head.main_sc": (main, channels), "head.sub_sc": (sided, channels)}
    return formula.formula_state(shapes, "module.")


def norm(name, size):
    kinds = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{kind}": (size,) for kind in kinds} | {f"{name}.num_batches_tracked": ()}


def test_opengraphau(tool, formula, tmp_path, capsys):
    torch.save({"state_dict": swin_graph(formula), "epoch": 3}, tmp_path / "released.pth")
    output = tmp_path / "ours.pth"
    tool("opengraphau")([str(tmp_path / "released.pth"), str(output)])
    assert "41 units; AU12_L and AU12_R use the node of AU11 (index 8)" in capsys.readouterr().out
    meta = load_exported(output)["meta"]
    assert meta["model"]["head"]["shared_nodes"] == {"AU12": "AU11"}
    assert meta["model"]["backbone"] == {"type": "SwinFeatures", "size": "nano"}
    assert "OpenGraphAU" in meta["metainfo"]["source"]
    with pytest.raises(SystemExit, match="is there already"):
        tool("opengraphau")([str(tmp_path / "released.pth"), str(output)])


def test_what_reads_pictures_is_loaded_for_analysis(tool, formula, tmp_path):
    from fau3d.apis.recognizer import load_recognizer

    torch.save({"state_dict": swin_graph(formula)}, tmp_path / "released.pth")
    tool("opengraphau")([str(tmp_path / "released.pth"), str(tmp_path / "ours.pth"), "--shared-node", "AU12"])
    recognizer = load_recognizer(tmp_path / "ours.pth", device="cpu")
    assert recognizer.topology is None
    assert recognizer.cropper is not None
    assert len(recognizer.au_names) == 41
    assert not recognizer.has_intensity


@pytest.mark.parametrize(
    ("name", "told"), [("megraphau", "is no AU relation graph"), ("mae_vit", "in timm's form")]
)
def test_other_files_are_refused(tool, tmp_path, name, told):
    torch.save({"state_dict": {"fc.weight": torch.zeros(2, 2)}}, tmp_path / "other.pth")
    with pytest.raises(RuntimeError, match=told):
        tool(name)([str(tmp_path / "other.pth"), str(tmp_path / "ours.pth")])
    assert not (tmp_path / "ours.pth").exists()
