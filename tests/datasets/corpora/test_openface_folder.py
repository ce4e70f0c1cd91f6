"""Folders of OpenFace CSV files: predictions as labels, and landmarks where there are no videos."""

import numpy as np
import pytest

from fau3d.datasets.corpora import CodingRules, CorpusError, open_corpus
from fau3d.facs import get_au_set

UNITS = get_au_set("openface18")


@pytest.fixture
def root(build_tree, noise_media):
    return build_tree("openface", noise_media)


def recordings(corpus):
    return {recording.name: recording for recording in corpus.listing().recordings}


def remove_videos(root):
    for path in [*root.rglob("*.mp4"), *root.rglob("*.AVI")]:
        path.unlink()


def test_predictions_are_labels(root):
    corpus = open_corpus("openface", root)
    assert corpus.au_names == UNITS
    labels = corpus.labels(recordings(corpus)["people/a"])
    np.testing.assert_array_equal(labels.numbers, np.arange(1, 9))
    # Frame 3 has no face, frame 5 no row.
    np.testing.assert_array_equal(labels.occurrence[:, UNITS.index("AU12")], [0, 0, -1, 1, -1, 1, 1, 1])
    np.testing.assert_array_equal(labels.occurrence[:, UNITS.index("AU28")], [0, 0, -1, 0, -1, 1, 0, 0])
    nan = np.nan
    np.testing.assert_array_equal(
        labels.intensity[:, UNITS.index("AU12")], [0, 0, nan, 1.5, nan, 1.5, 1.5, 1.5]
    )
    assert np.isnan(labels.intensity[:, UNITS.index("AU28")]).all()
    assert "predictions" in corpus.notes()["coder"]


def test_intensity_decides_where_it_is_asked_for(root):
    corpus = open_corpus("openface", root, CodingRules(present_from=2, au_set=["AU28", "AU12", "AU43"]))
    labels = corpus.labels(recordings(corpus)["c"])
    np.testing.assert_array_equal(labels.occurrence[:, 0], [0, 0, 0, 0, 0, 1, 0, 0])  # has no intensity
    np.testing.assert_array_equal(labels.occurrence[:, 1], 0)
    np.testing.assert_array_equal(labels.occurrence[:, 2], -1)


def test_videos_beside_the_files_serve(root):
    listing = open_corpus("openface", root).listing()
    assert {r.name: r.media.relative_to(root).as_posix() for r in listing.recordings} == {
        "c": "c.mp4",
        "people/a": "people/a.mp4",
        "people/b": "people/b.AVI",
    }
    assert {r.subject for r in listing.recordings} == {"c", "people/a", "people/b"}
    assert set(listing.unmatched) == {"other.csv", "two_face0", "two_face1"}
    assert "no columns AU01_r or AU01_c" in listing.unmatched["other.csv"]


def test_landmarks_of_the_files_serve_without_videos(root):
    remove_videos(root)
    corpus = open_corpus("openface", root)
    found = recordings(corpus)
    assert sorted(found) == ["c", "people/a", "people/b", "two_face0", "two_face1"]
    assert all(recording.media is None for recording in found.values())
    assert found["two_face0"].subject == found["two_face1"].subject == "two"
    landmarks = corpus.own_landmarks(found["people/a"])
    assert landmarks["topology"] == "ibug68" and landmarks["keypoint"].shape == (1, 8, 68, 2)
    seen = ~np.isnan(landmarks["keypoint"][0, :, 0, 0])
    np.testing.assert_array_equal(seen, [True, True, False, True, False, True, True, True])
    assert "au_occurrence" not in landmarks
    assert corpus.own_landmarks(found["two_face1"])["frame_dir"] == "two_face1"


def test_files_without_landmarks_or_videos_are_told(root):
    remove_videos(root)
    text = (root / "c.csv").read_text()
    (root / "c.csv").write_text(text.replace("x_1,", "q_1,", 1))
    corpus = open_corpus("openface", root)
    with pytest.raises(CorpusError, match=r"c\.csv: 1 of 136 columns of landmarks are missing.*-2Dfp"):
        corpus.own_landmarks(recordings(corpus)["c"])
