"""From features to action units."""

from fau3d.models.heads.base import AUHead
from fau3d.models.heads.clip import ClipAUHead
from fau3d.models.heads.dense import DenseAUHead
from fau3d.models.heads.graph import GraphAUHead
from fau3d.models.heads.image import ImageAUHead, SubjectAdversary
from fau3d.models.heads.rating import RatingHead

__all__ = [
    "AUHead",
    "ClipAUHead",
    "DenseAUHead",
    "GraphAUHead",
    "ImageAUHead",
    "RatingHead",
    "SubjectAdversary",
]
