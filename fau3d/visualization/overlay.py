"""The picture of an analysed frame: the frame with contours, and a panel of AU bars beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from fau3d.functional.geometry import box_of_points
from fau3d.visualization.bars import AUBarPanel, AUBars
from fau3d.visualization.landmarks import draw_landmarks
from fau3d.visualization.palette import check_image, face_colour, put_text, text_mask
from fau3d.visualization.shown_units import shown_units


@dataclass(frozen=True)
class OverlayFace:
    """One face to draw.

    Attributes:
        keypoint: Shape (V, C), pixels of the image; NaN = not seen.
        topology: Name of the point set.
        probability: Shape (A,), in [0, 1]; NaN = missing. None: no bars.
        occurrence: Shape (A,): 1 = present; None: from a probability of 0.5.
        intensity: Shape (A,), 0 to 5, or None.
        expression: Its name, written behind the face's id; empty: none is.
    """

    keypoint: np.ndarray
    topology: str
    probability: np.ndarray | None = None
    occurrence: np.ndarray | None = None
    intensity: np.ndarray | None = None
    expression: str = ""


class OverlayRenderer:
    """Draws frames with landmarks, face ids and AU bars; every frame of one size gives a picture of one size.

    Small images are enlarged until the panel's text can be read. Both sides of the picture are even, as video
    codecs want.

    Args:
        au_names: Units of the faces' values, in their order; none: no panel.
        min_height: Height in pixels below which images are enlarged; by default 11 a row.
        panel_share: Width of the panel as a share of the picture's height.
        max_bars: Faces that the panel shows, lowest ids first; the others get contours and an id only.
        points: Whether to draw points as well as contours.
        shown: Units of the panel, of `au_names`, one row each; by default those that `shown_units` keeps.
        numbers: Whether probabilities stand behind the bars.

    Raises:
        ValueError: If a unit is to be shown that faces have no values of.
    """

    def __init__(
        self,
        au_names: Sequence[str] = (),
        min_height: int | None = None,
        panel_share: float = 0.6,
        max_bars: int = 3,
        points: bool = False,
        shown: Sequence[str] | None = None,
        numbers: bool = False,
    ) -> None:
        self.au_names = tuple(au_names)
        self.shown = shown_units(self.au_names) if shown is None else tuple(shown)
        absent = [name for name in self.shown if name not in self.au_names]
        if absent:
            raise ValueError(f"cannot show {', '.join(absent)}: faces have values of {', '.join(au_names)}")
        self._columns = [self.au_names.index(name) for name in self.shown]
        self.min_height = max(11 * len(self.shown), 120) if min_height is None else min_height
        self.panel_share, self.max_bars, self.points = panel_share, max_bars, points
        self.numbers = numbers
        self._panels: dict[tuple[int, int], AUBarPanel] = {}

    def output_size(self, img_shape: tuple[int, int]) -> tuple[int, int]:
        """Give the (height, width) of the pictures of images with a (height, width)."""
        height, width, panel = self._layout(img_shape)
        return height, width + panel

    def _layout(self, img_shape: tuple[int, int]) -> tuple[int, int, int]:
        height, width = img_shape[:2]
        scale = max(1.0, self.min_height / max(height, 1))
        height, width = _even(height * scale), _even(width * scale)
        return height, width, _even(height * self.panel_share) if self.shown else 0

    def render(
        self, image: np.ndarray, faces: Mapping[int, OverlayFace], timestamp: float | None = None
    ) -> np.ndarray:
        """Draw one frame.

        Args:
            image: Shape (H, W, 3), uint8 RGB; it is not changed.
            faces: By face id; may be empty.
            timestamp: Seconds, written in the corner.

        Returns:
            Shape `output_size`, uint8 RGB.

        Raises:
            ValueError: If the image is no RGB image, or a face does not fit its topology or the units.
        """
        check_image(image)
        height, width, panel_width = self._layout((image.shape[0], image.shape[1]))
        picture = np.empty((height, width + panel_width, 3), np.uint8)
        # Drawn in memory of its own, since cv2 draws fastest, and surely in place, where rows are contiguous.
        if image.shape[:2] == (height, width):
            frame = image.copy()
        elif self.min_height > image.shape[0]:
            frame = cv2.resize(image, (width, height), interpolation=cv2.INTER_CUBIC)
        else:
            bottom, right = height - image.shape[0], width - image.shape[1]
            frame = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
        scale = max(1.0, self.min_height / max(image.shape[0], 1))
        text = min(max(9, round(height / 26)), 64)
        for face_id, face in faces.items():
            self._draw_face(frame, face_id, face, scale, text)
        if timestamp is not None:
            _put_shaded(
                frame, f"{timestamp:.2f} s", (text // 3, height - text - text // 3), text, (255, 255, 255)
            )
        picture[:, :width] = frame
        if panel_width:
            self._panel(panel_width, height).draw(self._bars(faces), picture[:, width:])
        return picture

    def _draw_face(self, frame: np.ndarray, face_id: int, face: OverlayFace, scale: float, text: int) -> None:
        colour = face_colour(face_id)
        keypoint = np.asarray(face.keypoint)[:, :2]
        # The centre of the top left pixel is 0, 0 before and after enlarging.
        keypoint = keypoint if scale == 1.0 else (keypoint + 0.5) * scale - 0.5
        draw_landmarks(frame, keypoint, face.topology, colour=colour, points=self.points)
        box = box_of_points(keypoint)
        if np.isfinite(box).all():
            label = f"face {face_id}: {face.expression}" if face.expression else f"face {face_id}"
            x = min(max(int(box[0]), 0), max(frame.shape[1] - text_mask(label, text).shape[1], 0))
            y = min(max(int(box[1]) - text - 4, 0), frame.shape[0] - text)
            _put_shaded(frame, label, (x, y), text, colour)

    def _bars(self, faces: Mapping[int, OverlayFace]) -> list[AUBars]:
        shown = [i for i in sorted(faces) if faces[i].probability is not None][: self.max_bars]
        bars = []
        for face_id in shown:
            face = faces[face_id]
            assert face.probability is not None
            bars.append(
                AUBars(
                    self._of_shown(face_id, face.probability),
                    None if face.occurrence is None else self._of_shown(face_id, face.occurrence),
                    None if face.intensity is None else self._of_shown(face_id, face.intensity),
                    face_colour(face_id),
                )
            )
        return bars

    def _of_shown(self, face_id: int, values: np.ndarray) -> np.ndarray:
        if np.shape(values) != (len(self.au_names),):
            raise ValueError(
                f"face {face_id} has values of shape {np.shape(values)}; wanted one for each of "
                f"{len(self.au_names)} units"
            )
        return np.asarray(values)[self._columns]

    def _panel(self, width: int, height: int) -> AUBarPanel:
        if (width, height) not in self._panels:
            self._panels[(width, height)] = AUBarPanel(self.shown, width, height, self.numbers)
        return self._panels[(width, height)]


def _even(value: float) -> int:
    return max(2, 2 * -(-round(value) // 2))


def _put_shaded(
    image: np.ndarray, text: str, corner: tuple[int, int], height: int, colour: tuple[int, int, int]
) -> None:
    """Write text with a dark edge, so that it can be read on any ground."""
    x, y = corner
    shift = max(1, height // 14)
    for dx, dy in ((-shift, 0), (shift, 0), (0, -shift), (0, shift)):
        put_text(image, text, (x + dx, y + dy), height, (0, 0, 0))
    put_text(image, text, corner, height, colour)
