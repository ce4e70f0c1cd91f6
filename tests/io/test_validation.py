"""Each fault of an annotation file is named by sample, key, found and wanted."""

from collections.abc import Callable

import numpy as np
import pytest

from fau3d.io.annotation import AnnotationFile
from fau3d.io.statistics import annotation_statistics
from fau3d.io.validation import Fault, validate

BOTH = "split fold1_train and fold1_test"
Change = Callable[[AnnotationFile], object]


def set_key(key: str, value: object) -> Change:
    return lambda file: file.annotations[0].__setitem__(key, value)


def set_value(key: str, place: tuple, value: float) -> Change:
    return lambda file: file.annotations[0][key].__setitem__(place, value)


def drop(key: str) -> Change:
    return lambda file: file.annotations[0].pop(key)


def set_info(key: str, value: object) -> Change:
    return lambda file: file.metainfo.__setitem__(key, value)


def test_a_good_file_has_none(good_file: AnnotationFile) -> None:
    assert validate(good_file) == []
    for annotation in good_file.annotations:
        annotation["keypoint"] = annotation["keypoint"].astype(np.float16)
    assert validate(good_file) == []


def test_validation_cut_out_of_the_training_split(good_file: AnnotationFile) -> None:
    for place, annotation in enumerate(good_file.annotations):
        annotation["subject"] = f"S{place}"
    names = [annotation["frame_dir"] for annotation in good_file.annotations]
    good_file.split = {"fold1_train": names, "fold1_fit": names[:1], "fold1_val": names[1:]}
    assert validate(good_file) == []
    good_file.split["fold1_fit"] = names
    assert "split fold1_fit and fold1_val" in {fault.sample for fault in validate(good_file)}


