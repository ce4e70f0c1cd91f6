"""What noisy labels before clean ones bring: a small transformer, pre-trained and fine-tuned.

    python benchmarks/noisy_labels.py TRAIN.pkl TEST.pkl [-o OUT]

TRAIN and TEST are annotation files of rendered people, 91 points. A made-up machine coder
(`fau3d.synthetic.label_noise`) labels the people of TRAIN with the 18 units of OpenFace; the last of them are
kept apart, and of these a few come with their true labels of DISFA's 12 units. Each row is a network that
learned from

- the few alone,
- the noisy labels alone, asked for the 12 units as it is,
- the noisy labels first and then the few, the whole network or its head only, with `carry_over_units`
  between,

and, for the ceiling, from the true labels of everybody. Noisy labels are taken plainly, or weighted by the
coder's confidence, or smoothed, or both. The scores are means over the 12 units on TEST, true labels: F1 at
0.5 and the area under the ROC curve (AUC), mean ± standard deviation over seeds. A seed draws the network,
the coder, and who the few are.

OUT gets `noisy_labels.json` and `noisy_labels.md`; the next run with it goes on where the last one stopped.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmengine.config import Config
from tqdm import tqdm

from fau3d.datasets import FaceKeypointDataset
from fau3d.engine.carry_over import carry_over_units
from fau3d.facs import au_columns, get_au_set, map_columns
from fau3d.functional.detection import detection_counts, f1_score, roc_auc
from fau3d.io.atomic import atomic_path
from fau3d.registry import MODELS
from fau3d.synthetic.label_noise import LabelNoise, NoisyCoder

CONFIG = Path(__file__).resolve().parents[1] / "configs" / "keypoint" / "transformer_mediapipe91" / "joint.py"
NOISY, CLEAN = get_au_set("openface18"), get_au_set("disfa12")
TREATMENTS = {
    "plain": (False, 0.0),
    "weighted": (True, 0.0),
    "smoothed": (False, 0.1),
    "weighted, smoothed": (True, 0.1),
}
"""Name to whether frames are weighted by confidence, and label smoothing."""


@dataclass(frozen=True)
class Recipe:
    """How a network is trained; the same for every row but for the steps.

    Attributes:
        noisy_steps: Optimiser steps on noisy labels, and on the true labels of everybody.
        alone_steps: Steps on the few alone.
        tune_steps: Steps on the few after noisy labels.
        batch: Clips in each.
        length: Frames of a clip.
        rate: Highest learning rate, of a one-cycle schedule.
        tune_rate: That of fine-tuning.
        channels: Width of the network.
        depth: Its layers over time; the head mixes five frames in any case.
    """

    noisy_steps: int = 600
    alone_steps: int = 300
    tune_steps: int = 120
    batch: int = 64
    length: int = 6
    rate: float = 3e-3
    tune_rate: float = 3e-4
    channels: int = 96
    depth: int = 0


@dataclass
class Clips:
    """Sequences of one length, aligned.

    Attributes:
        keypoint: Shape (N, T, V, 2), in the unit square.
        score: Shape (N, T, V).
        occurrence: Shape (N, T, A): 1, 0, -1.
        weight: Shape (N, T), or None.
        au_names: The A units.
    """

    keypoint: torch.Tensor
    score: torch.Tensor
    occurrence: torch.Tensor
    weight: torch.Tensor | None
    au_names: tuple[str, ...]

    def chosen(self, rows: np.ndarray) -> "Clips":
        """Give some of the sequences."""
        weight = None if self.weight is None else self.weight[rows]
        return Clips(self.keypoint[rows], self.score[rows], self.occurrence[rows], weight, self.au_names)


class People:
    """The sequences of an annotation file, and their labels, true and by a noisy coder."""

    def __init__(self, path: Path, most: int | None = None) -> None:
        base = Config.fromfile(CONFIG)
        data = FaceKeypointDataset(
            str(path), base.test_pipeline, topology="mediapipe91", test_mode=True, clip={"length": 48}
        )
        count = len(data) if most is None else min(most, len(data))
        items = [data[index] for index in tqdm(range(count), f"reading {path.name}")]
        self.keypoint = torch.stack([item["inputs"]["keypoint"][0] for item in items])
        self.score = torch.stack([item["inputs"]["keypoint_score"][0] for item in items])
        stacks = [
            np.stack([item["data_samples"].get(name).numpy() for item in items])
            for name in ("gt_occurrence", "gt_intensity")
        ]
        known = data.metainfo["au_names"]
        self.occurrence = map_columns(stacks[0], known, NOISY)
        self.intensity = map_columns(stacks[1], known, NOISY, np.nan)
        # People of the rendered corpus are named personNNNNN_KK: a person's sequences share the first part.
        names = [str(item["data_samples"].get("frame_dir")) for item in items]
        self.person = np.unique([name.rpartition("_")[0] for name in names], return_inverse=True)[1]

    def true(self, units: tuple[str, ...]) -> Clips:
        """Give true labels."""
        labels = torch.from_numpy(self.occurrence[..., au_columns(NOISY, units)])
        return Clips(self.keypoint, self.score, labels, None, units)

    def noisy(self, noise: LabelNoise) -> Clips:
        """Give a noisy coder's labels and confidence."""
        annotations = [
            {"au_occurrence": o, "au_intensity": i, "subject": str(p)}
            for o, i, p in zip(self.occurrence, self.intensity, self.person)
        ]
        coded = list(NoisyCoder(NOISY, noise).code(annotations))
        labels = torch.from_numpy(np.stack([a["au_occurrence"] for a in coded]))
        weight = torch.from_numpy(np.stack([a["label_weight"] for a in coded]))
        return Clips(self.keypoint, self.score, labels, weight, NOISY)


