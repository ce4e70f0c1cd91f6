"""From videos to landmarks: one video as a stream or whole, and corpora."""

from fau3d.apis.extraction.streaming import iter_landmarks, prefetch, resample
from fau3d.apis.extraction.video import extract_video

__all__ = ["extract_video", "iter_landmarks", "prefetch", "resample"]
