"""A long-tailed cut of a corpus: what the balanced diet is measured on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fau3d.facs import au_columns
from fau3d.io.annotation import load_annotations, save_annotations

HIGHEST, LOWEST = 0.40, 0.01
HELD_BACK_EVERY = 5  # one training subject in so many is kept for thresholds


@dataclass(frozen=True)
class Cut:
    """Files with a long tail, and how long it is.

    Attributes:
        train: Annotation file with the splits `train` and `held_back`, of different subjects.
        test: Annotation file, labels as they were.
        rates: Shape (A,): base rates of the split `train`.
        clips: Shape (A,): its clips that show the unit.
    """

    train: Path
    test: Path
    rates: np.ndarray
    clips: np.ndarray


def decaying_rates(natural: np.ndarray, highest: float = HIGHEST, lowest: float = LOWEST) -> np.ndarray:
    """Give each unit a base rate that falls geometrically with its rank.

    Args:
        natural: Shape (A,), base rates of the corpus.
        highest: Rate of the commonest unit.
        lowest: Rate of the rarest.

    Returns:
        Shape (A,), never above the natural rate: positives are taken away, none are added.
    """
    rates = np.empty(len(natural))
    rates[np.argsort(-natural, kind="stable")] = np.geomspace(highest, lowest, len(natural))
    return np.minimum(rates, natural)


def thin(occurrence: Sequence[np.ndarray], rates: np.ndarray, rng: np.random.Generator) -> None:
    """Take the labels of single units away from clips that show them, until each has its rate.

    The clip stays, with its labels of other units: units that come together are thinned one by one.

    Args:
        occurrence: N clips, each of shape (T, A): 1, 0, -1 = not annotated. Changed in place.
        rates: Shape (A,): wanted base rates. At least one clip of each unit stays.
        rng: Chooses the clips.
    """
    shown = np.stack([(clip == 1).sum(0) for clip in occurrence])
    known = np.stack([(clip >= 0).sum(0) for clip in occurrence])
    for unit, rate in enumerate(rates):
        clips = rng.permutation(np.flatnonzero(shown[:, unit]))
        if not len(clips):
            continue
        silent = known[:, unit].sum() - known[clips, unit].sum()
        found = np.cumsum(shown[clips, unit]) / (silent + np.cumsum(known[clips, unit]))
        keep = 1 + int(np.argmin(np.abs(found - rate)))
        for clip in clips[keep:]:
            occurrence[clip][:, unit] = -1


def make_cut(train: Path, test: Path, units: Sequence[str], folder: Path, seed: int = 0) -> Cut:
    """Write the cut of two annotation files, where it is not there yet.

    Args:
        train: Annotation file to learn from; its annotations name their subjects.
        test: Annotation file to test on.
        units: Columns that are kept.
        folder: Where the files go.
        seed: Chooses which labels are taken away.
    """
    paths = [folder / name for name in ("train.pkl", "test.pkl")]
    if not all(path.is_file() for path in paths):
        loaded = load_annotations(train)
        metainfo = {**loaded.metainfo, "au_names": list(units)}
        annotations = [_only(a, loaded.au_names, units) for a in loaded.annotations]
        parts = _parts(annotations)
        natural = base_rates([a["au_occurrence"] for a in annotations])
        rng = np.random.default_rng(seed)
        for part in parts.values():
            thin([a["au_occurrence"] for a in part], decaying_rates(natural), rng)
        split = {name: [a["frame_dir"] for a in part] for name, part in parts.items()}
        save_annotations(paths[0], split, annotations, metainfo)
        loaded = load_annotations(test)
        tested = [_only(a, loaded.au_names, units) for a in loaded.annotations]
        save_annotations(paths[1], {}, tested, {**loaded.metainfo, "au_names": list(units)})
    labels = [a["au_occurrence"] for a in load_annotations(paths[0]).of_split("train")]
    clips = np.sum([(clip == 1).any(0) for clip in labels], axis=0)
    return Cut(*paths, base_rates(labels), clips)


def base_rates(occurrence: Sequence[np.ndarray]) -> np.ndarray:
    """Give the share of annotated frames that show each unit, shape (A,)."""
    shown = np.sum([(clip == 1).sum(0) for clip in occurrence], axis=0)
    return shown / np.maximum(np.sum([(clip >= 0).sum(0) for clip in occurrence], axis=0), 1)


def _only(annotation: dict, names: Sequence[str], units: Sequence[str]) -> dict:
    """Keep the columns of some units, and occurrence alone."""
    kept = {key: v for key, v in annotation.items() if key not in ("au_intensity", "label")}
    return {**kept, "au_occurrence": annotation["au_occurrence"][:, au_columns(names, units)].copy()}


def _parts(annotations: Sequence[dict]) -> dict[str, list[dict]]:
    subjects = sorted({a["subject"] for a in annotations})
    held = set(subjects[::HELD_BACK_EVERY])
    return {
        "train": [a for a in annotations if a["subject"] not in held],
        "held_back": [a for a in annotations if a["subject"] in held],
    }
