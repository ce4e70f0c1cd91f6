"""HRM: what cells mean, whose files they are, features by frame number, and the sequence file."""

import json

import numpy as np
import pytest

from fau3d.datasets.corpora import CodingRules, CorpusError
from fau3d.datasets.corpora.hrm import Hrm
from fau3d.datasets.corpora.hrm_features import (
    read_insightface_features,
    read_openface_features,
    read_predicted_units,
)
from fau3d.datasets.corpora.hrm_sequences import SequenceOptions, build_sequences
from fau3d.facs import get_au_set


@pytest.fixture
def tree(build_tree):
    return build_tree("hrm", None)


def labels_of(corpus, name):
    return corpus.labels(next(r for r in corpus.listing().recordings if r.name == name))


def test_children_are_told_apart_by_group(tree):
    corpus = Hrm(tree)
    listing = corpus.listing()
    assert [r.name for r in listing.recordings] == ["S6", "S32", "S45", "S1TD", "S2TD", "S32TD"]
    assert [corpus.group(r) for r in listing.recordings] == ["ASD"] * 3 + ["TD"] * 3
    assert all(r.media is None and r.subject == r.name for r in listing.recordings)
    assert any("backup" in name for name in listing.unmatched) and "notes.csv" in listing.unmatched


def test_codes_become_labels(tree):
    corpus = Hrm(tree)
    assert corpus.au_names == get_au_set("hrm22")
    labels = labels_of(corpus, "S6")
    assert labels.numbers.tolist() == [*range(20), *range(24, 29), 30] and labels.intensity is None
    column = {name: labels.occurrence[:, place] for place, name in enumerate(corpus.au_names)}
    assert column["AU01"][:5].tolist() == [0, 0, 0, 1, 1]
    assert column["AU12"][:5].tolist() == [0, 1, 1, 1, 0]  # 0, both, left, right, 0
    assert column["AU2X"][:5].tolist() == [0, 1, 1, 1, 0]  # 26 and 27 are written, too
    assert column["AD32"][:4].tolist() == [0, 1, 0, 1]  # the bottom
    assert column["AU43E"][:6].tolist() == [1, 0, 0, 0, 0, 1]  # coded in the column AU43
    assert column["AU28"][:6].tolist() == [0, 0, 0, 0, -1, 0]  # blank


def test_sides(tree):
    kept = Hrm(tree, CodingRules(au_set=["AU12", "AU25"], sides="keep"))
    assert kept.au_names == ("AU12", "AU25", "AU12_L", "AU12_R")
    rows = labels_of(kept, "S6").occurrence[:4]
    assert rows.tolist() == [[0, 0, 0, 0], [1, 0, 1, 1], [1, 0, 1, 0], [1, 0, 0, 1]]
    unknown = labels_of(Hrm(tree, CodingRules(au_set=["AU12"], sides="unknown")), "S6").occurrence
    assert unknown[:4, 0].tolist() == [0, 1, -1, -1]


def test_rows_out_of_order_are_sorted(tree):
    numbers = labels_of(Hrm(tree), "S1TD").numbers
    assert (np.diff(numbers) > 0).all() and numbers[1] == 1


def test_the_sets(tree):
    assert len(Hrm(tree, CodingRules(au_set="hrm17")).au_names) == 17
    assert len(Hrm(tree, CodingRules(au_set="hrm")).au_names) == 36
    with pytest.raises(ValueError, match="HRM does not code AU38"):
        Hrm(tree, CodingRules(au_set=["AU38"]))


def test_ratings_are_the_raters_own(tree):
    corpus = Hrm(tree)
    ratings = corpus.ratings(corpus.listing().recordings[0])
    np.testing.assert_array_equal(ratings.ratings[0], [0, 1, 2, 3, 4])
    assert np.isnan(ratings.ratings[2]).tolist() == [False] * 4 + [True]


