"""Films a head that plays action units: RGB frames for a landmark extractor to look at."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fau3d.synthetic.appearance import hidden_triangles, paint_head
from fau3d.synthetic.head import HeadModel
from fau3d.synthetic.looks import Look, Wrinkles
from fau3d.synthetic.rendering import Camera, render, rotation
from fau3d.synthetic.scene import Scene, occlude, record

# How much of a shape's movement is shown along x, y and z. ICT-FaceKit's brows are drawn together more than
# they are lowered; on filmed frowns it is the other way round (see `AU_SHAPES` for how far they go).
SHOWN: dict[str, tuple[float, float, float]] = {"browDown": (0.3, 0.7, 1.0)}


@dataclass(frozen=True)
class Person:
    """A head with a face of its own.

    Attributes:
        resting: Shape (N, 3): its vertices at rest, cm.
        colours: Shape (N, 3): its colours at rest, RGB in [0, 255].
        look: What they were painted from.
    """

    resting: np.ndarray
    colours: np.ndarray
    look: Look


class Film:
    """Films people of one head model."""

    def __init__(self, head: HeadModel) -> None:
        self.head = head
        triangles = head.triangles()
        self.triangles = np.ascontiguousarray(triangles[~hidden_triangles(head, triangles)], np.int64)
        self.wrinkles = Wrinkles(head)
        shapes = head.expressions.astype(np.float32)
        for k, name in enumerate(head.expression_names):
            if name[:-2] in SHOWN:
                shapes[k] *= np.asarray(SHOWN[name[:-2]], np.float32)
        self._shapes = shapes.reshape(len(shapes), -1)
        self._modes = head.identities.astype(np.float32).reshape(len(head.identities), -1)
        marks = head.vertices[head.landmarks_68]
        self._target = (0.0, float(marks[:, 1].mean()), float(marks[:, 2].mean()))
        self._face_width = float(np.ptp(marks[:, 0]))

    def person(self, modes: np.ndarray, look: Look) -> Person:
        """Give a person of identity modes (K,)."""
        resting = self.head.vertices + (modes.astype(np.float32) @ self._modes).reshape(-1, 3)
        return Person(resting, paint_head(self.head, look.paint), look)

    def camera(self, scene: Scene) -> Camera:
        """Give the camera of a scene."""
        pixels = scene.face_share * scene.size
        focal = pixels / self._face_width * scene.distance
        return Camera(scene.distance, focal, (scene.size, scene.size), self._target)

    def shoot(
        self,
        rng: np.random.Generator,
        person: Person,
        scene: Scene,
        weights: np.ndarray,
        poses: np.ndarray,
        places: np.ndarray,
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Film a performance.

        Args:
            rng: Source of the sensor's noise.
            person: Who plays.
            scene: Where.
            weights: Shape (T, E): weights of the head's shapes.
            poses: Shape (T, 3): yaw, pitch, roll, radians.
            places: Shape (T, 2): where the face lies beside the image's middle, pixels.

        Yields:
            The recorded frame (H, W, 3) uint8 RGB, and the true 68 landmarks in it (68, 3), pixels and depth.
        """
        camera = self.camera(scene)
        # The head turns about a point in the neck, behind and below the face.
        pivot = np.asarray(self._target) + (0.0, -6.0, -8.0)
        skin = np.asarray(person.look.paint.skin)
        for t, (weight, pose, place) in enumerate(zip(weights, poses, places)):
            moved = person.resting + (weight.astype(np.float32) @ self._shapes).reshape(-1, 3)
            turned = (moved - pivot) @ rotation(*pose).T + pivot
            image, _ = render(
                turned,
                self.triangles,
                person.colours * self.wrinkles.shade(weight, person.look)[:, None],
                camera,
                lighting=scene.lighting,
                background=scene.background,
                shift=(float(place[0]), float(place[1])),
            )
            marks = camera.project(turned[self.head.landmarks_68])
            marks[:, :2] += place
            occlude(image, marks[:, :2], scene, skin, t / max(len(weights) - 1, 1))
            yield record(rng, image, scene), _recorded(marks, scene)


def _recorded(marks: np.ndarray, scene: Scene) -> np.ndarray:
    """Bring landmarks into the pixels of the recorded image."""
    side = round(scene.shrink * scene.size)
    marks = marks.copy()
    marks[:, :2] = (marks[:, :2] + 0.5) * (side / scene.size) - 0.5
    return marks
