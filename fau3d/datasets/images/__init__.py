"""Labelled face images: lists of them, and transforms on their pixels."""

from fau3d.datasets.images.augment import MirrorImage, RandomBrightness, RandomImageAffine
from fau3d.datasets.images.crop import CropFace, CropMiddle
from fau3d.datasets.images.lists import IMAGE_LISTS, ImageList, read_image_list
from fau3d.datasets.images.pixels import CropToBox, LoadFaceImage, PadToSquare, ResizeImage, ToGray

__all__ = [
    "IMAGE_LISTS",
    "CropFace",
    "CropMiddle",
    "CropToBox",
    "ImageList",
    "LoadFaceImage",
    "MirrorImage",
    "PadToSquare",
    "RandomBrightness",
    "RandomImageAffine",
    "ResizeImage",
    "ToGray",
    "read_image_list",
]
