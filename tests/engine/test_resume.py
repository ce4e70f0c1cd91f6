import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import torch

from fau3d.engine import read_checkpoint
from fau3d.engine.checkpoint import find_resumable
from fau3d.engine.runner_setup import RunOptions, build_train_runner, load_config

EPOCHS = {
    "train_cfg.max_epochs": 4,
    "train_dataloader.dataset.clips_per_epoch": 24,
    "param_scheduler.0.T_max": 4,
}
STEPS = {"train_dataloader.dataset.clips_per_epoch": 48}
BY_STEP = """
train_cfg = dict(type='IterBasedTrainLoop', max_iters=7, val_interval=4)
param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=False, T_max=7)]
default_hooks = dict(checkpoint=dict(type='CheckpointHook', by_epoch=False, interval=2))
"""


def train(config, work_dir, overrides, resume=None, seed=None):
    options = RunOptions(work_dir=str(work_dir), overrides=overrides, resume=resume, seed=seed)
    build_train_runner(load_config(config, options), options).train()


def equal(first, second):
    if isinstance(first, torch.Tensor):
        return torch.equal(first, second)
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(equal(first[key], second[key]) for key in first)
    if isinstance(first, (list, tuple)):
        return len(first) == len(second) and all(map(equal, first, second))
    return first == second


def assert_same_state(one, other):
    first, second = read_checkpoint(one), read_checkpoint(other)
    for part in ("state_dict", "ema_state_dict", "optimizer", "param_schedulers"):
        assert equal(first[part], second[part]), part


@pytest.mark.parametrize(
    "overrides, kept, last", [(EPOCHS, "epoch_2", "epoch_4"), (STEPS, "iter_4", "iter_7")]
)
@pytest.mark.parametrize("workers", [0, 1])
def test_resumed_run_equals_the_uninterrupted(tiny_config, tmp_path, overrides, kept, last, workers):
    overrides = {**overrides, "default_hooks.checkpoint.max_keep_ckpts": -1}
    if last.startswith("iter"):
        tiny_config.write_text(tiny_config.read_text() + BY_STEP)
    train(tiny_config, tmp_path / "whole", overrides)
    (tmp_path / "broken").mkdir()
    shutil.copy(tmp_path / "whole" / f"{kept}.pth", tmp_path / "broken")
    # Neither a file cut short nor a pointer to it stops the resume.
    (tmp_path / "broken" / f"{last}.pth").write_bytes(
        (tmp_path / "whole" / f"{last}.pth").read_bytes()[:5000]
    )
    (tmp_path / "broken" / "last_checkpoint").write_text(str(tmp_path / "broken" / f"{last}.pth"))
    workers_too = {
        "train_dataloader.num_workers": workers,
        "train_dataloader.persistent_workers": workers > 0,
    }
    train(tiny_config, tmp_path / "broken", {**overrides, **workers_too}, resume="auto")
    assert_same_state(tmp_path / "whole" / f"{last}.pth", tmp_path / "broken" / f"{last}.pth")


def test_the_seed_need_not_be_given_again(tiny_config, tmp_path):
    overrides = {**EPOCHS, "train_cfg.max_epochs": 2, "default_hooks.checkpoint.max_keep_ckpts": -1}
    train(tiny_config, tmp_path / "whole", overrides, seed=5)
    (tmp_path / "broken").mkdir()
    shutil.copy(tmp_path / "whole" / "epoch_1.pth", tmp_path / "broken")
    train(tiny_config, tmp_path / "broken", overrides, resume="auto")
    assert_same_state(tmp_path / "whole" / "epoch_2.pth", tmp_path / "broken" / "epoch_2.pth")


@pytest.mark.slow
def test_killed_and_resumed_run_equals_the_uninterrupted(tiny_config, tmp_path, repo_root):
    def start(work_dir, *more):
        options = [f"{key}={value}" for key, value in EPOCHS.items()]
        command = [sys.executable, str(repo_root / "tools" / "train.py"), str(tiny_config), "--validate"]
        command += ["--work-dir", str(work_dir), *more, "--cfg-options", *options]
        return subprocess.Popen(
            command,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )

    assert start(tmp_path / "whole").wait(120) == 0
    process = start(tmp_path / "killed")
    deadline = time.monotonic() + 120
    while not (tmp_path / "killed" / "epoch_2.pth").exists():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.002)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (tmp_path / "killed" / "epoch_4.pth").exists()
    assert start(tmp_path / "killed", "--resume").wait(120) == 0
    assert_same_state(tmp_path / "whole" / "epoch_4.pth", tmp_path / "killed" / "epoch_4.pth")


def test_nothing_to_resume_from(tiny_config, tmp_path):
    assert find_resumable(tmp_path) is None
    train(tiny_config, tmp_path / "run", {"train_cfg.max_epochs": 1}, resume="auto")
    assert find_resumable(tmp_path / "run").name == "epoch_1.pth"
    # The folder may be moved; best checkpoints hold no optimizer and are not resumed from.
    shutil.move(tmp_path / "run", tmp_path / "moved")
    assert find_resumable(tmp_path / "moved") == tmp_path / "moved" / "epoch_1.pth"
    (tmp_path / "moved" / "epoch_1.pth").unlink()
    assert find_resumable(tmp_path / "moved") is None


def test_resuming_starts_from_the_named_weights_until_there_is_a_checkpoint(tiny_config, tmp_path):
    once = {**EPOCHS, "train_cfg.max_epochs": 1}
    train(tiny_config, tmp_path / "first", once)
    start = str(tmp_path / "first" / "epoch_1.pth")
    train(tiny_config, tmp_path / "from", {**once, "load_from": start})
    train(tiny_config, tmp_path / "resumed", {**once, "load_from": start}, resume="auto")
    assert_same_state(tmp_path / "from" / "epoch_1.pth", tmp_path / "resumed" / "epoch_1.pth")
    more = {**EPOCHS, "train_cfg.max_epochs": 2, "load_from": start}
    train(tiny_config, tmp_path / "resumed", more, resume="auto")
    assert read_checkpoint(tmp_path / "resumed" / "epoch_2.pth")["meta"]["epoch"] == 2
    assert find_resumable(tmp_path / "resumed").name == "epoch_2.pth"
