"""What the curves of a recording say: by hand-made frames, and against the table of a real clip."""

import json

import av
import cv2
import numpy as np
import pandas as pd
import pytest

from fau3d.apis.frame_spool import FrameSpool
from fau3d.apis.reading import CurveCollector, read_face, write_readings
from fau3d.apis.reading.pairs import write_synchrony
from fau3d.apis.reading.parts import read_parts, write_parts
from fau3d.apis.reading.tiers import write_event_tiers
from fau3d.apis.results import FaceResult, FrameResult
from fau3d.apis.video_report import Strips
from fau3d.cli import main
from fau3d.io.elan import read_eaf
from fau3d.io.table import read_au_table
from fau3d.io.textgrid import read_textgrid
from fau3d.io.video import VideoReader
from fau3d.structures import FaceLandmarks
from fau3d.synthetic.rendering import rotation
from fau3d.synthetic.resting import canonical_face

UNITS = ("AU06", "AU12", "AU43", "AU04", "AU09", "AU15")
THRESHOLDS = np.full(6, 0.5)
REST = np.zeros(6)
SMILE = np.array([0.9, 1.0, 0, 0, 0, 0])


def landmarks(yaw=0.0, confidence=1.0):
    face = np.concatenate([canonical_face(), np.zeros((10, 3), np.float32)]) @ rotation(yaw, 0.0, 0.0).T
    points = (20 * face * (1, -1, -1) + 200).astype(np.float32)
    return FaceLandmarks(
        points, np.ones(478, np.float32), np.array([0, 0, 1, 1.0]), confidence, "mediapipe478"
    )


def frame(index, probability=None, yaw=0.0, confidence=1.0, face_id=0):
    faces = {}
    if probability is not None:
        values = np.array(probability)
        faces[face_id] = FaceResult(
            landmarks(yaw, confidence), values, (values >= 0.5).astype(float), 5.0 * values
        )
    return FrameResult(index, index / 25, faces)


def curves_of(frames):
    collector = CurveCollector(UNITS, intensity=True)
    for each in frames:
        collector.append(each)
    return collector.curves()


def test_frames_that_are_not_to_be_believed_are_marked_and_stay():
    frames = [
        frame(0, REST),
        frame(1),
        frame(2, REST, yaw=np.radians(60)),
        frame(3, REST, confidence=0.3),
        frame(4, SMILE, yaw=np.radians(30)),
    ]
    (face,) = curves_of(frames)
    assert face.invalid.tolist() == [0, 1, 3, 2, 0] and len(face.time) == 5
    np.testing.assert_allclose(face.turned[[0, 2, 4]], [0, 60, 30], atol=1)
    assert np.isnan(face.probability[1:4]).all() and (face.occurrence[1:4] == -1).all()
    assert face.occurrence[4].tolist() == [1, 1, 0, 0, 0, 0] and face.intensity[4, 1] == 5


def test_a_hand_over_the_face_counts_until_a_look_says_otherwise():
    over = landmarks().points[:, :2] + 10  # as large as the face
    beside = over + 1000
    looks = {0: [beside], 4: [beside, over], 9: [beside]}
    collector = CurveCollector(UNITS, intensity=True)
    for number in range(11):
        collector.append(frame(number, None if number == 5 else SMILE), looks.get(number))
    (face,) = collector.curves()
    assert face.invalid.tolist() == [0, 0, 0, 4, 4, 1, 4, 0, 0, 0, 0]  # a frame without a face says so


