"""RAF-AU: labels computed by hand from what the fake tree writes."""

import pytest

from fau3d.datasets.corpora import CodingRules, open_corpus


@pytest.fixture
def root(build_tree, noise_media):
    return build_tree("rafau", noise_media)


def _labels(root, **rules):
    corpus = open_corpus("rafau", root, CodingRules(**rules))
    labels = {r.name: corpus.labels(r) for r in corpus.listing().recordings}
    assert all(found.numbers.tolist() == [1] and found.intensity is None for found in labels.values())
    return {name: found.occurrence[0].tolist() for name, found in labels.items()}


def test_every_image_is_a_recording_and_its_own_subject(root):
    listing = open_corpus("rafau", root).listing()
    assert all(recording.subject == recording.name for recording in listing.recordings)
    media = {r.name: str(r.media.relative_to(root)) for r in listing.recordings}
    assert media["0001"] == "aligned/0001_aligned.jpg" and media["0014"] == "original/0014.jpg"
    assert listing.unmatched["0013"].startswith("no 0013_aligned.jpg")
    assert listing.unmatched["0016"] == "coded differently: '9' in line 10, '10' in line 11"
    assert listing.unmatched["0099"] == "no labels"


def test_labels(root):
    assert _labels(root, au_set=["AU01", "AU04", "AU12", "AU14", "AU22", "AU23"]) == {
        "0001": [1, 0, 1, 0, 0, 0],  # 1+L12+25
        "0002": [0, 0, 0, 0, 0, 0],  # null
        "0003": [0, 0, 0, 1, 1, 1],  # R14+B23+T22
        "0004": [0, 1, 0, 0, 0, 0],  # L4+R4+26
        "0012": [0, 1, 0, 0, 0, 0],  # 4+7+50
        "0014": [1, 0, 0, 0, 0, 0],  # 1+2
        "0015": [0, 0, 0, 0, 0, 0],  # 9, twice
        "0017": [0, 0, 1, 0, 0, 0],  # 71+12
    }


def test_sides_are_kept_or_not_trusted(root):
    kept = _labels(root, au_set=["AU04", "AU12", "AU23"], sides="keep")
    assert open_corpus("rafau", root, CodingRules(au_set=["AU04"], sides="keep")).au_names == (
        "AU04", "AU04_L", "AU04_R",
    )  # fmt: skip
    assert kept["0001"] == [0, 1, 0, 0, 0, 1, 0]  # then AU04_L, AU04_R, AU12_L, AU12_R
    assert kept["0004"] == [1, 0, 0, 1, 1, 0, 0]
    unknown = _labels(root, au_set=["AU04", "AU12", "AU23"], sides="unknown")
    assert unknown["0001"] == [0, -1, 0] and unknown["0003"] == [0, 0, -1] and unknown["0004"] == [1, 0, 0]


def test_hidden_eyes_are_not_coded(root):
    assert _labels(root, au_set=["AU05", "AU12"])["0017"] == [-1, 1]


def test_a_still_does_not_show_a_blink(root):
    assert _labels(root, au_set=["AU43", "AU45"])["0001"] == [0, -1]


def test_the_default_units(root):
    corpus = open_corpus("rafau", root)
    assert len(corpus.au_names) == 24 and {"AD19", "AD32", "AU39"} <= set(corpus.au_names)
