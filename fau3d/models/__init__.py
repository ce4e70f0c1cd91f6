"""Preprocessors, backbones, heads, losses and recognizers, as entries of the registry `MODELS`."""

from fau3d.models.backbones import (
    C3DFeatures,
    CompactFaceCNN,
    FaceSTGCN,
    KeypointTransformer,
    SequenceGRU,
    SequenceLSTM,
    SequenceTransformer,
)
from fau3d.models.heads import ClipAUHead, DenseAUHead, RatingHead
from fau3d.models.losses import (
    MaskedBCELoss,
    MaskedFocalLoss,
    MaskedMSELoss,
    MaskedSmoothL1Loss,
    TeacherLoss,
    WeightedAsymmetricLoss,
)
from fau3d.models.preprocessors import (
    HeatmapPreprocessor,
    ImagePreprocessor,
    KeypointPreprocessor,
    SequencePreprocessor,
)
from fau3d.models.recognizers import AURecognizer, DualStreamRecognizer, RatingRegressor

__all__ = [
    "AURecognizer",
    "C3DFeatures",
    "ClipAUHead",
    "CompactFaceCNN",
    "DenseAUHead",
    "DualStreamRecognizer",
    "FaceSTGCN",
    "HeatmapPreprocessor",
    "ImagePreprocessor",
    "KeypointPreprocessor",
    "KeypointTransformer",
    "MaskedBCELoss",
    "MaskedFocalLoss",
    "MaskedMSELoss",
    "MaskedSmoothL1Loss",
    "RatingHead",
    "RatingRegressor",
    "SequenceGRU",
    "SequenceLSTM",
    "SequencePreprocessor",
    "SequenceTransformer",
    "TeacherLoss",
    "WeightedAsymmetricLoss",
]
