"""Trains one small network a diet, and scores it on people whose labels are as rare as its own."""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diet_cut import Cut
from mmengine.config import Config
from sklearn.metrics import average_precision_score

from fau3d.datasets import FaceKeypointDataset
from fau3d.datasets.collate import face_collate
from fau3d.evaluation import AUMetric
from fau3d.evaluation.video_predictions import merge_windows
from fau3d.functional.detection import best_threshold, roc_auc
from fau3d.registry import DATASETS, MODELS

CONFIGS = Path(__file__).resolve().parents[1] / "configs" / "balance"
FIGURES = ("F1 at 0.5", "F1, tuned", "AUC", "AP", "rare F1 at 0.5", "rare F1, tuned", "rare AP")


@dataclass(frozen=True)
class Recipe:
    """How networks are trained; the same for every row.

    Attributes:
        clips: Clips drawn for a training.
        passes: How often it goes through them.
        batch: Clips in a step.
        rate: Highest learning rate, of a one-cycle schedule.
        channels: Width of the transformer and of the head; one layer each.
    """

    clips: int = 4800
    passes: int = 3
    batch: int = 64
    rate: float = 3e-3
    channels: int = 64


@dataclass(frozen=True)
class Row:
    """One diet.

    Attributes:
        name: What the table calls it.
        loss: Leaf of `configs/balance` whose loss it has.
        clip: Leaf whose sampling it has.
        neutral: Of `SubtractNeutral`; empty for none.
    """

    name: str
    loss: str = "plain"
    clip: str = "plain"
    neutral: str = ""

    @property
    def diet(self) -> tuple[str, str]:
        """What decides the clips that it sees: rows that share it see the same ones."""
        return self.clip, self.neutral


