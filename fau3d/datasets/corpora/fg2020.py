"""The noisy-label set of FG2020: celebrities with OpenFace's labels, then DISFA's frames with coders'."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from fau3d.datasets.corpora.base import (
    CorpusError,
    FrameLabels,
    Listing,
    PublishedCorpus,
    Recording,
)
from fau3d.datasets.corpora.reading import read_lines
from fau3d.facs import au_columns, get_au_set

PRETRAIN, FINETUNE = "pre_train_images", "fine_tune_images"
STAGES = {PRETRAIN: "openface18", FINETUNE: "disfa12"}
"""Folder to the units of its lists, in column order."""
SPLITS: dict[str, str] = {
    "train": f"{PRETRAIN}/train_label.csv",
    "test": f"{PRETRAIN}/test_label.csv",
    **{f"fold{k}_{part}": f"{FINETUNE}/fold{k}_{part}.csv" for k in (1, 2, 3) for part in ("train", "test")},
}
"""Official split to its list, below the data folder."""
_DISFA_SUBJECT = re.compile(r"(SN\d{3})")
# MS-Celeb-1M names a person by a Freebase id, which may itself hold underscores, and then the picture.
_CELEBRITY = re.compile(r"(m\.[0-9a-z_]+)_\d+(?:-FaceId-\d+)?")


@dataclass(frozen=True)
class ListedImages:
    """The rows of one list.

    Attributes:
        path: The list.
        images: File names, as they stand there.
        lines: Shape (N,), int64: line of each row, from 1.
        boxes: Shape (N, 4), float32: the face's left, top, right, bottom in pixels of the image.
        occurrence: Shape (N, A), int8: 1, 0, -1 = not annotated.
        au_names: The A columns.
    """

    path: Path
    images: list[str]
    lines: np.ndarray
    boxes: np.ndarray
    occurrence: np.ndarray
    au_names: tuple[str, ...]


def subject_of(image: str) -> str:
    """Tell who is on an image, as far as its name does.

    Args:
        image: File name.

    Returns:
        DISFA's subject (`SN005`), MS-Celeb-1M's person (`m.059w4s`; whoever stands beside them on the same
        picture goes by their name), or the file's own stem.
    """
    stem = Path(image).stem
    disfa = _DISFA_SUBJECT.search(stem)
    if disfa:
        return disfa[1]
    celebrity = _CELEBRITY.fullmatch(stem)
    return celebrity[1] if celebrity else stem


def image_name(stage: str, image: str) -> str:
    """Give an image's name among all recordings."""
    return f"{stage}/{Path(image).stem}"


def data_folder(root: Path) -> Path:
    """Give the folder that holds the lists' folders: the root, or `data` in it as the repository has it."""
    return root / "data" if (root / "data").is_dir() else root


def read_lists(root: Path) -> dict[str, ListedImages]:
    """Read the lists that are there, by split.

    Raises:
        CorpusError: If there is none, or a line of one is not of the form; it names file and line.
    """
    folder = data_folder(root)
    found = {split: folder / file for split, file in SPLITS.items() if (folder / file).is_file()}
    if not found:
        raise CorpusError(f"{folder}: has none of the lists; wanted such as {SPLITS['train']}")
    return {split: read_label_list(path, STAGES[path.parent.name]) for split, path in found.items()}


def read_label_list(path: Path, au_set: str) -> ListedImages:
    """Read a list: `image,"(left, top, right, bottom)",[gender,]AU…` a line, units 0 or 1.

    The published lists have no header; one is passed over. Lists for pre-training have a column `gender`
    before the units, those for fine-tuning have not; which it is follows from the number of columns.

    Args:
        path: The list.
        au_set: Its units, in column order.

    Raises:
        CorpusError: If the file is missing or empty, or a line is not of that form; it names file and line.
    """
    units = get_au_set(au_set)
    wanted = f'image, "(left, top, right, bottom)", gender or nothing, {len(units)} units of 0 or 1'
    images, lines, boxes, occurrence = [], [], [], []
    for number, cells in _rows(path):
        if len(cells) not in (len(units) + 2, len(units) + 3):
            raise CorpusError(f"{path}:{number}: has {len(cells)} columns; wanted {wanted}")
        box, labels = _box(cells[1]), [_label(cell) for cell in cells[-len(units) :]]
        if not cells[0] or box is None or None in labels:
            raise CorpusError(f"{path}:{number}: found {','.join(cells)[:120]!r}; wanted {wanted}")
        images.append(cells[0])
        lines.append(number)
        boxes.append(box)
        occurrence.append(labels)
    if not images:
        raise CorpusError(f"{path}: is empty; wanted lines of {wanted}")
    return ListedImages(
        path,
        images,
        np.array(lines, np.int64),
        np.array(boxes, np.float32),
        np.array(occurrence, np.int8),
        units,
    )


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    for number, cells in enumerate(csv.reader(read_lines(path), skipinitialspace=True), start=1):
        cells = [cell.strip() for cell in cells]
        header = number == 1 and bool(cells) and cells[0].lower() == "image"
        if any(cells) and not header:
            yield number, cells


