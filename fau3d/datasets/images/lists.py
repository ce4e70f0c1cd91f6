"""Lists of labelled images, each project's in its own form, read into one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

IMAGE_LISTS: dict[str, str] = {
    "fg2020": "fg2020_list.read_fg2020_list",
    "jaanet": "paired_lists.read_jaanet_list",
    "megraphau": "paired_lists.read_megraphau_list",
}
"""Name of a form to module and function; a reader takes the path and the split, and gives an `ImageList`."""


@dataclass(frozen=True)
class ImageList:
    """Images and what is on them.

    Attributes:
        paths: N files.
        names: N names, the `frame_dir` of their samples; the same image twice has the same name.
        subjects: Who is on them, as far as is known.
        au_names: The A units, in column order.
        occurrence: Shape (N, A), int8: 1, 0, -1 = not annotated.
        intensity: Shape (N, A), float32, 0 to 5, NaN = not annotated; None where nothing is graded.
        boxes: Shape (N, 4), float32: left, top, right, bottom of the face in pixels; None where not told.
        weight: Shape (N,), float32 in [0, 1]: how much an image's labels count; None = all alike.
    """

    paths: Sequence[Path]
    names: Sequence[str]
    subjects: Sequence[str]
    au_names: tuple[str, ...]
    occurrence: np.ndarray
    intensity: np.ndarray | None = None
    boxes: np.ndarray | None = None
    weight: np.ndarray | None = None

    def __post_init__(self) -> None:
        count = len(self.paths)
        labels = (count, len(self.au_names))
        wanted = {"names": (count,), "subjects": (count,), "occurrence": labels, "intensity": labels}
        wanted |= {"boxes": (count, 4), "weight": (count,)}
        for name, shape in wanted.items():
            value = getattr(self, name)
            if value is not None and np.shape(value)[: len(shape)] != shape:
                raise ValueError(f"a list of {count} images: {name} has {np.shape(value)}, wanted {shape}")

    def chosen(self, rows: np.ndarray) -> "ImageList":
        """Give some of the images."""
        return ImageList(
            paths=[self.paths[row] for row in rows],
            names=[self.names[row] for row in rows],
            subjects=[self.subjects[row] for row in rows],
            au_names=self.au_names,
            occurrence=self.occurrence[rows],
            intensity=None if self.intensity is None else self.intensity[rows],
            boxes=None if self.boxes is None else self.boxes[rows],
            weight=None if self.weight is None else self.weight[rows],
        )


def read_image_list(form: str, path: str | Path, split: str) -> ImageList:
    """Read the list of a split.

    Args:
        form: Whose form, a key of `IMAGE_LISTS`.
        path: A folder or file, as that form has it.
        split: Name of the split, as that form has it.

    Raises:
        ValueError: If the form or the split is unknown, or the list is not of that form.
        FileNotFoundError: If there is no such path.
    """
    if form not in IMAGE_LISTS:
        raise ValueError(f"unknown form of image lists {form!r}; known: {', '.join(sorted(IMAGE_LISTS))}")
    if not Path(path).exists():
        raise FileNotFoundError(f"{path}: no such file or folder; wanted image lists of the form {form!r}")
    module, _, name = IMAGE_LISTS[form].partition(".")
    reader: Callable[[Path, str], ImageList]
    reader = getattr(import_module(f"fau3d.datasets.images.{module}"), name)
    return reader(Path(path), split)
