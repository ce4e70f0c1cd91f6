from types import SimpleNamespace

import pytest
import torch
from mmengine.logging import MMLogger

from fau3d.apis.recognizer import LoadedRecognizer
from fau3d.engine.checkpoint import CheckpointError, load_exported, read_checkpoint
from fau3d.engine.export import export_from_config
from fau3d.engine.hooks import TeacherHook
from fau3d.engine.runner_setup import RunOptions, build_train_runner, load_config
from fau3d.registry import MODELS
from fau3d.structures import AUDataSample

FRAMES, UNITS = 8, 3
STUDENT = """
model['head']['loss_teacher'] = dict(type='TeacherLoss')
custom_hooks += [dict(type='TeacherHook', checkpoints=['{}'])]
"""


@pytest.fixture
def teacher(tiny_config, tmp_path):
    """A self-contained checkpoint of the tiny network, with random weights that spread its answers."""
    return exported(tiny_config, tmp_path / "teacher.pth")


def exported(config, path, overrides=None, seed=1):
    torch.manual_seed(seed)
    model = MODELS.build(load_config(config, RunOptions(overrides=overrides or {})).model)
    for parameter in model.head.parameters():
        torch.nn.init.normal_(parameter)
    meta = {"dataset_meta": {"topology": "ibug68", "label_type": "intensity"}}
    torch.save({"state_dict": model.state_dict(), "meta": meta}, path.with_suffix(".raw"))
    export_from_config(config, path.with_suffix(".raw"), path, overrides=overrides)
    return path


def student_of(path, **head):
    """A network with the weights of a checkpoint, that listens to teachers."""
    content = load_exported(path)
    config = dict(content["meta"]["model"])
    config["head"] = {**config["head"], "loss_teacher": {"type": "TeacherLoss"}, **head}
    model = MODELS.build(config)
    model.load_state_dict(content["state_dict"], strict=not head)
    return model.eval()


def runner_of(model, cfg=None):
    return SimpleNamespace(model=model, hooks=[], cfg=cfg or {}, logger=MMLogger.get_current_instance())


def batch():
    keypoint = torch.rand((2, 1, FRAMES, 68, 2))
    samples = [
        AUDataSample(
            gt_occurrence=torch.zeros((FRAMES, UNITS), dtype=torch.int8),
            gt_intensity=torch.zeros((FRAMES, UNITS)),
        )
        for _ in range(2)
    ]
    inputs = {"keypoint": keypoint, "keypoint_score": torch.ones(keypoint.shape[:-1])}
    return {"inputs": inputs, "data_samples": samples}


def taught(paths, model, cfg=None):
    """A batch after the hook."""
    hook, data = TeacherHook([str(path) for path in paths]), batch()
    runner = runner_of(model, cfg)
    hook.before_train(runner)
    hook.before_train_iter(runner, 0, data_batch=data)
    return data


def test_a_student_that_is_its_teacher_loses_nothing(teacher):
    model = student_of(teacher)
    data = taught([teacher], model)
    losses = model(**model.data_preprocessor(data, True), mode="loss")
    assert set(losses) == {
        "loss_occurrence",
        "loss_intensity",
        "loss_teacher_occurrence",
        "loss_teacher_intensity",
    }
    assert abs(losses["loss_teacher_occurrence"].item()) < 1e-5
    assert abs(losses["loss_teacher_intensity"].item()) < 1e-6
    assert losses["loss_occurrence"] > 0.1


def test_several_teachers_are_averaged_and_stay_as_they_are(tiny_config, teacher, tmp_path):
    other = exported(tiny_config, tmp_path / "other.pth", seed=2)
    model = student_of(teacher)
    torch.manual_seed(0)
    both = taught([teacher, other], model)["data_samples"][1]
    answers = []
    for path in (teacher, other):
        torch.manual_seed(0)
        answers.append(taught([path], model)["data_samples"][1])
    for field in ("teacher_occurrence", "teacher_intensity"):
        mean = (answers[0].get(field) + answers[1].get(field)) / 2
        torch.testing.assert_close(both.get(field), mean)
        assert not both.get(field).requires_grad
    assert not torch.allclose(answers[0].teacher_occurrence, answers[1].teacher_occurrence)


