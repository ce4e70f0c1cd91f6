"""DISFA and DISFA+: grades written out by hand, cameras, and images that count from another number."""

import numpy as np
import pytest

from fau3d.datasets.corpora import CodingRules, CorpusError, open_corpus

DISFA12 = ("AU01", "AU02", "AU04", "AU05", "AU06", "AU09", "AU12", "AU15", "AU17", "AU20", "AU25", "AU26")


@pytest.fixture
def disfa(build_tree, noise_media):
    return build_tree("disfa", noise_media)


@pytest.fixture
def disfaplus(build_tree, noise_media):
    return build_tree("disfaplus", noise_media)


def recordings(corpus):
    return {recording.name: recording for recording in corpus.listing().recordings}


def test_grades_of_disfa(disfa):
    corpus = open_corpus("disfa", disfa)
    assert corpus.au_names == DISFA12
    labels = corpus.labels(recordings(corpus)["SN006"])
    np.testing.assert_array_equal(labels.numbers, np.arange(1, 13))
    # (frame + 1 + 1) modulo 6
    np.testing.assert_array_equal(labels.intensity[:, 0], [3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2])
    np.testing.assert_array_equal(labels.occurrence[:, 0], [1, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1])
    anything = open_corpus("disfa", disfa, CodingRules(present_from=1))
    np.testing.assert_array_equal(
        anything.labels(recordings(corpus)["SN006"]).occurrence[:, 0], [1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1]
    )


def test_a_unit_without_a_file_or_a_frame_is_not_annotated(disfa):
    folder = disfa / "ActionUnit_Labels" / "SN006"
    (folder / "SN006_au2.txt").unlink()
    lines = (folder / "SN006_au4.txt").read_text().splitlines()
    (folder / "SN006_au4.txt").write_text("\n".join(lines[:2] + lines[3:]))
    corpus = open_corpus("disfa", disfa)
    labels = corpus.labels(recordings(corpus)["SN006"])
    assert (labels.occurrence[:, 1] == -1).all() and np.isnan(labels.intensity[:, 1]).all()
    np.testing.assert_array_equal(np.flatnonzero(labels.occurrence[:, 2] == -1), [2])


def test_the_right_camera_is_passed_by(disfa, noise_media):
    for path in (disfa / "Videos_LeftCamera").iterdir():
        path.rename(path.with_name(path.name.replace("Left", "Right")))
    listing = open_corpus("disfa", disfa).listing()
    assert not listing.recordings and "no LeftVideoSN001_comp.avi" in listing.unmatched["SN001"]


def test_images_serve_where_they_count_as_the_labels_do(disfa, noise_media):
    for path in (disfa / "Videos_LeftCamera").iterdir():
        path.unlink()
    for number in range(3):
        noise_media.image(disfa / "Images" / "SN001" / f"{number + 1}.png", number)
        noise_media.image(disfa / "Images" / "SN003" / f"{number}.png", number)
        noise_media.image(disfa / "Images" / "RightCamera" / "SN006" / f"{number + 1}.png", number)
    listing = open_corpus("disfa", disfa).listing()
    assert [(r.name, r.media) for r in listing.recordings] == [("SN001", disfa / "Images" / "SN001")]
    assert "SN003/0.png counts from 0, the labels from 1" in listing.unmatched["SN003"]
    assert "SN006" in listing.unmatched


def test_labels_in_the_wrong_folder_are_told(disfa):
    folder = disfa / "ActionUnit_Labels"
    (folder / "SN003" / "SN003_au4.txt").rename(folder / "SN001" / "SN003_au4.txt")
    corpus = open_corpus("disfa", disfa)
    with pytest.raises(CorpusError, match=r"SN003_au4\.txt: lies in the folder of SN001"):
        corpus.labels(recordings(corpus)["SN001"])


def test_grades_of_disfaplus(disfaplus):
    corpus = open_corpus("disfaplus", disfaplus)
    assert corpus.au_names == DISFA12
    labels = corpus.labels(recordings(corpus)["SN001/A1_AU1_TrialNo_1"])
    np.testing.assert_array_equal(labels.numbers, [0, 1, 2, 3, 4, 5])
    np.testing.assert_array_equal(labels.intensity[:, 0], [0, 1, 2, 3, 5, 0])
    np.testing.assert_array_equal(labels.occurrence[:, 0], [0, 0, 1, 1, 1, 0])
    np.testing.assert_array_equal(labels.intensity[:, 6], [0, 1, 2, 3, 4, 5])  # tabs, and Windows' line ends


def test_people_of_disfaplus_carry_the_names_of_disfa(disfaplus):
    listing = open_corpus("disfaplus", disfaplus).listing()
    assert {r.name: r.subject for r in listing.recordings} == {
        "SN001/A1_AU1_TrialNo_1": "SN001",
        "SN001/Happy_TrialNo_2": "SN001",
        "SN003/A1_AU1_TrialNo_1": "SN003",
        "SN025/X": "SN025",
    }
    assert listing.unmatched == {"SN003/Y": "no labels", "SN027/X": "no images in Images/SN027/X/"}
