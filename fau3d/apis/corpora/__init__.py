"""Published corpora become annotation files."""

from fau3d.apis.corpora.preparation import extract_shard, prepare_corpus, read_labels
from fau3d.apis.corpora.report import LabelReport, PreparationReport

__all__ = ["LabelReport", "PreparationReport", "extract_shard", "prepare_corpus", "read_labels"]
