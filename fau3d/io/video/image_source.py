"""Reading still images, and folders of them as videos."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from fau3d.io.video.base import Frame, FrameSource, VideoError

IMAGE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".pgm", ".tif", ".tiff", ".webp"})
VIDEO_SUFFIXES = frozenset({
    ".3gp", ".avi", ".flv", ".gif", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf",
    ".ogv", ".ts", ".webm", ".wmv",
})  # fmt: skip


def natural_key(path: Path) -> list[tuple[int, int, str]]:
    """Sort key that puts `frame_2.png` before `frame_10.png`."""
    parts = re.split(r"(\d+)", path.name)
    return [(0, int(p), p) if p.isdecimal() else (1, 0, p.casefold()) for p in parts if p]


def is_image(path: Path) -> bool:
    """Whether the name is that of a still image."""
    return path.suffix.lower() in IMAGE_SUFFIXES


def list_images(folder: Path) -> list[Path]:
    """Give the images of one folder (not of those below), in natural order, hidden files left out."""
    images = (p for p in folder.iterdir() if is_image(p) and not p.name.startswith(".") and p.is_file())
    return sorted(images, key=natural_key)


def list_videos(folder: Path, recursive: bool = False) -> list[Path]:
    """Give the videos of a folder, in natural order, hidden files left out."""
    found = folder.rglob("*") if recursive else folder.iterdir()
    videos = (
        p for p in found if p.suffix.lower() in VIDEO_SUFFIXES and not p.name.startswith(".") and p.is_file()
    )
    return sorted(videos, key=lambda p: [natural_key(Path(part)) for part in p.relative_to(folder).parts])


def read_image(path: Path) -> np.ndarray:
    """Read one image: gray, palette, 16 bit and transparent ones too, turned as its EXIF data says.

    16 bit become 8; what is transparent is laid on white.

    Returns:
        Shape (H, W, 3), uint8, RGB.

    Raises:
        VideoError: If it is missing or cannot be decoded.
    """
    if not path.is_file():
        raise VideoError(f"{path}: no such file; check the path")
    data = np.fromfile(path, np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if image is None:
        raise VideoError(f"{path}: {data.size} bytes that are no image; convert it to PNG or JPEG again")
    image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    alpha = _alpha(data)
    if alpha is not None and alpha.shape == image.shape[:2]:
        share = alpha[..., None].astype(np.float32)
        image = np.rint(image * share + 255 * (1 - share)).astype(np.uint8)
    return image


def _alpha(data: np.ndarray) -> np.ndarray | None:
    """Opacity in [0, 1] of a PNG or WebP image, or None where it has none."""
    head = data[:32].tobytes()
    has_alpha = head.startswith(b"\x89PNG") and (
        head[25:26] in (b"\x04", b"\x06") or b"tRNS" in data[:4096].tobytes()
    )
    if not has_alpha and head[8:12] != b"WEBP":
        return None
    image = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    if image is None or image.ndim != 3 or image.shape[2] != 4:
        return None
    return image[..., 3].astype(np.float32) / float(np.iinfo(str(image.dtype)).max)


class ImageSource(FrameSource):
    """Images in a given order, as a video of a constant rate.

    Args:
        paths: The images.
        fps: Rate that gives them their timestamps, in 1/s.
        same_size: Whether images of another size than the first are an error; False reads each as it is.

    Raises:
        VideoError: If there are none, or the first cannot be read.
    """

    def __init__(self, paths: Sequence[Path], fps: float = 25.0, same_size: bool = True) -> None:
        if not paths:
            raise VideoError("no images to read; wanted one or more")
        self.paths = list(paths)
        self._same_size = same_size
        self.fps = fps
        self.timestamps = np.arange(len(self.paths)) / fps
        height, width = read_image(self.paths[0]).shape[:2]
        self.img_shape = (height, width)

    def image(self, index: int) -> np.ndarray:
        """Read the image at a position in [0, T): shape (H, W, 3), uint8, RGB."""
        image = read_image(self.paths[index])
        if self._same_size and image.shape[:2] != self.img_shape:
            raise VideoError(
                f"{self.paths[index]}: is {image.shape[1]}x{image.shape[0]} pixels, but the first image of "
                f"the folder is {self.img_shape[1]}x{self.img_shape[0]}; a video needs one size: resize "
                "them, or read the folder as independent stills"
            )
        return image

    def stream(self, start: int, stop: int, step: int) -> Iterator[Frame]:
        """Yield the images of `range(start, stop, step)` in order."""
        for index in range(start, stop, step):
            yield Frame(index, float(self.timestamps[index]), self.image(index))

    def close(self) -> None:
        """Do nothing: no file is held open."""
