"""What an annotation file holds, in numbers."""

import numpy as np

from fau3d.io.annotation import AnnotationFile
from fau3d.io.statistics import annotation_statistics, format_statistics


def test_numbers_counted_by_hand(good_file: AnnotationFile) -> None:
    found = annotation_statistics(good_file)
    assert (found.num_videos, found.num_frames, found.num_subjects) == (3, 27, 2)
    assert found.missing_face_share == 3 / 27
    units = found.units.set_index("AU")
    assert units.loc["AU01", "annotated"] == 24 and units.loc["AU01", "present"] == 6
    assert units.loc["AU01", "base_rate"] == 0.25 and units.loc["AU12", "base_rate"] == 0
    assert units.loc["AU12", "unannotated_share"] == 1 - 24 / 27
    assert units.loc["AU01", "mean_intensity"] == 0.5
    assert found.lengths["videos"].sum() == 3
    assert found.splits.to_dict("records")[0] == {
        "split": "fold1_train",
        "videos": 2,
        "frames": 15,
        "subjects": 1,
    }
    text = format_statistics(found)
    for part in (
        "3 videos, 27 frames, 2 subjects",
        "11.1%",
        "AU01",
        "25.0%",
        "fold1_test",
        "Length in frames",
    ):
        assert part in text


def test_units_nobody_annotated(good_file: AnnotationFile) -> None:
    for annotation in good_file.annotations:
        annotation["au_occurrence"][:] = -1
        annotation["au_intensity"][:] = np.nan
    units = annotation_statistics(good_file).units
    assert units["base_rate"].isna().all() and (units["unannotated_share"] == 1).all()
    assert " - " in format_statistics(annotation_statistics(good_file))


def test_files_without_labels_or_videos(good_file: AnnotationFile) -> None:
    for annotation in good_file.annotations:
        del annotation["au_occurrence"], annotation["au_intensity"]
    good_file.metainfo["au_names"] = []
    assert "No action unit labels" in format_statistics(annotation_statistics(good_file))
    empty = annotation_statistics(AnnotationFile())
    assert empty.num_frames == 0 and np.isnan(empty.missing_face_share)
    format_statistics(empty)
