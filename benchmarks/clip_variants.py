"""One clip in many forms: mirrored, small, cropped, slow, blurred; and its frames in other orders.

A form keeps what is seen, so a good answer keeps too: mirrored, sides change places; every other stays.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np

from fau3d.io.video import Frame, VideoReader

Picture = Callable[[np.ndarray], np.ndarray]
LOOPS, FROZEN_SECONDS = 3, 10


def _scaled(share: float) -> Picture:
    return lambda image: cv2.resize(image, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)


def _part(x0: float, x1: float) -> Picture:
    def cut(image: np.ndarray) -> np.ndarray:
        width = image.shape[1]
        return image[:, round(x0 * width) : round(x1 * width)]

    return cut


def _shifted(image: np.ndarray) -> np.ndarray:
    """Move the picture a quarter of its width to the left; what comes in repeats the edge."""
    by = image.shape[1] // 4
    return np.pad(image[:, by:], ((0, 0), (0, by), (0, 0)), mode="edge")


def _jpeg(image: np.ndarray) -> np.ndarray:
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 30])
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]


PICTURES: dict[str, Picture] = {
    "clean": lambda image: image,
    "mirror": lambda image: image[:, ::-1],
    "left-half": _part(0, 0.5),
    "right-half": _part(0.5, 1),
    "scale-50": _scaled(0.5),
    "scale-25": _scaled(0.25),
    "scale-12": _scaled(0.125),
    "crop-left-30": _part(0.3, 1),
    "shift-25": _shifted,
    "every-second": lambda image: image,
    "blur-1.5": lambda image: cv2.GaussianBlur(image, (0, 0), 1.5),
    "jpeg-30": _jpeg,
}
INVARIANCE = tuple(list(PICTURES)[4:])


def read_frames(clip: Path, variant: str = "clean") -> Iterator[Frame]:
    """Decode a clip in one of its forms.

    Args:
        clip: The video.
        variant: A name of `PICTURES`. `every-second` leaves out frames 1, 3, 5, ...; the others keep theirs.

    Yields:
        Frames with their position and time in the clip.
    """
    picture = PICTURES[variant]
    step = step_of(variant)
    with VideoReader(clip) as reader:
        for frame in reader.frames():
            if frame.index % step == 0:
                yield frame._replace(image=np.ascontiguousarray(picture(frame.image)))


def step_of(variant: str) -> int:
    """Give the frames of the clip for one of its form."""
    return 2 if variant == "every-second" else 1


def play_order(play: str, length: int, fps: float) -> np.ndarray:
    """Give the frames of a clip in the order in which they are played.

    Args:
        play: `once`, `looped` (three times), or `frozen-25` (the frame at 25 % of the clip for ten seconds).
        length: Frames of the clip.
        fps: Their rate, 1/s.

    Returns:
        Positions in the clip, int64.

    Raises:
        ValueError: If there is no such way to play.
    """
    if play == "once":
        return np.arange(length)
    if play == "looped":
        return np.tile(np.arange(length), LOOPS)
    kind, _, percent = play.partition("-")
    if kind != "frozen" or not percent.isdigit():
        raise ValueError(f"no way to play {play!r}; known: once, looped, frozen-25 (any whole percent)")
    return np.full(round(FROZEN_SECONDS * fps), min(length * int(percent) // 100, length - 1))


def reorder(frames: Iterable[Frame], order: np.ndarray, fps: float) -> Iterator[Frame]:
    """Play frames in another order, with positions and times counted anew."""
    images = [frame.image for frame in frames]
    for index, position in enumerate(order):
        yield Frame(index, index / fps, images[position])