def test_the_group_may_be_told_by_the_column_alone(tree, tmp_path):
    flat = tmp_path / "flat"
    flat.mkdir()
    (flat / "S6.csv").write_text((tree / "AU-ab-5-level-end" / "ASD" / "S6.csv").read_text())
    (flat / "S1TD.csv").write_text((tree / "AU-ab-5-level-end" / "TD" / "S1.csv").read_text())
    (flat / "S2.csv").write_text((tree / "AU-ab-5-level-end" / "TD" / "S2.csv").read_text())
    assert [r.name for r in Hrm(flat).listing().recordings] == ["S6", "S1TD", "S2TD"]


def test_images_are_found_where_they_are(tree, noise_media):
    noise_media.image(tree / "origin" / "TD" / "S32" / "7.jpg")
    noise_media.image(tree / "origin" / "S45" / "7.jpg")
    noise_media.image(tree / "aligned" / "S32" / "7.jpg")
    listing = Hrm(tree).listing()
    found = {r.name: r.media.relative_to(tree).as_posix() for r in listing.recordings if r.media}
    assert found == {"S32TD": "origin/TD/S32", "S45": "origin/S45"}
    assert "S32 or S32TD" in listing.unmatched["aligned/S32"]


def test_openface_points_serve_where_images_are_withheld(tree):
    corpus = Hrm(tree)
    first = corpus.listing().recordings[0]
    assert corpus.own_landmarks(first) is None  # no points among the columns
    path = tree / "openface" / "ASD" / "S6.csv"
    points = [f"{axis}_{i}" for axis in "xy" for i in range(68)]
    rows = [",".join(["frame", "timestamp", "confidence", "success", *points])]
    rows += [
        ",".join([str(n), f"{n / 25:.2f}", "0.9", "1", *(str(i + n) for i in range(136))])
        for n in range(1, 31)
    ]
    path.write_text("\n".join(rows))
    corpus = Hrm(tree)
    first = corpus.listing().recordings[0]
    own = corpus.own_landmarks(first)
    assert own["topology"] == "ibug68" and own["frame_dir"] == "S6" and "au_occurrence" not in own
    # Frame n of the labels is OpenFace's frame n.
    assert first.first_number == 1 and own["keypoint"][0, 0, 0, 0] == 1


def test_machine_features(tree, tmp_path):
    openface = read_openface_features(tree / "openface" / "ASD" / "S6.csv")
    assert openface.names[:5] == ("gaze_angle_x", "gaze_angle_y", "pose_Rx", "pose_Ry", "pose_Rz")
    assert np.isnan(openface.values[7]).all() and openface.values[5, 2] == np.float32(0.05)
    path = tree / "InsightFace features" / "ASD" / "S6.csv"
    faces = read_insightface_features(path)
    # x_0 = 100, the box spans 90 to 210; y_0 = 110, it spans 90 to 230.
    np.testing.assert_allclose(faces.values[0, :2], [(100 - 150) / 120, (110 - 160) / 140], rtol=1e-6)
    assert faces.names[-1] == "yaw" and faces.values[3, -1] == np.float32(0.03)
    named = tmp_path / "S6.csv"
    named.write_text(path.read_text().replace("x_0", "kps_0_x", 1))
    with pytest.raises(CorpusError, match=r"S6\.csv:1: has no column x_0; found frame, kps_0_x"):
        read_insightface_features(named)
    np.testing.assert_array_equal(read_insightface_features(named, {"x_0": "kps_0_x"}).values, faces.values)
    for text, message in (("1,x,0\n", r"S6\.csv:2: 1 is 'x'"), ("1,1\n", r"S6\.csv:2: has 2 cells")):
        named.write_text("frame,1,2\n" + text)
        with pytest.raises(CorpusError, match=message):
            read_predicted_units(named)


