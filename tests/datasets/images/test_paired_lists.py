"""Lists of ME-GraphAU, OpenGraphAU and JAA-Net, in the form of their files."""

import numpy as np
import pytest

from fau3d.datasets.face_image_dataset import FaceImageDataset
from fau3d.datasets.images import read_image_list
from fau3d.facs import get_au_set


@pytest.fixture
def tree(tmp_path):
    lists = tmp_path / "list"
    lists.mkdir()
    (lists / "BP4D_train_img_path_fold1.txt").write_text(
        "F001/T1/2440.jpg\nF001/T1/2441.jpg\nM003/T8/7.jpg\n"
    )
    (lists / "BP4D_train_label_fold1.txt").write_text(
        "0 0 0 0 1 0 0 0 0 0 1 0\r\n1 0 0 0 1 1 0 0 0 1 1 0\r\n0 0 1 1 1 1 0 0 0 1 1 1\r\n\r\n"
    )
    return tmp_path


def test_bp4d_by_hand(tree):
    read = read_image_list("megraphau", tree, "fold1_train")
    assert read.au_names == get_au_set("bp4d")
    assert list(read.subjects) == ["F001", "F001", "M003"] and read.names[2] == "M003/T8/7"
    assert read.paths[0] == tree / "img" / "F001" / "T1" / "2440.jpg"
    np.testing.assert_array_equal(read.occurrence[1], [1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0])


def test_hybrid_of_41_units_without_folds(tmp_path):
    (tmp_path / "list").mkdir()
    (tmp_path / "list" / "hybrid_val_img_path.txt").write_text("RAF_AU/0001_aligned.jpg\n")
    row = ["-1.0"] * 41
    row[9] = "1.0"
    (tmp_path / "list" / "hybrid_val_label.txt").write_text(" ".join(row))
    read = read_image_list("megraphau", tmp_path, "val")
    assert read.au_names == get_au_set("opengraphau41")
    assert read.occurrence[0, read.au_names.index("AU12")] == 1 and (read.occurrence == -1).sum() == 40


def test_jaanet(tmp_path):
    folder = tmp_path / "data" / "list"
    folder.mkdir(parents=True)
    (folder / "DISFA_part3_path.txt").write_text(
        "data/imgs/DISFA/SN003/0.jpg\ndata/imgs/DISFA/SN004/10.jpg\n"
    )
    (folder / "DISFA_part3_AUoccur.txt").write_text("0 1 0 0 0 0 1 0\n1 0 0 0 0 0 0 0\n")
    read = read_image_list("jaanet", tmp_path, "DISFA_part3")
    assert list(read.subjects) == ["SN003", "SN004"] and read.au_names == get_au_set("disfa8")
    assert read.paths[1] == tmp_path / "data/imgs/DISFA/SN004/10.jpg"


@pytest.mark.parametrize(
    ("file", "text", "split", "wanted"),
    [
        (
            "BP4D_train_label_fold1.txt",
            "0 1\n" * 3,
            "fold1_train",
            r"label_fold1\.txt:1: .*wanted 12 numbers",
        ),
        ("BP4D_train_label_fold1.txt", "0 " * 12, "fold1_train", "has 1 rows for the 3 images"),
        (
            "BP4D_train_label_fold1.txt",
            "9 " + "0 " * 11 + "\n" + ("0 " * 12 + "\n") * 2,
            "fold1_train",
            "label_fold1",
        ),
        (
            "BP4D_train_img_path_fold1.txt",
            "a/1.jpg\n../b.jpg\nc/2.jpg",
            "fold1_train",
            r"path_fold1\.txt:2: ",
        ),
        ("x.txt", "", "fold2_train", "found BP4D_train_img_path_fold1"),
    ],
)
def test_lists_at_fault_are_told(tree, file, text, split, wanted):
    (tree / "list" / file).write_text(text)
    with pytest.raises(ValueError, match=wanted):
        read_image_list("megraphau", tree, split)


def test_images_of_a_list_are_read(tree):
    import cv2

    for name in ("F001/T1/2440.jpg", "F001/T1/2441.jpg", "M003/T8/7.jpg"):
        (tree / "img" / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tree / "img" / name), np.full((40, 40, 3), 90, np.uint8))
    pipeline = [
        {"type": "LoadFaceImage", "color": "rgb"},
        {"type": "CropFace", "size": 32},
        {"type": "PackFaceInputs"},
    ]
    data = FaceImageDataset(str(tree), "fold1_train", form="megraphau", pipeline=pipeline, test_mode=True)
    assert len(data) == 3 and data[2]["inputs"]["image"].shape == (1, 32, 32, 3)
    statistics = data.au_statistics()
    np.testing.assert_array_equal(statistics["positives"], [1, 0, 1, 1, 3, 2, 0, 0, 0, 2, 3, 1])
