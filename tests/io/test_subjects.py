import pytest

from fau3d.io.splits import read_splits, write_splits
from fau3d.io.subjects import read_subjects


def test_subjects_of_annotations_and_tables(tiny_corpus, tmp_path):
    assert read_subjects(tiny_corpus)["video_03"] == "S3"
    table = tmp_path / "people.csv"
    table.write_text("frame_dir,subject,note\nvideo_01,007,x\nvideo_02,,y\n")
    assert read_subjects(table) == {"video_01": "007", "video_02": ""}
    table.write_text("video,who\na,b\n")
    with pytest.raises(ValueError, match="has the columns video, who; wanted frame_dir and subject"):
        read_subjects(table)


def test_splits_are_read_as_written(tmp_path):
    path = tmp_path / "new" / "splits.json"
    write_splits(path, {"fold1_train": ("a", "ü"), "fold1_test": []})
    assert read_splits(path) == {"fold1_train": ["a", "ü"], "fold1_test": []}
    for wrong in ("[1]", '{"a": 1}', '{"a": [1]}', "{"):
        path.write_text(wrong)
        with pytest.raises(ValueError, match=r"splits.json: .*wanted"):
            read_splits(path)
