"""Pictures for the frames of a clip: crops from disk, or frames of the video itself."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
from mmcv.transforms import BaseTransform

from fau3d.datasets.images.pixels import COLORS
from fau3d.functional.pixels import gray_of
from fau3d.io.video import VIDEO_SUFFIXES, VideoReader, read_image
from fau3d.registry import TRANSFORMS

_OPEN_VIDEOS = 8  # kept open by each worker


def _check_color(color: str) -> str:
    if color not in COLORS:
        raise ValueError(f"color is {color!r}; known: {', '.join(map(repr, COLORS))}")
    return color


@TRANSFORMS.register_module()
class LoadFaceCrops(BaseTransform):
    """Read the crops of a clip's frames, as `tools/data/crop_faces.py` wrote them.

    A frame without a crop, since no face was found on it, is black.

    Args:
        folder: Where the crops are.
        color: `rgb` or `gray`.

    Raises:
        ValueError: If the color is unknown.
    """

    def __init__(self, folder: str, color: str = "rgb") -> None:
        self.folder, self.color = Path(folder), _check_color(color)

    def transform(self, results: dict) -> dict:
        """Read `image` (T, H, W, C), uint8, for `frame_dir` and `frame_index`.

        Raises:
            FileNotFoundError: If none of the frames has a crop.
        """
        folder = self.folder / results["frame_dir"]
        paths = [folder / f"{int(number):06d}.jpg" for number in results["frame_index"]]
        found = [read_image(path) if path.is_file() else None for path in paths]
        shown = next((image for image in found if image is not None), None)
        if shown is None:
            if not folder.is_dir():
                raise FileNotFoundError(
                    f"{folder}: no such folder of crops; tools/data/crop_faces.py makes it"
                )
            shown = next((read_image(path) for path in sorted(folder.glob("*.jpg"))[:1]), None)
        if shown is None:
            raise FileNotFoundError(f"{folder}: holds no crop: no face was found in this video; leave it out")
        images = [np.zeros_like(shown) if image is None else image for image in found]
        results["cropped"] = True
        results["image"] = np.stack([gray_of(image) if self.color == "gray" else image for image in images])
        return results


@TRANSFORMS.register_module()
class LoadVideoFrames(BaseTransform):
    """Read a clip's frames from their video, without crops on disk: slower, and nothing to prepare.

    Args:
        folder: Where the videos are; `frame_dir` names one below it, with its suffix or without, or a folder
            of images.
        color: `rgb` or `gray`.

    Raises:
        ValueError: If the color is unknown.
    """

    def __init__(self, folder: str, color: str = "rgb") -> None:
        self.folder, self.color = Path(folder), _check_color(color)
        self._readers: OrderedDict[str, VideoReader] = OrderedDict()

    def __getstate__(self) -> dict:
        return {**self.__dict__, "_readers": OrderedDict()}  # each worker opens its own

    def transform(self, results: dict) -> dict:
        """Read `image` (T, H, W, C), uint8, for `frame_dir` and `frame_index`.

        Raises:
            FileNotFoundError: If there is no such video.
            VideoError: If a frame cannot be read.
        """
        reader = self._reader(results["frame_dir"])
        images = [reader[int(number)] for number in results["frame_index"]]
        results["image"] = np.stack([gray_of(image) if self.color == "gray" else image for image in images])
        return results

    def _reader(self, name: str) -> VideoReader:
        if name in self._readers:
            self._readers.move_to_end(name)
            return self._readers[name]
        path = self.folder / name
        candidates = [path, *(path.with_name(path.name + suffix) for suffix in sorted(VIDEO_SUFFIXES))]
        found = next((candidate for candidate in candidates if candidate.exists()), None)
        if found is None:
            raise FileNotFoundError(f"{path}: no video or folder of images of this name; check the folder")
        if len(self._readers) >= _OPEN_VIDEOS:
            self._readers.popitem(last=False)[1].close()
        self._readers[name] = VideoReader(found)
        return self._readers[name]
