"""Splits that lie beside an annotation file: which videos are in which, as JSON."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from fau3d.io.atomic import atomic_path


def write_splits(path: str | os.PathLike[str], splits: Mapping[str, Sequence[str]]) -> None:
    """Write splits, whole or not at all.

    Args:
        path: The file; its folder is made.
        splits: Names of videos (`frame_dir`) under the name of each split.
    """
    with atomic_path(path) as temporary:
        text = json.dumps({name: list(videos) for name, videos in splits.items()}, indent=1)
        temporary.write_text(text + "\n", encoding="utf-8")


def read_splits(path: str | os.PathLike[str]) -> dict[str, list[str]]:
    """Read splits.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If it is not JSON of the form `{"fold1_train": ["video", …]}`.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(
            f'{path}: is no JSON ({error}); wanted splits such as {{"fold1_train": ["video"]}}'
        ) from error
    if not isinstance(content, dict):
        raise ValueError(f"{path}: is a {type(content).__name__}; wanted {{name: [video, …]}}")
    for name, videos in content.items():
        if not isinstance(videos, list) or not all(isinstance(video, str) for video in videos):
            raise ValueError(f"{path}: split {name!r} is no list of names; wanted {{name: [video, …]}}")
    return content
