"""Teachers: trained networks whose answers a student learns beside the labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.hooks import Hook
from torch import Tensor

from fau3d.engine.checkpoint import CheckpointError, load_exported
from fau3d.engine.hooks.class_weights import models_of
from fau3d.registry import HOOKS, MODELS, TRANSFORMS

_CROPS = ("AlignEyes", "FaceCrop")
_CONVERSIONS = ("SelectPoints", "ConvertTopology")


@HOOKS.register_module()
class TeacherHook(Hook):
    """Writes into each training batch what the teachers say of it; the head's `loss_teacher` reads it there.

    The teachers see the very clips that the student sees, each through its own preprocessor. They are no part
    of the model: neither its checkpoints nor its exports know of them. A data sample gets
    `teacher_occurrence` (T, A), the mean of the teachers' probabilities, and `teacher_intensity` (T, A), the
    mean of their intensities, 0 to 5; NaN where no teacher answers a unit.

    Args:
        checkpoints: Paths of self-contained checkpoints (see `tools/convert/export_checkpoint.py`).

    Raises:
        ValueError: If there is none.
    """

    def __init__(self, checkpoints: Sequence[str | Path]) -> None:
        if isinstance(checkpoints, (str, Path)) or not len(checkpoints):
            raise ValueError(f"checkpoints is {checkpoints!r}; wanted a list of one path or more")
        self.checkpoints = [str(path) for path in checkpoints]
        self._teachers: list[_Teacher] = []

    def before_train(self, runner: Any) -> None:
        """Load the teachers.

        Raises:
            CheckpointError: If a file is no self-contained checkpoint, answers none of the student's units,
                or was trained on points that are chosen or aligned in another way.
        """
        student = models_of(runner)[0]
        if getattr(getattr(student, "head", None), "loss_teacher", None) is None:
            raise CheckpointError(
                "TeacherHook has teachers, but the student does not listen to them; "
                "set model.head.loss_teacher=dict(type='TeacherLoss')"
            )
        dataset = _dataset_of(runner.cfg)
        device = next(student.parameters()).device
        self._teachers = []
        for path in self.checkpoints:
            exported = load_exported(path)
            _check_pipeline(exported["meta"], dataset, path)
            self._teachers.append(_Teacher(exported, student.au_names, device, path))
        runner.logger.info(f"teachers: {', '.join(self.checkpoints)}")

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        """Let the teachers answer a batch."""
        answers = [teacher.answer(data_batch["inputs"]) for teacher in self._teachers]
        occurrence, intensity = (torch.stack(answer).nanmean(0) for answer in zip(*answers))
        for index, sample in enumerate(data_batch["data_samples"]):
            sample.set_data(
                {"teacher_occurrence": occurrence[index], "teacher_intensity": intensity[index]},
            )

    def after_train(self, runner: Any) -> None:
        """Let go of the teachers' memory."""
        self._teachers = []


class _Teacher:
    """One frozen network, and where the student's units stand in its answers."""

    def __init__(
        self, exported: Mapping[str, Any], wanted: Sequence[str], device: torch.device, path: str
    ) -> None:
        meta = exported["meta"]
        self.model = MODELS.build(dict(meta["model"]))
        self.model.load_state_dict(exported["state_dict"])
        self.model.to(device).eval().requires_grad_(False)
        self.device = device
        place = {name: index for index, name in enumerate(meta["au_names"])}
        columns = [place.get(name, -1) for name in wanted]
        if max(columns) < 0:
            raise CheckpointError(
                f"{path}: answers {', '.join(place)}, none of which the student learns "
                f"({', '.join(wanted)}); choose a teacher of its units"
            )
        self.columns = torch.tensor(columns, device=device)

    @torch.no_grad()
    def answer(self, inputs: Any) -> tuple[Tensor, Tensor]:
        """Give probabilities and intensities of the student's units, (B, T, A); NaN where there are none."""
        reduced = self.device.type == "cuda" and torch.cuda.is_bf16_supported()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=reduced):
            ready = self.model.data_preprocessor({"inputs": inputs})
            answers = self.model(ready["inputs"], mode="tensor")
        occurrence = self._of_student(answers["occurrence"].float().sigmoid())
        if "intensity" not in answers:
            return occurrence, torch.full_like(occurrence, torch.nan)
        # What leaves the scale is at its end, as in predictions.
        return occurrence, self._of_student(answers["intensity"].float().clamp(0.0, 5.0))

    def _of_student(self, values: Tensor) -> Tensor:
        chosen = values[..., self.columns.clamp_min(0)]
        return chosen.masked_fill(self.columns < 0, torch.nan)


def _dataset_of(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the config of the training data set itself, out of wrappers such as RepeatDataset."""
    loader = config.get("train_dataloader")
    dataset = loader.get("dataset", {}) if isinstance(loader, Mapping) else {}
    while "pipeline" not in dataset and "dataset" in dataset:
        dataset = dataset["dataset"]
    return dataset


def _check_pipeline(meta: Mapping[str, Any], dataset: Mapping[str, Any], path: str) -> None:
    """Refuse a teacher that would be shown other points than it knows, or in another place."""
    steps = dataset.get("pipeline") or ()
    points = [
        _points_after(meta["test_pipeline"], meta["topology"]),
        _points_after(steps, dataset.get("topology")),
    ]
    if None not in points and points[0] != points[1]:
        raise CheckpointError(
            f"{path}: reads {points[0]!r} points, but the training data set gives {points[1]!r}; choose a "
            "teacher of the same point set"
        )
    crops = [_crops(meta["test_pipeline"]), _crops(steps)]
    if steps and crops[0] != crops[1]:
        raise CheckpointError(
            f"{path}: was trained on faces placed by {crops[0]}, but train_dataloader.dataset.pipeline "
            f"places them by {crops[1]}; choose a teacher of the same placing"
        )


def _name(step: Mapping[str, Any]) -> str:
    return str(getattr(step["type"], "__name__", step["type"])).rpartition(".")[-1]


def _points_after(steps: Sequence[Mapping[str, Any]], topology: str | None) -> str | None:
    for step in steps:
        if _name(step) in _CONVERSIONS:
            topology = step["topology"]
    return topology


def _crops(steps: Sequence[Mapping[str, Any]]) -> list[tuple[str, dict]]:
    """Give name and settings of the steps that place the face, defaults filled in."""
    found = []
    for step in steps:
        if _name(step) in _CROPS:
            settings = vars(TRANSFORMS.build(dict(step)))
            found.append((_name(step), {key: np.asarray(value).tolist() for key, value in settings.items()}))
    return found
