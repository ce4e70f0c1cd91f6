"""CK+: labels of the peak, computed by hand from what the fake tree writes."""

import numpy as np
import pytest

from fau3d.datasets.corpora import CodingRules, open_corpus

UNITS = ("AU01", "AU02", "AU04", "AU25", "AU26")


@pytest.fixture
def root(build_tree, noise_media):
    return build_tree("ckplus", noise_media)


def _labels(root, name, **rules):
    corpus = open_corpus("ckplus", root, CodingRules(**{"au_set": UNITS, **rules}))
    (recording,) = (r for r in corpus.listing().recordings if r.name == name)
    return corpus.labels(recording)


def test_sequences_and_what_has_no_partner(root):
    listing = open_corpus("ckplus", root).listing()
    assert [(r.name, r.subject) for r in listing.recordings] == [
        ("S005_001", "S005"), ("S005_002", "S005"), ("S999_001", "S999"),
    ]  # fmt: skip
    assert listing.recordings[0].media == root / "cohn-kanade-images" / "S005" / "001"
    assert set(listing.unmatched) == {"S005_003", "S010_001", "S011_001"}


def test_only_the_peak_is_coded_and_grade_0_is_present(root):
    labels = _labels(root, "S005_002")  # 1 ungraded, 2 at 3, 25 ungraded, 26 at 1
    assert labels.numbers.tolist() == [4]
    assert labels.occurrence.tolist() == [[1, 1, 0, 1, 1]]
    np.testing.assert_array_equal(labels.intensity, [[np.nan, 3, 0, np.nan, 1]])


@pytest.mark.parametrize(("ungraded", "value"), [("absent", 0), ("unknown", -1)])
def test_ungraded_units_follow_the_rules(root, ungraded, value):
    labels = _labels(root, "S005_002", ungraded=ungraded, present_from=2)
    assert labels.occurrence.tolist() == [[value, 1, 0, value, 0]]
    np.testing.assert_array_equal(labels.intensity, [[np.nan, 3, 0, np.nan, 1]])


def test_a_unit_that_joins_two_follows_from_them(root):
    labels = _labels(root, "S005_002", au_set=["AU2X", "AU27"])
    assert labels.occurrence.tolist() == [[1, 0]] and np.isnan(labels.intensity[0, 0])


def test_the_first_frame_is_neutral(root):
    corpus = open_corpus("ckplus", root)
    assert [corpus.neutral_number(r) for r in corpus.listing().recordings] == [1, 1, 1]


def test_folders_of_the_archives_may_stay(root):
    (root / "FACS_labels").mkdir()
    (root / "FACS").rename(root / "FACS_labels" / "FACS")
    (root / "extended" / "images").mkdir(parents=True)
    (root / "cohn-kanade-images").rename(root / "extended" / "images" / "cohn-kanade-images")
    assert _labels(root, "S999_001").occurrence.tolist() == [[0, 0, 0, 1, 0]]