def test_predicted_units_in_both_forms(tmp_path):
    path = tmp_path / "predict.csv"
    path.write_text("frame,1,25,27\n4,1,0,1\n2,0,1,0\n")
    table = read_predicted_units(path)
    assert table.names == ("AU01", "AU25", "AU2X") and table.numbers.tolist() == [2, 4]
    assert table.at(np.array([4, 3]))[0].tolist() == [1, 0, 1]
    assert np.isnan(table.at(np.array([4, 3]))[1]).all()
    path.write_text("source,frame,AU01_p,AU01_c,AU12_p\nx,0,0.25,0,0.5\n")
    assert read_predicted_units(path).names == ("AU01", "AU12")
    path.write_text("source,frame\nx,0\n")
    with pytest.raises(CorpusError, match=r"predict\.csv:1: found source, frame"):
        read_predicted_units(path)


def test_sequences_are_runs(tree):
    file, report = build_sequences(Hrm(tree), SequenceOptions(["openface", "insightface"]))
    assert [a["frame_dir"] for a in file.annotations[:3]] == ["S6/000000", "S6/000024", "S6/000030"]
    first = file.annotations[0]
    assert first["total_frames"] == 20 and first["au_occurrence"].shape == (20, 22)
    assert first["raters"].shape == (20, 5) and first["group"] == "ASD" and first["subject"] == "S6"
    assert first["features"]["openface"].shape == (20, 9)
    assert first["features"]["openface"][5, 2] == np.float32(0.05)  # frame 5, whatever its line
    assert report.children == {"ASD": 3, "TD": 3} and report.frames == 6 * 26
    assert "6 children done (3 ASD, 3 TD)" in str(report)


def test_features_of_other_frames_are_refused(tree):
    options = SequenceOptions(["openface"], feature_offset=1000)
    with pytest.raises(CorpusError, match=r"none of its openface frames \(0 to 30\).*the feature offset"):
        build_sequences(Hrm(tree), options)


def test_a_child_at_fault_is_left_out(tree):
    (tree / "openface" / "ASD" / "S6.csv").unlink()
    _, report = build_sequences(Hrm(tree), SequenceOptions(["openface"]))
    assert "has no openface file" in report.failed["S6"] and report.children["ASD"] == 2


def test_the_command(repo_root, tree, tmp_path, capsys):
    import importlib.util

    from fau3d.io.annotation import load_annotations

    path = repo_root / "tools" / "data" / "prepare_ratings.py"
    spec = importlib.util.spec_from_file_location("prepare_ratings", path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    predictions = tmp_path / "predicted"
    predictions.mkdir()
    for child in Hrm(tree).listing().recordings:
        (predictions / f"{child.name}.csv").write_text("frame,1,27\n0,1,1\n5,0,1\n")
    out = tmp_path / "ratings.pkl"
    columns = json.dumps({"yaw": "yaw"})
    command = [
        str(tree),
        str(out),
        "--features",
        "insightface",
        "predicted",
        "--predictions",
        str(predictions),
    ]
    assert tool.main([*command, "--insightface-columns", columns, "--au-set", "hrm17"]) == 0
    assert "6 children done" in capsys.readouterr().out
    file = load_annotations(out)
    assert file.metainfo["feature_names"]["predicted"] == ["AU01", "AU2X"] and len(file.au_names) == 17
    subjects = {a["frame_dir"]: (a["subject"], a["group"]) for a in file.annotations}
    tested = [{subjects[v] for v in file.split[f"fold{k}_test"]} for k in (1, 2, 3)]
    assert [sorted(g for _, g in fold) for fold in tested] == [["ASD", "TD"]] * 3
    assert len(set.union(*tested)) == 6
    assert {subjects[v] for v in file.split["fold1_fit"]}.isdisjoint(
        {subjects[v] for v in file.split["fold1_val"]}
    )
    assert tool.main(command) == 2 and "--overwrite" in capsys.readouterr().err
    assert tool.main([str(tmp_path / "none"), str(tmp_path / "x.pkl")]) == 2
    assert "no such folder" in capsys.readouterr().err
