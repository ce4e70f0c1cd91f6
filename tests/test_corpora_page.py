"""The page of corpora says of each what its class says."""

import re
from pathlib import Path

import pytest

from fau3d.datasets.corpora import CORPORA, PublishedCorpus
from fau3d.datasets.corpora.catalog import corpus_class

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "corpora.md").read_text()


def row(name: str) -> str:
    """Give the row of a corpus, as the table is to have it."""
    corpus = corpus_class(name)
    units = (
        f"`{corpus.au_set}`"
        if isinstance(corpus.au_set, str)
        else " ".join(unit[2:].lstrip("0") for unit in corpus.au_set)
    )
    coded = corpus.label_type
    if corpus.default_rules.present_from is not None:
        coded += f", present from {corpus.default_rules.present_from:g}"
    folds = [f"`{protocol}`" for protocol in corpus.protocols]
    if corpus.official_splits is not PublishedCorpus.official_splits:
        folds.append("its own")
    cells = (
        f"`{name}`",
        f"[{corpus.title}]({corpus.request})",
        coded,
        units,
        ", ".join(folds) or "—",
        corpus.licence,
    )
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("name", sorted(CORPORA))
def test_every_corpus_has_its_row_and_its_section(name):
    assert row(name) in PAGE, f"docs/corpora.md wants this row: {row(name)}"
    assert f"\n## {corpus_class(name).title}\n" in PAGE


def test_no_other_rows():
    table = PAGE.split("|---|---|---|---|---|---|\n")[1].split("\n\n")[0]
    assert sorted(re.findall(r"^\| `(\w+)`", table, re.MULTILINE)) == sorted(CORPORA)
