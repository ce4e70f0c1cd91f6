"""EmotioNet: labels computed by hand from what the fake tree writes."""

import sys

import pandas as pd
import pytest

from fau3d.datasets.corpora import CodingRules, open_corpus


@pytest.fixture
def root(build_tree, noise_media):
    return build_tree("emotionet", noise_media)


def _labels(root, *units):
    corpus = open_corpus("emotionet", root, CodingRules(au_set=units))
    return {r.name: corpus.labels(r).occurrence[0].tolist() for r in corpus.listing().recordings}


def test_images_are_found_by_the_end_of_their_url(root):
    listing = open_corpus("emotionet", root).listing()
    assert {r.name: str(r.media.relative_to(root)) for r in listing.recordings} == {
        "0001": "images/0001.jpg",
        "0002": "images/0002.jpg",
        "a%20face": "images/a face.jpg",
        "emotionet_N_01_0004": "images/N_01/0004.jpg",
        "emotionet_N_02_0004": "images/N_02/0004.jpg",
        "0006": "images/0006.jpg",
    }
    assert all(recording.subject == recording.name for recording in listing.recordings)


def test_what_is_missing_or_not_clear_is_told(root):
    unmatched = open_corpus("emotionet", root).listing().unmatched
    site = "http://site.edu/emotionet"
    assert unmatched == {
        "0003": f"no image 0003.jpg: {site}/N_02/0003.jpg was not downloaded",
        "emotionet_N_01_0005": f"other URLs end in 0005.jpg, too; wanted that of {site}/N_01/0005.jpg in a "
        "folder N_01",
        "emotionet_N_02_0005": f"other URLs end in 0005.jpg, too; wanted that of {site}/N_02/0005.jpg in a "
        "folder N_02",
        "0007": "coded differently in rows 12, 13",
        "images/0005.jpg": "no labels",
        "images/0099.jpg": "no labels",
    }


def test_labels(root):
    assert _labels(root, "AU01", "AU04", "AU12", "AU25", "AU43", "AU45") == {
        "0001": [1, 0, 1, -1, 0, -1],  # 25 is 999; the table has no 45
        "0002": [0, 0, 0, 0, -1, -1],  # 43 is empty
        "a%20face": [0, 1, 0, 0, 0, -1],
        "emotionet_N_01_0004": [0, 0, 0, 0, 0, -1],
        "emotionet_N_02_0004": [0, 0, 0, 0, 0, -1],
        "0006": [0, 0, 0, 0, 0, -1],
        "0007": [0, 0, 0, 0, 0, -1],  # its rows differ in AU02, which is not asked for
    }


def test_the_table_may_be_csv(root):
    path = root / "emotionet_facs_24600.xlsx"
    expected = _labels(root, "AU01", "AU04", "AU43")
    pd.read_excel(path, dtype=object).to_csv(root / "EmotioNet_FACS_aws_2020_24600.csv", index=False)
    path.unlink()
    assert _labels(root, "AU01", "AU04", "AU43") == expected


def test_without_openpyxl_the_way_out_is_named(root, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(ImportError, match=r"pip install 'fau3d\[corpora\]', or save it as CSV"):
        open_corpus("emotionet", root).listing()
