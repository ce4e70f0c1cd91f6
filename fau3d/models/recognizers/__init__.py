"""Backbone and head together: from volumes to action units."""

from fau3d.models.recognizers.au_recognizer import AURecognizer
from fau3d.models.recognizers.base import BaseAURecognizer
from fau3d.models.recognizers.dual_stream import DualStreamRecognizer
from fau3d.models.recognizers.image_heatmap import ImageHeatmapRecognizer
from fau3d.models.recognizers.image_pretraining import MaskedFacePainter
from fau3d.models.recognizers.rating_regressor import RatingRegressor

__all__ = [
    "AURecognizer",
    "BaseAURecognizer",
    "DualStreamRecognizer",
    "ImageHeatmapRecognizer",
    "MaskedFacePainter",
    "RatingRegressor",
]
