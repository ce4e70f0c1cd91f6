"""What the importers share: collecting samples so that a bad one does not cost the others."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tqdm import tqdm

from fau3d.io.annotation import AnnotationFile


class ImportFault(ValueError):
    """A file of another tool that cannot be taken over; the message names it, found, wanted, way out."""


@dataclass
class ImportResult:
    """What an importer made.

    Attributes:
        file: The annotation file; one split, `all`, names every video.
        failures: (sample, reason) of those that were left out.
    """

    file: AnnotationFile
    failures: list[tuple[str, str]] = field(default_factory=list)


def collect(
    sources: Iterable[Any],
    read: Callable[[Any], list[dict[str, Any]]],
    metainfo: Mapping[str, Any],
    name_of: Callable[[Any], str] = str,
    progress: bool = False,
) -> ImportResult:
    """Read every source and put the annotations together.

    Args:
        sources: Files or folders.
        read: Gives the annotations of one source; raises `ImportFault` or another ValueError or OSError.
        metainfo: Of the file to make.
        name_of: Gives the name under which a failed source is reported.
        progress: Whether to show a progress bar where the standard error is a terminal.

    Returns:
        The annotations of all that could be read, and the rest with its reason.
    """
    result = ImportResult(AnnotationFile(metainfo=dict(metainfo)))
    names: set[str] = set()
    for source in tqdm(sources, unit="sample", disable=None if progress else True):
        try:
            annotations = read(source)
        except (ValueError, OSError, KeyError, TypeError) as error:
            result.failures.append((name_of(source), str(error) or type(error).__name__))
            continue
        for annotation in annotations:
            name = annotation["frame_dir"]
            if name in names:
                result.failures.append((name_of(source), f"{name}: a video of this name was imported before"))
                continue
            names.add(name)
            result.file.annotations.append(annotation)
    result.file.split = {"all": [a["frame_dir"] for a in result.file.annotations]}
    return result


def size_of_points(keypoint: np.ndarray) -> tuple[int, int]:
    """The smallest (height, width) that holds all points, for files that do not tell the image's size."""
    flat = keypoint.reshape(-1, keypoint.shape[-1])[:, :2]
    flat = flat[np.isfinite(flat).all(axis=1)]
    if not len(flat):
        return (1, 1)
    width, height = np.ceil(np.maximum(flat.max(axis=0), 0)).astype(int) + 1
    return (int(height), int(width))


def last_number(name: str) -> int | None:
    """The last run of digits in a name, as a number: 12 for `clip2_00012`."""
    digits = re.findall(r"\d+", name)
    return int(digits[-1]) if digits else None
