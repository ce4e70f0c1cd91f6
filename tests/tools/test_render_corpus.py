"""Rendering goes on where it was stopped and says what failed; people become annotation files."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from fau3d.io.annotation import load_annotations
from fau3d.synthetic.actions import action_map
from fau3d.synthetic.appearance import Paint
from fau3d.synthetic.dynamics import Plan
from fau3d.synthetic.looks import Look
from fau3d.synthetic.performance import perform
from fau3d.synthetic.rendered import RenderConfig, SeenPerson, Sighting
from fau3d.synthetic.resting import RESTING_FACES, resting_offset
from fau3d.synthetic.rig import load_rig
from fau3d.synthetic.seen_people import save_person

PEOPLE = 3


@pytest.fixture
def tool(load_tool, repo_root, monkeypatch):
    module = load_tool(repo_root, "render_corpus")
    made = []

    def render(task):
        _, _, number, folder = task
        if number == 2:
            raise RuntimeError("no picture")
        made.append(number)
        module._file(module.Path(folder), number).parent.mkdir(parents=True, exist_ok=True)
        module._file(module.Path(folder), number).write_bytes(b"")

    monkeypatch.setattr(module, "_render", render)
    module.made = made
    return module


def test_people_that_are_there_are_kept_and_failures_reported(tool, tmp_path, capsys):
    arguments = ["head.npz", str(tmp_path / "out"), "--people", "4", "--workers", "0"]
    assert tool.main(arguments) == 1
    assert tool.made == [0, 1, 3]
    assert "person 2: no picture" in capsys.readouterr().err
    assert tool.main(arguments) == 1
    assert tool.made == [0, 1, 3]


def test_another_recipe_does_not_mix_in(tool, tmp_path, capsys):
    folder = tmp_path / "out"
    folder.mkdir()
    recipe = json.loads(json.dumps(asdict(RenderConfig(seed=9))))
    (folder / "recipe.json").write_text(json.dumps(recipe))
    assert tool.main(["head.npz", str(folder), "--people", "1", "--workers", "0"]) == 2
    assert "another recipe" in capsys.readouterr().err
    assert tool.main(["head.npz", str(folder), "--people", "1", "--seed", "9", "--workers", "0"]) == 0


def test_annotations_want_people(load_tool, repo_root, tmp_path, capsys):
    module = load_tool(repo_root, "rendered_annotations")
    assert module.main([str(tmp_path), str(tmp_path / "out")]) == 2
    assert "0 people are there" in capsys.readouterr().err


def sight(rng: np.random.Generator, frames: int) -> Sighting:
    """See the resting face of a rig that looks at the camera."""
    rig, driver = load_rig("mediapipe478"), load_rig("ibug68")
    quiet = Plan(quiet=1.0, speech=0.0, blinks_per_second=0.0)
    return Sighting(
        points=np.tile(8 * rig.neutral * (1, -1, -1) + 128, (frames, 1, 1)).astype(np.float32),
        marks=np.tile(8 * driver.neutral * (1, -1, -1) + 128, (frames, 1, 1)).astype(np.float32),
        poses=np.zeros((frames, 3), np.float32),
        index=np.arange(frames),
        performance=perform(rng, driver, action_map(driver), np.arange(frames) / 10, quiet),
        size=256,
        scale=8.0,
        fps=10.0,
        occluded=False,
    )


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `render_corpus.py` fills it, with three people who never move."""
    folder = tmp_path_factory.mktemp("rendered")
    (folder / "recipe.json").write_text(json.dumps(asdict(RenderConfig())))
    for number in range(PEOPLE):
        rng = np.random.default_rng(number)
        person = SeenPerson(
            sight(rng, 2), (sight(rng, 6), sight(rng, 6)), Look(Paint(), 0.0, 0.0, 0.0), np.zeros(100)
        )
        path = folder / "people" / f"person{number:05d}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_person(path, person)
    return folder


