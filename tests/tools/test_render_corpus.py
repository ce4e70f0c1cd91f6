"""Rendering goes on where it was stopped, and says what failed."""

import json
from dataclasses import asdict

import pytest

from fau3d.synthetic.rendered import RenderConfig


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
