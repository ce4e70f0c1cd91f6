"""Every corpus: its exact tree is read whole, and each kind of damage is told by file and line."""

import re

import numpy as np
import pytest

from fau3d.datasets.corpora import CORPORA, CorpusError, open_corpus


def _cases(tree_names):
    import importlib.util
    from pathlib import Path

    for name in tree_names:
        path = Path(__file__).parent / "trees" / f"{name}.py"
        spec = importlib.util.spec_from_file_location(f"tree_{name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        yield from ((name, kind) for kind in module.BROKEN)


@pytest.mark.parametrize("name", sorted(CORPORA))
def test_tree_is_read(name, build_tree, noise_media):
    corpus = open_corpus(name, build_tree(name, noise_media))
    listing = corpus.listing()
    assert listing.recordings
    names = [recording.name for recording in listing.recordings]
    assert len(set(names)) == len(names)
    annotated = 0
    for recording in listing.recordings:
        assert recording.subject
        labels = corpus.labels(recording)
        assert labels.occurrence.shape == (len(labels.numbers), len(corpus.au_names))
        assert labels.occurrence.dtype == np.int8 and set(np.unique(labels.occurrence)) <= {-1, 0, 1}
        if labels.intensity is not None:
            assert labels.intensity.shape == labels.occurrence.shape
            assert np.nanmin(labels.intensity, initial=0) >= 0 and np.nanmax(labels.intensity, initial=0) <= 5
        annotated += (labels.occurrence >= 0).sum()
    assert annotated
    for split in corpus.official_splits(listing.recordings).values():
        assert set(split) <= set(names)


@pytest.mark.parametrize(("name", "kind"), _cases(sorted(CORPORA)))
def test_broken_tree_is_told(name, kind, build_tree, noise_media):
    root = build_tree(name, noise_media)
    import importlib.util
    from pathlib import Path

    spec = importlib.util.spec_from_file_location("t", Path(__file__).parent / "trees" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    damage, pattern = module.BROKEN[kind]
    damage(root)
    with pytest.raises(CorpusError) as caught:
        corpus = open_corpus(name, root)
        for recording in corpus.listing().recordings:
            corpus.labels(recording)
    assert re.search(pattern, str(caught.value)), caught.value
