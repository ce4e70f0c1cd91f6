"""The pictures of an analysis, made while its rows come in."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fau3d.apis.results import FrameResult
from fau3d.functional.events import Events
from fau3d.io.atomic import atomic_path
from fau3d.io.video import Frame, VideoError, VideoWriter
from fau3d.structures import AUTable
from fau3d.structures.au_table import KEY_COLUMNS
from fau3d.visualization.overlay import OverlayFace, OverlayRenderer

if TYPE_CHECKING:
    from fau3d.apis.video_report import Strips


def draw_result(
    renderer: OverlayRenderer,
    image: np.ndarray,
    result: FrameResult,
    expressions: Mapping[int, str] | None = None,
) -> np.ndarray:
    """Draw landmarks and AU bars.

    Args:
        renderer: For the units of the result.
        image: Shape (H, W, 3), uint8, RGB; stays as it is.
        result: Of that image.
        expressions: Their names by face id, where some are known.

    Returns:
        Shape (H', W', 3), uint8, RGB.
    """
    faces = {
        face_id: OverlayFace(
            face.landmarks.points,
            face.landmarks.topology,
            face.probability,
            face.occurrence,
            face.intensity,
            (expressions or {}).get(face_id, ""),
        )
        for face_id, face in result.faces.items()
    }
    return renderer.render(image, faces, result.timestamp)


def overlay_renderer(au_names: Sequence[str], panel: bool = False) -> OverlayRenderer:
    """Give what draws overlays.

    Args:
        au_names: Units of the results.
        panel: Show every unit, one-sided ones too, with its probability in percent.
    """
    if not panel:
        return OverlayRenderer(au_names)
    return OverlayRenderer(
        au_names, min_height=13 * len(au_names), panel_share=1.2, shown=au_names, numbers=True
    )


class OverlayVideo:
    """A video of the frames with landmarks and AU bars on them.

    Args:
        path: The video to write; it appears when the block ends well.
        fps: Its frame rate, in 1/s.
        renderer: Draws them.
        images: The source's frames once more, in step with the results; None where results hold images.
        strips: Diagrams that grow below the frames, with the names of expressions.
    """

    def __init__(
        self,
        path: Path,
        fps: float,
        renderer: OverlayRenderer,
        images: Iterator[Frame] | None = None,
        strips: "Strips | None" = None,
    ) -> None:
        self._writer, self._images, self._renderer = VideoWriter(path, fps), images, renderer
        self._strips = strips

    def append(self, result: FrameResult) -> None:
        """Draw and write the next frame.

        Raises:
            VideoError: If the frame cannot be read a second time.
        """
        names = None if self._strips is None else self._strips.expressions()
        picture = draw_result(self._renderer, self._image(result), result, names)
        if self._strips is not None:
            picture = self._strips.below(picture)
        self._writer.write(picture, result.timestamp)

    def _image(self, result: FrameResult) -> np.ndarray:
        if self._images is None:
            assert result.image is not None
            return result.image
        for frame in self._images:
            if frame.index == result.index:
                return frame.image
        raise VideoError(f"{result.source}: frame {result.index} could be read once, but not a second time")

    def __enter__(self) -> "OverlayVideo":
        self._writer.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)


def write_overlay_image(result: FrameResult, path: Path, renderer: OverlayRenderer) -> None:
    """Write a still with landmarks and AU bars on it, as PNG."""
    assert result.image is not None
    drawn = draw_result(renderer, result.image, result)
    with atomic_path(path) as temporary:
        # imwrite fails on names that the system's code page does not know; bytes do not.
        temporary.write_bytes(cv2.imencode(".png", cv2.cvtColor(drawn, cv2.COLOR_RGB2BGR))[1].tobytes())


def write_timing(table: AUTable, path: Path, name: str) -> None:
    """Write the diagram of action units over time."""
    from fau3d.visualization import timing_diagram

    with atomic_path(path) as temporary:
        timing_diagram(table, temporary, title=name)


def write_unit_timing(
    table: AUTable, au_name: str, path: Path, name: str, events: Mapping[int, Events]
) -> None:
    """Write the diagram of one action unit of the face that is seen in most frames.

    Args:
        table: Of one source.
        au_name: The unit.
        path: Where.
        name: Of the source, for people.
        events: Of the unit, by face id; faces without an entry are drawn without events.
    """
    from fau3d.visualization import unit_diagram

    seen = table.data.groupby("face_id", as_index=False)["success"].sum()
    face_id = int(seen["face_id"][seen["success"].argmax()])
    columns = [f"{au_name}_{kind}" for kind in "pcr"]
    of_unit = AUTable(table.data[[c for c in table.data.columns if c in (*KEY_COLUMNS, *columns)]])
    with atomic_path(path) as temporary:
        unit_diagram(of_unit, au_name, temporary, events.get(face_id), face_id, name)
