"""From HRM's tree to figures: the file, a fold, its test and the report; and what is learnt of a formula."""

import importlib.util
import re

import pytest

from fau3d.apis.ratings import prepare_ratings
from fau3d.datasets.corpora.hrm import Hrm
from fau3d.synthetic.rated_sequences import write_rated_tree


@pytest.fixture
def tool(repo_root):
    def load(path):
        spec = importlib.util.spec_from_file_location("tool", repo_root / path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.main

    return load


@pytest.fixture
def fake_tree(repo_root, tmp_path):
    path = repo_root / "tests" / "datasets" / "corpora" / "trees" / "hrm.py"
    spec = importlib.util.spec_from_file_location("tree_hrm", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    root = tmp_path / "HRM"
    root.mkdir()
    module.build(root, None)
    return root


def test_from_the_tree_to_the_report(tool, fake_tree, repo_root, tmp_path, capsys):
    file, work = tmp_path / "ratings.pkl", tmp_path / "work"
    features = ["--features", "openface", "insightface"]
    assert tool("tools/data/prepare_ratings.py")([str(fake_tree), str(file), *features]) == 0
    config = str(repo_root / "configs" / "hrm" / "atypicality_gru.py")
    common = ["--ann-file", str(file), "--work-dir", str(work), "--cfg-options"]
    # 22 units, 9 columns of OpenFace, 11 of InsightFace.
    inputs = [
        f"{part}.dataset.inputs=[coded,openface,insightface]"
        for part in ("train_dataloader", "val_dataloader", "test_dataloader")
    ]
    width = ["model.data_preprocessor.num_inputs=42", "model.backbone.num_inputs=42"]
    common += [*inputs, *width, "train_cfg.max_epochs=1", "train_dataloader.batch_size=8"]
    tool("tools/train.py")([config, "--validate", "--test-best", *common])
    table = (work / "test_scores.md").read_text()
    assert "| mse | rmse | mae | r2 | icc |" in table and "| segment | TD | 3 | 1 |" in table
    best = next(work.glob("best_rating_segment_mse_*.pth"))
    out = tmp_path / "fold1.pkl"
    tool("tools/test.py")([config, str(best), "--out", str(out), "--eval", "mse", "r2", *common])
    assert (work / "test_scores.md").read_text() == table
    capsys.readouterr()
    score = tool("tools/analysis/score_ratings.py")
    assert score([str(out)]) == 0
    assert re.search(r"over 1 folds, segments: mse \d", capsys.readouterr().out)
    assert score([str(out), str(file)]) == 2
    assert "no results of RatingMetric" in capsys.readouterr().err
    copy = tmp_path / "again.pkl"
    copy.write_bytes(out.read_bytes())
    assert score([str(out), str(copy)]) == 2 and "is in" in capsys.readouterr().err


def test_ratings_by_a_formula_are_learnt(tool, repo_root, tmp_path):
    """Of children who were not trained on; ratings follow what units do together and how they move."""
    write_rated_tree(tmp_path / "rated", children=9, runs=6, frames=(30, 60), seed=1)
    file, work = tmp_path / "ratings.pkl", tmp_path / "work"
    prepare_ratings(Hrm(tmp_path / "rated"), file, progress=False)
    options = [
        "train_cfg.max_epochs=8",
        "train_cfg.val_interval=4",
        "train_dataloader.dataset.stride=4",
        "val_dataloader.dataset.stride=5",
        "test_dataloader.dataset.stride=5",
        "train_dataloader.batch_size=32",
        "auto_scale_lr.enable=False",
        "optim_wrapper.optimizer.lr=0.003",
        "model.backbone.channels=32",
        "model.head.in_channels=32",
    ]
    config = str(repo_root / "configs" / "hrm" / "atypicality_gru.py")
    common = ["--ann-file", str(file), "--work-dir", str(work), "--cfg-options", *options]
    tool("tools/train.py")([config, "--validate", "--test-best", *common])
    row = re.search(r"\| segment \| all \|(.*)\|", (work / "test_scores.md").read_text())[1].split("|")
    assert float(row[5]) > 0.3, f"R2 on held-out children is {row[5]}"