def test_a_smile_by_hand(tmp_path):
    smile = [frame(i, SMILE if 50 <= i < 100 else REST) for i in range(200)]
    smile[70] = frame(70)
    (face,) = curves_of(smile)
    reading = read_face(face, UNITS, THRESHOLDS)
    assert reading.events.curve.tolist() == [0, 1]
    np.testing.assert_array_equal(reading.events.onset_frame, [50, 50])
    np.testing.assert_array_equal(reading.events.offset_frame, [99, 99])
    labels = reading.expressions.labels()
    assert set(labels[50:70]) == {"happiness"} and labels[70] == "" and set(labels[:50]) == {"neutral"}
    assert reading.expressions.valence[60] > 0.9
    assert reading.figures.time_share[0, 1] == pytest.approx(49 / 199)

    write_readings([reading], tmp_path, {"source": "made"})
    events = pd.read_csv(tmp_path / "events.csv")
    unit = events[events["name"] == "AU12"].iloc[0]
    assert (unit["onset"], unit["offset"], unit["peak_intensity"]) == (2.0, 3.96, 5.0)
    assert unit["longest_gap"] == pytest.approx(0.08)
    assert (events["kind"] == "expression").sum() == 2  # before and after the frame without a face
    table = pd.read_csv(tmp_path / "expressions.csv", keep_default_na=False)
    assert table["invalid"][70] == "no face" and "AU12" in table["spoke_for_it"][60]
    summary = json.loads((tmp_path / "summary.json").read_text())["faces"][0]
    assert summary["invalid_frames"]["no face"] == 1
    assert summary["expressions"]["time_share"]["happiness"] == pytest.approx(49 / 199, abs=1e-3)
    assert "inference" in summary["expressions"]["note"]


def test_diagrams_grow_below_the_faces_seen_longest():
    frames = []
    for i in range(20):
        # Faces 0 and 1 come and go, 2 to 4 stay.
        faces = {n: frame(i, SMILE).faces[0] for n in range(5) if n > 1 or i % 2}
        frames.append(FrameResult(i, i / 25, faces))
    curves = curves_of(frames)
    strips = Strips([read_face(each, UNITS, THRESHOLDS) for each in curves], fps=25.0)
    picture = np.full((40, 320, 3), 200, np.uint8)
    pictures = [strips.below(picture) for _ in range(20)]
    assert len({drawn.shape for drawn in pictures}) == 1
    np.testing.assert_array_equal(pictures[-1][:40], picture)
    below = pictures[-1].shape[0] - 40
    alone = Strips([read_face(curves[0], UNITS, THRESHOLDS)], fps=25.0).below(picture).shape[0] - 40
    assert below == 3 * alone
    # Half of the way, the right half of each diagram has no curve yet.
    assert (pictures[9][40 : 40 + alone, 280:310] != pictures[-1][40 : 40 + alone, 280:310]).any()


def test_spooled_frames_come_back(tmp_path):
    frames = [
        frame(0, SMILE),
        frame(1),
        FrameResult(2, 0.08, frame(2, REST).faces | frame(2, SMILE, face_id=4).faces),
    ]
    with FrameSpool(tmp_path / "new") as spool:
        for each in frames:
            spool.append(each)
        back = list(spool.results())
    assert len(spool) == 3 and [list(each.faces) for each in back] == [[0], [], [0, 4]]
    for before, after in zip(frames, back):
        assert (before.index, before.timestamp) == (after.index, after.timestamp)
        for face_id, face in before.faces.items():
            again = after.faces[face_id]
            for part in ("points", "scores", "box", "confidence"):
                np.testing.assert_allclose(getattr(again.landmarks, part), getattr(face.landmarks, part))
            np.testing.assert_allclose(again.probability, face.probability, atol=1e-7)
            np.testing.assert_array_equal(again.occurrence, face.occurrence)
            np.testing.assert_allclose(again.intensity, face.intensity, atol=1e-6)
    assert not list((tmp_path / "new").iterdir())


def moving(index, delay=0.0):
    """Give the units of somebody who smiles now and then, at irregular times."""
    seconds = index / 25 - delay
    level = 0.5 + 0.5 * np.sin(seconds * 1.3 + 2.0 * np.sin(seconds * 0.31))
    return np.array([level, level**2, 0.1, 0.2, 0.1, 0.1])


