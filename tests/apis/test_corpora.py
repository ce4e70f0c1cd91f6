"""Labels meet landmarks by frame number; shards of an extraction are taken over; what is wrong is told."""

import numpy as np
import pytest

from fau3d.apis.corpora import prepare_corpus, read_labels
from fau3d.apis.corpora.joining import frame_numbers, join_labels
from fau3d.datasets.corpora import CorpusError, FrameLabels, Listing, PublishedCorpus, Recording
from fau3d.io.annotation import load_annotations, save_annotations


def landmarks(name, index, **keys):
    frames = len(index)
    return {
        "frame_dir": name, "total_frames": frames, "img_shape": (100, 100), "original_shape": (100, 100),
        "keypoint": np.tile(np.array(index, np.float32)[None, :, None, None], (1, 1, 68, 2)) + 1,
        "keypoint_score": np.ones((1, frames, 68), np.float32), "frame_index": np.array(index), "fps": 25.0,
        **keys,
    }  # fmt: skip


LABELS = FrameLabels(
    np.array([2, 3, 5, 9]),
    np.array([[1], [0], [-1], [1]], np.int8),
    np.array([[3], [0], [np.nan], [2]], np.float32),
)


def test_labels_are_joined_by_number():
    joined = join_labels(
        landmarks("a", [0, 1, 2, 4, 6]), Recording("a", "S", None, first_number=1), LABELS, 5
    )
    assert joined.annotation["au_occurrence"][:, 0].tolist() == [-1, 1, 0, -1, -1]
    np.testing.assert_array_equal(joined.annotation["au_intensity"][:, 0], [np.nan, 3, 0, np.nan, np.nan])
    assert (joined.frames_without_label, joined.labels_without_frame) == (2, 1)
    assert joined.annotation["neutral_keypoint"].shape == (1, 68, 2)
    assert joined.annotation["neutral_keypoint"][0, 0, 0] == 5  # number 5 is position 4, whose points are 5


def test_images_carry_their_numbers(tmp_path):
    for name in ("0007.png", "0003.png", "0010.png"):
        (tmp_path / name).write_bytes(b"x")
    recording = Recording("a", "S", tmp_path, first_number=1)
    assert frame_numbers(recording, np.array([0, 2])).tolist() == [3, 10]
    (tmp_path / "10.png").write_bytes(b"x")
    with pytest.raises(CorpusError, match="two images carry the number 10"):
        frame_numbers(recording, np.array([0]))
    (tmp_path / "face.png").write_bytes(b"x")
    with pytest.raises(CorpusError, match=r"face\.png: carries no number"):
        frame_numbers(recording, np.array([0]))


def test_labels_of_other_frames_are_refused():
    with pytest.raises(CorpusError, match=r"none of the coded frames \(2 to 9\).*100 to 101"):
        join_labels(landmarks("a", [0, 1]), Recording("a", "S", None, first_number=100), LABELS)


class Made(PublishedCorpus):
    """A corpus of three recordings, of which one has a broken label file."""

    title, request, licence, au_set = "Made", "nowhere", "none", ("AU12",)

    def listing(self):
        return Listing([Recording(n, f"S{n}", None) for n in "abc"], {"d": "no labels"})

    def labels(self, recording):
        if recording.name == "c":
            raise CorpusError("c.csv:3: found 'x'; wanted a number")
        return LABELS


def test_a_broken_recording_costs_no_other(tmp_path):
    given = tmp_path / "given.pkl"
    annotations = [landmarks("a", range(6)), landmarks("b", range(6))]
    metainfo = {"topology": "ibug68", "extractor": "x", "au_names": [], "label_type": "occurrence"}
    save_annotations(given, {"all": ["a", "b"]}, annotations, metainfo)
    corpus = Made(tmp_path)
    report, labels = read_labels(corpus, progress=False)
    assert set(labels) == {"a", "b"} and "c.csv:3" in report.failed["c"] and "AU12 66.7 %" in str(report)
    done = prepare_corpus(corpus, tmp_path / "out.pkl", given, progress=False)
    assert done.prepared == 2 and done.labels.failed and "left out: d" in str(done)
    file = load_annotations(tmp_path / "out.pkl")
    assert file.metainfo["corpus"] == "Made" and file.metainfo["rules"]["sides"] == "join"
    assert {a["subject"] for a in file.annotations} == {"Sa", "Sb"}
    with pytest.raises(FileExistsError, match="--resume"):
        prepare_corpus(corpus, tmp_path / "out.pkl", given, progress=False)
    with pytest.raises(CorpusError, match="--landmarks FILE"):
        prepare_corpus(corpus, tmp_path / "other.pkl", progress=False)


class Filmed(Made):
    """The same with videos, of which none can be read."""

    def listing(self):
        return Listing([Recording(n, f"S{n}", self.root / f"{n}.mp4") for n in "ab"])


def test_shards_are_taken_over_once_all_are_there(tmp_path):
    corpus, target = Filmed(tmp_path), tmp_path / "out.pkl"
    metainfo = {"topology": "ibug68", "extractor": "x", "au_names": [], "label_type": "occurrence"}
    save_annotations(tmp_path / "out.0-of-2.pkl", {"all": ["a"]}, [landmarks("a", range(6))], metainfo)
    with pytest.raises(CorpusError, match="1 of 2 shards"):
        prepare_corpus(corpus, target, progress=False)
    save_annotations(tmp_path / "out.1-of-2.pkl", {"all": ["b"]}, [landmarks("b", range(6))], metainfo)
    with pytest.raises(ValueError, match="was made with"):  # shards of another extractor are not mixed in
        prepare_corpus(corpus, target, progress=False)
