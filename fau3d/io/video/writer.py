"""Writing H.264 videos."""

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from fau3d.io.atomic import AtomicWriter, commit, temporary_sibling
from fau3d.io.video.base import VideoError

_TICKS = 90_000


class VideoWriter(AtomicWriter):
    """Write RGB frames to an MP4 file (H.264) that appears when it is complete.

    Frames go to a hidden file beside `path`; `close` gives it its name. If the `with` block raises, nothing
    is left. H.264 wants even sizes: an odd edge is repeated once, at the right or below.

    Args:
        path: Where the video shall be; the folder is made if it is not there.
        fps: Frame rate, in 1/s.
        size: (height, width) in pixels; that of the first frame by default.
        crf: Quality of x264, 0 (lossless) to 51; 18 is hard to tell from the source.
        growing: Write under the video's own name, in pieces of some seconds that can be played whatever
            happens to the program, and keep them if the block raises: for what cannot be recorded again.

    Raises:
        VideoError: If the rate is not positive.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        fps: float,
        size: tuple[int, int] | None = None,
        crf: int = 20,
        growing: bool = False,
    ) -> None:
        if not fps > 0:
            raise VideoError(f"{path}: cannot write a video of {fps} frames per second; wanted more than 0")
        self.path = Path(path)
        self._rate = Fraction(fps).limit_denominator(1001)
        self._size = size
        self._crf = crf
        self._growing = growing
        self._temporary = self.path if growing else temporary_sibling(self.path)
        self._container: Any = None
        self._stream: Any = None
        self._last_pts = -1
        self.num_frames = 0

    def write(self, image: np.ndarray, timestamp: float | None = None) -> None:
        """Append one frame.

        Args:
            image: Shape (H, W, 3), uint8, RGB.
            timestamp: Seconds since the first frame, increasing; without it frames are 1 / fps apart. Give it
                for every frame or for none.

        Raises:
            VideoError: If the shape or type is not that of the first frame.
        """
        if self._size is None:
            self._size = (int(image.shape[0]), int(image.shape[1]))
        if image.shape != (*self._size, 3) or image.dtype != np.uint8:
            raise VideoError(
                f"{self.path}: frame {self.num_frames} has shape {image.shape} and type {image.dtype}; "
                f"wanted {(*self._size, 3)} (height, width, RGB) and uint8"
            )
        if self._container is None:
            self._open(timed=timestamp is not None)
        pad = [(0, image.shape[0] % 2), (0, image.shape[1] % 2), (0, 0)]
        if pad[0][1] or pad[1][1]:
            image = np.pad(image, pad, mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        pts = self.num_frames if timestamp is None else round(timestamp * _TICKS)
        self._last_pts = max(pts, self._last_pts + 1)
        frame.pts, frame.time_base = self._last_pts, self._time_base
        self._container.mux(self._stream.encode(frame))
        self.num_frames += 1

    def _open(self, timed: bool) -> None:
        assert self._size is not None
        self.path.parent.mkdir(parents=True, exist_ok=True)
        options = {"movflags": "+faststart"}
        if self._growing:
            options = {"movflags": "+frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
        self._container = av.open(str(self._temporary), "w", format="mp4", options=options)
        try:
            stream = self._container.add_stream("libx264", rate=self._rate)
        except Exception as error:
            raise VideoError(
                f"{self.path}: this PyAV has no H.264 encoder ({error}); install av from PyPI"
            ) from error
        stream.height, stream.width = (edge + edge % 2 for edge in self._size)
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(self._crf), "preset": "veryfast"}
        if self._growing:  # a piece ends before a key frame
            stream.options |= {"g": str(max(1, round(2 * self._rate)))}
        self._time_base = Fraction(1, _TICKS) if timed else 1 / self._rate
        stream.codec_context.time_base = self._time_base
        self._stream = stream

    def close(self) -> None:
        """Finish the file and give it its name.

        Raises:
            VideoError: If no frame was written.
        """
        if self._container is None:
            raise VideoError(f"{self.path}: no frame was given, so there is no video to write")
        try:
            self._container.mux(self._stream.encode())
            self._container.close()
            commit(self._temporary, self.path)
        finally:
            self._drop()

    def abort(self) -> None:
        """Throw away what was written; the file that stood at `path` before stays. A growing one is kept."""
        if self._growing and self._container is not None:
            self.close()
        else:
            self._drop()

    def _drop(self) -> None:
        if self._container is not None:
            self._container.close()
        self._container = None
        if not self._growing:
            self._temporary.unlink(missing_ok=True)
