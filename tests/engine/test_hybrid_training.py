"""One epoch on two corpora of different units and point sets: train, validate, test, score tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mmengine.config import Config

from fau3d.engine.runner_setup import (
    RunOptions,
    build_train_runner,
    evaluate_checkpoint,
    load_config,
    set_annotation_file,
)
from fau3d.io.annotation import load_annotations, save_annotations

UNITS = ["AU01", "AU06", "AU12", "AU12_L", "AU12_R", "AU25"]


@pytest.fixture
def second_corpus(tiny_corpus: Path, tmp_path: Path) -> Path:
    """The tiny corpus once more: 478 points, intensities alone, and other units."""
    file = load_annotations(tiny_corpus)
    rng = np.random.default_rng(3)
    for annotation in file.annotations:
        frames = annotation["total_frames"]
        annotation["keypoint"] = rng.uniform(30, 170, (1, frames, 478, 2)).astype(np.float32)
        annotation["keypoint_score"] = np.ones((1, frames, 478), np.float32)
        del annotation["au_occurrence"], annotation["label"]
    path = tmp_path / "second.pkl"
    info = {**file.metainfo, "topology": "mediapipe478", "au_names": ["AU12", "AU25", "AU04"]}
    save_annotations(path, file.split, file.annotations, info)
    return path


@pytest.fixture
def hybrid_config(tiny_config: Path, tiny_corpus: Path, second_corpus: Path, tmp_path: Path) -> Path:
    config = Config.fromfile(tiny_config)
    for name in ("train", "val", "test"):
        dataset = config[f"{name}_dataloader"].dataset
        dataset.pop("ann_file")
        corpora = [
            {"name": "Tiny", "ann_file": str(tiny_corpus), "split": dataset.pop("split")},
            {"name": "Second+", "ann_file": str(second_corpus), "occurrence_from_intensity": 2},
        ]
        corpora[1]["split"] = corpora[0]["split"]
        if name == "train":
            corpora[0]["weight"], corpora[1]["weight"] = 1, 3
            dataset["clips_per_epoch"] = 16
        dataset.update(type="HybridAUDataset", corpora=corpora, au_set=UNITS, topology="ibug68")
    config.model.head.au_set = UNITS
    config.train_cfg.max_epochs = 1
    path = tmp_path / "hybrid.py"
    config.dump(path)
    return path


def test_one_epoch(hybrid_config: Path, tmp_path: Path) -> None:
    work = tmp_path / "work"
    options = RunOptions(work_dir=str(work), seed=3)
    runner = build_train_runner(load_config(hybrid_config, options), options)
    runner.train()
    evaluate_checkpoint(runner, "last")
    log = pd.read_csv(work / "training.csv")
    test = log[log.phase == "test"].set_index("key").value
    assert np.isfinite(test[["au/mean_f1", "au/Tiny/mean_f1", "au/Second+/mean_f1"]]).all()
    assert "au/Tiny/AU25_f1" not in test and "au/Second+/AU01_f1" not in test
    assert pd.read_csv(work / "test_scores_Tiny.csv").au.tolist() == ["AU01", "AU06", "AU12", "mean"]
    assert pd.read_csv(work / "val_scores_Second+.csv").au.tolist() == ["AU12", "AU25", "mean"]
    total = pd.read_csv(work / "test_scores.csv").set_index("au")
    # Nobody codes sides: neither is scored, and no loss is infinite because of them.
    assert total.f1[["AU12_L", "AU12_R"]].isna().all()
    losses = log[(log.phase == "train") & log.key.str.startswith("loss")].value
    assert len(losses) and np.isfinite(losses).all()
    assert "6 videos" in (work / "test_scores.md").read_text()


def test_one_file_for_several_corpora_is_an_error(hybrid_config: Path) -> None:
    config = load_config(hybrid_config, RunOptions())
    with pytest.raises(ValueError, match=r"corpora\.0\.ann_file=FILE"):
        set_annotation_file(config, "one.pkl")
