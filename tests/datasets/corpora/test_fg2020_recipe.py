"""Noisy labels first, then clean ones: the whole recipe on a small tree."""

import numpy as np
import pytest
from mmengine.config import Config

from fau3d.apis import AUInferencer
from fau3d.datasets import FaceImageDataset
from fau3d.engine.checkpoint import read_checkpoint
from fau3d.engine.export import export_from_config
from fau3d.engine.runner_setup import RunOptions, build_train_runner, evaluate_checkpoint, load_config
from fau3d.facs import get_au_set

LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
SMALL = {
    **{f"{key}.batch_size": 2 for key in LOADERS},
    **{f"{key}.num_workers": 0 for key in LOADERS},
    **{f"{key}.persistent_workers": False for key in LOADERS},
    **{f"{key}.dataset.on_missing": "skip" for key in LOADERS},
    "model.backbone.channels": (4, 8),
    "model.backbone.blocks": (1, 1),
    "model.head.in_channels": 8,
    "model.head.hidden_channels": 8,
    "train_cfg.max_epochs": 1,
    "train_cfg.val_interval": 1,
}
FOLD3 = {f"{key}.dataset.split": f"fold3_{'test' if key == LOADERS[2] else 'train'}" for key in LOADERS}


def run(repo_root, config, tree, work_dir, checkpoint=None, **overrides):
    options = RunOptions(
        work_dir=str(work_dir), ann_file=str(tree), checkpoint=checkpoint, overrides={**SMALL, **overrides}
    )
    path = repo_root / "configs" / "noisy" / "gray_fg2020" / config
    runner = build_train_runner(load_config(path, options), options)
    runner.train()
    return evaluate_checkpoint(runner, "last")


def test_pretrain_finetune_test_report(repo_root, build_tree, noise_media, tmp_path):
    tree = build_tree("fg2020", noise_media)
    first = run(repo_root, "pretrain.py", tree, tmp_path / "first")
    assert 0 <= first["au/mean_f1"] <= 1 and "au/AU45_f1" in first
    weights = tmp_path / "first" / "epoch_1.pth"
    second = run(repo_root, "finetune.py", tree, tmp_path / "second", str(weights), **FOLD3)
    assert "au/AU45_f1" not in second and "au/AU12_f1" in second
    meta = read_checkpoint(tmp_path / "second" / "epoch_1.pth")["meta"]
    assert tuple(meta["dataset_meta"]["au_names"]) == get_au_set("disfa12")
    log = next((tmp_path / "second").glob("*/*.log")).read_text()
    assert "answers 18 units, the model 12: head.occurrence takes over AU01, AU02" in log
    assert "1 of 2 images are missing and left out" in log
    report = (tmp_path / "second" / "test_scores.md").read_text()
    assert "1 annotated frames of 1 videos" in report and "AU26" in report


def test_what_was_trained_analyses_whole_pictures(repo_root, build_tree, face_media, tmp_path):
    tree = build_tree("fg2020", face_media)
    run(repo_root, "pretrain.py", tree, tmp_path / "first")
    config = repo_root / "configs" / "noisy" / "gray_fg2020" / "pretrain.py"
    small = {key: value for key, value in SMALL.items() if key.startswith("model.")}
    exported = tmp_path / "exported.pth"
    meta = export_from_config(config, tmp_path / "first" / "epoch_1.pth", exported, small)
    assert meta["topology"] is None and meta["clip"]["length"] == 1
    with AUInferencer(exported) as inferencer:
        (result,) = inferencer.stills([("face", face_media.frames[0])])
    assert np.isfinite(result.faces[0].probability).all()


def test_a_real_face_comes_through_the_pipeline_gray_and_square(repo_root, build_tree, face_media):
    tree = build_tree("fg2020", face_media)
    config = Config.fromfile(repo_root / "configs" / "noisy" / "gray_fg2020" / "pretrain.py")
    data = FaceImageDataset(str(tree), "train", pipeline=config.test_pipeline, test_mode=True)
    image = data[0]["inputs"]["image"]
    assert image.shape == (1, 64, 64, 1) and image.float().std() > 10


def test_without_pretraining_the_way_out_is_told(repo_root, build_tree, noise_media, tmp_path):
    tree = build_tree("fg2020", noise_media)
    with pytest.raises(RuntimeError, match="no such checkpoint"):
        run(repo_root, "finetune.py", tree, tmp_path / "second", str(tmp_path / "none.pth"), **FOLD3)
