"""The lists of FG2020's noisy labels."""

from pathlib import Path

from fau3d.datasets.corpora.fg2020 import (
    SPLITS,
    STAGES,
    data_folder,
    image_name,
    read_label_list,
    subject_of,
)
from fau3d.datasets.images.lists import ImageList


def read_fg2020_list(path: Path, split: str) -> ImageList:
    """Read one of the published lists.

    Args:
        path: The data folder, or the one that holds `data`.
        split: `train`, `test` (OpenFace's 18 units) or `fold1_train` to `fold3_test` (DISFA's 12).

    Returns:
        The list as it stands, rows that are there twice twice; images lie beside it.

    Raises:
        ValueError: If the split is unknown or the list is not as published.
    """
    if split not in SPLITS:
        raise ValueError(f"{path}: unknown split {split!r}; known: {', '.join(SPLITS)}")
    file = data_folder(path) / SPLITS[split]
    listed = read_label_list(file, STAGES[file.parent.name])
    return ImageList(
        paths=[file.parent / image for image in listed.images],
        names=[image_name(file.parent.name, image) for image in listed.images],
        subjects=[subject_of(image) for image in listed.images],
        au_names=listed.au_names,
        occurrence=listed.occurrence,
        boxes=listed.boxes,
    )
