"""Where a head is shown to a landmark extractor: views, lights, paints, and the answers."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from fau3d.synthetic.appearance import Paint, hidden_triangles, paint_head
from fau3d.synthetic.head import HeadModel
from fau3d.synthetic.rendering import Camera, Lighting, render, rotation

# Shows an RGB image (H, W, 3) uint8 to an extractor; its points (V, 2 or more) in pixels, None = no face.
Detector = Callable[[np.ndarray], np.ndarray | None]


@dataclass(frozen=True)
class View:
    """One picture of the head: angles in radians, height of the image in pixels, light and colours."""

    yaw: float = 0.0
    pitch: float = 0.0
    size: int = 400
    light: tuple[float, float, float] = (0.1, 0.5, 0.9)
    paint: Paint = field(default_factory=Paint)


_DARK = Paint(
    (120.0, 84.0, 66.0), (110.0, 58.0, 55.0), (35.0, 25.0, 22.0), (45.0, 30.0, 22.0), brow_width=0.5
)
_FAIR = Paint(
    (226.0, 190.0, 172.0), (196.0, 120.0, 115.0), (120.0, 90.0, 65.0), (90.0, 110.0, 125.0), brow_width=0.38
)
FRONTAL_VIEWS = (View(), View(size=300, light=(-0.4, 0.6, 0.9), paint=_DARK), View(size=480, paint=_FAIR))
ATTACHMENT_VIEWS = (
    *FRONTAL_VIEWS,
    View(yaw=0.25),
    View(yaw=-0.25),
    View(yaw=0.12, pitch=0.1, paint=_FAIR),
    View(yaw=-0.12, pitch=0.1, paint=_FAIR),
    View(pitch=-0.1, size=320, paint=_DARK),
)


class Studio:
    """Renders one head and asks the detector; colours are painted once for each paint."""

    def __init__(self, head: HeadModel, detect: Detector) -> None:
        self.head = head
        self.detect = detect
        triangles = head.triangles()
        self.triangles = triangles[~hidden_triangles(head, triangles)]
        self._colours: dict[Paint, np.ndarray] = {}
        marks = head.vertices[head.landmarks_68]
        self.target = (0.0, float(marks[:, 1].mean()), float(marks[:, 2].mean()))
        self.height = float(np.ptp(marks[:, 1]))

    def camera(self, view: View) -> Camera:
        """Give a camera that shows the face over half of the image's height."""
        distance = 5.0 * self.height
        return Camera(distance, 0.5 * view.size * distance / self.height, (view.size, view.size), self.target)

    def turned(self, vertices: np.ndarray, view: View) -> np.ndarray:
        """Turn the head about the middle of the face."""
        middle = np.asarray(self.target)
        return (vertices - middle) @ rotation(view.yaw, view.pitch, 0.0).T + middle

    def look(self, vertices: np.ndarray, view: View) -> np.ndarray | None:
        """Show the head to the detector; its points (V, 2) in pixels, or None."""
        if view.paint not in self._colours:
            self._colours[view.paint] = paint_head(self.head, view.paint)
        colours = self._colours[view.paint]
        image, _ = render(
            self.turned(vertices, view),
            self.triangles,
            colours,
            self.camera(view),
            lighting=Lighting(view.light),
        )
        points = self.detect(image)
        return None if points is None else np.asarray(points, np.float64)[:, :2]

    def look_frontal(self, vertices: np.ndarray, view: View, depth_from: np.ndarray) -> np.ndarray | None:
        """Give the detector's points in the head's unit (V, 2), with depths from attached points (V, 3)."""
        pixels = self.look(vertices, view)
        if pixels is None:
            return None
        camera = self.camera(view)
        scale = (camera.distance - (depth_from[:, 2] - camera.target[2])) / camera.focal
        middle = (view.size - 1) / 2
        return np.stack(
            [
                (pixels[:, 0] - middle) * scale + camera.target[0],
                -(pixels[:, 1] - middle) * scale + camera.target[1],
            ],
            axis=-1,
        )
