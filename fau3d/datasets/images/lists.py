"""Lists of labelled images, each project's in its own form, read into one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np

IMAGE_LISTS: dict[str, str] = {
    "fg2020": "fg2020_list.read_fg2020_list",
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
        shapes = {"names": (count,), "subjects": (count,)}
        found = {"names": (len(self.names),), "subjects": (len(self.subjects),)}
        labels = (count, len(self.au_names))
        for name, want in (
            ("occurrence", labels),
            ("intensity", labels),
            ("boxes", (count, 4)),
            ("weight", (count,)),
        ):
            value = getattr(self, name)
            if value is not None:
                shapes[name], found[name] = want, value.shape
        wrong = [
            f"{name} has {found[name]}, wanted {shapes[name]}"
            for name in shapes
            if found[name] != shapes[name]
        ]
        if wrong:
            raise ValueError(f"a list of {count} images does not fit itself: {'; '.join(wrong)}")

    def chosen(self, rows: np.ndarray) -> "ImageList":
        """Give some of the images."""
        optional = {
            name: None if getattr(self, name) is None else getattr(self, name)[rows]
            for name in ("intensity", "boxes", "weight")
        }
        return ImageList(
            *([values[row] for row in rows] for values in (self.paths, self.names, self.subjects)),
            au_names=self.au_names,
            occurrence=self.occurrence[rows],
            **optional,
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
