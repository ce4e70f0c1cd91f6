"""What a live session keeps: the camera's pictures and the AU table, readable whatever happens."""

import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from fau3d.apis.inferencer import AUInferencer
from fau3d.apis.live.session import LiveFrame
from fau3d.apis.results import FrameResult
from fau3d.io.table import AUTableWriter
from fau3d.io.video import VideoWriter

VIDEO, TABLE, OVERLAY = "video.mp4", "au.csv", "overlay.mp4"
_ROWS_PERIOD = 1.0  # seconds of rows written together: a row alone costs as much as a frame's answer


class LiveRecording:
    """A folder with the frames that were answered and their rows.

    `video.mp4` holds the frames as the camera gave them, at their true times; `au.csv` a row for each face
    and frame, where `frame` and `timestamp` count from the recording's begin, as they do in the video. Both
    grow under their own names: what was kept can be read even where the program is killed, but for the last
    second of the table and the last two or three of the video.

    Args:
        root: A folder for recordings; this one gets a folder in it that is named for the time.
        inferencer: Writes the rows.
        fps: Rate of the source, in 1/s.
        overlay: Whether to keep the pictures that are shown too, as `overlay.mp4`.

    Attributes:
        folder: Of this recording.
        frames: Kept so far.
    """

    def __init__(self, root: Path, inferencer: AUInferencer, fps: float, overlay: bool = False) -> None:
        self.folder = _new_folder(root)
        self.frames = 0
        self._inferencer, self._began = inferencer, 0.0
        self._rows: list[FrameResult] = []
        self._files = ExitStack()
        self._table = self._files.enter_context(AUTableWriter(self.folder / TABLE, growing=True))
        self._video = VideoWriter(self.folder / VIDEO, fps, growing=True)
        self._overlay = VideoWriter(self.folder / OVERLAY, fps, growing=True) if overlay else None

    def append(self, result: FrameResult, image: np.ndarray, drawn: np.ndarray | None = None) -> None:
        """Keep a frame.

        Args:
            result: Of the frame.
            image: Shape (H, W, 3), uint8, RGB: as the camera gave it.
            drawn: The picture that was shown, for the overlay.
        """
        if not self.frames:
            self._began = result.timestamp
            self._files.enter_context(self._video)
            if self._overlay is not None:
                self._files.enter_context(self._overlay)
        moment = result.timestamp - self._began
        self._video.write(image, moment)
        if self._overlay is not None and drawn is not None:
            self._overlay.write(drawn, moment)
        self._rows.append(replace(result.without_image(), index=self.frames, timestamp=moment, source=VIDEO))
        self.frames += 1
        if moment - self._rows[0].timestamp >= _ROWS_PERIOD:
            self._write_rows()

    def _write_rows(self) -> None:
        if self._rows:
            self._table.append(self._inferencer.table(self._rows))
            self._rows.clear()

    def close(self) -> None:
        """Finish the files."""
        try:
            self._write_rows()
        finally:
            self._files.close()

    def __enter__(self) -> "LiveRecording":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Recorder:
    """Recordings that are started and stopped while a session runs.

    Args:
        root: Folder for recordings.
        inferencer: Writes the rows.
        fps: Rate of the source, in 1/s.
        overlay: Whether to keep the pictures that are shown, too.

    Attributes:
        kept: (folder, frames) of each recording that was finished.
    """

    def __init__(self, root: Path, inferencer: AUInferencer, fps: float, overlay: bool = False) -> None:
        self._new = lambda: LiveRecording(root, inferencer, fps, overlay)
        self._current: LiveRecording | None = None
        self.kept: list[tuple[Path, int]] = []

    @property
    def note(self) -> str:
        """What the picture says of the recording; empty where there is none."""
        return "" if self._current is None else f"REC {self._current.frames}"

    def toggle(self) -> None:
        """Start a recording, or finish the one under way."""
        if self._current is None:
            self._current = self._new()
            return
        recording, self._current = self._current, None
        recording.close()
        self.kept.append((recording.folder, recording.frames))

    def append(self, shown: LiveFrame) -> None:
        """Keep a frame where a recording is under way."""
        if self._current is not None:
            self._current.append(shown.result, shown.image, shown.drawn)

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *_: object) -> None:
        if self._current is not None:
            self.toggle()


def _new_folder(root: Path) -> Path:
    """Make a folder that is named for the time; a number follows where there is one already."""
    name = time.strftime("%Y-%m-%d_%H-%M-%S")
    for number in range(1, 1000):
        folder = root / (name if number == 1 else f"{name}_{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"{root / name}: is there a thousand times; name another folder")
