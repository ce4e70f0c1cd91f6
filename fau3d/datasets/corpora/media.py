"""Finding the videos and the folders of images of a tree without walking through all its images."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fau3d.io.video import VIDEO_SUFFIXES, is_image


@dataclass
class Media:
    """What a tree holds, by the corpus's names; of several of one name the highest up, then the first.

    Attributes:
        folders: Folders of images.
        videos: Video files.
    """

    folders: dict[str, Path] = field(default_factory=dict)
    videos: dict[str, Path] = field(default_factory=dict)


def find_media(
    root: Path,
    folder_name: Callable[[Path], str | None],
    video_name: Callable[[Path], str | None],
    depth: int = 4,
    skip: Callable[[str], bool] = lambda name: False,
) -> Media:
    """Find videos and folders of images by name.

    A folder of images that has a name is not gone into: a corpus holds millions of them.

    Args:
        root: Where to look.
        folder_name: Gives the corpus's name for a folder, its path relative to the root; None for one that
            is no recording.
        video_name: Likewise for a video, its path without the suffix.
        depth: How many folders down.
        skip: Names of folders to pass by.

    Returns:
        Media by name; what is hidden is left out.
    """
    media = Media()
    level = [root]
    for _ in range(depth):
        below = []
        for folder in level:
            for path in _entries(folder):
                relative = path.relative_to(root)
                if path.is_dir():
                    name = None if skip(path.name) else folder_name(relative)
                    if name and has_images(path):
                        media.folders.setdefault(name, path)
                    elif not skip(path.name):
                        below.append(path)
                elif path.suffix.lower() in VIDEO_SUFFIXES and (name := video_name(relative.with_suffix(""))):
                    media.videos.setdefault(name, path)
        level = below
    return media


def walk_folders(root: Path, depth: int, skip: Callable[[str], bool] = lambda name: False) -> Iterator[Path]:
    """Yield the folders below a root, the higher ones first, by name; the root itself is the first."""
    level = [root]
    yield root
    for _ in range(depth):
        level = [p for folder in level for p in _entries(folder) if p.is_dir() and not skip(p.name)]
        yield from level


def list_files(folder: Path, suffix: str) -> list[Path]:
    """Give the files of a folder by name: the suffix in either case, without hidden ones (`._x` of macOS)."""
    return [p for p in _entries(folder) if p.suffix.lower() == suffix and p.is_file()]


def has_images(folder: Path) -> bool:
    """Whether a folder holds an image that is not hidden."""
    with os.scandir(folder) as entries:
        return any(not e.name.startswith(".") and is_image(Path(e.name)) for e in entries)


def _entries(folder: Path) -> list[Path]:
    # Sorted names before paths: a folder may hold a hundred thousand images.
    with os.scandir(folder) as entries:
        names = sorted(e.name for e in entries if not e.name.startswith(".") and _may_matter(e))
    return [folder / name for name in names]


def _may_matter(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir() or not is_image(Path(entry.name))