class Bench:
    """Draws clips, trains, scores.

    Args:
        cut: The corpus.
        units: A action units.
        recipe: How networks are trained.
    """

    def __init__(self, cut: Cut, units: str, recipe: Recipe) -> None:
        self.cut, self.units, self.recipe = cut, units, recipe
        self.rare = np.argsort(cut.rates, kind="stable")[: max(1, len(cut.rates) // 3)]
        self._clips: tuple[tuple, list[dict]] = ((), [])
        self._asked: dict[tuple[str, str], list[dict]] = {}

    def score(self, row: Row, seed: int) -> dict[str, float]:
        """Train a row from one seed and give `FIGURES`, and `held-back AP`."""
        dataset = self._training_set(row, seed)
        model = self._train(row, seed, dataset)
        held, test = (self._answers(model, part, row.neutral) for part in ("held_back", "test"))
        levels = np.array([best_threshold(t, p) for t, p in zip(held[0].T, held[1].T)])
        weights = positive_weight(test[0], self.cut.rates)
        f1, tuned = (f1_scores(*test, weights, level) for level in (np.full(len(levels), 0.5), levels))
        ap = average_precisions(*test, weights)
        auc = [roc_auc(truth, said) for truth, said in zip(test[0].T, test[1].T)]
        held_ap = average_precisions(*held, np.ones(len(levels)))
        values = (f1, tuned, np.array(auc), ap, f1[self.rare], tuned[self.rare], ap[self.rare], held_ap)
        return dict(zip((*FIGURES, "held-back AP"), (float(np.nanmean(v)) for v in values)))

    def _training_set(self, row: Row, seed: int) -> FaceKeypointDataset:
        config = _config(row.clip).train_dataloader.dataset
        return DATASETS.build(
            {
                **config,
                "ann_file": str(self.cut.train),
                "split": "train",
                "au_set": self.units,
                "clips_per_epoch": self.recipe.clips,
                "seed": seed,
                "pipeline": less_neutral(config.pipeline, row.neutral),
            }
        )

    def _train(self, row: Row, seed: int, dataset: FaceKeypointDataset) -> Any:
        torch.manual_seed(seed)
        model = small_model(_config(row.loss).model, self.units, self.recipe.channels)
        statistics = dataset.au_statistics()
        model.head.loss_occurrence.set_class_weights(statistics["positives"], statistics["annotated"])
        if self._clips[0] != (*row.diet, seed):
            size = len(
                dataset
            )  # an index beyond it names the epoch, which makes drawing a matter of the seed
            self._clips = (*row.diet, seed), [dataset[size + number] for number in range(size)]
        optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.05)
        steps = self.recipe.passes * (self.recipe.clips // self.recipe.batch)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, self.recipe.rate, steps)
        model.train()
        for step, batch in enumerate(self._batches(seed)):
            if (
                step == steps // 10
            ):  # the points' statistics are known by then, and take as long as all the rest
                model.backbone.norm.eval()
            ready = model.data_preprocessor(batch, True)
            loss = model(ready["inputs"], ready["data_samples"], mode="loss")["loss_occurrence"]
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            schedule.step()
        return model.eval()

    def _batches(self, seed: int) -> Iterator[dict]:
        clips, rng = self._clips[1], np.random.default_rng(seed)
        for _ in range(self.recipe.passes):
            order = rng.permutation(len(clips))
            for first in range(0, len(order) - self.recipe.batch + 1, self.recipe.batch):
                yield face_collate([clips[i] for i in order[first : first + self.recipe.batch]])

    def _answers(self, model: Any, part: str, neutral: str) -> tuple[np.ndarray, np.ndarray]:
        """Give labels and probabilities, both (frames, A), of people the network does not know."""
        metric = AUMetric()
        for batch in self._windows(part, neutral):
            with torch.inference_mode():
                ready = model.data_preprocessor(batch, False)
                samples = model(ready["inputs"], ready["data_samples"], mode="predict")
            metric.process(None, [sample.to_dict() for sample in samples])
        faces = merge_windows(metric.results)
        return tuple(np.concatenate([f[key] for f in faces]) for key in ("gt_occurrence", "pred_occurrence"))

    def _windows(self, part: str, neutral: str) -> list[dict]:
        if (part, neutral) not in self._asked:
            config = _config("plain").test_dataloader.dataset
            held = part == "held_back"
            dataset = DATASETS.build(
                {
                    **config,
                    "ann_file": str(self.cut.train if held else self.cut.test),
                    "split": "held_back" if held else None,
                    "au_set": self.units,
                    "pipeline": less_neutral(config.pipeline, neutral),
                }
            )
            items = [dataset[number] for number in range(len(dataset))]
            self._asked[part, neutral] = [
                face_collate(items[first : first + 50]) for first in range(0, len(items), 50)
            ]
        return self._asked[part, neutral]


def _config(leaf: str) -> Config:
    return Config.fromfile(CONFIGS / f"{leaf}.py")


def small_model(config: dict, units: str, channels: int) -> Any:
    """Build the config's network with one narrow layer, answering occurrence alone."""
    config = deepcopy(dict(config))
    config["backbone"].update(channels=channels, depth=1, heads=4)
    config["head"].update(in_channels=channels, hidden_channels=channels, au_set=units, intensity=False)
    model = MODELS.build(config)
    model.init_weights()
    return model


def less_neutral(pipeline: list[dict], neutral: str) -> list[dict]:
    """Put `SubtractNeutral` behind `AlignEyes`, in place of the config's own; none where none is named."""
    steps = [dict(step) for step in pipeline if step["type"] != "SubtractNeutral"]
    if neutral:
        place = next(i for i, step in enumerate(steps) if step["type"] == "AlignEyes")
        steps.insert(place + 1, {"type": "SubtractNeutral", "neutral": neutral})
    return steps


def positive_weight(truth: np.ndarray, rates: np.ndarray) -> np.ndarray:
    """Say how much a tested positive counts, so that each unit is as rare as in training.

    All of the clips that show a rare unit are asked, and none of them decides alone.

    Args:
        truth: Shape (N, A): 1, 0, -1 = not annotated.
        rates: Shape (A,), in (0, 1).

    Returns:
        Shape (A,); a number also where no frame shows the unit, whose figures are NaN anyhow.
    """
    return rates / (1 - rates) * (truth == 0).sum(0) / np.maximum((truth == 1).sum(0), 1)


def f1_scores(
    truth: np.ndarray, probability: np.ndarray, weight: np.ndarray, level: np.ndarray
) -> np.ndarray:
    """Give F1 of each unit, positives counting `weight`, shape (A,); NaN where no frame shows the unit."""
    present, said = truth == 1, probability >= level
    right, missed = weight * (present & said).sum(0), weight * (present & ~said).sum(0)
    total = 2 * right + missed + ((truth == 0) & said).sum(0)
    return np.divide(2 * right, total, out=np.full(len(level), np.nan), where=present.any(0))


def average_precisions(truth: np.ndarray, probability: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Give the average precision of each unit, positives counting `weight`; NaN where no frame shows it."""
    found = np.full(truth.shape[1], np.nan)
    for unit, (true, said) in enumerate(zip(truth.T, probability.T)):
        known = true >= 0
        if (true == 1).any():
            share = np.where(true[known] == 1, weight[unit], 1.0)
            found[unit] = average_precision_score(true[known], said[known], sample_weight=share)
    return found
