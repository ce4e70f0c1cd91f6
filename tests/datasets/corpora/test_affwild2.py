"""Aff-Wild2: labels written out by hand, two people in one video, and splits that never part them."""

import numpy as np
import pytest

from fau3d.datasets.corpora import CodingRules, open_corpus

AFFWILD2 = ("AU01", "AU02", "AU04", "AU06", "AU07", "AU10", "AU12", "AU15", "AU23", "AU24", "AU25", "AU26")


@pytest.fixture
def root(build_tree, noise_media):
    return build_tree("affwild2", noise_media)


def recordings(corpus):
    return {recording.name: recording for recording in corpus.listing().recordings}


def test_labels_are_those_of_the_file(root):
    corpus = open_corpus("affwild2", root)
    assert corpus.au_names == AFFWILD2
    labels = corpus.labels(recordings(corpus)["video1"])
    np.testing.assert_array_equal(labels.numbers, [1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(
        labels.occurrence,
        [
            [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            [0, -1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0],  # one unit is not coded, the others keep their labels
            [-1] * 12,
            [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
            [0] * 12,
            [0] * 12,
        ],
    )
    assert labels.intensity is None


def test_columns_are_those_that_are_asked_for(root):
    corpus = open_corpus("affwild2", root, CodingRules(au_set=["AU12", "AU09", "AU01"]))
    labels = corpus.labels(recordings(corpus)["video1"])
    np.testing.assert_array_equal(labels.occurrence[:2], [[0, -1, 1], [1, -1, 0]])


def test_recordings_and_what_is_left_out(root):
    listing = open_corpus("affwild2", root).listing()
    found = {recording.name: recording for recording in listing.recordings}
    assert sorted(found) == [
        "135-24-1920x1080",
        "7-60-1920x1080",
        "video1",
        "video10_left",
        "video10_right",
        "video2",
    ]
    assert found["video10_left"].subject == found["video10_right"].subject == "video10"
    assert found["video1"].media == root / "cropped_aligned" / "video1"
    assert found["135-24-1920x1080"].fps == 24 and found["video1"].fps is None
    assert set(listing.unmatched) == {"video77", "video55"}
    assert "no images in cropped_aligned/video77/" in listing.unmatched["video77"]
    assert listing.unmatched["video55"] == "no action unit labels"


def test_test_is_the_official_validation_set(root):
    corpus = open_corpus("affwild2", root)
    splits = corpus.official_splits(corpus.listing().recordings)
    assert splits == {
        "train": ["135-24-1920x1080", "video1"],
        "val": ["video10_left", "video10_right"],  # both of a video
        "test": ["7-60-1920x1080", "video2"],
        "Train_Set": ["135-24-1920x1080", "video1", "video10_left", "video10_right"],
        "Validation_Set": ["7-60-1920x1080", "video2"],
    }


def test_a_drawn_part_of_the_training_set_is_val(root):
    sets = root / "AU_Set"
    for name, videos in (
        ("TrainFromTrain_Set", ("video1", "video10_left")),
        ("ValFromTrain_Set", ("135-24-1920x1080",)),
    ):
        (sets / name).mkdir()
        for video in videos:
            (sets / name / f"{video}.txt").write_text((sets / "Train_Set" / f"{video}.txt").read_text())
    corpus = open_corpus("affwild2", root)
    splits = corpus.official_splits(corpus.listing().recordings)
    assert splits["val"] == ["135-24-1920x1080"]
    assert splits["train"] == ["video1", "video10_left", "video10_right"]


def test_labels_of_the_test_set_make_the_splits_official(root):
    (root / "AU_Set" / "Test_Set").mkdir()
    (root / "AU_Set" / "Validation_Set" / "video2.TXT").rename(root / "AU_Set" / "Test_Set" / "video2.txt")
    corpus = open_corpus("affwild2", root)
    splits = corpus.official_splits(corpus.listing().recordings)
    assert splits["train"] == splits["Train_Set"] and len(splits["train"]) == 4
    assert splits["val"] == ["7-60-1920x1080"] and splits["test"] == ["video2"]


def test_every_tenth_subject_is_held_out(root):
    corpus = open_corpus("affwild2", root)
    text = (root / "AU_Set" / "Train_Set" / "video1.txt").read_text()
    for number in range(100, 130):
        (root / "AU_Set" / "Train_Set" / f"video{number}.txt").write_text(text)
        (root / "cropped_aligned" / f"video{number}").mkdir()
        (root / "cropped_aligned" / f"video{number}" / "00001.jpg").write_bytes(b"")
    splits = corpus.official_splits(corpus.listing().recordings)
    assert len(splits["train"]) + len(splits["val"]) == len(splits["Train_Set"]) == 34
    assert len(splits["val"]) == 3


def test_videos_serve_without_pictures_unless_they_show_two_people(root, noise_media):
    (root / "cropped_aligned").rename(root / "cropped")  # faces that are not aligned
    for folder, video in (("batch1", "video1.mp4"), ("batch1", "video10.mp4"), ("batch2", "video2.AVI")):
        (root / folder).mkdir(exist_ok=True)
        noise_media.video(root / folder / video, 2)
    train = root / "AU_Set" / "Train_Set"
    (train / "video1_right.txt").write_text((train / "video10_right.txt").read_text())  # beside video1.txt
    listing = open_corpus("affwild2", root).listing()
    assert {r.name: r.media for r in listing.recordings} == {"video2": root / "batch2" / "video2.AVI"}
    assert listing.recordings[0].first_number == 1
    for name in ("video10_left", "video10_right", "video1", "video1_right"):
        assert f"wanted cropped_aligned/{name}/" in listing.unmatched[name]


@pytest.mark.parametrize(
    "folder", ["AU_Detection_Challenge", "annotations/AU_Set", "6th ABAW Annotations/AU_Detection_Challenge"]
)
def test_labels_of_other_years(root, folder):
    (root / folder).parent.mkdir(exist_ok=True)
    (root / "AU_Set").rename(root / folder)
    assert len(open_corpus("affwild2", root).listing().recordings) == 6
