import importlib.util

import pytest


@pytest.fixture
def tool(repo_root):
    def load(name):
        spec = importlib.util.spec_from_file_location(f"tool_{name}", repo_root / "tools" / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    return load


def test_train_then_test(tool, tiny_config, tmp_path):
    work = tmp_path / "work dir"
    tool("train").main(
        [str(tiny_config), "--validate", "--test-last", "--test-best", "--work-dir", str(work), "--seed", "3"]
    )
    assert (work / "test_scores.md").read_text().count("| AU12 |") == 1
