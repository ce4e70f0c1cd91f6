"""The corpora by the names that commands take."""

from importlib import import_module
from pathlib import Path

from fau3d.datasets.corpora.base import CodingRules, PublishedCorpus

CORPORA: dict[str, str] = {
    "affwild2": "affwild2.AffWild2",
    "bp4d": "bp4d.Bp4d",
    "bp4dplus": "bp4dplus.Bp4dPlus",
    "casme2": "casme2.Casme2",
    "ckplus": "ckplus.CkPlus",
    "disfa": "disfa.Disfa",
    "disfaplus": "disfaplus.DisfaPlus",
    "emotionet": "emotionet.EmotioNet",
    "fg2020": "fg2020.Fg2020",
    "hrm": "hrm.Hrm",
    "openface": "openface_folder.OpenFaceFolder",
    "rafau": "rafau.RafAu",
}
"""Module and class of each corpus; modules are imported when they are asked for."""


def corpus_class(name: str) -> type[PublishedCorpus]:
    """Give the class of a corpus.

    Raises:
        ValueError: If the name is unknown.
    """
    if name not in CORPORA:
        raise ValueError(f"unknown corpus {name!r}; known: {', '.join(sorted(CORPORA))}")
    module, _, kind = CORPORA[name].partition(".")
    return getattr(import_module(f"fau3d.datasets.corpora.{module}"), kind)


def open_corpus(name: str, root: str | Path, rules: CodingRules | None = None) -> PublishedCorpus:
    """Open a corpus's folder.

    Raises:
        ValueError: If the name is unknown, or the units of the rules are.
        CorpusError: If the folder is not there.
    """
    return corpus_class(name)(root, rules)
