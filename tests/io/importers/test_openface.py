"""OpenFace's CSV files."""

from pathlib import Path

import numpy as np
import pytest

from fau3d.datasets import FaceKeypointDataset
from fau3d.facs import get_au_set
from fau3d.io.annotation import save_annotations
from fau3d.io.importers.base import ImportFault
from fau3d.io.importers.openface import import_openface

UNITS = get_au_set("openface18")
R_UNITS = get_au_set("openface17")


def write(
    path: Path,
    rows: list[dict],
    separator: str = ", ",
    without: tuple[str, ...] = (),
    extra: tuple[str, ...] = ("gaze_0_x", "eye_lmk_x_0", "pose_Tx", "X_0", "p_scale"),
) -> Path:
    """A file as OpenFace writes it; x_i = 100 + i + frame, y_i = 200 + i."""
    names = ["frame", "face_id", "timestamp", "confidence", "success", *extra[:3]]
    names += [f"{axis}_{i}" for axis in "xy" for i in range(68)] + list(extra[3:])
    names += [f"{u}_r" for u in R_UNITS] + [f"{u}_c" for u in UNITS]
    names = [n for n in names if n not in without]
    lines = [separator.join(names)]
    for row in rows:
        good = row.get("success", 1)
        values = {"frame": 1, "face_id": 0, "timestamp": (row["frame"] - 1) * 0.04, "confidence": 0.98 * good}
        values |= {"success": good, **dict.fromkeys(extra, 7.0), **row}
        for i in range(68):
            values[f"x_{i}"], values[f"y_{i}"] = (100 + i + row["frame"]) * good, (200 + i) * good
        for place, unit in enumerate(UNITS):
            values.setdefault(f"{unit}_c", (place % 2) * good)
            values.setdefault(f"{unit}_r", (place % 6) * good)
        lines.append(separator.join(f"{values[n]}" for n in names))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("separator", [", ", ","])
def test_landmarks_times_and_units(tmp_path: Path, separator: str) -> None:
    path = write(tmp_path / "clip a.csv", [{"frame": f} for f in (1, 2, 3)], separator, without=("face_id",))
    result = import_openface(path)
    assert result.failures == [] and result.file.split == {"all": ["clip a"]}
    assert result.file.metainfo["topology"] == "ibug68" and result.file.au_names == UNITS
    (found,) = result.file.annotations
    assert found["keypoint"].shape == (1, 3, 68, 2) and found["total_frames"] == 3
    assert found["keypoint"][0, 2, 5].tolist() == [108.0, 205.0]  # frame 3 there is frame 2 here
    np.testing.assert_allclose(found["keypoint_score"], 0.98, rtol=1e-6)
    assert found["fps"] == pytest.approx(25) and found["timestamp"].tolist() == pytest.approx([0, 0.04, 0.08])
    assert found["frame_index"].tolist() == [0, 1, 2]
    assert found["au_occurrence"][0].tolist() == [p % 2 for p in range(18)]
    wanted = [p % 6 if UNITS[p] in R_UNITS else np.nan for p in range(18)]
    np.testing.assert_array_equal(found["au_intensity"][0], wanted)  # AU28 has no intensity
    assert found["img_shape"] == (268, 171)  # the smallest that holds all points


def test_failed_and_missing_frames_stay_on_the_time_axis(tmp_path: Path) -> None:
    rows = [{"frame": 1}, {"frame": 2, "success": 0}, {"frame": 5}]
    (found,) = import_openface(write(tmp_path / "a.csv", rows)).file.annotations
    assert found["total_frames"] == 5
    seen = np.isfinite(found["keypoint"]).all((0, 2, 3))
    assert seen.tolist() == [True, False, False, False, True]
    assert ((found["keypoint_score"] > 0).all((0, 2)) == seen).all()
    assert (found["au_occurrence"][1:4] == -1).all() and np.isnan(found["au_intensity"][1:4]).all()
    np.testing.assert_allclose(found["timestamp"], np.arange(5) * 0.04)