def test_units_go_by_name_and_the_unknown_are_left_out(tiny_config, tmp_path):
    units = {"model.head.au_set": ["AU12", "AU25", "AU01"], "model.head.intensity": False}
    units["test_dataloader.dataset.au_set"] = units["model.head.au_set"]
    path = exported(tiny_config, tmp_path / "other_units.pth", units)
    model = MODELS.build(load_config(tiny_config, RunOptions()).model)
    model.head.loss_teacher = MODELS.build({"type": "TeacherLoss"})
    data = taught([path], model)
    own = student_of(path)(own_inputs(path, data), mode="tensor")["occurrence"].sigmoid()
    sample = data["data_samples"][0]
    torch.testing.assert_close(sample.teacher_occurrence[:, [0, 2]], own[0][:, [2, 0]].detach())
    assert sample.teacher_occurrence[:, 1].isnan().all()
    assert sample.teacher_intensity.isnan().all()


def own_inputs(path, data):
    return student_of(path).data_preprocessor({"inputs": data["inputs"]})["inputs"]


def test_a_distilled_student_trains_resumes_and_is_exported_without_its_teachers(
    tiny_config, teacher, tmp_path
):
    plain = set(MODELS.build(load_config(tiny_config, RunOptions()).model).state_dict())
    with tiny_config.open("a") as file:
        file.write(STUDENT.format(teacher))
    run = tmp_path / "run"
    for epochs, resume in ((1, None), (2, "auto")):
        options = RunOptions(
            work_dir=str(run), validate=False, resume=resume, overrides={"train_cfg.max_epochs": epochs}
        )
        build_train_runner(load_config(tiny_config, options), options).train()
    assert "loss_teacher_occurrence" in (run / "training.csv").read_text()
    content = read_checkpoint(run / "epoch_2.pth")
    assert set(content["state_dict"]) == plain
    assert not [key for key in content["ema_state_dict"] if "teacher" in key]
    output = tmp_path / "student.pth"
    meta = export_from_config(tiny_config, run / "epoch_2.pth", output)
    assert meta["model"]["type"] == "AURecognizer"
    assert output.stat().st_size < 1.1 * teacher.stat().st_size
    loaded = LoadedRecognizer(load_exported(output), torch.device("cpu"), "student")
    assert loaded.au_names == ("AU01", "AU06", "AU12")


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"model.head.au_set": ["AU25"], "test_dataloader.dataset.au_set": ["AU25"]},
            "answers AU25, none of",
        ),
        (
            {"test_dataloader.dataset.topology": "wholebody133"},
            "reads 'wholebody133' points, but .* 'ibug68'",
        ),
        ({"test_dataloader.dataset.pipeline.0.margin": 0.4}, "'margin': 0.4.*'margin': 0.1"),
    ],
)
def test_a_teacher_that_does_not_fit_is_refused(tiny_config, tmp_path, overrides, message):
    config = load_config(tiny_config, RunOptions())
    config.train_dataloader.dataset.topology = "ibug68"
    path = exported(tiny_config, tmp_path / "unfit.pth", overrides)
    model = MODELS.build(config.model)
    model.head.loss_teacher = MODELS.build({"type": "TeacherLoss"})
    with pytest.raises(CheckpointError, match=message):
        taught([path], model, config)


def test_wrong_use_is_named(tiny_config, teacher):
    with pytest.raises(ValueError, match="wanted a list of one path or more"):
        TeacherHook([])
    with pytest.raises(ValueError, match="wanted a list"):
        TeacherHook("teacher.pth")
    deaf = MODELS.build(load_config(tiny_config, RunOptions()).model)
    with pytest.raises(CheckpointError, match="the student does not listen"):
        TeacherHook([teacher]).before_train(runner_of(deaf))
