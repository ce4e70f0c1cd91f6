"""Published corpora in the trees that they are distributed in, one module each."""

from fau3d.datasets.corpora.base import (
    CodingRules,
    CorpusError,
    FrameLabels,
    Listing,
    PublishedCorpus,
    Recording,
)
from fau3d.datasets.corpora.catalog import CORPORA, open_corpus

__all__ = [
    "CORPORA",
    "CodingRules",
    "CorpusError",
    "FrameLabels",
    "Listing",
    "PublishedCorpus",
    "Recording",
    "open_corpus",
]
