"""CASME II: labels computed by hand from what the fake tree writes."""

import pandas as pd
import pytest

from fau3d.datasets.corpora import CodingRules, open_corpus

UNITS = ("AU04", "AU07", "AU12")


@pytest.fixture
def root(build_tree, noise_media):
    return build_tree("casme2", noise_media)


def _labels(root, **rules):
    corpus = open_corpus("casme2", root, CodingRules(**{"au_set": UNITS, **rules}))
    labels = {r.name: corpus.labels(r) for r in corpus.listing().recordings}
    return {
        name: (found.numbers.tolist(), found.occurrence[0].tolist())
        for name, found in labels.items()
        if (found.occurrence == found.occurrence[0]).all()
    }


def test_recordings_whole_ones_first(root):
    listing = open_corpus("casme2", root).listing()
    media = {r.name: str(r.media.relative_to(root)) for r in listing.recordings}
    assert media == {
        "sub01_EP02_01f": "CASME2-RAW/sub01/EP02_01f",
        "sub01_EP19_05f": "CASME2-RAW/sub01/EP19_05f",
        "sub26_EP03_02": "CASME2-RAW/sub26/EP03_02",
        "sub26_EP09_09": "CASME2-RAW/sub26/EP09_09",
        "sub26_EP10_10": "Cropped/sub26/EP10_10",
    }
    assert {r.subject for r in listing.recordings} == {"sub01", "sub26"}
    assert {r.fps for r in listing.recordings} == {200.0}
    assert listing.unmatched == {
        "sub26_EP11_11": f"no folder sub26/EP11_11 below {root}",
        "sub01_EP77_77": "no labels",
    }


def test_units_hold_from_onset_to_offset(root):
    assert _labels(root) == {
        "sub01_EP02_01f": ([3, 4, 5, 6], [1, 0, 1]),  # 4+L12
        "sub01_EP19_05f": ([2, 3], [-1, -1, -1]),  # ?
        "sub26_EP03_02": ([2, 3, 4], [0, 0, 1]),  # 12, as a number
        "sub26_EP09_09": ([2, 3, 4], [-1, 1, 0]),  # 4?+7
        "sub26_EP10_10": ([2, 3, 4], [0, 0, 1]),  # R12
    }


def test_blinks_and_the_head_were_not_coded(root):
    assert _labels(root, au_set=["AU12", "AU45", "AU53"])["sub01_EP02_01f"][1] == [1, -1, -1]


def test_sides(root):
    kept = _labels(root, au_set=["AU12"], sides="keep")
    assert kept["sub01_EP02_01f"][1] == [1, 1, 0] and kept["sub26_EP10_10"][1] == [1, 0, 1]
    assert _labels(root, au_set=["AU12"], sides="unknown")["sub26_EP10_10"][1] == [-1]


def test_two_expressions_in_one_recording(root):
    path = root / "CASME2-coding-20140508.xlsx"
    table = pd.read_excel(path, dtype=object)
    table.loc[3, ["Subject", "Filename", "OnsetFrame", "OffsetFrame"]] = [26, "EP03_02", 6, 7]
    table.to_excel(path, index=False)
    corpus = open_corpus("casme2", root, CodingRules(au_set=UNITS))
    (recording,) = (r for r in corpus.listing().recordings if r.name == "sub26_EP03_02")
    labels = corpus.labels(recording)
    assert labels.numbers.tolist() == [2, 3, 4, 6, 7]
    assert labels.occurrence.tolist() == [[0, 0, 1]] * 3 + [[-1, 1, 0]] * 2


def test_the_sheet_may_be_csv(root):
    path = root / "CASME2-coding-20140508.xlsx"
    expected = _labels(root)
    pd.read_excel(path, dtype=object).to_csv(path.with_suffix(".csv"), index=False)
    path.unlink()
    assert _labels(root) == expected