def test_several_faces_become_several_samples(tmp_path: Path) -> None:
    rows = [{"frame": 1, "face_id": 0}, {"frame": 1, "face_id": 3}, {"frame": 2, "face_id": 3}]
    result = import_openface(write(tmp_path / "a.csv", rows))
    assert result.file.split["all"] == ["a_face0", "a_face3"]
    first, second = result.file.annotations
    assert first["total_frames"] == second["total_frames"] == 2
    assert np.isnan(first["keypoint"][0, 1]).all() and np.isfinite(second["keypoint"]).all()


def test_still_images(tmp_path: Path) -> None:
    rows = [{"frame": 1, "face": 0}, {"frame": 1, "face": 1}]
    without = ("frame", "face_id", "timestamp", "success", "gaze_0_x")
    path = write(tmp_path / "a.csv", rows, without=without, extra=("face", "b", "c", "d"))
    assert import_openface(path).file.split["all"] == ["a_face0", "a_face1"]


def test_only_some_unit_columns(tmp_path: Path) -> None:
    without = tuple(f"{u}_c" for u in UNITS) + ("AU45_r",)
    (found,) = import_openface(write(tmp_path / "a.csv", [{"frame": 1}], without=without)).file.annotations
    assert (found["au_occurrence"] == -1).all() and (found["label"] == -1).all()
    assert np.isnan(found["au_intensity"][0, -1]) and found["au_intensity"][0, 1] == 1


def test_size_from_the_details_beside_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", [{"frame": 1}])
    (tmp_path / "a_of_details.txt").write_text("Input:x.mp4\nCamera parameters:500,500,320,180\nPose: 1\n")
    assert import_openface(path).file.annotations[0]["img_shape"] == (360, 640)
    assert import_openface(path, img_shape=(720, 1280)).file.annotations[0]["img_shape"] == (720, 1280)


def test_a_bad_file_does_not_cost_the_others(tmp_path: Path) -> None:
    write(tmp_path / "s1" / "good.csv", [{"frame": 1}])
    write(tmp_path / "s2" / "good.csv", [{"frame": 1}])
    write(tmp_path / "twice.csv", [{"frame": 4}, {"frame": 4}])
    write(tmp_path / "few.csv", [{"frame": 1}], without=("x_3", "y_60"))
    (tmp_path / "empty.csv").touch()
    write(tmp_path / "none.csv", [])
    write(tmp_path / "zero.csv", [{"frame": 0}])
    result = import_openface(tmp_path)
    assert result.file.split["all"] == ["s1/good", "s2/good"]
    reasons = {Path(name).name: reason for name, reason in result.failures}
    assert "frame 4 of face 0 is twice there" in reasons["twice.csv"]
    assert "2 of 136 columns of landmarks are missing (x_3, y_60" in reasons["few.csv"]
    assert "empty.csv: is no CSV file" in reasons["empty.csv"]
    assert "holds no rows" in reasons["none.csv"] and "below 1" in reasons["zero.csv"]


def test_nothing_to_import(tmp_path: Path) -> None:
    for source in (tmp_path, tmp_path / "gone.csv"):
        with pytest.raises(ImportFault, match="found no CSV file"):
            import_openface(source)


def test_its_confidence_weighs_the_labels(tmp_path: Path) -> None:
    rows = [{"frame": 1}, {"frame": 2, "confidence": 0.4}, {"frame": 4, "success": 0}]
    (found,) = import_openface(write(tmp_path / "clip.csv", rows)).file.annotations
    assert found["label_weight"].dtype == np.float32
    np.testing.assert_allclose(found["label_weight"], [0.98, 0.4, 0, 0], rtol=1e-6)


def test_its_confidence_reaches_the_loss(tmp_path: Path) -> None:
    rows = [{"frame": f, "confidence": f / 10} for f in range(1, 7)]
    imported = import_openface(write(tmp_path / "clip.csv", rows)).file
    path = tmp_path / "clip.pkl"
    save_annotations(path, imported.split, imported.annotations, imported.metainfo)
    pipeline = [{"type": name} for name in ("FaceCrop", "FillMissing", "PackFaceInputs")]
    data = FaceKeypointDataset(str(path), pipeline, split="all", clip={"length": 6}, test_mode=True)
    sample = data[0]["data_samples"]
    np.testing.assert_allclose(sample.frame_weight, np.arange(1, 7) / 10, rtol=1e-6)
    assert sample.gt_occurrence.shape == (6, 18)
