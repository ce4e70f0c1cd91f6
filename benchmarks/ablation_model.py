"""The small network of the ablation, and its scores."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from ablation_data import UNITS, Faces
from sklearn.metrics import roc_auc_score
from torch import nn

from fau3d.synthetic.observation import SmoothField

Answer = Callable[[np.ndarray], np.ndarray]

SPREAD = 0.04  # what inputs are divided by; eye distances
FIELD_LENGTH = 0.3  # over which smooth errors vary; eye distances
MARKED_FROM, TRACE_BELOW = 3.0, 1.5  # intensity C, and where A ends
QUIET = ("AU01", "AU02", "AU04", "AU05", "AU06", "AU07", "AU09", "AU12", "AU14", "AU15")


@dataclass(frozen=True)
class Recipe:
    """How the network is trained; the same for every row.

    Attributes:
        steps: Optimiser steps.
        batch: Frames in each.
        rate: Highest learning rate, of a one-cycle schedule.
        noise: Independent error of every point, at most; eye distances.
    """

    steps: int = 1000
    batch: int = 256
    rate: float = 4e-3
    noise: float = 0.004


def train(points: np.ndarray, targets: np.ndarray, bias: float, recipe: Recipe, seed: int) -> Answer:
    """Train a perceptron that reads single frames.

    Args:
        points: Shape (N, 91, 2).
        targets: Shape (N, A): 1, 0, -1 = not annotated.
        bias: Smooth displacement of each face, drawn anew each time, at most (rms, eye distances).
        recipe: How.
        seed: Of weights and of everything drawn.

    Returns:
        A function from points (M, 91, 2) to probabilities (M, A).
    """
    torch.manual_seed(seed)
    mean = points.mean(0)
    x = torch.from_numpy((points - mean) / SPREAD).float()
    y = torch.from_numpy(targets).float()
    known = (y >= 0).float()
    y = y.clamp(min=0)
    share = ((y * known).sum(0) / known.sum(0).clamp(min=1)).clamp(0.01, 0.99)
    net = _perceptron(points.shape[1] * 2, targets.shape[1])
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe.rate, recipe.steps)
    basis = torch.from_numpy(smooth_field(mean).basis)
    for _ in range(recipe.steps):
        rows = torch.randint(len(x), (recipe.batch,))
        seen = x[rows] + recipe.noise / SPREAD * torch.rand(len(rows), 1, 1) * torch.randn_like(x[rows])
        if bias:
            field = torch.einsum("vk,bkc->bvc", basis, torch.randn(len(rows), basis.shape[1], 2))
            seen = seen + bias / SPREAD * torch.rand(len(rows), 1, 1) * field
        loss = nn.functional.binary_cross_entropy_with_logits(
            net(seen.flatten(1)), y[rows], weight=known[rows], pos_weight=((1 - share) / share).sqrt(),
            reduction="sum",
        )  # fmt: skip
        optimizer.zero_grad()
        (loss / known[rows].sum().clamp(min=1)).backward()
        optimizer.step()
        schedule.step()
    net.eval()

    def answer(asked: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            flat = torch.from_numpy((asked - mean) / SPREAD).float().flatten(1)
            return torch.sigmoid(net(flat)).numpy()

    return answer


def _perceptron(inputs: int, outputs: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(inputs, 256), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(256, 128), nn.ReLU(), nn.Dropout(0.3),
        nn.Linear(128, outputs),
    )  # fmt: skip


def smooth_field(face: np.ndarray) -> SmoothField:
    """Give smooth displacements, of unit variance, of an aligned face (91, 2)."""
    return SmoothField(face, FIELD_LENGTH)


def marked(faces: Faces) -> np.ndarray:
    """Give the occurrence (N, A) with units that are present, but weaker than marked, not annotated."""
    return without(faces, MARKED_FROM)


def without(faces: Faces, below: float) -> np.ndarray:
    """Give the occurrence (N, A) with units that are present, but under an intensity, not annotated."""
    weak = (faces.occurrence == 1) & (faces.intensity < below)
    return np.where(weak, -1, faces.occurrence)


def aucs(probability: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Give the area under the ROC curve by unit (A,); NaN where one of both classes has under 5 frames."""
    found = np.full(truth.shape[1], np.nan)
    for unit, (said, true) in enumerate(zip(probability.T, truth.T)):
        known = true >= 0
        if min((true == 1).sum(), (true == 0).sum()) >= 5:
            found[unit] = roc_auc_score(true[known], said[known])
    return found


def mean(values: np.ndarray | Sequence[float]) -> float:
    """Average what is there; NaN where nothing is."""
    values = np.asarray(values, float)
    return float(values[np.isfinite(values)].mean()) if np.isfinite(values).any() else float("nan")


def score_people(probability: np.ndarray, faces: Faces, name: str) -> dict[str, float]:
    """Score people whose labels are exact: mean AUC over units, of all and of marked frames."""
    return {
        f"{name}, all": mean(aucs(probability, faces.occurrence)),
        f"{name}, marked": mean(aucs(probability, marked(faces))),
    }


def score_clip(probability: np.ndarray, faces: Faces) -> dict[str, float]:
    """Score a coded clip: AUC, that of AU04, and the share of coded frames right with the threshold 0.5."""
    found = aucs(probability, faces.occurrence)
    right = [
        float(((said >= 0.5) == (true == 1))[true >= 0].mean())
        for said, true in zip(probability.T, faces.occurrence.T)
        if (true >= 0).any()
    ]
    units = {f"real {unit}": float(auc) for unit, auc in zip(UNITS, found) if np.isfinite(auc)}
    return {"real": mean(found), "real right": mean(right), **units}


def score_quiet(probability: np.ndarray) -> dict[str, float]:
    """Say how often units that neutral people who talk do not show are said to be there."""
    columns = [UNITS.index(unit) for unit in QUIET]
    return {"talkers, false": float((probability[:, columns] >= 0.5).mean())}
