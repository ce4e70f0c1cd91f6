"""What the benchmark of resting faces tells, and scores, on made-up videos."""

import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from fau3d.apis.results import FaceResult, FrameResult
from fau3d.io.annotation import save_annotations
from fau3d.topology import resting_face

pytestmark = pytest.mark.usefixtures("benchmarks")
UNITS = ("AU01", "AU12")


def annotation(person: str, number: int, calm: int, total: int = 20) -> dict:
    occurrence = np.zeros((total, 2), np.int8)
    occurrence[calm:, number % 2] = 1
    points = np.broadcast_to(80 * resting_face("ibug68") + 100, (1, total, 68, 2)).astype(np.float32)
    return {
        "frame_dir": f"{person}_{number}", "subject": person, "total_frames": total, "fps": 25.0,
        "img_shape": (200, 200), "original_shape": (200, 200), "keypoint": points,
        "keypoint_score": np.ones(points.shape[:3], np.float32), "frame_index": np.arange(total),
        "au_occurrence": occurrence, "au_intensity": occurrence * 3.0,
    }  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    videos = [annotation("anna", 0, calm=10), annotation("anna", 1, calm=2), annotation("ben", 0, calm=0)]
    meta = {"topology": "ibug68", "au_names": UNITS, "label_type": "intensity"}
    save_annotations(tmp_path / "test.pkl", {"test": [v["frame_dir"] for v in videos]}, videos, meta)
    return tmp_path / "test.pkl"


def test_what_is_calm_told_and_known_elsewhere(path: Path) -> None:
    from known_rest import given, of_seconds, read

    first, second, alone = read(path, UNITS, person=False)
    assert [list(v.calm) for v in (first, second, alone)] == [list(range(10)), [], []]
    assert list(first.told) == [0, 1, 2, 3, 4]
    assert second.others == [first] and not alone.others
    assert [bool(given(0.5)(None, v)) for v in (first, second, alone)] == [False, True, False]
    assert [bool(of_seconds(1.0)(None, v)) for v in (first, second, alone)] == [True, False, False]
    assert [len(v.faces) for v in read(path, UNITS, person=True)] == [40, 20]


def test_what_is_told_is_not_scored(path: Path) -> None:
    from known_rest import figures, read

    videos = read(path, UNITS, person=False)
    right = [np.where(v.occurrence == 1, 0.9, 0.1) for v in videos]
    assert figures(videos, right) == pytest.approx([1, 1, 1, 1, 1], nan_ok=True)
    right[0][:5] = 1.0  # told: wrong there costs nothing
    assert figures(videos, right)[0] == 1
    right[0][5:10] = 1.0
    assert figures(videos, right)[0] < 1


def test_a_table_for_videos_and_one_for_people(path: Path, monkeypatch, capsys) -> None:
    import known_rest

    def answered(recognizer, video, neutrals):
        for number, face in enumerate(video.faces):
            p = video.occurrence[number] * 0.8 + 0.1
            yield FrameResult(number, number / 25, {0: FaceResult(face, p, p, None)})

    monkeypatch.setattr(known_rest, "load_recognizer", lambda name: SimpleNamespace(au_names=UNITS))
    monkeypatch.setattr(known_rest, "answered", answered)
    monkeypatch.setattr(sys, "argv", ["known_rest.py", str(path)])
    known_rest.main()
    printed = capsys.readouterr().out
    assert "video: 3, calm 0.33" in printed and "person: 2, calm 0.50" in printed
    assert printed.count("| as it is | 1.000") == 2 and printed.count("| given, 0.5 |") == 1
