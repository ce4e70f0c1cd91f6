import csv

import numpy as np
import pytest
import torch

from fau3d.engine import CheckpointError, read_checkpoint
from fau3d.engine.hooks.reports import git_commit
from fau3d.engine.runner_setup import (
    RunOptions,
    build_test_runner,
    build_train_runner,
    evaluate_checkpoint,
    load_config,
    set_annotation_file,
)
from fau3d.io.safe_pickle import safe_load


def trained(config, work_dir, **options):
    options = RunOptions(work_dir=str(work_dir), **options)
    runner = build_train_runner(load_config(config, options), options)
    runner.train()
    return runner


def test_thresholds_are_tuned_on_validation_and_used_at_the_test(tiny_config, tmp_path):
    with tiny_config.open("a") as file:
        file.write(
            "custom_hooks += [dict(type='ThresholdHook', tune=True)]\ntrain_cfg.update(max_epochs=1)\n"
        )
    runner = trained(tiny_config, tmp_path / "run")
    content = read_checkpoint(tmp_path / "run" / "best_au_mean_f1_epoch_1.pth")
    tuned = content["state_dict"]["head.thresholds"]
    assert not torch.equal(tuned, torch.full((3,), 0.5))
    assert content["meta"]["thresholds_split"]
    evaluate_checkpoint(runner, "best")
    scores = runner.test_loop.evaluator.metrics[0].scores
    np.testing.assert_allclose(scores.thresholds, tuned.double().numpy())

    checkpoint = str(tmp_path / "run" / "best_au_mean_f1_epoch_1.pth")
    options = RunOptions(
        work_dir=str(tmp_path / "test"),
        checkpoint=checkpoint,
        overrides={"test_dataloader.dataset.split": "val"},
    )
    with pytest.raises(ValueError, match=r"tuned on 3 of the 3 videos"):
        build_test_runner(load_config(tiny_config, options), options).test()


def test_calibration_is_fitted_on_validation_and_used_at_the_test(tiny_config, tmp_path):
    with tiny_config.open("a") as file:
        file.write("custom_hooks += [dict(type='ThresholdHook', tune=True, calibrate=True)]\n")
    runner = trained(tiny_config, tmp_path / "run", overrides={"train_cfg.max_epochs": 2})
    last = read_checkpoint(tmp_path / "run" / "epoch_2.pth")
    head = runner.unwrapped_model().head
    for buffer, without in (("logit_scale", 1.0), ("logit_shift", 0.0)):
        assert torch.equal(last["state_dict"][f"head.{buffer}"], getattr(head, buffer))
        assert (getattr(head, buffer) != without).any()
    assert (head.logit_scale > 0).all()
    assert (runner.val_loop.evaluator.metrics[0].scores.thresholds == 0.5).all()
    out = tmp_path / "result.pkl"
    options = RunOptions(
        work_dir=str(tmp_path / "test"),
        checkpoint=str(tmp_path / "run" / "epoch_2.pth"),
        out_file=str(out),
        overrides={"test_dataloader.dataset.split": "val", "test_evaluator.thresholds": 0.5},
    )
    build_test_runner(load_config(tiny_config, options), options).test()
    results = safe_load(out)["results"]
    shown = np.concatenate([result["gt_occurrence"] for result in results]).mean(0)
    predicted = np.concatenate([result["pred_occurrence"] for result in results]).mean(0)
    # As likely on the whole as it is frequent, but for the one frame of each class that Platt adds.
    np.testing.assert_allclose(predicted, shown, atol=0.02)


