"""From a batch of keypoints to a volume on the model's device."""

from fau3d.models.preprocessors.heatmap import HeatmapPreprocessor
from fau3d.models.preprocessors.image import ImagePreprocessor
from fau3d.models.preprocessors.image_heatmap import ImageHeatmapPreprocessor
from fau3d.models.preprocessors.keypoint import KeypointPreprocessor
from fau3d.models.preprocessors.sequence import SequencePreprocessor

__all__ = [
    "HeatmapPreprocessor",
    "ImageHeatmapPreprocessor",
    "ImagePreprocessor",
    "KeypointPreprocessor",
    "SequencePreprocessor",
]