@pytest.mark.parametrize(
    ("change", "sample", "key", "text"),
    [
        (
            set_value("keypoint", (0, 2, 5), np.nan),
            "video0",
            "keypoint_score",
            "1 points that are NaN",
        ),
        (
            set_value("keypoint", (0, 2, 5, 0), np.nan),
            "video0",
            "keypoint",
            "1 points with some",
        ),
        (set_value("keypoint", (0, 2, 5), np.inf), "video0", "keypoint", "2 infinite coordinates"),
        (set_value("keypoint_score", (0, 2, 5), 1.5), "video0", "keypoint_score", "outside of [0, 1]"),
        (
            set_value("keypoint_score", (0, 2, 5), np.nan),
            "video0",
            "keypoint_score",
            "[0, 1] or NaN",
        ),
        (set_key("keypoint", np.zeros((1, 6, 68, 2), int)), "video0", "keypoint", "int64 array"),
        (set_key("keypoint", [[1.0]]), "video0", "keypoint", "found list"),
        (set_key("keypoint", np.zeros((6, 68, 2), "f4")), "video0", "keypoint", "shape (6, 68, 2)"),
        (set_key("keypoint", np.zeros((1, 6, 68, 4), "f4")), "video0", "keypoint", "shape (1, 6, 68, 4)"),
        (set_key("keypoint", np.zeros((1, 6, 133, 2), "f4")), "video0", "keypoint", "133 points; wanted 68"),
        (
            set_key("keypoint_score", np.zeros((1, 5, 68), "f4")),
            "video0",
            "keypoint_score",
            "wanted shape (1, 6, 68)",
        ),
        (set_key("total_frames", 7), "video0", "total_frames", "found 7; wanted 6"),
        (set_key("img_shape", (100.0, 5)), "video0", "img_shape", "(height, width) in pixels"),
        (set_key("img_shape", None), "video0", "img_shape", "None"),
        (set_key("fps", 0.0), "video0", "fps", "0.0"),
        (set_key("subject", 3), "video0", "subject", "3"),
        (set_key("frame_dir", ""), "", "frame_dir", "a name"),
        (set_key("frame_index", np.array([0, 1, 1, 2, 3, 4])), "video0", "frame_index", "repeat"),
        (set_key("frame_index", np.arange(5)), "video0", "frame_index", "shape (5,)"),
        (set_key("frame_index", np.arange(6.0)), "video0", "frame_index", "float64"),
        (set_key("timestamp", np.zeros(6)), "video0", "timestamp", "repeat"),
        (set_key("label_weight", np.ones(5)), "video0", "label_weight", "shape (5,)"),
        (set_key("label_weight", np.full(6, 1.1)), "video0", "label_weight", "outside of [0, 1]"),
        (
            set_key("au_occurrence", np.zeros((5, 2), np.int8)),
            "video0",
            "au_occurrence",
            "found shape (5, 2)",
        ),
        (
            set_key("au_occurrence", np.zeros((6, 3), np.int8)),
            "video0",
            "au_occurrence",
            "wanted shape (6, 2)",
        ),
        (set_key("au_occurrence", np.full((6, 2), 9, np.int8)), "video0", "au_occurrence", "the values [9]"),
        (set_key("au_occurrence", np.zeros((6, 2))), "video0", "au_occurrence", "float64 array"),
        (
            set_key("au_intensity", np.full((6, 2), 6.0)),
            "video0",
            "au_intensity",
            "12 values outside",
        ),
        (set_key("label", np.zeros(3)), "video0", "label", "wanted shape (2,)"),
        (drop("keypoint_score"), "video0", "keypoint_score", "found nothing"),
        (drop("frame_dir"), "annotation 0", "frame_dir", "found nothing"),
        (set_info("topology", "ibug69"), "metainfo", "topology", "ibug68"),
        (lambda f: f.metainfo.pop("topology"), "metainfo", "topology", "found nothing"),
        (set_info("au_names", ["AU01", "AU99"]), "metainfo", "au_names", "'AU99'"),
        (set_info("au_names", ["AU01", "12"]), "metainfo", "au_names", "the spelling 'AU12'"),
        (set_info("au_names", ["AU01", "AU01"]), "metainfo", "au_names", "'AU01' 2 times"),
        (set_info("au_names", []), "metainfo", "au_names", "found nothing"),
        (set_info("label_type", "binary"), "metainfo", "label_type", "'binary'"),
        (set_key("frame_dir", "video1"), "video1", "frame_dir", "2 annotations of this name"),
        (lambda f: f.split["fold1_test"].append("ghost"), "split fold1_test", "frame_dir", "ghost"),
        (lambda f: f.split["fold1_test"].append("video2"), "split fold1_test", "frame_dir", "twice: video2"),
        (
            lambda f: f.split["fold1_test"].append("video0"),
            BOTH,
            "frame_dir",
            "video0",
        ),
        (set_key("subject", "S2"), BOTH, "subject", "in both: S2"),
    ],
)
def test_each_fault_is_named(
    good_file: AnnotationFile, change: Change, sample: str, key: str, text: str
) -> None:
    change(good_file)
    faults = validate(good_file)
    named = [f for f in faults if f.sample == sample and f.key == key]
    assert named and text in " | ".join(map(str, named)), faults


def test_a_video_without_any_face_is_no_fault(good_file: AnnotationFile) -> None:
    annotation = good_file.annotations[0]
    annotation["keypoint"] = annotation["keypoint"][:0]
    annotation["keypoint_score"] = annotation["keypoint_score"][:0]
    assert validate(good_file) == []
    assert annotation_statistics(good_file).missing_face_share == (6 + 1 + 1) / 27


def test_one_bad_sample_does_not_hide_another(good_file: AnnotationFile) -> None:
    good_file.annotations[0].pop("keypoint")
    good_file.annotations[2]["fps"] = -1
    assert [(f.sample, f.key) for f in validate(good_file)] == [("video0", "keypoint"), ("video2", "fps")]


def test_subjects_without_a_name_are_not_shared(good_file: AnnotationFile) -> None:
    for annotation in good_file.annotations:
        annotation["subject"] = ""
    assert validate(good_file) == []


def test_a_fault_as_text() -> None:
    fault = Fault("clip_017", "keypoint", "133 points", "68")
    assert str(fault) == "clip_017: keypoint: found 133 points; wanted 68"
