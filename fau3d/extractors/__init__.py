"""Landmark sources, one file each; a package they wrap is imported when one is built, not before."""

from fau3d.extractors.base import LandmarkExtractor
from fau3d.extractors.build import EXTRACTOR_NAMES, build_extractor, extractor_config
from fau3d.extractors.face_alignment import FaceAlignmentExtractor
from fau3d.extractors.mediapipe import MediaPipeExtractor
from fau3d.extractors.tracking import FaceTracker

__all__ = [
    "EXTRACTOR_NAMES",
    "FaceAlignmentExtractor",
    "FaceTracker",
    "LandmarkExtractor",
    "MediaPipeExtractor",
    "build_extractor",
    "extractor_config",
]
