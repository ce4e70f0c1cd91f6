"""Losses that leave out what nobody annotated."""

from fau3d.models.losses.asymmetric import WeightedAsymmetricLoss
from fau3d.models.losses.asymmetric_focal import MaskedAsymmetricLoss
from fau3d.models.losses.base import IntensityLoss, OccurrenceLoss, masked_mean
from fau3d.models.losses.bce import MaskedBCELoss
from fau3d.models.losses.edge import UnitPairLoss
from fau3d.models.losses.focal import MaskedFocalLoss
from fau3d.models.losses.mse import MaskedMSELoss
from fau3d.models.losses.smooth_l1 import MaskedSmoothL1Loss
from fau3d.models.losses.teacher import TeacherLoss

__all__ = [
    "IntensityLoss",
    "MaskedAsymmetricLoss",
    "MaskedBCELoss",
    "MaskedFocalLoss",
    "MaskedMSELoss",
    "MaskedSmoothL1Loss",
    "OccurrenceLoss",
    "TeacherLoss",
    "UnitPairLoss",
    "WeightedAsymmetricLoss",
    "masked_mean",
]
