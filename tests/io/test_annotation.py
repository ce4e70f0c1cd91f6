"""The annotation file: writing, reading, merging, and what MMAction2 makes of it."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from fau3d.io.annotation import (
    AnnotationError,
    AnnotationFile,
    clip_label,
    load_annotations,
    merge_annotations,
    save_annotations,
)
from fau3d.io.safe_pickle import UnsafePickleError


def save(file: AnnotationFile, path: Path) -> Path:
    save_annotations(path, file.split, file.annotations, file.metainfo)
    return path


def test_what_is_written_is_read(good_file: AnnotationFile, tmp_path: Path) -> None:
    path = save(good_file, tmp_path / "new" / "a file.pkl")
    found = load_annotations(path)
    assert found.split == good_file.split
    assert found.metainfo == {**good_file.metainfo, "format_version": 1}
    assert found.au_names == ("AU01", "AU12")
    for mine, theirs in zip(good_file.annotations, found.annotations):
        assert set(theirs) == {*mine, "label"}
        for key, value in mine.items():
            np.testing.assert_array_equal(theirs[key], value)
        assert theirs["keypoint"].flags.writeable and theirs["keypoint"].flags.c_contiguous
    assert [p.name for p in path.parent.iterdir()] == ["a file.pkl"]
    assert set(pickle.loads(path.read_bytes())) == {"split", "annotations", "metainfo"}


def test_a_failed_write_leaves_the_old_file(good_file: AnnotationFile, tmp_path: Path) -> None:
    path = save(good_file, tmp_path / "a.pkl")
    before = path.read_bytes()
    with pytest.raises(Exception, match="pickle"):
        save_annotations(path, {}, [{"frame_dir": "x", "bad": lambda: 0}], {})
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["a.pkl"]


def test_clip_label() -> None:
    occurrence = np.array([[1, 0, -1, -1], [0, 0, -1, 0]], np.int8)
    assert clip_label(occurrence).tolist() == [1, 0, -1, 0]
    assert clip_label(np.zeros((0, 3), np.int8)).tolist() == [-1, -1, -1]


def test_mmaction_reads_it(good_file: AnnotationFile, tmp_path: Path) -> None:
    from mmaction.datasets import PoseDataset
    from mmaction.datasets.transforms import GeneratePoseTarget, PackActionInputs

    path = save(good_file, tmp_path / "a.pkl")
    dataset = PoseDataset(str(path), pipeline=[], split="fold1_train")
    assert len(dataset) == 2
    item = dataset.get_data_info(0)
    assert item["frame_dir"] == "video0" and item["total_frames"] == 6 and item["label"].tolist() == [1, 0]
    volume = GeneratePoseTarget(sigma=0.6)(item)
    assert np.isfinite(volume["imgs"]).all() and (volume["imgs"][1] == 0).all()  # frame 1 shows no face
    packed = PackActionInputs()({**item, "imgs": np.stack(volume["imgs"])})
    assert packed["data_samples"].gt_labels.item.tolist() == [1, 0]


def test_files_without_metainfo_and_bare_lists(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps([{"frame_dir": "a"}]))
    assert load_annotations(path) == AnnotationFile({}, [{"frame_dir": "a"}], {})
    path.write_bytes(pickle.dumps({"split": {"s": ("a",)}, "annotations": [{"frame_dir": "a"}]}))
    assert load_annotations(path).split == {"s": ["a"]}


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ({"split": {}}, r"found \['split'\]; wanted a dict with"),
        (7, "found int"),
        ({"annotations": [{}, 3]}, "annotation 1 is a int"),
        ({"annotations": [], "split": ["a"]}, "'split' is a list"),
        ({"annotations": [], "metainfo": "x"}, "'metainfo' is a str"),
    ],
)
def test_other_pickles(tmp_path: Path, content: object, match: str) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps(content))
    with pytest.raises(AnnotationError, match=match):
        load_annotations(path)


def test_nothing_is_executed(tmp_path: Path) -> None:
    path = tmp_path / "a.pkl"
    path.write_bytes(b"cposix\nsystem\n(S'touch owned'\ntR.")
    with pytest.raises(UnsafePickleError, match=r"a\.pkl: it asks for posix\.system"):
        load_annotations(path)


def test_of_split(good_file: AnnotationFile) -> None:
    assert [a["frame_dir"] for a in good_file.of_split("fold1_train")] == ["video0", "video1"]
    with pytest.raises(AnnotationError, match=r"no split 'fold2'.*fold1_test"):
        good_file.of_split("fold2")
    good_file.split["fold1_test"].append("ghost")
    with pytest.raises(AnnotationError, match="ghost"):
        good_file.of_split("fold1_test")


def test_merge(good_file: AnnotationFile, tmp_path: Path) -> None:
    parts = [
        AnnotationFile({"all": [a["frame_dir"]]}, [a], dict(good_file.metainfo))
        for a in good_file.annotations
    ]
    paths = [save(part, tmp_path / f"{i}.pkl") for i, part in enumerate(parts)]
    merged = merge_annotations([paths[0], parts[1], paths[2]])
    assert merged.split == {"all": ["video0", "video1", "video2"]}
    assert [a["frame_dir"] for a in merged.annotations] == merged.split["all"]
    with pytest.raises(AnnotationError, match=r"video0: is in .*0\.pkl and again in file 1"):
        merge_annotations([paths[0], parts[0]])
    with pytest.raises(AnnotationError, match="wanted one or more"):
        merge_annotations([])
    parts[1].metainfo["topology"] = "mediapipe478"
    with pytest.raises(AnnotationError, match="file 1: topology is 'mediapipe478', but in the first file"):
        merge_annotations(parts)
