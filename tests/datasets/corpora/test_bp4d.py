"""BP4D and BP4D+: labels written out by hand, images by number, grades, lists with and without fillers."""

import numpy as np
import pytest

from fau3d.datasets.corpora import CodingRules, open_corpus

BP4D = ("AU01", "AU02", "AU04", "AU06", "AU07", "AU10", "AU12", "AU14", "AU15", "AU17", "AU23", "AU24")


def recordings(corpus):
    return {recording.name: recording for recording in corpus.listing().recordings}


@pytest.fixture
def bp4d(build_tree, noise_media):
    return build_tree("bp4d", noise_media)


@pytest.fixture
def bp4dplus(build_tree, noise_media):
    return build_tree("bp4dplus", noise_media)


def test_labels_are_those_of_the_file(bp4d):
    corpus = open_corpus("bp4d", bp4d)
    assert corpus.au_names == BP4D and corpus.protocols == ("bp4d-3fold",)
    labels = corpus.labels(recordings(corpus)["F003_T1"])
    np.testing.assert_array_equal(labels.numbers, [98, 99, 100, 101])
    np.testing.assert_array_equal(
        labels.occurrence,
        [
            [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
            [0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, -1],
            [0] * 12,
            [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
        ],
    )
    np.testing.assert_array_equal(labels.intensity[:, 6], [3, 0, np.nan, 1])
    assert np.isnan(np.delete(labels.intensity, 6, axis=1)).all()


def test_any_unit_that_is_coded_can_be_asked_for(bp4d):
    corpus = open_corpus("bp4d", bp4d, CodingRules(au_set=["AU05", "AU12", "AU25"]))
    labels = corpus.labels(recordings(corpus)["F003_T1"])
    np.testing.assert_array_equal(labels.occurrence, [[0, 1, -1], [0, 0, -1], [1, 0, -1], [0, 1, -1]])


@pytest.mark.parametrize(
    ("ungraded", "au24"), [(None, [0, -1, 0, 1]), ("absent", [0, -1, 0, 0]), ("unknown", [0, -1, 0, -1])]
)
def test_grades_decide_where_they_are_asked_for(bp4d, ungraded, au24):
    corpus = open_corpus("bp4d", bp4d, CodingRules(present_from=2, ungraded=ungraded))
    labels = corpus.labels(recordings(corpus)["F003_T1"])
    # Frame 100 has no grade and was coded absent; frame 101 has grade 1.
    np.testing.assert_array_equal(labels.occurrence[:, 6], [1, 0, 0, 0])
    np.testing.assert_array_equal(labels.occurrence[:, 11], au24)


def test_images_come_before_videos(bp4d):
    listing = open_corpus("bp4d", bp4d).listing()
    found = {r.name: (r.subject, r.media.relative_to(bp4d).as_posix(), r.fps) for r in listing.recordings}
    assert found == {
        "F001_T1": ("F001", "Images/F001/T1", 25),
        "F001_T8": ("F001", "Images/F001/T8", 25),
        "F003_T1": ("F003", "Images/F003/T1", 25),
        "F004_T2": ("F004", "Videos/F004_T2.mp4", None),
        "M003_T3": ("M003", "Videos/2M03_07.avi", None),
    }
    assert set(listing.unmatched) == {"F009_T1", "F023_T5", "AUCoding/AU_OCC/notes.csv"}
    assert "no images in F023/T5/" in listing.unmatched["F023_T5"]


def test_without_grades_there_is_no_intensity(bp4d):
    (bp4d / "AUCoding" / "AU_INT").rename(bp4d / "grades")
    corpus = open_corpus("bp4d", bp4d)
    assert corpus.labels(recordings(corpus)["F003_T1"]).intensity is None


@pytest.mark.parametrize("folder", ["AUCoding", "AU_OCC"])
def test_other_copies_have_the_files_elsewhere(bp4d, folder):
    (bp4d / "AUCoding" / "AU_OCC").rename(bp4d / "files")
    (bp4d / "AUCoding").rename(bp4d / "rest")
    (bp4d / "files").rename(bp4d / folder)
    assert len(open_corpus("bp4d", bp4d).listing().recordings) == 5


def test_lists_name_what_is_present(bp4dplus):
    corpus = open_corpus("bp4dplus", bp4dplus)
    labels = corpus.labels(recordings(corpus)["F001_T1"])
    np.testing.assert_array_equal(labels.numbers, [3, 9, 10])
    np.testing.assert_array_equal(
        labels.occurrence,
        [
            [1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
            [-1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1],  # 999: absent or not coded
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
        ],
    )
    assert labels.intensity is None


def test_fillers_can_be_read_as_absent(bp4dplus):
    corpus = open_corpus("bp4dplus", bp4dplus, CodingRules(filler="absent", au_set=["AU01", "AU02", "AU25"]))
    labels = corpus.labels(recordings(corpus)["F001_T1"])
    np.testing.assert_array_equal(labels.occurrence, [[1, 0, -1], [0, 1, -1], [0, 0, -1]])


def test_people_and_media_of_bp4dplus(bp4dplus):
    listing = open_corpus("bp4dplus", bp4dplus).listing()
    assert {r.name: r.media.relative_to(bp4dplus).as_posix() for r in listing.recordings} == {
        "F001_T1": "Images/F001_T1",
        "F082_T6": "Images/F082_T6",
        "M051_T8": "Images/M051/T8",
        "M055_T7": "Images/M055_T7",  # not the thermal ones
    }
    assert {r.subject for r in listing.recordings} == {"F001", "F082", "M051", "M055"}
    assert set(listing.unmatched) == {"F002_T1", "F099_T1"}


def test_the_coders_files_come_before_lists(bp4dplus, bp4d):
    (bp4d / "AUCoding").rename(bp4dplus / "AUCoding")
    listing = open_corpus("bp4dplus", bp4dplus).listing()
    assert [r.name for r in listing.recordings] == ["F001_T1"]
    labels = open_corpus("bp4dplus", bp4dplus).labels(listing.recordings[0])
    assert labels.numbers[0] == 731