def build(units: tuple[str, ...], recipe: Recipe, smoothing: float = 0.0) -> Any:
    """Build a small variant of the transformer for some units."""
    model = Config.fromfile(CONFIG).model
    model.backbone.update(channels=recipe.channels, depth=recipe.depth)
    model.head.update(in_channels=recipe.channels, au_set=units, intensity=False, loss_intensity=None)
    model.head.update(hidden_channels=recipe.channels)
    model.head.loss_occurrence.label_smoothing = smoothing
    return MODELS.build(model)


def train(
    model: Any, clips: Clips, steps: int, rate: float, recipe: Recipe, seed: int, head_only: bool = False
) -> Any:
    """Train on random stretches of the sequences, at one to four times their speed."""
    torch.manual_seed(seed)
    labels = clips.occurrence.numpy().reshape(-1, len(clips.au_names))
    model.head.loss_occurrence.set_class_weights((labels == 1).sum(0), (labels >= 0).sum(0))
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.05, betas=(0.9, 0.98))
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps, pct_start=0.15)
    model.train()
    # Whitened by the statistics of all that the first training has, once: following them costs more than the
    # network does.
    whitening = model.backbone.norm
    if not whitening.num_batches_tracked:
        with torch.no_grad():
            whitening(_volume(model, clips.keypoint, clips.score))
    whitening.eval()
    if head_only:
        model.backbone.eval().requires_grad_(False)
    for _ in range(steps):
        keypoint, score, target, weight = _batch(clips, recipe)
        # Trembling, and a displacement of each point that lasts: few people are learned by heart otherwise.
        lasting = torch.randn(len(keypoint), 1, *keypoint.shape[2:])
        logits = _logits(model, keypoint + 0.003 * torch.randn(keypoint.shape) + 0.006 * lasting, score)
        loss = model.head.loss_occurrence(logits, target, weight)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        schedule.step()
    return model.eval()


