"""Splits that lie beside annotation files, and several files at once."""

import shutil
from functools import partial

import pytest

from fau3d.datasets import FaceKeypointDataset
from fau3d.io.splits import write_splits


def test_splits_beside_the_file(tiny_corpus, tmp_path):
    beside = tmp_path / "splits.json"
    write_splits(beside, {"train": ["video_07"], "fold1_test": ["video_03", "video_01"]})
    make = partial(FaceKeypointDataset, split_file=str(beside), clip={"length": 8}, test_mode=True)
    names = [{info["frame_dir"] for info in map(data.get_data_info, range(len(data)))} for data in (
        make(str(tiny_corpus), split="train"),
        make(str(tiny_corpus), split="fold1_test"),
        make(str(tiny_corpus), split="val"),
    )]  # fmt: skip
    assert names == [{"video_07"}, {"video_01", "video_03"}, {"video_04", "video_05", "video_06"}]
    with pytest.raises(ValueError, match="found 1 split files for 2"):
        make([str(tiny_corpus), str(tiny_corpus)])
    beside.write_text('{"train": "video_07"}')
    with pytest.raises(ValueError, match="split 'train' is no list of names"):
        make(str(tiny_corpus))


def test_videos_of_one_name_in_two_files_stay_apart(tiny_corpus, tmp_path):
    other = shutil.copy(tiny_corpus, tmp_path / "other.pkl")
    data = FaceKeypointDataset(
        [str(tiny_corpus), str(other)], split="test", clip={"length": 40}, test_mode=True
    )
    names = {data.get_data_info(index)["frame_dir"] for index in range(len(data))}
    assert len(names) == 6 and {"tiny/video_07", "other/video_07"} <= names
