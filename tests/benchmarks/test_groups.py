"""Scores by group on three made-up people."""

import json
from pathlib import Path

import numpy as np
import pytest

from fau3d.evaluation import write_results
from fau3d.synthetic.appearance import Paint
from fau3d.synthetic.looks import Look
from fau3d.synthetic.performance import Performance
from fau3d.synthetic.rendered import SeenPerson, Sighting
from fau3d.synthetic.seen_people import save_person

FRAMES = 8


def sighting(yaw: float = 0.0, width: float = 80.0, occluded: bool = False) -> Sighting:
    index = np.arange(0, FRAMES, 2)
    marks = np.zeros((len(index), 68, 3), np.float32)
    marks[:, 1, 0] = width
    played = Performance(
        np.zeros((FRAMES, 2)), np.zeros((FRAMES, 3, 2)), np.zeros(FRAMES), np.zeros((FRAMES, 2)), False
    )
    poses = np.zeros((len(index), 3))
    poses[:, 0] = np.radians(np.linspace(0, yaw, len(index)))
    return Sighting(np.zeros((len(index), 0, 3)), marks, poses, index, played, 128, 5.0, 25.0, occluded)


@pytest.fixture
def rendered(tmp_path: Path) -> Path:
    (tmp_path / "people").mkdir()
    for number, tone in enumerate((0.1, 0.2, 0.9)):
        look = Look(Paint(), wrinkles=0.2, age=0.05, tone=tone)
        played = (sighting(), sighting(yaw=30.0, width=50.0, occluded=number == 2))
        save_person(
            tmp_path / "people" / f"person{number:05d}.npz", SeenPerson(sighting(), played, look, np.zeros(3))
        )
    return tmp_path


def result_of(name: str, right: bool) -> dict:
    truth = np.tile(np.array([[0, 0], [1, 0]], np.int8), (FRAMES // 2, 1))
    score = truth if right else 1 - truth
    return {
        "frame_dir": name,
        "person": 0,
        "frame_index": np.arange(FRAMES),
        "pred_occurrence": score.astype(np.float32),
        "gt_occurrence": truth,
    }


def results() -> list[dict]:
    return [result_of(f"person{n:05d}_{k:02d}", right=n < 2) for n in range(3) for k in range(2)]


def test_groups_of_made_up_people(benchmarks, rendered, tmp_path, capsys):
    import groups

    write_results(tmp_path / "result.pkl", ["AU12", "AU25"], results())
    told = [
        str(tmp_path / "result.pkl"),
        str(rendered),
        "--least",
        "2",
        "--units",
        "-o",
        str(tmp_path / "g.json"),
    ]
    assert groups.main(told) == 0
    assert "| skin tone | dark | 1 | 16 | 0.000 | 1 |" in capsys.readouterr().out
    rows = {(r["kind"], r["group"]): r for r in json.loads((tmp_path / "g.json").read_text())["groups"]}
    assert rows["all", "all"]["frames"] == 48 and rows["all", "all"]["people"] == 3
    light, dark = rows["skin tone", "light"], rows["skin tone", "dark"]
    assert light["auc"] == 1 and light["people"] == 2 and dark["auc"] == 0
    assert rows["skin tone", "middle"]["auc"] is None
    assert light["units"] == {"AU12": 1.0, "AU25": None}, "AU25 is never shown"
    # Each second sequence turns from 0 to 30 degrees over rendered frames 0 to 6: 5 degrees a frame.
    turned = {g: rows["yaw, degrees", g]["frames"] for g in ("below 10", "10 to 20", "above 20")}
    assert turned == {"below 10": 3 * (FRAMES + 2), "10 to 20": 6, "above 20": 12}
    assert rows["something before the face", "yes"]["auc"] is None, "too few frames"
    assert rows["something before the face", "no"]["auc"] is not None
    assert rows["face width, pixels", "below 64"]["frames"] == 24
    assert rows["something before the face", "yes"]["frames"] == FRAMES


def test_units_that_a_group_lacks_are_left_out_of_all(benchmarks, rendered):
    import groups

    made = results()
    made[0]["gt_occurrence"] = made[0]["gt_occurrence"][:, ::-1]  # AU25 in one light person alone
    rows = groups.score_groups(made, ["AU12", "AU25"], groups.traits_of_results(made, rendered), least=2)
    light = next(row for row in rows if row["group"] == "light")
    assert light["units"]["AU25"] is not None and light["shared"] == 1
    assert light["auc"] == light["units"]["AU12"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("clip_7", "wanted names such as"), ("person00009_00", "is not there"), ("person00000_05", "has 2 seq")],
)
def test_results_of_something_else_are_named(benchmarks, rendered, name, message):
    import groups

    with pytest.raises(ValueError, match=f"{name}: .*{message}"):
        groups.traits_of_results([result_of(name, True)], rendered)
