"""Faces put together from two: the upper part of one clip, the lower part of another."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from mmengine.hooks import Hook
from torch import Tensor

from fau3d.engine.seeding import derive_seed
from fau3d.facs import describe_au, get_au_set
from fau3d.registry import HOOKS
from fau3d.topology import get_topology

_LOWER_POINTS = ("mouth", "chin", "jaw", "left_cheek", "right_cheek")
# The wings and the base of the nose go with the upper lip; its bridge and tip tell how the head is turned.
_NOSE_BASE = {
    "ibug68": "31 32 33 34 35",
    "mediapipe478": """
        2 19 48 49 60 64 94 97 98 99 102 115 129 131 141 166 209 219 235 240 242 278 279 290 294 326 327 328
        331 344 358 360 370 392 429 439 455 460 462
    """,
}
_UPPER_UNITS = ("brow", "eye", "gaze")
_LOWER_UNITS = ("mouth", "jaw", "neck")


@HOOKS.register_module()
class SpliceFacesHook(Hook):
    """Gives some faces of each training batch the lower part of another face in it, with its labels.

    Units come together in corpora, made-up ones included, and networks learn that: a frown is then seen where
    a mouth weeps, and missed where it does not. In a face of two parts nothing above tells anything about
    what is below. Units between the parts (AU06, AU09) keep labels on which both faces agree, and none
    elsewhere. Faces must be aligned (`AlignEyes`), so that the parts lie where they belong.

    Args:
        topology: Point set of the batches.
        au_set: Units of the labels: a name of `AU_SETS`, or the units' names.
        prob: Share of faces that get another's lower part, 0 to 1.

    Raises:
        ValueError: If `prob` is no probability, or the topology has no mouth.
    """

    priority = "HIGH"  # before teachers look at the batch

    def __init__(self, topology: str, au_set: str | Sequence[str], prob: float = 0.3) -> None:
        if not 0 <= prob <= 1:
            raise ValueError(f"prob is {prob}; wanted a value from 0 to 1")
        regions = get_topology(topology).regions
        if "mouth" not in regions:
            raise ValueError(f"topology {topology!r} has no region 'mouth'; known: {', '.join(regions)}")
        self.prob = prob
        parts = [regions[name] for name in _LOWER_POINTS if name in regions]
        self._lower = np.unique(np.concatenate([*parts, _nose_base(topology)]))
        self._nose = np.setdiff1d(regions.get("nose", regions["mouth"]), self._lower)
        regions_of_units = [describe_au(name).region for name in get_au_set(au_set)]
        self._lower_units = np.flatnonzero([region in _LOWER_UNITS for region in regions_of_units])
        self._between = np.flatnonzero(
            [region not in _LOWER_UNITS + _UPPER_UNITS for region in regions_of_units]
        )

    def before_train_iter(self, runner: Any, batch_idx: int, data_batch: Any = None) -> None:
        """Splice a batch in place."""
        inputs, samples = data_batch["inputs"], data_batch["data_samples"]
        rng = np.random.default_rng(derive_seed(runner.seed or 0, "splice", runner.iter))
        size = len(samples)
        chosen = np.flatnonzero(rng.random(size) < self.prob)
        if not len(chosen) or size < 2:
            return
        partner = self._partners(inputs["keypoint"], rng)
        for key in ("keypoint", "keypoint_score"):
            values = inputs[key]
            given = values[partner[chosen]][:, :, :, self._lower]
            values[chosen[:, None], :, :, self._lower[None]] = given.transpose(1, 3).transpose(2, 3)
        labels = [(s.get("gt_occurrence"), s.get("gt_intensity")) for s in samples]
        weights = [s.get("frame_weight") for s in samples]
        for at in chosen:
            for key, missing, own, other in zip(
                ("gt_occurrence", "gt_intensity"), (-1, float("nan")), labels[at], labels[partner[at]]
            ):
                if own is not None and other is not None:
                    samples[at].set_data({key: self._labels(own, other, missing)})
            # Of two faces' labels, the less certain ones say how far to believe the face they make.
            certain = [w for w in (weights[at], weights[partner[at]]) if w is not None]
            if certain:
                samples[at].set_data({"frame_weight": torch.stack(certain).amin(0)})

    def _partners(self, keypoint: Tensor, rng: np.random.Generator) -> np.ndarray:
        """Choose for each face one of the four whose heads are turned most alike: whose noses point alike."""
        noses = torch.nanmean(keypoint[:, 0, :, self._nose], dim=(1, 2)).double().cpu().numpy()
        noses = np.nan_to_num(noses)
        apart = np.linalg.norm(noses[:, None] - noses[None], axis=-1)
        np.fill_diagonal(apart, np.inf)
        nearest = np.argsort(apart, axis=1)[:, : min(4, len(noses) - 1)]
        return nearest[np.arange(len(noses)), rng.integers(nearest.shape[1], size=len(noses))]

    def _labels(self, upper: Tensor, lower: Tensor, missing: float) -> Tensor:
        """Put labels (T, A) of two faces together."""
        mixed = upper.clone()
        mixed[:, self._lower_units] = lower[:, self._lower_units]
        agreed = upper[:, self._between] == lower[:, self._between]
        mixed[:, self._between] = torch.where(agreed, upper[:, self._between], missing)
        return mixed


def _nose_base(topology: str) -> np.ndarray:
    """Give the points of the nose's base, by number in the topology; none where it is not known."""
    wanted = get_topology(topology)
    if topology in _NOSE_BASE:
        return np.array(_NOSE_BASE[topology].split(), np.int64)
    if wanted.parent in _NOSE_BASE and wanted.parent_index is not None:
        base = np.array(_NOSE_BASE[wanted.parent].split(), np.int64)
        return np.flatnonzero(np.isin(wanted.parent_index, base))
    return np.zeros(0, np.int64)
