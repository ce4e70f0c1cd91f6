"""Weights of a head with other units: shared units keep their rows, whatever the order."""

import pytest
import torch

from fau3d.engine.carry_over import carry_over_units
from fau3d.engine.checkpoint import CheckpointError, read_checkpoint
from fau3d.engine.runner_setup import RunOptions, build_test_runner, build_train_runner, load_config
from fau3d.models import DenseAUHead

OLD, NEW = ("AU01", "AU06", "AU12"), ("AU12", "AU25", "AU01", "AU04")


class Model(torch.nn.Module):
    def __init__(self, units):
        super().__init__()
        self.head = DenseAUHead(8, units, hidden_channels=5)
        self.body = torch.nn.Linear(3, 3)


@pytest.fixture
def carried():
    old, new = Model(OLD), Model(NEW)
    checkpoint = {"state_dict": old.state_dict(), "meta": {"thresholds_split": "x", "epoch": 3}}
    fitted, told = carry_over_units(checkpoint, new, OLD, NEW)
    return old, new, fitted, told


def test_rows_go_by_name(carried):
    old, new, fitted, _ = carried
    for kind in ("occurrence", "strength"):
        for part in ("weight", "bias"):
            rows = fitted["state_dict"][f"head.{kind}.{part}"]
            before = getattr(getattr(old.head, kind), part)
            start = getattr(getattr(new.head, kind), part)
            torch.testing.assert_close(rows, torch.stack([before[2], start[1], before[0], start[3]]))
    torch.testing.assert_close(fitted["state_dict"]["body.weight"], old.body.weight)


def test_what_was_found_on_other_labels_stays_behind(carried):
    fitted = carried[2]
    assert not [key for key in fitted["state_dict"] if "threshold" in key or "loss" in key or "logit" in key]
    assert fitted["meta"] == {"epoch": 3}


def test_the_log_names_both_kinds(carried):
    assert "takes over AU12, AU01" in carried[3] and "from the start: AU25, AU04" in carried[3]


def test_training_starts_from_other_units_and_testing_refuses_them(tiny_config, tmp_path):
    other = {
        "model.head.au_set": ["AU12", "AU25"],
        **{f"{kind}_dataloader.dataset.au_set": ["AU12", "AU25"] for kind in ("train", "val", "test")},
        "train_cfg.max_epochs": 1,
        "default_hooks.logger": {"type": "LoggerHook", "interval": 100},
    }
    first = RunOptions(work_dir=str(tmp_path / "a"), validate=False, overrides={"train_cfg.max_epochs": 1})
    build_train_runner(load_config(tiny_config, first), first).train()
    weights = str(tmp_path / "a" / "epoch_1.pth")
    then = RunOptions(work_dir=str(tmp_path / "b"), validate=False, overrides=other, checkpoint=weights)
    runner = build_train_runner(load_config(tiny_config, then), then)
    runner.train()
    assert (tmp_path / "b" / "epoch_1.pth").is_file()
    assert "takes over AU12" in next((tmp_path / "b").glob("*/*.log")).read_text()
    assert tuple(read_checkpoint(tmp_path / "b" / "epoch_1.pth")["meta"]["dataset_meta"]["au_names"]) == (
        "AU12",
        "AU25",
    )
    tested = RunOptions(work_dir=str(tmp_path / "c"), checkpoint=weights, overrides=other)
    with pytest.raises(CheckpointError, match=r"3 action units.*2 \(AU12, AU25\)"):
        build_test_runner(load_config(tiny_config, tested), tested).test()
