"""Every config of a network on images: known keys, parts that fit each other, a network of that shape."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config

from fau3d.engine.config_check import check_config
from fau3d.facs import get_au_set
from fau3d.registry import DATASETS, MODELS, TRANSFORMS

pytest.importorskip("transformers")
ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "configs" / "image"
CONFIGS = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.py"))
every_config = pytest.mark.parametrize("path", CONFIGS)
# The same networks, made small: what does not fit would not fit here either.
SMALL = {
    "ResNetFeatures": {"width": 0.125},
    "SwinFeatures": {"size": "nano", "window": 2},
    "ViTFeatures": {"size": "nano", "image_size": 64},
    "EmoFANFeatures": {"channels": 16},
    "MaskedFacePainter": {"size": "nano", "image_size": 64, "painter_width": 32, "painter_depth": 1},
}
WIDTHS = {
    ("SwinFeatures", "tiny"): 768, ("SwinFeatures", "base"): 1024, ("ViTFeatures", "base"): 768,
    ("ViTFeatures", "large"): 1024, ("ResNetFeatures", 50): 2048, ("EmoFANFeatures", 256): 256,
}  # fmt: skip


def load(path):
    return Config.fromfile(FOLDER / path)


def test_there_are_configs():
    assert {path.partition("/")[0] for path in CONFIGS} == {"fmae", "hrm", "mae", "megraphau", "opengraphau"}


@every_config
def test_it_is_known_short_and_listed(path):
    config = load(path)
    check_config(config)
    lines = (FOLDER / path).read_text().splitlines()
    assert len(lines) < 60 and lines[0].startswith("# ")
    assert config.work_dir == "work_dirs/image/" + path.removesuffix(".py")
    assert f"`{path}`" in (FOLDER / "README.md").read_text()


@every_config
def test_data_and_head_are_of_the_same_units(path):
    config = load(path)
    loaders = [
        config[key] for key in ("train_dataloader", "val_dataloader", "test_dataloader") if config[key]
    ]
    assert len(loaders) == (1 if path.startswith("mae/") else 3)
    for loader in loaders:
        dataset = dict(loader.dataset, lazy_init=True)
        assert DATASETS.build(dataset) is not None
        assert all(TRANSFORMS.build(dict(step)) for step in dataset["pipeline"])
        assert not Path(dataset["ann_file"]).is_absolute()
        if "head" in config.model:
            assert dataset["au_set"] == config.model.head.au_set
        kinds = [step["type"] for step in dataset["pipeline"]]
        assert kinds[0] == "LoadFaceCrops" and kinds[-1] == "PackFaceInputs"


@every_config
def test_the_network_fits_together(path):
    model = load(path).model.to_dict()
    if model["type"] == "MaskedFacePainter":
        small = MODELS.build({**model, **SMALL["MaskedFacePainter"], "painter_heads": 2})
        assert torch.isfinite(small(torch.randn(1, 3, 1, 64, 64), mode="loss")["loss_painting"])
        return
    backbone = model["backbone"]
    shape = backbone.get("depth", backbone.get("size", backbone.get("channels")))
    assert model["head"]["in_channels"] == WIDTHS[backbone["type"], shape]
    units = len(get_au_set(model["head"]["au_set"]))
    model["backbone"] = {**backbone, **SMALL[backbone["type"]]}
    width = MODELS.build(dict(model["backbone"])).feat_dim
    model["head"].update(in_channels=width, **({"channels": 16} if "channels" in model["head"] else {}))
    small = MODELS.build(model).eval()
    side = 128 if backbone["type"] == "EmoFANFeatures" else 64
    with torch.no_grad():
        assert small(torch.randn(1, 3, 1, side, side))["occurrence"].shape == (1, 1, units)


def test_stage_2_starts_where_stage_1_ends():
    for path in CONFIGS:
        if "stage2" in path:
            first = load(path.replace("stage2", "stage1"))
            assert load(path).load_from == f"{first.work_dir}/epoch_{first.train_cfg.max_epochs}.pth"