def _batch(
    clips: Clips, recipe: Recipe
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor | None]:
    rows = torch.randint(len(clips.keypoint), (recipe.batch, 1))
    total = clips.keypoint.shape[1]
    speed = 1 + 3 * torch.rand(recipe.batch, 1)
    speed = speed.clamp(max=(total - 1) / max(recipe.length - 1, 1))
    start = torch.rand(recipe.batch, 1) * (total - 1 - speed * (recipe.length - 1))
    frames = (start + speed * torch.arange(recipe.length)).round().long()
    weight = None if clips.weight is None else clips.weight[rows, frames]
    return clips.keypoint[rows, frames], clips.score[rows, frames], clips.occurrence[rows, frames], weight


def _logits(model: Any, keypoint: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
    return model.head(model.extract_feat(_volume(model, keypoint, score)), keypoint.shape[1])["occurrence"]


def _volume(model: Any, keypoint: torch.Tensor, score: torch.Tensor) -> torch.Tensor:
    inputs = {"keypoint": keypoint[:, None], "keypoint_score": score[:, None]}
    return model.data_preprocessor({"inputs": inputs})["inputs"]


def score(model: Any, clips: Clips) -> dict[str, float]:
    """Score a model on the clean units: mean F1 at 0.5 and mean AUC."""
    with torch.inference_mode():
        parts = zip(clips.keypoint.split(32), clips.score.split(32))
        answers = torch.cat([_logits(model, *part).sigmoid() for part in parts])
    columns = au_columns(model.au_names, CLEAN)
    answer = answers.numpy().reshape(-1, len(model.au_names))[:, columns]
    truth = clips.occurrence.numpy().reshape(-1, len(CLEAN))
    auc = [roc_auc(truth[:, unit], answer[:, unit]) for unit in range(len(CLEAN))]
    f1 = f1_score(detection_counts(truth, answer >= 0.5))
    return {"f1": float(np.nanmean(f1)), "auc": float(np.nanmean(auc))}


Answer = tuple[str, Callable[[], dict[str, float]]]


class Trial:
    """All rows of one seed."""

    def __init__(self, people: People, test: Clips, few: list[int], recipe: Recipe, seed: int) -> None:
        self.recipe, self.seed, self.test = recipe, seed, test
        persons = np.random.default_rng(seed).permutation(people.person.max() + 1)
        pool = persons[: 2 * max(few)]
        self.clean = {n: people.true(CLEAN).chosen(np.isin(people.person, pool[:n])) for n in few}
        if len(pool) > people.person.max():
            raise ValueError(
                f"found {len(persons)} people; wanted more than twice the {max(few)} with true labels"
            )
        others = ~np.isin(people.person, pool)
        self.noisy = people.noisy(LabelNoise(seed=seed)).chosen(others)
        truth = people.true(CLEAN).occurrence[others]
        # The same faces: what a seed holds is one copy of them.
        self.everybody = replace(self.noisy, occurrence=truth, weight=None, au_names=CLEAN)
        self._pretrained: dict[str, Any] = {}

    def rows(self) -> Iterator[Answer]:
        """Give each row's name and what trains and scores it, what matters most first."""
        yield "the noisy labels themselves, on the people that have them", self._of_labels
        for n, few in self.clean.items():
            yield f"{n} people, true labels, alone", partial(self._alone, few, self.recipe.alone_steps)
        for treatment in TREATMENTS:
            yield f"noisy labels alone, {treatment}", partial(self._untuned, treatment)
            for n, few in self.clean.items():
                yield f"noisy labels, {treatment}, then {n} people", partial(self._tuned, treatment, few)
            if treatment == "plain":
                for n, few in self.clean.items():
                    name = f"noisy labels, plain, then {n} people, the head only"
                    yield name, partial(self._tuned, treatment, few, head_only=True)
                yield "everybody, true labels", partial(self._alone, self.everybody, self.recipe.noisy_steps)

    def _of_labels(self) -> dict[str, float]:
        columns = au_columns(NOISY, CLEAN)
        truth = self.everybody.occurrence.numpy().reshape(-1, len(CLEAN))
        noisy = self.noisy.occurrence.numpy()[..., columns].reshape(-1, len(CLEAN))
        f1 = f1_score(detection_counts(truth, noisy == 1))
        auc = [roc_auc(truth[:, unit], noisy[:, unit].astype(float)) for unit in range(len(CLEAN))]
        return {"f1": float(np.nanmean(f1)), "auc": float(np.nanmean(auc))}

    def pretrained(self, treatment: str) -> Any:
        """Give the network that has learned from noisy labels."""
        if treatment not in self._pretrained:
            torch.manual_seed(self.seed)
            weighted, smoothing = TREATMENTS[treatment]
            clips = self.noisy if weighted else replace(self.noisy, weight=None)
            model = build(NOISY, self.recipe, smoothing)
            steps = self.recipe.noisy_steps
            self._pretrained[treatment] = train(model, clips, steps, self.recipe.rate, self.recipe, self.seed)
        return self._pretrained[treatment]

    def _untuned(self, treatment: str) -> dict[str, float]:
        return score(self.pretrained(treatment), self.test)

    def _alone(self, clips: Clips, steps: int) -> dict[str, float]:
        torch.manual_seed(self.seed)
        model = train(build(CLEAN, self.recipe), clips, steps, self.recipe.rate, self.recipe, self.seed)
        return score(model, self.test)

    def _tuned(self, treatment: str, clips: Clips, head_only: bool = False) -> dict[str, float]:
        before, recipe = self.pretrained(treatment), self.recipe
        torch.manual_seed(self.seed)
        model = build(CLEAN, recipe)
        state, _ = carry_over_units(before.state_dict(), model, NOISY, CLEAN)
        model.load_state_dict(state, strict=False)
        steps, rate = recipe.tune_steps, recipe.tune_rate
        return score(train(model, clips, steps, rate, recipe, self.seed, head_only), self.test)


def report(results: dict[str, dict[str, dict[str, float]]]) -> str:
    """Write the table, Markdown."""
    lines = ["| learned from | F1 | AUC | seeds |", "|---|---|---|---|"]
    for name, seeds in results.items():
        cells = []
        for figure in ("f1", "auc"):
            values = np.array([one[figure] for one in seeds.values()])
            spread = f" ± {values.std(ddof=1):.3f}" if len(values) > 1 else ""
            cells.append(f"{values.mean():.3f}{spread}")
        lines.append(f"| {name} | {' | '.join(cells)} | {len(seeds)} |")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("train", type=Path, metavar="TRAIN.pkl")
    parser.add_argument("test", type=Path, metavar="TEST.pkl")
    parser.add_argument(
        "--few", type=int, nargs="+", default=[10, 30], help="people with true labels (10 30)"
    )
    parser.add_argument("--sequences", type=int, help="read the first ones of TRAIN only")
    parser.add_argument("--seeds", type=int, default=3, help="trainings of each row (default: %(default)s)")
    parser.add_argument("--quick", action="store_true", help="hardly trained: does it run?")
    parser.add_argument("-o", "--output", type=Path, default=Path("noisy_labels"), metavar="OUT")
    args = parser.parse_args(arguments)
    recipe = Recipe(4, 4, 4, 8, channels=24) if args.quick else Recipe()
    try:
        people, test = People(args.train, args.sequences), People(args.test).true(CLEAN)
        trials = [Trial(people, test, args.few, recipe, seed) for seed in range(args.seeds)]
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    args.output.mkdir(parents=True, exist_ok=True)
    kept, settings = (
        args.output / "noisy_labels.json",
        {"recipe": asdict(recipe), "few": args.few, "sequences": len(people.person)},
    )
    found = json.loads(kept.read_text()) if kept.is_file() else {}
    results = found["rows"] if found.get("settings") == settings else {}
    for answers in tqdm(list(zip(*(trial.rows() for trial in trials))), "rows"):
        for seed, (name, answer) in enumerate(answers):
            if str(seed) in results.setdefault(name, {}):
                continue
            results[name][str(seed)] = answer()
            with atomic_path(kept) as temporary:
                Path(temporary).write_text(json.dumps({"settings": settings, "rows": results}, indent=1))
    (args.output / "noisy_labels.md").write_text(report(results) + "\n")
    print(report(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
