"""From videos to landmarks: one video as a stream or whole, and corpora."""

from fau3d.apis.extraction.corpus import ExtractorError, extract_corpus
from fau3d.apis.extraction.report import ExtractionReport
from fau3d.apis.extraction.sources import list_sources, parse_shard
from fau3d.apis.extraction.streaming import iter_landmarks, prefetch, resample
from fau3d.apis.extraction.video import extract_video
from fau3d.apis.extraction.workers import ray_executor

__all__ = [
    "ExtractionReport",
    "ExtractorError",
    "extract_corpus",
    "extract_video",
    "iter_landmarks",
    "list_sources",
    "parse_shard",
    "prefetch",
    "ray_executor",
    "resample",
]
