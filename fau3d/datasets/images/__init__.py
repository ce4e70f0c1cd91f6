"""Labelled face images: lists of them, and transforms on their pixels."""

from fau3d.datasets.images.augment import RandomBrightness, RandomImageAffine
from fau3d.datasets.images.colour import RandomColour
from fau3d.datasets.images.crop import CropFace, CropMiddle
from fau3d.datasets.images.frames import LoadFaceCrops, LoadVideoFrames
from fau3d.datasets.images.lists import IMAGE_LISTS, ImageList, read_image_list
from fau3d.datasets.images.pixels import CropToBox, LoadFaceImage, PadToSquare, ResizeImage, ToGray

__all__ = [
    "IMAGE_LISTS",
    "CropFace",
    "CropMiddle",
    "CropToBox",
    "ImageList",
    "LoadFaceCrops",
    "LoadFaceImage",
    "LoadVideoFrames",
    "PadToSquare",
    "RandomBrightness",
    "RandomColour",
    "RandomImageAffine",
    "ResizeImage",
    "ToGray",
    "read_image_list",
]
