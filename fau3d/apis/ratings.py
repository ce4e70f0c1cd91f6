"""From a corpus of rated sequences to a file that models of ratings are trained on."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fau3d.datasets.corpora.hrm import Hrm
from fau3d.datasets.corpora.hrm_sequences import SequenceOptions, SequenceReport, build_sequences
from fau3d.evaluation.protocols import get_protocol, make_splits
from fau3d.io.annotation import save_annotations

_PROTOCOL = "hrm-3fold"


def prepare_ratings(
    corpus: Hrm,
    output: str | os.PathLike[str],
    options: SequenceOptions | None = None,
    seed: int = 0,
    overwrite: bool = False,
    progress: bool = True,
) -> SequenceReport:
    """Write the sequence file of a tree: units, features and ratings side by side, three folds of children.

    Args:
        corpus: The tree.
        output: The file to write.
        options: What it is to hold.
        seed: Of the folds.
        overwrite: Replace a file that is there.
        progress: Show a progress bar.

    Returns:
        What became of the tree.

    Raises:
        FileExistsError: If the file is there and is not to be replaced.
        CorpusError: If the tree is not as documented, or no child could be read.
        ValueError: If a group has fewer children than there are folds.
    """
    if Path(output).exists() and not overwrite:
        raise FileExistsError(f"{output} exists; add --overwrite to replace it")
    file, report = build_sequences(corpus, options, progress)
    file.split = stratified_folds(file.annotations, seed)
    file.metainfo |= {"protocol": _PROTOCOL, "fold_seed": seed}
    save_annotations(output, file.split, file.annotations, file.metainfo)
    return report


def stratified_folds(annotations: Sequence[dict[str, Any]], seed: int = 0) -> dict[str, list[str]]:
    """Divide each group by itself and join the parts, so that every fold tests its share of both groups.

    Args:
        annotations: With `frame_dir`, `subject` and `group`.
        seed: Of the folds.

    Returns:
        `fold1_train`, which is `fold1_fit` and `fold1_val`, `fold1_test`, …: names in the file's order.

    Raises:
        ValueError: If a group has fewer subjects than there are folds.
    """
    splits: dict[str, list[str]] = {}
    for group in sorted({annotation["group"] for annotation in annotations}):
        subjects = {a["frame_dir"]: a["subject"] for a in annotations if a["group"] == group}
        for name, videos in make_splits(get_protocol(_PROTOCOL), subjects, seed=seed).splits.items():
            splits.setdefault(name, []).extend(videos)
    place = {annotation["frame_dir"]: number for number, annotation in enumerate(annotations)}
    return {name: sorted(videos, key=place.__getitem__) for name, videos in splits.items()}