@pytest.fixture
def annotate(load_tool, repo_root, people, tmp_path):
    """Run the tool on them, with all 478 points; gives the exit status."""
    module = load_tool(repo_root, "rendered_annotations")

    def run(folder: str, *options: str) -> int:
        return module.main([str(people), str(tmp_path / folder), "--topology", "mediapipe478", *options])

    return run


NO_TRAINING = ("--val", "0", "--test", str(PEOPLE))


def way(moved: Path, as_is: Path) -> np.ndarray:
    """Give how far the first frames of each sequence were moved: shape (N, 478, 3), cm."""
    first = [
        np.stack([item["keypoint"][0, 0] for item in load_annotations(path).annotations])
        for path in (moved, as_is)
    ]
    return (first[0] - first[1]) / 8 * (1, -1, -1)


def test_people_are_moved_to_where_photographed_people_rest(annotate, tmp_path, capsys):
    assert annotate("moved", *NO_TRAINING) == 0
    assert [path.name for path in (tmp_path / "moved").iterdir()] == ["test.pkl"]
    assert f"{2 * PEOPLE} sequences of {PEOPLE} people" in capsys.readouterr().out
    assert annotate("as_is", *NO_TRAINING, "--resting-share", "0") == 0
    path = tmp_path / "moved" / "test.pkl"
    wanted = resting_offset(load_rig("mediapipe478").neutral, "photographed")
    for moved in way(path, tmp_path / "as_is" / "test.pkl"):
        np.testing.assert_allclose(moved, wanted, atol=1e-3)
    shift = load_annotations(path).metainfo["recipe"]["resting_shift"]
    assert shift == {"face": "photographed", "share": 1.0, "spread": 0.0, "seed": 0}


@pytest.mark.parametrize("face", RESTING_FACES)
def test_the_face_to_rest_on_and_the_share_can_be_chosen(annotate, tmp_path, face):
    assert annotate("as_is", *NO_TRAINING, "--resting-share", "0") == 0
    assert annotate("half", *NO_TRAINING, "--resting-face", face, "--resting-share", "0.5") == 0
    moved = way(tmp_path / "half" / "test.pkl", tmp_path / "as_is" / "test.pkl")
    wanted = 0.5 * resting_offset(load_rig("mediapipe478").neutral, face)
    np.testing.assert_allclose(moved[0], wanted, atol=1e-3)


def test_shares_differ_between_people_not_between_their_sequences(annotate, tmp_path):
    assert annotate("as_is", *NO_TRAINING, "--resting-share", "0") == 0
    assert annotate("spread", *NO_TRAINING, "--resting-spread", "0.3") == 0
    moved = way(tmp_path / "spread" / "test.pkl", tmp_path / "as_is" / "test.pkl")
    np.testing.assert_allclose(moved[0::2], moved[1::2], atol=1e-5)
    sizes = np.abs(moved[0::2]).mean((1, 2))
    assert len(np.unique(sizes.round(3))) == PEOPLE


def test_people_are_split_and_files_kept(annotate, tmp_path, capsys):
    assert annotate("split", "--val", "1", "--test", "1") == 0
    people = {
        path.stem: {item["subject"] for item in load_annotations(path).annotations}
        for path in (tmp_path / "split").iterdir()
    }
    assert people == {"train": {"person00000"}, "val": {"person00001"}, "test": {"person00002"}}
    capsys.readouterr()
    assert annotate("split", "--val", "1", "--test", "1") == 1
    assert capsys.readouterr().err.count("add --overwrite") == 3
    assert annotate("split", "--val", "1", "--test", "1", "--overwrite") == 0


@pytest.mark.parametrize("options", [("--resting-face", "painted"), ("--canonical-share", "0.5")])
def test_faces_and_options_that_there_are_not_are_refused(annotate, options, tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        annotate("refused", *NO_TRAINING, *options)
    assert options[0] in capsys.readouterr().err
    assert not (tmp_path / "refused").exists()
