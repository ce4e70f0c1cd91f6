"""Every config: known keys, parts that fit each other, a model that trains, saves, loads and predicts."""

from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper

from fau3d.engine.config_check import ConfigError, check_config
from fau3d.facs import get_au_set
from fau3d.registry import DATASETS, HOOKS, METRICS, MODELS, TRANSFORMS
from fau3d.structures import AUDataSample
from fau3d.topology import get_topology

ROOT = Path(__file__).resolve().parents[1]
# Those of networks on images are tested in test_image_configs.py.
CONFIGS = sorted(
    str(path.relative_to(ROOT))
    for path in (ROOT / "configs").rglob("*.py")
    if not {"_base_", "image"} & set(path.parts)
)
LOADERS = ("train_dataloader", "val_dataloader", "test_dataloader")
FRAMES, MAP_SIDE = 8, 24
CROPS = ("FaceCrop", "AlignEyes")
every_config = pytest.mark.parametrize("path", CONFIGS)
# Those that rate sequences have neither points nor answers a unit: tests/test_rating_configs.py.
every_recognizer = pytest.mark.parametrize("path", [p for p in CONFIGS if "/atypicality_" not in p])


def load(path):
    return Config.fromfile(ROOT / path)


def points_of(config):
    """How many points the pipeline leaves, and of which units there are labels."""
    dataset = config.train_dataloader.dataset
    topology = dataset.topology
    for transform in dataset.pipeline:
        if transform.type in ("SelectPoints", "ConvertTopology"):
            topology = transform.topology
    points = config.model.backbone.in_channels if topology is None else get_topology(topology).num_points
    return points, len(get_au_set(dataset.au_set))


def reads_images(config):
    return config.train_dataloader.dataset.type == "FaceImageDataset"


def frames_of(config):
    return 1 if reads_images(config) else FRAMES


def parts_of(dataset):
    """What of a data set's config names annotation files: itself, or its corpora."""
    return dataset.get("corpora") or [dataset]


def batch_for(config):
    frames, units = frames_of(config), len(get_au_set(config.train_dataloader.dataset.au_set))
    samples = []
    for _ in range(2):
        occurrence = torch.randint(-1, 2, (frames, units), dtype=torch.int8)
        labels = {"gt_occurrence": occurrence, "gt_intensity": torch.rand((frames, units)) * 5}
        # What TeacherHook would bring; read by students only.
        taught = {
            "teacher_occurrence": torch.rand((frames, units)),
            "teacher_intensity": torch.rand((frames, units)),
        }
        samples.append(AUDataSample(**labels, **taught))
    if reads_images(config):
        side = next(t.size for t in config.test_pipeline if t.type == "ResizeImage")
        image = torch.randint(
            256, (2, frames, side, side, config.model.backbone.in_channels), dtype=torch.uint8
        )
        return {"inputs": {"image": image}, "data_samples": samples}
    keypoint = torch.rand((2, 1, frames, points_of(config)[0], 2))
    inputs = {"keypoint": keypoint, "keypoint_score": torch.ones(keypoint.shape[:-1])}
    if config.model.data_preprocessor.type == "ImageHeatmapPreprocessor":
        inputs["image"] = torch.randint(256, (2, frames, 224, 224, 3), dtype=torch.uint8)
    return {"inputs": inputs, "data_samples": samples}


def test_there_are_configs():
    assert "configs/posec3d/slowonly_r50_affwild_xsub/joint.py" in CONFIGS
    assert "configs/posec3d/slowonly_r50_affwild_xsub/limb.py" in CONFIGS


@every_config
def test_keys_and_arguments_are_known(path):
    check_config(load(path))


@every_config
def test_a_misspelt_top_level_key_is_an_error(path):
    config = load(path)
    config.train_dataloder = config.train_dataloader
    with pytest.raises(ConfigError, match=r"train_dataloder.*train_dataloader"):
        check_config(config)


@every_config
def test_a_misspelt_argument_is_an_error(path):
    config = load(path)
    config.model.data_preprocessor.sgima = 0.6
    with pytest.raises(ConfigError, match="sgima"):
        check_config(config)


@every_config
def test_it_is_short_and_has_a_work_folder_of_its_own(path):
    lines = (ROOT / path).read_text().splitlines()
    assert len(lines) < 60
    assert lines[0].startswith("# ")
    assert load(path).work_dir == "work_dirs/" + path.removeprefix("configs/").removesuffix(".py")


@every_config
def test_it_has_a_row_in_its_readme(path):
    folder = Path(path).parts[1]
    readme = (ROOT / "configs" / folder / "README.md").read_text()
    assert str(Path(path).relative_to(Path("configs") / folder)) in readme


