"""Transforms on keypoints; the order of a pipeline is points, crop, augmentation, missing, pack."""

from fau3d.datasets.transforms.affine import MirrorFace, RandomAffine
from fau3d.datasets.transforms.align import AlignEyes
from fau3d.datasets.transforms.crop import FaceCrop
from fau3d.datasets.transforms.missing import FillMissing, MaskLowScores
from fau3d.datasets.transforms.neutral import SubtractNeutral
from fau3d.datasets.transforms.noise import DropPoints, JitterKeypoints
from fau3d.datasets.transforms.pack import PackFaceInputs
from fau3d.datasets.transforms.points import ConvertTopology, SelectPoints
from fau3d.datasets.transforms.temporal import HoldFrame, TemporalCrop, TemporalDrop, TemporalSpeed

__all__ = [
    "AlignEyes",
    "ConvertTopology",
    "DropPoints",
    "FaceCrop",
    "FillMissing",
    "HoldFrame",
    "JitterKeypoints",
    "MaskLowScores",
    "MirrorFace",
    "PackFaceInputs",
    "RandomAffine",
    "SelectPoints",
    "SubtractNeutral",
    "TemporalCrop",
    "TemporalDrop",
    "TemporalSpeed",
]
