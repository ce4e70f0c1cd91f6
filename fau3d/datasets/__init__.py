"""Datasets of face keypoint clips and of face images, their collation and sampling."""

from fau3d.datasets import images, transforms
from fau3d.datasets.au_sequence_dataset import AUSequenceDataset
from fau3d.datasets.clips import ClipConfig
from fau3d.datasets.collate import face_collate
from fau3d.datasets.corpus import Corpus
from fau3d.datasets.face_image_dataset import FaceImageDataset
from fau3d.datasets.face_keypoint_dataset import FaceKeypointDataset
from fau3d.datasets.hybrid_au_dataset import HybridAUDataset
from fau3d.datasets.samplers import ClipSampler
from fau3d.datasets.store import KeypointStore

__all__ = [
    "AUSequenceDataset",
    "ClipConfig",
    "ClipSampler",
    "Corpus",
    "FaceImageDataset",
    "FaceKeypointDataset",
    "HybridAUDataset",
    "KeypointStore",
    "face_collate",
    "images",
    "transforms",
]
