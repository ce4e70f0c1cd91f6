"""How a person's face rests, found or given, and taken away from what is answered."""

from fau3d.apis.neutral.face import (
    GIVEN_SHARE,
    NO_NEUTRALS,
    NeutralFace,
    Neutrals,
    less_neutral,
    neutral_face,
)
from fau3d.apis.neutral.look import FirstLook
from fau3d.apis.neutral.wanted import NeutralSearch, check_neutral, check_neutral_fits

__all__ = [
    "GIVEN_SHARE",
    "NO_NEUTRALS",
    "FirstLook",
    "NeutralFace",
    "NeutralSearch",
    "Neutrals",
    "check_neutral",
    "check_neutral_fits",
    "less_neutral",
    "neutral_face",
]
