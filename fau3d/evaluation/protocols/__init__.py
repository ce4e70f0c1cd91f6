"""Protocols: who is trained on and who is tested, as data, and the splits that follow from them."""

from fau3d.evaluation.protocols.catalog import PROTOCOLS, get_protocol
from fau3d.evaluation.protocols.folds import (
    FoldSplits,
    balanced_groups,
    check_exclusive,
    cut_validation,
    make_splits,
)
from fau3d.evaluation.protocols.people import refuse_shared_people, same_corpus
from fau3d.evaluation.protocols.protocol import Protocol

__all__ = [
    "PROTOCOLS",
    "FoldSplits",
    "Protocol",
    "balanced_groups",
    "check_exclusive",
    "cut_validation",
    "get_protocol",
    "make_splits",
    "refuse_shared_people",
    "same_corpus",
]
