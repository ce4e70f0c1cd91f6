"""Which videos a source names, and what they are called."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from fau3d.io.video import VIDEO_SUFFIXES, is_image, list_images, list_videos


def list_sources(source: str | os.PathLike[str]) -> dict[str, Path]:
    """Find the videos of a source and give each a unique name.

    Args:
        source: A video or image; a folder tree of videos, in which a folder with images and no video is one
            video, too; or a text file (`.txt`, `.csv`, `.lst`) with one path a line, absolute or from the
            file's own folder.

    Returns:
        Paths by name: the path below the source without its suffix, with `/` between folders. Where two
        videos differ in nothing but the suffix, both keep it. A video that a list names is there even if it
        does not exist, so that it is reported.

    Raises:
        FileNotFoundError: If the source does not exist.
        ValueError: If it names no video, or one twice.
    """
    path = Path(source)
    if path.is_dir():
        return _named(_in_tree(path), path)
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such video, folder or list file; check the path")
    if path.suffix.lower() in (".txt", ".csv", ".lst"):
        return _from_list(path)
    return {path.stem: path}


def shard_of(sources: dict[str, Path], shard: tuple[int, int]) -> dict[str, Path]:
    """Give every n-th source from the i-th on, so that shards are of one size and share none.

    Args:
        sources: Paths by name.
        shard: (i, n) with i from 0 to n - 1.
    """
    index, count = shard
    return dict(list(sources.items())[index::count])


def parse_shard(text: str) -> tuple[int, int]:
    """Read `i/n`, as job arrays count: 0/4, 1/4, 2/4, 3/4.

    Raises:
        ValueError: If it is not of that form, or i is not below n.
    """
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and int(index) < int(count)):
        raise ValueError(
            f"shard {text!r}: wanted i/n with i from 0 to n - 1, such as 0/4 for the first of four"
        )
    return int(index), int(count)


def _in_tree(folder: Path) -> list[Path]:
    folders = sorted([folder, *(p for p in folder.rglob("*") if p.is_dir())])
    found = [p for p in list_videos(folder, recursive=True) if not _hidden(p, folder)]
    with_videos = {p.parent for p in found}  # pictures that lie beside videos are no video of their own
    found += [p for p in folders if p not in with_videos and not _hidden(p, folder) and list_images(p)]
    if not found:
        suffixes = " ".join(sorted(VIDEO_SUFFIXES))
        raise ValueError(f"{folder}: holds no video ({suffixes}) and no folder of images; check the path")
    return found


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _from_list(path: Path) -> dict[str, Path]:
    lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    if not lines:
        raise ValueError(f"{path}: the list names no video; wanted one path a line")
    repeated = [line for line, count in Counter(lines).items() if count > 1]
    if repeated:
        raise ValueError(
            f"{path}: names {repeated[0]} {lines.count(repeated[0])} times; wanted each video once"
        )
    videos = [path.parent / line for line in lines]
    root = path.parent
    if not all(
        video.is_relative_to(root) and ".." not in Path(line).parts for video, line in zip(videos, lines)
    ):
        root = Path(os.path.commonpath([os.path.abspath(video.parent) for video in videos]))  # noqa: PTH100
        videos = [Path(os.path.abspath(video)) for video in videos]  # noqa: PTH100
    return _named(videos, root)


def _named(videos: Sequence[Path], root: Path) -> dict[str, Path]:
    def name(video: Path, whole: bool) -> str:
        below = video.relative_to(root)
        keeps = whole or (not is_image(video) and video.suffix.lower() not in VIDEO_SUFFIXES)
        text = (below if keeps else below.with_suffix("")).as_posix()
        return root.resolve().name if text == "." else text

    counts = Counter(name(video, False) for video in videos)
    return {name(video, counts[name(video, False)] > 1): video for video in videos}
