"""Video in and out."""

from fau3d.io.video.base import Frame, VideoError, VideoWarning
from fau3d.io.video.camera import CameraReader
from fau3d.io.video.image_source import (
    IMAGE_SUFFIXES,
    VIDEO_SUFFIXES,
    is_image,
    list_images,
    list_videos,
    read_image,
)
from fau3d.io.video.reader import BACKENDS, VideoReader
from fau3d.io.video.sound import CopiedSound, copy_sound
from fau3d.io.video.writer import VideoWriter

__all__ = [
    "BACKENDS",
    "IMAGE_SUFFIXES",
    "VIDEO_SUFFIXES",
    "CameraReader",
    "CopiedSound",
    "Frame",
    "VideoError",
    "VideoReader",
    "VideoWarning",
    "VideoWriter",
    "copy_sound",
    "is_image",
    "list_images",
    "list_videos",
    "read_image",
]