def _box(cell: str) -> tuple[float, ...] | None:
    try:
        box = tuple(float(part) for part in cell.strip("()[] ").split(","))
    except ValueError:
        return None
    return box if len(box) == 4 and box[0] < box[2] and box[1] < box[3] else None


def _label(cell: str) -> int | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return int(value) if value in (-1, 0, 1) else None


class Fg2020(PublishedCorpus):
    """`pre_train_images/{train,test}_label.csv`, `fine_tune_images/fold{1,2,3}_{train,test}.csv` in `data`.

    The lists are published, the images are not: they are put beside the lists, under the names given there.
    Every image is a recording of one frame. Those for pre-training carry OpenFace's answers on 18 units,
    those for fine-tuning DISFA's coding of 12, the others not annotated; never score on the former. The three
    folds are the authors' own, not those of the usual DISFA protocol, and their frames are of the right
    camera. What `meta_data` holds is not read.

    Source:
        Fung and McDuff, A Scalable Approach for Facial Action Unit Classifier Training Using Noisy Data for
        Pre-Training, FG 2020.
    """

    title: ClassVar[str] = "FG2020 noisy labels"
    request: ClassVar[str] = "https://github.com/facialactionpretrain/facs"
    licence: ClassVar[str] = "lists without a licence; images under MS-Celeb-1M's and DISFA's terms"
    au_set: ClassVar[str] = "openface18"
    label_type: ClassVar[str] = "occurrence"

    def listing(self) -> Listing:
        """See the base class."""
        listing = Listing()
        for stage, images in self._images.items():
            here = {path.name for path in (data_folder(self.root) / stage).iterdir()}
            for image in images:
                name = image_name(stage, image)
                if image in here:
                    media = data_folder(self.root) / stage / image
                    listing.recordings.append(Recording(name, subject_of(image), media))
                else:
                    listing.unmatched[name] = f"no image {image} beside the lists of {stage}"
        return listing

    def labels(self, recording: Recording) -> FrameLabels:
        """See the base class."""
        stage = recording.name.partition("/")[0]
        assert recording.media is not None
        row = self._images[stage][recording.media.name]
        return FrameLabels(np.array([recording.first_number]), row[None])

    def official_splits(self, recordings: Sequence[Recording]) -> dict[str, list[str]]:
        """Give `train` and `test` of pre-training and `foldK_train`, `foldK_test` of fine-tuning."""
        known = {recording.name for recording in recordings}
        splits = {}
        for split, listed in self._lists.items():
            stage = listed.path.parent.name
            names = dict.fromkeys(image_name(stage, image) for image in listed.images)
            splits[split] = [name for name in names if name in known]
        return splits

    def notes(self) -> Mapping[str, object]:
        """See the base class."""
        return {**super().notes(), "coder": "OpenFace 2 in train and test, people in the folds"}

    @cached_property
    def _lists(self) -> dict[str, ListedImages]:
        """Split to its list, as many as there are."""
        return read_lists(self.root)

    @cached_property
    def _images(self) -> dict[str, dict[str, np.ndarray]]:
        """Stage to image to labels (A,) int8 in the corpus's columns; an image may stand in many lists."""
        stages: dict[str, dict[str, np.ndarray]] = {}
        for listed in self._lists.values():
            columns = au_columns(listed.au_names, self.au_names)
            values = np.where(columns >= 0, listed.occurrence[:, columns], np.int8(-1)).astype(np.int8)
            labelled = stages.setdefault(listed.path.parent.name, {})
            for image, line, row in zip(listed.images, listed.lines, values):
                if not np.array_equal(labelled.setdefault(image, row), row):
                    raise CorpusError(
                        f"{listed.path}:{line}: {image} is labelled otherwise in a line or list before; "
                        "wanted one coding of an image"
                    )
        return stages
