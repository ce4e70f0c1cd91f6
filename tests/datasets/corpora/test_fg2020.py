"""What FG2020's lists say, and of whom."""

import numpy as np
import pytest

from fau3d.datasets.corpora import open_corpus
from fau3d.datasets.corpora.fg2020 import read_label_list, subject_of


@pytest.fixture
def corpus(build_tree, noise_media):
    return open_corpus("fg2020", build_tree("fg2020", noise_media))


@pytest.mark.parametrize(
    ("image", "subject"),
    [
        ("m.059w4s_84-FaceId-0.jpg", "m.059w4s"),
        ("m.02r42___2-FaceId-0.jpg", "m.02r42__"),
        ("m.0j_b6_65-FaceId-0.jpg", "m.0j_b6"),
        ("m.0g53knj_90-FaceId-5.jpg", "m.0g53knj"),
        ("RightVideoSN005_00003268.jpg", "SN005"),
        ("stranger.jpg", "stranger"),
    ],
)
def test_subjects_as_far_as_names_tell(image, subject):
    assert subject_of(image) == subject


def test_images_are_recordings_of_one_frame(corpus):
    listing = corpus.listing()
    assert len(listing.recordings) == 6 + 5
    assert list(listing.unmatched) == ["fine_tune_images/RightVideoSN016_00001816"]
    assert {r.subject for r in listing.recordings} >= {"m.059w4s", "m.02r42__", "SN001", "SN005", "SN016"}
    assert all(len(corpus.labels(r).numbers) == 1 for r in listing.recordings)


def test_coders_label_twelve_of_openfaces_eighteen_units(corpus):
    by_name = {r.name: corpus.labels(r).occurrence[0] for r in corpus.listing().recordings}
    noisy = by_name["pre_train_images/m.059w4s_84-FaceId-0"]
    clean = by_name["fine_tune_images/RightVideoSN005_00000000"]
    assert (noisy >= 0).all() and len(noisy) == 18
    unknown = {name for name, value in zip(corpus.au_names, clean) if value < 0}
    assert unknown == {"AU07", "AU10", "AU14", "AU23", "AU28", "AU45"}


def test_folds_share_no_subject(corpus):
    recordings = corpus.listing().recordings
    subject = {r.name: r.subject for r in recordings}
    splits = corpus.official_splits(recordings)
    assert set(splits) == {"train", "test", *(f"fold{k}_{p}" for k in (1, 2, 3) for p in ("train", "test"))}
    for fold in (1, 2, 3):
        parts = [{subject[name] for name in splits[f"fold{fold}_{part}"]} for part in ("train", "test")]
        assert parts[0] and parts[1] and not parts[0] & parts[1]


def test_the_gender_column_is_no_unit(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text('image,rectsize,gender,AU01,AU02\na.jpg,"(0, 0, 5, 5)",1,0,0\n\nb.jpg,"(1,2,5,9)",0,1\n')
    listed = read_label_list(path, ["AU01", "AU02"])
    assert listed.images == ["a.jpg", "b.jpg"] and listed.lines.tolist() == [2, 4]
    np.testing.assert_array_equal(listed.occurrence, [[0, 0], [0, 1]])
    np.testing.assert_array_equal(listed.boxes, [[0, 0, 5, 5], [1, 2, 5, 9]])
