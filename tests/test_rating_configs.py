"""Configs that rate sequences: parts that fit each other, a model that trains, saves, loads and predicts."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper

from fau3d.datasets.au_sequence_dataset import CODED
from fau3d.facs import get_au_set
from fau3d.registry import DATASETS, METRICS, MODELS
from fau3d.structures import AUDataSample

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "configs" / "hrm").glob("atypicality_*.py"))
LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
every_config = pytest.mark.parametrize("path", CONFIGS)


def test_there_are_three():
    assert len(CONFIGS) == 3


def batch_for(config, size=4):
    dataset = config.train_dataloader.dataset
    values = torch.rand(size, dataset.window, config.model.backbone.num_inputs)
    samples = []
    for number in range(size):
        sample = AUDataSample()
        sample.set_data({"gt_rating": torch.tensor([number / 2]), "rater_variance": torch.tensor([0.1])})
        samples.append(sample)
    inputs = {"values": values, "known": torch.ones_like(values), "frames": torch.ones(values.shape[:2])}
    return {"inputs": inputs, "data_samples": samples}


@every_config
def test_parts_fit(path):
    config = Config.fromfile(ROOT / path)
    for key in LOADERS:
        dataset = config[key].dataset
        assert list(dataset.inputs) == [CODED]
        assert len(get_au_set(dataset.au_set)) == config.model.backbone.num_inputs
        assert DATASETS.build({**dataset, "lazy_init": True}) is not None
        assert not Path(dataset.ann_file).is_absolute()
        assert METRICS.build(config.test_evaluator) is not None
    assert config.model.data_preprocessor.num_inputs == config.model.backbone.num_inputs
    assert len({(config[k].dataset.window, config[k].dataset.au_set) for k in LOADERS}) == 1
    # The best epoch is chosen on children who are not tested.
    assert [config[k].dataset.split for k in LOADERS] == ["fold1_fit", "fold1_val", "fold1_test"]
    checkpoint = config.default_hooks.checkpoint
    assert (checkpoint.save_best, checkpoint.rule) == ("rating/segment_mse", "less")


@every_config
def test_one_step_save_load_predict(path, tmp_path):
    torch.manual_seed(0)
    config = Config.fromfile(ROOT / path)
    model, other = MODELS.build(config.model), MODELS.build(config.model)
    losses = model.train_step(batch_for(config), build_optim_wrapper(model, config.optim_wrapper))
    assert torch.isfinite(losses["loss"])
    torch.save(model.state_dict(), tmp_path / "weights.pth")
    other.load_state_dict(torch.load(tmp_path / "weights.pth", weights_only=True))
    batch = batch_for(config)
    with torch.no_grad():
        first, second = (
            torch.cat([s.pred_rating for s in m.eval().test_step(batch)]) for m in (model, other)
        )
    torch.testing.assert_close(first, second)
    assert first.shape == (4,) and first.min() >= 0 and first.max() <= 4