@every_recognizer
def test_datasets_pipelines_metrics_and_hooks_can_be_built(path):
    config = load(path)
    for key in LOADERS:
        dataset = dict(config[key].dataset)
        assert all(TRANSFORMS.build(transform) for transform in dataset["pipeline"])
        dataset["lazy_init"] = True
        assert DATASETS.build(dataset) is not None
        assert not any(Path(part["ann_file"]).is_absolute() for part in parts_of(dataset))
    assert METRICS.build(config.val_evaluator) is not None
    for hook in config.get("custom_hooks", []):
        assert HOOKS.build(hook) is not None


@every_recognizer
def test_its_data_where_they_exist(path):
    config = load(path)
    parts = {key: parts_of(config[key].dataset) for key in LOADERS}
    found = [key for key in LOADERS if all((ROOT / part["ann_file"]).is_file() for part in parts[key])]
    if not found:
        pytest.skip("its annotation files are not here")
    for key in found:
        dataset = config[key].dataset
        for part in parts[key]:
            part["ann_file"] = str(ROOT / part["ann_file"])
        item = DATASETS.build(dataset)[0]
        points, units = points_of(config)
        assert item["inputs"]["keypoint"].shape[2] == points
        assert item["data_samples"].gt_occurrence.shape[1] == units


@every_recognizer
def test_training_and_testing_see_the_same_points_and_units(path):
    config = load(path)
    assert len({str(config[key].dataset.au_set) for key in LOADERS}) == 1
    assert config.model.head.au_set == config.train_dataloader.dataset.au_set
    if reads_images(config):
        sizes = [[t for t in config[key].dataset.pipeline if t.type == "ResizeImage"] for key in LOADERS]
        assert len(sizes[0]) == 1 and sizes[0] == sizes[1] == sizes[2]
        return
    assert len({str(config[key].dataset.topology) for key in LOADERS}) == 1
    crops = [[t for t in config[key].dataset.pipeline if t.type in CROPS] for key in LOADERS]
    assert len(crops[0]) == (0 if config.train_dataloader.dataset.get("with_heatmap") else 1)
    assert crops[0] == crops[1] == crops[2]


@every_recognizer
def test_one_step_save_load_predict(path, tmp_path):
    torch.manual_seed(0)
    config = load(path)
    if config.model.data_preprocessor.type == "HeatmapPreprocessor":
        config.model.data_preprocessor.size = (MAP_SIDE, MAP_SIDE)
    model = MODELS.build(config.model)
    wrapper = dict(config.optim_wrapper)
    if wrapper["type"] == "AmpOptimWrapper":
        wrapper.update(type="OptimWrapper")
        wrapper.pop("dtype")
    losses = model.train_step(batch_for(config), build_optim_wrapper(model, wrapper))
    assert all(torch.isfinite(loss) for loss in losses.values())

    torch.save(model.state_dict(), tmp_path / "weights.pth")
    other = MODELS.build(config.model)
    other.load_state_dict(torch.load(tmp_path / "weights.pth", weights_only=True))
    model.eval()
    other.eval()
    batch = batch_for(config)
    with torch.no_grad():
        samples = [m.test_step(batch)[0].clone() for m in (model, other)]
    units = len(get_au_set(config.model.head.au_set))
    assert samples[0].pred_occurrence.shape == (frames_of(config), units)
    torch.testing.assert_close(samples[0].pred_occurrence, samples[1].pred_occurrence)
    assert ("pred_intensity" in samples[0]) == config.model.head.get("intensity", True)


SMALL = "configs/posec3d/dense48_small_mediapipe91/joint.py"
KEYPOINT = [path for path in CONFIGS if path.startswith("configs/keypoint/")]
RIVALS = [path for path in KEYPOINT if path.endswith("mediapipe91/joint.py")]


def test_there_are_rivals():
    assert len(RIVALS) >= 2


@pytest.mark.parametrize("path", RIVALS)
def test_rivals_differ_in_the_model_and_the_length_of_clips_only(path):
    rival, small = load(path).to_dict(), load(SMALL).to_dict()
    for config in (rival, small):
        dataset = config["train_dataloader"]["dataset"]
        dataset["clip"].pop("length")
        for loader in LOADERS[1:]:
            config[loader]["dataset"]["clip"].pop("stride")
        assert dataset["pipeline"].pop(0)["type"] == "TemporalSpeed"
    assert {key for key in {**rival, **small} if rival.get(key) != small.get(key)} == {"model", "work_dir"}
    assert rival["model"]["head"]["loss_occurrence"] == small["model"]["head"]["loss_occurrence"]


@pytest.mark.parametrize("path", [SMALL, *KEYPOINT])
def test_the_small_networks_stay_small(path):
    config = load(path)
    model = MODELS.build(config.model)
    assert sum(parameter.numel() for parameter in model.parameters()) < 2_500_000