def test_two_people_of_whom_one_follows(tmp_path):
    frames = [
        FrameResult(i, i / 25, {0: frame(i, moving(i)).faces[0], 1: frame(i, moving(i, 0.6)).faces[0]})
        for i in range(1500)
    ]
    readings = [read_face(each, UNITS, THRESHOLDS) for each in curves_of(frames)]
    (path,), notes = write_synchrony(readings, tmp_path)
    table = pd.read_csv(path).set_index("unit")
    assert not notes and table.loc["AU12", "lag"] == pytest.approx(0.6, abs=0.041)
    assert table.loc["AU12", "mean_peak"] > 0.99 and table.loc["AU12", "p"] < 0.1
    assert np.isnan(table.loc["AU04", "mean_peak"])  # never moves
    short = [read_face(each, UNITS, THRESHOLDS) for each in curves_of(frames[:100])]
    nothing, (why,) = write_synchrony(short, tmp_path)
    assert not nothing and "no synchrony of faces 0 and 1: 100 frames are 4 s" in why


def test_events_for_elan_and_praat(tmp_path):
    (face,) = curves_of([frame(i, SMILE if 50 <= i < 100 else REST) for i in range(200)])
    reading = read_face(face, UNITS, THRESHOLDS)
    elan, praat = write_event_tiers([reading], tmp_path, None)
    for content in (read_eaf(elan), read_textgrid(praat)):
        rows = [row for row in content.rows if row.tier == "AU12" and row.text]
        assert [(row.start, row.end, row.text) for row in rows] == [(2.0, 4.0, "1.00")]
        assert [row.text for row in content.rows if row.tier == "expression" and row.text] == ["happiness"]


