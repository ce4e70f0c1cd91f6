"""Lists in pairs of text files: one names the images, the other has a row of labels for each."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from fau3d.datasets.corpora.base import CorpusError
from fau3d.datasets.corpora.reading import read_lines
from fau3d.datasets.images.lists import ImageList
from fau3d.facs import get_au_set

_UNITS = {"BP4D": "bp4d", "DISFA": "disfa8", "hybrid": "opengraphau41"}


def read_megraphau_list(path: Path, split: str) -> ImageList:
    """Read a list of ME-GraphAU's or OpenGraphAU's.

    `path` holds `list/BP4D_train_img_path_fold1.txt`, `list/BP4D_train_label_fold1.txt` and `img/`; DISFA's
    are of the same form. OpenGraphAU's are called `hybrid_train_img_path.txt`, without a fold; -1 = not
    annotated.

    Args:
        path: The data folder of one corpus.
        split: `fold1_train` to `fold3_test`; of OpenGraphAU's `train`, `val` or `test`.

    Returns:
        The list; who is on an image is the first folder of its path.

    Raises:
        CorpusError: If a list is missing, or not as published.

    Source:
        Files of github.com/CVI-SZU/ME-GraphAU and github.com/lingjivoo/OpenGraphAU.
    """
    fold, _, part = split.rpartition("_")
    suffix = f"_{fold}" if fold else ""
    images = sorted((path / "list").glob(f"*_{part}_img_path{suffix}.txt"))
    if len(images) != 1:
        found = ", ".join(sorted(p.name for p in (path / "list").glob("*_img_path*.txt"))) or "nothing"
        raise CorpusError(
            f"{path / 'list'}: split {split!r} is *_{part}_img_path{suffix}.txt; found {found}; splits are "
            "called fold1_train, fold1_test, …, or train, val, test where there are no folds"
        )
    corpus = images[0].name.partition("_")[0]
    labels = images[0].with_name(f"{corpus}_{part}_label{suffix}.txt")
    return _paired(images[0], labels, path / "img", corpus, lambda name: name.split("/")[0])


def read_jaanet_list(path: Path, split: str) -> ImageList:
    """Read a list of JAA-Net's.

    `path` holds `data/list/BP4D_part1_path.txt`, `data/list/BP4D_part1_AUoccur.txt` and the images at the
    paths that the lists have.

    Args:
        path: The folder that the paths of the lists start from.
        split: What stands before `_path.txt`: `BP4D_combine_1_2`, `DISFA_part3`, ….

    Returns:
        The list; who is on an image is the folder after the corpus's in its path.

    Raises:
        CorpusError: If a list is missing, or not as published.

    Source:
        Files of github.com/ZhiwenShao/PyTorch-JAANet.
    """
    folder = path / "data" / "list"
    images = folder / f"{split}_path.txt"
    if not images.is_file():
        found = (
            ", ".join(sorted(p.name.removesuffix("_path.txt") for p in folder.glob("*_path.txt"))) or "none"
        )
        raise CorpusError(f"{folder}: has no list {split!r}; found {found}")
    corpus = split.partition("_")[0]

    def subject(name: str) -> str:
        parts = name.split("/")
        return parts[parts.index(corpus) + 1] if corpus in parts[:-2] else parts[-2]

    return _paired(images, folder / f"{split}_AUoccur.txt", path, corpus, subject)


def _paired(
    images: Path, labels: Path, root: Path, corpus: str, subject_of: Callable[[str], str]
) -> ImageList:
    if corpus not in _UNITS:
        raise CorpusError(f"{images}: is of {corpus!r}; known: {', '.join(_UNITS)}, whose units are known")
    units = get_au_set(_UNITS[corpus])
    names = [line.strip().replace("\\", "/") for line in read_lines(images)]
    rows = [line.split() for line in read_lines(labels)]
    while names and not names[-1]:
        names.pop()
    while rows and not rows[-1]:
        rows.pop()
    if len(names) != len(rows):
        raise CorpusError(f"{labels}: has {len(rows)} rows for the {len(names)} images of {images.name}")
    occurrence = np.array([_row(row, len(units), labels, n) for n, row in enumerate(rows, 1)], np.int8)
    for number, name in enumerate(names, 1):
        if not name or name.startswith("/") or ".." in name.split("/") or "/" not in name:
            raise CorpusError(f"{images}:{number}: found {name!r}; wanted a path such as F001/T1/2440.jpg")
    return ImageList(
        paths=[root / name for name in names],
        names=[name.rpartition(".")[0] for name in names],
        subjects=[subject_of(name) for name in names],
        au_names=units,
        occurrence=occurrence.reshape(len(rows), len(units)),
    )


def _row(cells: Sequence[str], units: int, file: Path, number: int) -> list[int]:
    try:
        values = [float(cell) for cell in cells]
    except ValueError:
        values = []
    if len(values) != units or not set(values) <= {-1.0, 0.0, 1.0}:
        raise CorpusError(
            f"{file}:{number}: found {' '.join(cells)[:60]!r}; wanted {units} numbers, each 1, 0, or -1 for "
            "not annotated"
        )
    return [int(value) for value in values]
