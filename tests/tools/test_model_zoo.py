"""The page says what the metafiles say, these what the weights say; collecting keeps what is there."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from fau3d.facs import AU_SETS


@pytest.fixture(scope="module")
def tool(repo_root: Path) -> ModuleType:
    path = repo_root / "tools" / "analysis" / "model_zoo.py"
    spec = importlib.util.spec_from_file_location("model_zoo_tool", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_fresh(tool, capsys):
    assert tool.main(["page", "--check"]) == 0, capsys.readouterr().out


def test_metafiles_are_true(tool, repo_root):
    models = [model for path in tool.metafiles() for model in yaml.safe_load(path.read_text())["models"]]
    assert len({model["name"] for model in models}) == len(models)
    for model in models:
        assert (repo_root / model["config"]).is_file(), model["name"]
        for scores in model.get("scores", {}).values():
            assert [*AU_SETS[model["answers"]], "mean"] == list(scores["units"]), model["name"]
        if "weights" in model:
            told = tool._read_off(repo_root / model["weights"], shipped=True)
            assert told == {key: model[key] for key in told}, model["name"]
        else:
            assert model["recipe"], f"{model['name']}: neither weights nor what makes them"


def test_every_shipped_weights_has_an_entry(tool, repo_root):
    known = {
        Path(model.get("weights", "")).name
        for path in tool.metafiles()
        for model in yaml.safe_load(path.read_text())["models"]
    }
    assert {path.name for path in (repo_root / "fau3d" / "weights").glob("*.pth")} <= known


def test_collecting_adds_to_an_entry(tool, tmp_path, monkeypatch, repo_root, capsys):
    config = tmp_path / "configs" / "joint.py"
    config.parent.mkdir()
    config.write_text("")
    weights = tmp_path / "w.pth"
    weights.write_bytes(next((repo_root / "fau3d" / "weights").glob("*.pth")).read_bytes())
    table = tmp_path / "scores.csv"
    table.write_text("au,f1,auc,threshold\nAU01,0.5,0.75,0.4\nmean,0.5,0.75,\n")
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    assert tool.main(["collect", str(config)]) == 1 and "which model?" in capsys.readouterr().err
    assert tool.main(["collect", str(config), "--name", "w"]) == 1 and "--weights" in capsys.readouterr().err
    assert (
        tool.main(["collect", str(config), "--weights", str(weights), "--fails", "At night.", "In rain."])
        == 0
    )
    again = ["--held-out", str(table), "--held-out-data", "Ten people.", "--training-time", "1 h"]
    assert tool.main(["collect", str(config), "--name", "w", *again]) == 0
    (path,) = tool.metafiles()
    (model,) = yaml.safe_load(path.read_text())["models"]
    assert model["weights"] == "w.pth" and model["config"] == "configs/joint.py"
    assert model["fails"] == ["At night.", "In rain."] and model["training"] == {"time": "1 h"}
    assert model["scores"]["held_out"]["units"]["AU01"] == {"f1": 0.5, "auc": 0.75, "threshold": 0.4}
    assert tool.main(["collect", str(config), "--name", "v", "--weights", str(weights), "--not-shipped"]) == 0
    models = yaml.safe_load(path.read_text())["models"]
    assert [m["name"] for m in models] == ["w", "v"] and "weights" not in models[1]
