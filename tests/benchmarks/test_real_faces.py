"""Checks on real faces: figures on answers whose figures are known, and the command line on a short clip."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.usefixtures("benchmarks")


def answer(**units: list[float]) -> pd.DataFrame:
    frame = pd.DataFrame(units)
    return frame.set_axis(pd.Index(range(len(frame)), name="frame"))


def test_compare_uses_shared_frames_and_gives_no_correlation_of_what_stands_still() -> None:
    from face_checks import compare

    one = answer(AU01=[0.0, 0.5, 1.0, 0.2], AU02=[0.1, 0.1, 0.1, 0.1])
    other = answer(AU01=[0.1, 9.0, 1.1, 9.0], AU02=[0.2, 9.0, 0.4, 9.0]).loc[[0, 2]]
    result = compare(one, other)
    assert result.loc["AU01", "correlation"] == pytest.approx(1)
    assert result.loc["AU01", "difference"] == pytest.approx(0.1)
    assert result.loc["AU01", "relative"] == pytest.approx(0.1 / 0.5)
    assert result.loc["AU02", ["correlation", "relative"]].isna().all()
    assert result.loc["AU02", "difference"] == pytest.approx(0.2)


def test_compare_without_a_shared_frame_knows_nothing() -> None:
    from face_checks import compare

    one = answer(AU01=[0.0, 0.5])
    assert compare(one, one.iloc[:0]).isna().to_numpy().all()


def test_a_mirrored_answer_changes_sides_twice_to_be_itself() -> None:
    from face_checks import compare, unmirror

    one = answer(AU01=[0.1, 0.2], AU12_L=[0.0, 1.0], AU12_R=[1.0, 0.0])
    mirrored = unmirror(one)
    assert list(mirrored) == list(one)
    np.testing.assert_array_equal(mirrored["AU12_L"], one["AU12_R"])
    assert (compare(one, unmirror(mirrored))["difference"] == 0).all()


def test_silence_tells_quiet_units_from_those_that_talk_and_blink() -> None:
    from face_checks import silence

    said = answer(AU01=[0, 1, 0, 0], AU25=[1, 1, 1, 1], AU10_L=[0, 0, 0, 0], AU43=[0, 0, 1, 1])
    result = silence(said, said / 2)
    assert list(result["group"]) == ["quiet", "speech", "speech", "blink"]
    assert result.loc["AU01", "share"] == 0.25 and result.loc["AU25", "probability"] == 0.5


def test_repetitions_frozen_frames_and_steps() -> None:
    from face_checks import frozen_drift, repetition_difference, roughness

    looped = answer(AU01=[0.0, 0.4, 0.3, 0.3, 0.1, 0.5])
    assert repetition_difference(looped, 2, 3).loc["AU01", "difference"] == pytest.approx(0.1)
    held = frozen_drift(answer(AU01=[0.0, 0.0, 0.9, 0.2, 0.2]), fps=2)
    assert held.loc["AU01"].tolist() == pytest.approx([0.2, 0.9, 0.0])
    gap = answer(AU01=[0.0, 0.1, 0.9, 0.8]).drop(index=1)  # the step over the gap is not one
    steps = roughness(gap)
    assert steps.loc["AU01", "difference"] == pytest.approx(0.1)
    assert steps.loc["AU01", "relative"] == pytest.approx(0.1 / np.std([0.0, 0.9, 0.8]))


def test_flipping_landmarks_twice_is_nothing_and_noise_is_the_same_each_time() -> None:
    from face_rivals import JITTER, flip, jitter

    from fau3d.structures import VideoLandmarks

    keypoint = np.random.default_rng(0).uniform(50, 90, (1, 40, 478, 3)).astype(np.float32)
    keypoint[0, :, 33], keypoint[0, :, 263] = [40, 60, 0], [140, 60, 0]  # eye corners 100 pixels apart
    box = np.tile(np.float32([40, 50, 140, 90]), (1, 40, 1))
    ones = np.ones((1, 40), np.float32)
    scores = np.ones((1, 40, 478), np.float32)
    time = np.arange(40)
    landmarks = VideoLandmarks(
        keypoint, scores, box, ones, time, time / 25, 25.0, (200, 200), "mediapipe478", "made up"
    )
    once = flip(landmarks)
    np.testing.assert_allclose(once.box[0, 0], [59, 50, 159, 90])
    assert once.keypoint[0, 0, 33, 0] == 199 - 140  # the left corner, mirrored, is the right one
    np.testing.assert_allclose(flip(once).keypoint, keypoint, atol=1e-4)
    noise = jitter(landmarks).keypoint - keypoint
    assert noise.std() == pytest.approx(JITTER * 100, rel=0.02)
    np.testing.assert_array_equal(jitter(landmarks).keypoint - keypoint, noise)


def test_orders_of_play() -> None:
    from clip_variants import play_order

    assert play_order("looped", 2, 25).tolist() == [0, 1] * 3
    frozen = play_order("frozen-50", 8, 25)
    assert len(frozen) == 250 and set(frozen) == {4}
    with pytest.raises(ValueError, match="backwards"):
        play_order("backwards", 2, 25)


def test_every_form_keeps_a_picture() -> None:
    from clip_variants import PICTURES

    image = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    shapes = {name: picture(image).shape for name, picture in PICTURES.items()}
    assert shapes["scale-25"] == (12, 16, 3) and shapes["crop-left-30"] == (48, 45, 3)
    assert {shapes[name] for name in ("clean", "mirror", "shift-25", "blur-1.5", "jpeg-30")} == {(48, 64, 3)}
    np.testing.assert_array_equal(PICTURES["shift-25"](image)[:, :48], image[:, 16:])
    np.testing.assert_array_equal(PICTURES["right-half"](image), image[:, 32:])


def test_blendshapes_are_read_as_the_table_says() -> None:
    from blendshapes import COUNTERPARTS, to_au_table

    names = {"browInnerUp", "jawOpen", "mouthClose", "mouthRollLower", "mouthRollUpper", "mouthShrugLower"}
    names |= {"mouthPucker", "mouthFunnel"}
    sided = ["browDown", "browOuterUp", "cheekSquint", "eyeBlink", "eyeSquint", "eyeWide", "mouthDimple"]
    sided += ["mouthFrown", "mouthLowerDown", "mouthPress", "mouthSmile", "mouthStretch", "mouthUpperUp"]
    names |= {f"{shape}{side}" for shape in [*sided, "noseSneer"] for side in ("Left", "Right")}
    shapes = pd.DataFrame(
        {"frame": [0, 1], "timestamp": [0, 0.04], **{name: [0.0, np.nan] for name in names}}
    )
    shapes.loc[0, ["jawOpen", "mouthClose", "mouthSmileLeft", "mouthPressLeft"]] = [0.9, 0.2, 1.0, 0.4]
    table = to_au_table(shapes, "clip").data
    assert table["success"].tolist() == [1, 0] and table.loc[1, "AU12_c":].isna().all()
    first = table.loc[0]
    assert first["AU25_p"] == pytest.approx(0.7) and first["AU26_p"] == first["AU27_p"] == 0.9
    assert first["AU12_p"] == 0.5 and first["AU12_c"] == 1
    assert first["AU24_p"] == pytest.approx(0.2) and first["AU23_p"] == pytest.approx(0.1)
    nothing = to_au_table(shapes[["frame", "timestamp"]], "clip")
    assert set(nothing.au_names) == set(COUNTERPARTS) and not nothing.data["success"].any()


def test_a_sheet_leaves_out_what_nobody_says_and_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    from face_report import Sheet

    sheet = Sheet(["a", "b"])
    sheet.add("3. Silence", "AU09 (quiet)", "share present", "a", 0.0)
    sheet.add("3. Silence", "AU25 (speech)", "share present", "a", 0.5)
    sheet.add("5. Invariance", "mean", "correlation", "b", float("nan"))
    short = sheet.markdown(details=False)
    assert "AU09" not in short and "AU09" in sheet.markdown()
    assert "| AU25 (speech) | share present | – | 0.500 | – |" in short
    with pytest.raises(ValueError, match="'c'"):
        sheet.add("1.", "x", "AUC", "c", 1)
    with pytest.raises(ValueError, match="twice"):
        sheet.add("3. Silence", "AU25 (speech)", "share present", "a", 0.5)
    sheet.write(tmp_path)
    figures = json.loads((tmp_path / "real_faces.json").read_text())["figures"]
    assert figures[1]["a"] == 0.5 and figures[2]["b"] is None
    assert len(pd.read_csv(tmp_path / "real_faces.csv")) == 3


@pytest.mark.slow
def test_command_line_on_a_short_clip(
    repo_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("mediapipe")
    from real_faces import main

    from fau3d.io.video import VideoReader, VideoWriter

    clip, coding, output = tmp_path / "short.mp4", tmp_path / "coding.csv", tmp_path / "out"
    with VideoReader(repo_root / "demo" / "face.mp4") as reader, VideoWriter(clip, reader.fps) as writer:
        for frame in reader.frames(236, 252):
            writer.write(frame.image)
    coding.write_text("unit,first_frame,last_frame,value\nAU12,0,7,0\nAU12,8,15,1\n")
    shutil.copy(clip, tmp_path / "grid_brbk7n_talking.mp4")
    arguments = ["--demo", str(clip), "--coding", str(coding), "--clips", str(tmp_path), "-o", str(output)]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "| AU12 | AUC | more |" in printed and "| every-second | faces found | more | 1.000 |" in printed
    assert "### 3. Silence, one speaker" in printed
    assert "grid_two_speakers_multi_face.mp4 (left of two)" in printed  # absent, and said to be
    figures = pd.read_csv(output / "real_faces.csv").set_index(["check", "item", "measure"]).iloc[:, 0]
    assert figures["2. Mirror", "mean of units", "difference"] < 0.1
    kept = sorted((output / "cache").iterdir())
    times = [path.stat().st_mtime_ns for path in kept]
    assert main([*arguments, "--neutral", "auto"]) == 0
    assert [path.stat().st_mtime_ns for path in kept] == times  # nothing was extracted again
    again = pd.read_csv(output / "real_faces.csv").set_index(["check", "item", "measure"])
    pd.testing.assert_series_equal(again.iloc[:, 0], figures)
    assert again.columns[1] == f"{figures.name}, neutral auto"
    assert main([*arguments, "--checkpoint", "nowhere"]) == 1
    assert "shipped" in capsys.readouterr().err


def test_one_sided_units_have_rows_of_their_own() -> None:
    from face_checks import probabilities
    from face_report import Sheet
    from face_tables import Column, shared_units

    from fau3d.structures import AUTable

    keys = {
        "source": "clip",
        "frame": [0, 1],
        "face_id": 0,
        "timestamp": [0, 0.1],
        "confidence": 1,
        "success": 1,
    }
    values = {"AU01": [0.1, 0.1], "AU12_L": [0.9, 0.1], "AU12_R": [0.1, 0.1]}
    said = {f"{unit}_c": np.array(p) >= 0.5 for unit, p in values.items()}
    rows = {**keys, **{f"{unit}_p": p for unit, p in values.items()}, **said}
    sided, plain = (
        AUTable(pd.DataFrame(rows)),
        AUTable(pd.DataFrame(rows).drop(columns=["AU12_L_p", "AU12_L_c"])),
    )
    assert shared_units([sided, plain]) == ["AU01", "AU12_R"]
    with pytest.raises(ValueError, match="no unit in common"):
        shared_units([sided, AUTable(pd.DataFrame(keys))])
    sheet = Sheet(["mine"])
    column = Column(sheet, "mine", ["AU01"])
    column.mirror(probabilities(sided), probabilities(sided), None)
    column.silence("someone", sided)
    figures = sheet.table().set_index(["check", "item", "measure"])["mine"]
    assert figures["2. Mirror", "mean of units", "difference"] == 0
    assert figures["2. Mirror", "one-sided units, mean", "difference"] == pytest.approx(0.4)
    assert figures["3. Silence, someone", "quiet units, most", "share present"] == 0
    assert figures["3. Silence, someone", "one-sided quiet units, most", "share present"] == 0.5