def test_a_run_leaves_tables_and_logs(tiny_config, tmp_path):
    run = tmp_path / "run"
    runner = trained(
        tiny_config, run, seed=11, overrides={"model.head.loss_occurrence": {"class_weight": "inverse_rate"}}
    )
    evaluate_checkpoint(runner, "last")
    with (run / "training.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {row["phase"] for row in rows} == {"train", "val", "test"}
    assert {row["epoch"] for row in rows if row["key"] == "lr"} == {"1", "2", "3"}
    assert {"loss", "lr", "au/mean_f1"} <= {row["key"] for row in rows}
    assert "| AU12 |" in (run / "val_scores.md").read_text()
    assert (run / "test_scores.csv").read_text().startswith("au,f1,")
    assert list(run.glob("*/vis_data/events.out.tfevents*"))
    # Two are kept, and the old best went when a better one was there.
    assert len(list(run.glob("epoch_*.pth"))) == 2
    assert len(list(run.glob("best_*.pth"))) == 1
    content = read_checkpoint(next(run.glob("best_*.pth")))
    assert content["meta"]["seed"] == 11 and content["meta"]["fau3d_git"] == git_commit()
    weights = content["state_dict"]["head.loss_occurrence.class_weights"]
    assert weights.std() > 0 and weights.mean() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("phase", ["train", "val"])
def test_data_sets_with_as_many_other_units_are_refused(tiny_config, tmp_path, phase):
    units = ["AU01", "AU12", "AU25"]
    options = RunOptions(
        work_dir=str(tmp_path), overrides={f"{phase}_dataloader.dataset.au_set": units}, validate=True
    )
    with pytest.raises(ValueError, match=rf"{phase}_dataloader: .*AU25, but .*AU06, AU12; set {phase}_data"):
        build_train_runner(load_config(tiny_config, options), options).train()


def test_weights_of_another_au_set_are_refused(tiny_config, tmp_path):
    trained(tiny_config, tmp_path / "run", validate=False, overrides={"train_cfg.max_epochs": 1})
    other = tmp_path / "other.py"
    other.write_text(tiny_config.read_text().replace("['AU01', 'AU06', 'AU12']", "['AU01', 'AU12', 'AU25']"))
    options = RunOptions(
        work_dir=str(tmp_path / "o"),
        checkpoint=str(tmp_path / "run" / "epoch_1.pth"),
        overrides={"test_dataloader.dataset.au_set": ["AU01", "AU12", "AU25"]},
    )
    with pytest.raises(CheckpointError, match=r"AU01, AU06, AU12.*AU01, AU12, AU25"):
        build_test_runner(load_config(other, options), options).test()


def test_no_best_checkpoint_without_validation(tiny_config, tmp_path):
    runner = trained(tiny_config, tmp_path / "run", validate=False, overrides={"train_cfg.max_epochs": 1})
    with pytest.raises(RuntimeError, match="--validate"):
        evaluate_checkpoint(runner, "best")


def test_a_checkpoint_is_looked_for_when_it_is_written(tiny_config, tmp_path, monkeypatch):
    runner = trained(tiny_config, tmp_path / "run", validate=False, overrides={"train_cfg.max_epochs": 1})
    written = tmp_path / "run" / "epoch_1.pth"
    unfinished = written.rename(tmp_path / "unfinished")
    monkeypatch.setattr("fau3d.engine.runner_setup.barrier", lambda: unfinished.rename(written))
    assert "au/mean_f1" in evaluate_checkpoint(runner, "last")


def test_mixed_precision_needs_a_gpu(tiny_config):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    config = load_config(tiny_config, RunOptions(amp=True))
    assert config.optim_wrapper.type == "OptimWrapper" and "dtype" not in config.optim_wrapper


def test_one_annotation_file_for_all(tiny_config):
    config = load_config(tiny_config, RunOptions())
    config.train_dataloader.dataset = {
        "type": "RepeatDataset",
        "times": 2,
        "dataset": config.train_dataloader.dataset,
    }
    set_annotation_file(config, "other.pkl")
    assert config.train_dataloader.dataset.dataset.ann_file == "other.pkl"
    assert config.val_dataloader.dataset.ann_file == config.test_dataloader.dataset.ann_file == "other.pkl"


def test_a_missing_config_is_named():
    with pytest.raises(FileNotFoundError, match=r"nowhere\.py: no such config"):
        load_config("nowhere.py", RunOptions())


def test_the_last_checkpoint_has_the_thresholds_of_its_own_validation(tiny_config, tmp_path):
    with tiny_config.open("a") as file:
        file.write("custom_hooks += [dict(type='ThresholdHook', tune=True)]\n")
    runner = trained(tiny_config, tmp_path / "run", overrides={"train_cfg.max_epochs": 2})
    last = read_checkpoint(tmp_path / "run" / "epoch_2.pth")
    in_memory = runner.unwrapped_model().head.thresholds
    assert torch.equal(last["state_dict"]["head.thresholds"], in_memory)
    assert torch.equal(last["ema_state_dict"]["module.head.thresholds"], in_memory)
    assert last["meta"]["thresholds_split"] and last["meta"]["epoch"] == 2
    # It can be gone on from all the same.
    trained(tiny_config, tmp_path / "run", resume="auto", overrides={"train_cfg.max_epochs": 3})
    assert (tmp_path / "run" / "epoch_3.pth").is_file()


def test_weights_of_another_network_are_refused_but_to_start_from(tiny_config, tmp_path):
    trained(tiny_config, tmp_path / "run", validate=False, overrides={"train_cfg.max_epochs": 1})
    wider = {"model.head.hidden_channels": 4, "train_cfg.max_epochs": 2}
    checkpoint = str(tmp_path / "run" / "epoch_1.pth")
    options = RunOptions(work_dir=str(tmp_path / "o"), checkpoint=checkpoint, overrides=wider)
    with pytest.raises(CheckpointError, match=r"another network .*head.temporal.0.weight: has none, wanted"):
        build_test_runner(load_config(tiny_config, options), options).test()
    with pytest.raises(CheckpointError, match="another network"):
        trained(tiny_config, tmp_path / "o", resume=checkpoint, overrides=wider)
    trained(tiny_config, tmp_path / "p", validate=False, checkpoint=checkpoint, overrides=wider)
    # Another loss is no other network.
    options = RunOptions(
        work_dir=str(tmp_path / "q"),
        checkpoint=checkpoint,
        overrides={"model.head.loss_occurrence": {"type": "MaskedFocalLoss"}},
    )
    build_test_runner(load_config(tiny_config, options), options).test()


def test_a_missing_annotation_file_is_named_before_anything_is_made(tiny_config, tmp_path):
    options = RunOptions(work_dir=str(tmp_path / "run"), ann_file=str(tmp_path / "none.pkl"))
    for build in (build_train_runner, build_test_runner):
        with pytest.raises(FileNotFoundError, match=r"none\.pkl: no such annotation file; .*--ann-file"):
            build(load_config(tiny_config, options), options)
    assert not (tmp_path / "run").exists()


def test_memory_is_pinned_for_a_gpu_only(tiny_config):
    config = load_config(tiny_config, RunOptions(overrides={"train_dataloader.pin_memory": True}))
    assert config.train_dataloader.pin_memory == torch.cuda.is_available()


def test_runs_of_one_second_share_no_records(tiny_config):
    names = {load_config(tiny_config, RunOptions()).experiment_name for _ in range(3)}
    assert len(names) == 3 and all(name.startswith("tiny") for name in names)


def test_a_split_smaller_than_a_batch_trains_all_the_same(tiny_config, tmp_path):
    overrides = {
        "train_dataloader.batch_size": 64,
        "train_dataloader.drop_last": True,
        "train_dataloader.dataset.clips_per_epoch": 3,
        "train_cfg.max_epochs": 1,
    }
    runner = trained(tiny_config, tmp_path / "run", validate=False, overrides=overrides)
    assert runner.iter == 1
    assert "fewer than a batch of 64" in next((tmp_path / "run").glob("*/*.log")).read_text()
