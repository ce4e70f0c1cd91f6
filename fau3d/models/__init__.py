"""Preprocessors, backbones, heads, losses and recognizers, as entries of the registry `MODELS`."""

from fau3d.models.backbones import (
    C3DFeatures,
    CompactFaceCNN,
    EmoFANFeatures,
    FaceSTGCN,
    KeypointTransformer,
    ResNetFeatures,
    SequenceRecurrent,
    SequenceTransformer,
    SwinFeatures,
    ViTFeatures,
)
from fau3d.models.heads import (
    ClipAUHead,
    DenseAUHead,
    GraphAUHead,
    ImageAUHead,
    RatingHead,
    SubjectAdversary,
)
from fau3d.models.losses import (
    MaskedBCELoss,
    MaskedFocalLoss,
    MaskedMSELoss,
    MaskedSmoothL1Loss,
    TeacherLoss,
    UnitPairLoss,
    WeightedAsymmetricLoss,
)
from fau3d.models.preprocessors import (
    HeatmapPreprocessor,
    ImagePreprocessor,
    KeypointPreprocessor,
    SequencePreprocessor,
)
from fau3d.models.recognizers import (
    AURecognizer,
    DualStreamRecognizer,
    MaskedFacePainter,
    RatingRegressor,
)

__all__ = [
    "AURecognizer",
    "C3DFeatures",
    "ClipAUHead",
    "CompactFaceCNN",
    "DenseAUHead",
    "DualStreamRecognizer",
    "EmoFANFeatures",
    "FaceSTGCN",
    "GraphAUHead",
    "HeatmapPreprocessor",
    "ImageAUHead",
    "ImagePreprocessor",
    "KeypointPreprocessor",
    "KeypointTransformer",
    "MaskedBCELoss",
    "MaskedFacePainter",
    "MaskedFocalLoss",
    "MaskedMSELoss",
    "MaskedSmoothL1Loss",
    "RatingHead",
    "RatingRegressor",
    "ResNetFeatures",
    "SequencePreprocessor",
    "SequenceRecurrent",
    "SequenceTransformer",
    "SubjectAdversary",
    "SwinFeatures",
    "TeacherLoss",
    "UnitPairLoss",
    "ViTFeatures",
    "WeightedAsymmetricLoss",
]
