"""Windows of rated sequences: never across runs, padded where short, floats as ratings."""

import numpy as np
import pytest
import torch

from fau3d.datasets import AUSequenceDataset, face_collate
from fau3d.io.annotation import save_annotations

NAN = np.nan
NAMES = ["AU01", "AU12"]


def run(name, total, raters=None, group="ASD"):
    occurrence = np.stack([np.arange(total) % 2, np.ones(total)], 1).astype(np.int8)
    occurrence[1, 1] = -1
    turn = np.arange(total, dtype=np.float32)[:, None]
    return {
        "frame_dir": name,
        "total_frames": total,
        "subject": name.partition("/")[0],
        "group": group,
        "frame_index": np.arange(total),
        "au_occurrence": occurrence,
        "raters": np.tile(np.array([1, 2, 2, 3, 4], np.float32), (total, 1)) if raters is None else raters,
        "features": {"openface": turn},
    }


@pytest.fixture
def file(tmp_path):
    unrated = np.full((8, 5), NAN, np.float32)
    unrated[7] = [0, 1, NAN, NAN, NAN]
    annotations = [run("S1/0", 8), run("S1/20", 3), run("S2/0", 8, unrated)]
    path = tmp_path / "ratings.pkl"
    metainfo = {"au_names": NAMES, "feature_names": {"openface": ["pose_Rx"]}}
    save_annotations(path, {"one": ["S1/0", "S1/20"], "two": ["S2/0"]}, annotations, metainfo)
    return str(path)


def test_windows(file):
    dataset = AUSequenceDataset(file, "one", window=5)
    assert len(dataset) == 4 + 1
    item = dataset[1]
    assert item["inputs"]["values"][:, 0].tolist() == [1, 0, 1, 0, 1]
    assert item["inputs"]["known"][0].tolist() == [1, 0] and item["inputs"]["values"][0, 1] == 0
    sample = item["data_samples"]
    assert sample.gt_rating.tolist() == pytest.approx([2.4])  # the mean as it is, no whole number
    # Variance of the mean of 1 2 2 3 4: 1.3 / 5.
    assert sample.rater_variance.tolist() == pytest.approx([0.26])
    assert (sample.frame_dir, sample.start, sample.subject, sample.group) == ("S1/0", 1, "S1", "ASD")
    short = dataset[4]
    assert short["inputs"]["frames"].tolist() == [1, 1, 1, 0, 0]
    assert short["inputs"]["known"][3:].sum() == 0


def test_windows_without_a_rating_are_left_out(file):
    dataset = AUSequenceDataset(file, "two", window=5)
    assert len(dataset) == 1 and dataset[0]["data_samples"].start == 3
    assert dataset[0]["data_samples"].gt_rating.tolist() == [0.5]
    assert dataset[0]["data_samples"].rater_variance.tolist() == pytest.approx([0.25])
    assert dataset[0]["data_samples"].segment_rating == 0.5


def test_inputs(file):
    dataset = AUSequenceDataset(file, inputs=["openface", "coded"], au_set=["AU12"], window=5, stride=5)
    assert dataset.metainfo == {"au_names": ["AU12"], "input_names": ["openface:pose_Rx", "AU12"]}
    assert dataset[0]["inputs"]["values"][:, 0].tolist() == [0, 1, 2, 3, 4]
    counts = dataset.au_statistics()
    assert counts["positives"].tolist() == [16] and counts["annotated"].tolist() == [16]


def test_a_batch(file):
    dataset = AUSequenceDataset(file, ["one", "two"], window=5)
    batch = face_collate([dataset[0], dataset[4]])
    assert batch["inputs"]["values"].shape == (2, 5, 2) and batch["inputs"]["frames"].dtype == torch.float32
    assert len(batch["data_samples"]) == 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": []}, "inputs is empty"),
        ({"window": 5, "stride": 6}, "1 <= stride <= window"),
        ({"au_set": ["AU04"]}, "holds no AU04; it has AU01, AU12"),
        ({"inputs": ["insightface"]}, "holds no features insightface; it has coded, openface"),
        ({"split": "three"}, "no split 'three'"),
    ],
)
def test_bad_options(file, options, message):
    with pytest.raises(ValueError, match=message):
        AUSequenceDataset(file, **options)


def test_a_file_of_keypoints_is_refused(tiny_corpus):
    with pytest.raises(ValueError, match=r"holds no ratings; .*prepare_ratings"):
        AUSequenceDataset(str(tiny_corpus))
