import pytest
from mmengine.config import Config

from fau3d.engine import ConfigError, check_config
from fau3d.engine.config_check import check_overrides


@pytest.fixture
def config(tiny_config):
    return Config.fromfile(tiny_config)


def test_a_right_config_passes(config):
    check_config(config)


@pytest.mark.parametrize(
    "key, message",
    [
        ("randomnes", "unknown key 'randomnes'.*did you mean 'randomness'"),
        ("resum", "did you mean 'resume'"),
        ("optim_wraper", "did you mean 'optim_wrapper'"),
        ("something_nobody_uses", "unknown key 'something_nobody_uses'"),
    ],
)
def test_an_unknown_top_level_key(config, key, message):
    config[key] = "value of its own"
    with pytest.raises(ConfigError, match=message):
        check_config(config)


def test_names_for_values_used_elsewhere_are_fine(config):
    config.crop = dict(config.train_pipeline[0])
    config._private = 3
    config.default_hooks.pictures = {"type": "EMAHook"}
    check_config(config)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"model.head.droput": 0.1}, "model.head: DenseAUHead takes no 'droput'; did you mean 'dropout'"),
        ({"model.head.loss_intensity": {"type": "Huber"}}, "no registered type 'Huber'"),
        ({"model.backbone.dept": 50}, "mmaction.ResNet3dSlowOnly takes no 'dept'; did you mean 'depth'"),
        ({"train_dataloader.dataset.spilt": "a"}, "train_dataloader.dataset: .*did you mean 'split'"),
        ({"train_dataloader.sampler.shufle": True}, "ClipSampler takes no 'shufle'"),
        ({"val_evaluator.threshold": 0.5}, "AUMetric takes no 'threshold'; did you mean 'thresholds'"),
        ({"optim_wrapper.optimizer.weight_decy": 0.5}, "SGD takes no 'weight_decy'"),
        ({"train_cfg.max_epoch": 3}, "EpochBasedTrainLoop takes no 'max_epoch'"),
        ({"default_hooks.checkpoint.intervall": 3}, "CheckpointHook takes no 'intervall'"),
        ({"train_dataloader.batchsize": 3}, "train_dataloader: .*did you mean 'batch_size'"),
        ({"optim_wrapper.clip_grad": {"maxnorm": 3}}, "clip_grad: .*did you mean 'max_norm'"),
        ({"auto_scale_lr": {"enabled": True}}, "auto_scale_lr: .*did you mean 'enable'"),
        ({"randomness.sede": 3}, "randomness: .*did you mean 'seed'"),
        ({"env_cfg.cudnn_bnchmark": True}, "env_cfg: .*did you mean 'cudnn_benchmark'"),
        ({"env_cfg.mp_cfg.start_method": "fork"}, "env_cfg.mp_cfg: .*did you mean 'mp_start_method'"),
        ({"default_hooks.chekpoint.interval": 3}, "default_hooks: .*did you mean 'checkpoint'"),
        ({"custom_hooks": [{"type": "EMAHok"}]}, "no registered type 'EMAHok'; did you mean 'EMAHook'"),
        ({"custom_hooks": [{"type": "os.system"}]}, "no registered type 'os.system'"),
    ],
)
def test_a_misspelt_argument_or_type(config, change, message):
    config.merge_from_dict(change)
    with pytest.raises(ConfigError, match=message):
        check_config(config)


def test_all_faults_at_once(config):
    config.merge_from_dict({"model.head.droput": 0.1, "train_cfg.max_epoch": 3})
    with pytest.raises(ConfigError, match=r"(?s)droput.*max_epoch"):
        check_config(config)


@pytest.mark.parametrize(
    "key, message",
    [
        ("ann_file", "'ann_file' is used while the config file is read.*--ann-file FILE"),
        ("clip.length", "train_dataloader.dataset.clip"),
        ("_loader.num_workers", "changes nothing"),
    ],
)
def test_a_change_that_would_change_nothing(key, message):
    with pytest.raises(ConfigError, match=message):
        check_overrides({key: 1})


def test_keys_of_the_runner_can_be_changed():
    check_overrides({"train_cfg.max_epochs": 3, "model.head.dropout": 0.1, "work_dir": "x", "misspelt": 1})


def test_an_unknown_type_lists_the_one_registry_that_was_searched(config):
    config.merge_from_dict({"val_evaluator.type": "Zzzz", "train_dataloader.sampler.type": "Clipper"})
    with pytest.raises(ConfigError) as caught:
        check_config(config)
    metric = next(line for line in str(caught.value).splitlines() if "Zzzz" in line)
    assert "AUMetric" in metric
    assert "DenseAUHead" not in metric
    assert "EMAHook" not in metric
    sampler = next(line for line in str(caught.value).splitlines() if "Clipper" in line)
    assert "ClipSampler" in sampler
