"""Faces that an extractor has found twice."""

from collections.abc import Sequence

from fau3d.functional.assignment import point_distance
from fau3d.structures import FaceLandmarks


def drop_duplicates(faces: Sequence[FaceLandmarks], min_distance: float = 0.15) -> list[FaceLandmarks]:
    """Drop a face whose points lie on those of another one of the same image.

    Args:
        faces: Of one image.
        min_distance: Mean distance of the points, in face sizes, under which two faces are one. Points are
            compared and not boxes, since the boxes of two people cheek to cheek overlap widely.

    Returns:
        The faces kept, in their order; of two that are one, the more confident, or else the first.
    """
    distance = point_distance([face.points for face in faces], [face.points for face in faces])
    kept: list[int] = []
    for i in sorted(range(len(faces)), key=lambda i: -faces[i].confidence):
        if all(distance[i, j] >= min_distance for j in kept):
            kept.append(i)
    return [faces[i] for i in sorted(kept)]