def test_parts_of_a_recording(tmp_path):
    (face,) = curves_of([frame(i, SMILE if 50 <= i < 100 else REST) for i in range(200)])
    reading = read_face(face, UNITS, THRESHOLDS)
    (tmp_path / "parts.csv").write_text("begin,end,name\n0,2,before\n2,4,smile\n0,8,all\n")
    parts = read_parts(tmp_path / "parts.csv")
    (path,) = write_parts([reading], parts, tmp_path)
    table = pd.read_csv(path).set_index(["name", "unit"])
    assert len(table) == 18
    assert (
        table.loc[("before", "AU12"), "time_share"] == 0 and table.loc[("smile", "AU12"), "time_share"] == 1
    )
    assert table.loc[("all", "AU12"), "events_per_minute"] == pytest.approx(60 / 8)
    assert table.loc[("all", "AU12"), "shown_intensity"] == 5 and table["asymmetry"].isna().all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no table"),
        ("name,begin\na,1\n", "wanted rows of name, begin, end"),
        ("name,begin,end\na,0,1\nb,2,1\n", r"parts\.csv:3: found b, 2, 1"),
        ("name,begin,end\na,x,1\n", "wanted a name and two times"),
    ],
)
def test_bad_parts(tmp_path, text, message):
    (tmp_path / "parts.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_parts(tmp_path / "parts.csv")


def test_nobody_gives_tables_with_headings_only(tmp_path):
    write_readings(curves_of([frame(0), frame(1)]), tmp_path, {"source": "nobody"})
    assert len(pd.read_csv(tmp_path / "events.csv")) == len(pd.read_csv(tmp_path / "expressions.csv")) == 0
    assert json.loads((tmp_path / "summary.json").read_text())["faces"] == []


def test_the_command_agrees_with_its_table(tmp_path, clips_dir):
    clip = clips_dir / "grid_two_speakers_multi_face.mp4"
    assert (
        main(
            [
                "analyze",
                str(clip),
                "-o",
                str(tmp_path),
                "--report",
                "--quiet",
                "--max-faces",
                "2",
                "--plot-units",
                "AU25",
            ]
        )
        == 0
    )
    assert {path.name for path in tmp_path.iterdir()} == {
        "au.csv",
        "overlay.mp4",
        "timing.png",
        "timing.svg",
        "timing_AU25.png",
        "cooccurrence_face0.png",
        "cooccurrence_face1.png",
        "expression_map_face0.png",
        "expression_map_face1.png",
        "events.csv",
        "events.eaf",
        "events.TextGrid",
        "expressions.csv",
        "summary.json",
        "report.html",
    }
    with VideoReader(tmp_path / "overlay.mp4") as overlay, VideoReader(clip) as source:
        assert len(overlay) == len(source) and overlay.fps == source.fps
        assert overlay.img_shape[0] > source.img_shape[0]
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert '"video":"overlay.mp4"' in page and clip.name in page
    table = read_au_table(tmp_path / "au.csv").data
    expressions = pd.read_csv(tmp_path / "expressions.csv", keep_default_na=False)
    events = pd.read_csv(tmp_path / "events.csv")
    faces = json.loads((tmp_path / "summary.json").read_text())["faces"]
    assert [face["face_id"] for face in faces] == sorted(table["face_id"].unique().tolist())
    assert len(expressions) == len(table) and set(events["kind"]) <= {
        "unit",
        "expression",
        "blink",
        "closure",
    }
    for event in events[events["kind"] == "unit"].itertuples():
        rows = table[
            (table["face_id"] == event.face_id)
            & table["frame"].between(event.onset_frame, event.offset_frame)
        ]
        assert rows[f"{event.name}_p"].max() == pytest.approx(event.peak, abs=2e-4)
        assert rows[f"{event.name}_c"].max() == 1


def test_names_as_bids_writes_them_and_the_sound_of_the_video(tmp_path, clips_dir, capsys):
    clip = clips_dir / "grid_brbk7n_talking.mp4"
    command = ["analyze", str(clip), "-o", str(tmp_path), "--report", "--quiet", "--bids", "sub-01_task-talk"]
    assert main(command) == 0
    names = {path.name for path in tmp_path.iterdir()}
    assert all(name.startswith("sub-01_task-talk_") for name in names) and len(names) == 12
    assert '"video":"sub-01_task-talk_overlay.mp4"' in (tmp_path / "sub-01_task-talk_report.html").read_text()
    assert main(command) == 2 and "is there already" in capsys.readouterr().err
    assert main([*command[:-1], "../x"]) == 2 and "no BIDS entities" in capsys.readouterr().err
    with av.open(str(tmp_path / "sub-01_task-talk_overlay.mp4")) as overlay, av.open(str(clip)) as source:
        sound, heard = overlay.streams.audio[0], source.streams.audio[0]
        assert sound.codec_context.name == heard.codec_context.name
        assert float(sound.duration * sound.time_base) == pytest.approx(3.0, abs=0.1)


def test_a_report_without_a_face_says_so(tmp_path, clips_dir, capsys):
    clip = clips_dir / "nasa_no_face.mp4"
    assert main(["analyze", str(clip), "-o", str(tmp_path), "--report", "--quiet"]) == 0
    assert "there is no reading and no page" in capsys.readouterr().out
    assert (tmp_path / "overlay.mp4").exists() and not (tmp_path / "report.html").exists()


def test_stills_have_no_report(tmp_path, clips_dir, capsys):
    with VideoReader(clips_dir / "grid_brbk7n_talking.mp4") as clip:
        cv2.imwrite(str(tmp_path / "still.png"), clip[0][:, :, ::-1])
    assert (
        main(["analyze", str(tmp_path / "still.png"), "-o", str(tmp_path / "o"), "--report", "--quiet"]) == 0
    )
    assert "no report" in capsys.readouterr().out


def test_units_to_plot_are_checked_before_the_work(tmp_path, clips_dir, capsys):
    clip = clips_dir / "grid_brbk7n_talking.mp4"
    command = ["analyze", str(clip), "-o", str(tmp_path), "--quiet", "--plot-units", "AU12, AU99"]
    assert main(command) == 2
    assert "cannot plot AU99" in capsys.readouterr().err and not list(tmp_path.iterdir())
